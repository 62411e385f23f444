"""Part `recording` of `./run bench media`: what a recorded room costs on each engine.

Fifteen rooms of two on both, every track recorded and not, in turns: by ours with the tap of the node, by Janus as it
forwards to the node's tap port (`rtp_forward`). The same recorders write the same encrypted parts. What counts is the
processor time of the whole node: on Janus' side that is Janus and the process that steers it and records.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from signaling.media.port import CallId, Source, track_id
from tests.bench.media_load import TWO, Load
from tests.bench.media_pairs import ENGINES, NAMES, Pairs, Plan, Run, both_filled, in_turns, run
from tests.bench.media_plots import Curve, draw
from tests.bench.media_side import EngineName, Side

ROOMS = 15
WRITTEN = 0.9  # share of what was sent, at least: Janus begins to forward a moment later


@dataclass(frozen=True)
class Recorded:
    """A stretch without and one with the recording."""

    off: Run
    on: Run

    @property
    def is_quiet(self) -> bool:
        """Whether other programs left the machine alone."""
        return self.off.is_quiet and self.on.is_quiet

    @property
    def more_percent(self) -> float:
        """Processor time of the whole node, for as many packets."""
        return 100 * (whole_us(self.on) / whole_us(self.off) - 1)

    @property
    def us_per_written(self) -> float:
        """More, for each packet that is sent and written."""
        forwarded_each = self.on.taken.forwarded / max(1, self.on.taken.sent)
        return (whole_us(self.on) - whole_us(self.off)) * forwarded_each


def whole_us(one: Run) -> float:
    """Processor time of the whole node for each packet that a viewer got."""
    return 1e6 * (one.used.cpu_s + one.used.beside_cpu_s) / max(1, one.taken.forwarded)


async def recording(plan: Plan) -> None:
    """Without and with, on both."""
    async with both_filled(TWO, ROOMS) as sides:
        turn = dict.fromkeys(ENGINES, 0)

        async def take(name: EngineName) -> Recorded:
            running, load, _ = sides[name]
            beside = [other.running for other in sides.values() if other.running is not running]
            turn[name] += 1
            one = await _off_and_on(
                running.side, load, lambda: run(running, load, plan.seconds, beside), on_first=turn[name] % 2 == 0
            )
            print(f"  off {one.off}\n  on  {one.on}\n  more {one.more_percent:+.1f} %", flush=True)
            return one

        pairs = await in_turns(plan.pairs, take)
    for name in ENGINES:
        print(
            f"  {name:5} whole node {pairs.of(name, lambda one: whole_us(one.off))} µs a packet, recorded"
            f" {pairs.of(name, lambda one: whole_us(one.on))}; more {pairs.of(name, lambda one: one.more_percent)} %,"
            f" {pairs.of(name, lambda one: one.us_per_written)} µs for each packet that is written",
            flush=True,
        )
    print(f"  ours / Janus, recorded {pairs.ratio(lambda one: whole_us(one.on)).in_hundredths}", flush=True)
    if plan.plots:
        title, labels = "Processor time of a whole node for each packet", ["not recorded", "recorded"]
        draw(plan.plots / "recording.svg", title, "µs", [_bars(pairs, name) for name in ENGINES], labels=labels)


def _bars(pairs: Pairs[Recorded], name: EngineName) -> Curve:
    off, on = pairs.of(name, lambda one: whole_us(one.off)), pairs.of(name, lambda one: whole_us(one.on))
    return Curve(NAMES[name], [(0, off.middle), (1, on.middle)])


async def _off_and_on(side: Side, load: Load, stretch: Callable[[], Awaitable[Run]], *, on_first: bool) -> Recorded:
    off = None if on_first else await stretch()
    await side.ask("record", calls=_tracks(load))
    on = await stretch()
    check(await side.ask("record no more"), on.taken.sent)
    return Recorded(off or await stretch(), on)


def check(told: dict[str, Any], sent: int) -> None:
    """Raises SystemExit where not nearly everything that was sent can be read again from what was written."""
    if told["failures"] or told["dropped"] or told["written"] < WRITTEN * sent:
        raise SystemExit(f"of {sent} packets that were sent {told}: nothing can be said")
    print(f"  {told['written']} of {sent} packets can be read again", flush=True)


def _tracks(load: Load) -> dict[CallId, list[str]]:
    """Every track of every room, by call."""
    return {
        room[0].call: [track_id(bot.seat, source) for bot in room for source in (Source.MIC, Source.CAMERA)]
        for room in load.rooms
    }
