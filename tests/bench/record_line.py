"""Write down what a real line tells the adaptation of one viewer, for tests that tell it again: `[RECORDING ...]`.

A counsellor beside the server and a seeker behind the line, both in Chromium. The line only delays for a while, is then
what the recording is named after (a profile of tests/bad_network, or `cut`: home Wi-Fi that carries nothing for five
seconds), and good again. What the seeker's adaptation hears and decides meanwhile, and what the line does with packets
on their way to the seeker, goes to a file in tests/recorded_lines/; its form: tests/recorded_line.py.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from signaling.media.adaptation.shedding import Shown
from signaling.media.port import SeatId, TrackId
from tests.bad_network.line import Line
from tests.bad_network.model import Cause
from tests.bad_network.profiles import Impairments, Profile, Way, profiles
from tests.bench.conversation import conversation
from tests.bench.speech import speak
from tests.e2e.product import Product
from tests.recorded_line import Decided, Heard, Recording, Second, Viewing, write
from tests.telling_node import telling_node, told

CUT = "cut"
CUT_ON = "home-wifi"
RECORDED = ("home-wifi", "4g-train", "lossy-cafe", "300-kbit", "loss-20", "satellite", CUT)
GOOD_BEFORE_S, BAD_S, GOOD_AFTER_S = 10, 30, 45
CUT_S = 5
LOST = (Cause.LOST, Cause.LOST_IN_BURST, Cause.CUT)


@dataclass(frozen=True)
class Stretch:
    """For so many seconds the line is this."""

    profile: Profile
    seconds: int


def stretches(name: str) -> tuple[Stretch, Stretch, Stretch]:
    """Good, bad and good again."""
    bad = profiles()[CUT_ON if name == CUT else name]
    ways = {way.value: Impairments(delay_ms=bad.way(way).delay_ms) for way in Way}
    good = bad.model_copy(update=ways)
    during = Stretch(bad.cut(Way.DOWN, Way.UP), CUT_S) if name == CUT else Stretch(bad, BAD_S)
    return Stretch(good, GOOD_BEFORE_S), during, Stretch(good, GOOD_AFTER_S)


async def watched(line: Line, of: Sequence[Stretch]) -> list[Second]:
    """Let the line go through this, second by second; times are the machine's."""
    seconds, before = [], line.counts()[Way.DOWN]
    for stretch in of:
        line.change(stretch.profile)
        for _ in range(stretch.seconds):
            await asyncio.sleep(1)
            now = line.counts()[Way.DOWN]
            more = {cause: count - before.get(cause, 0) for cause, count in now.items()}
            seconds.append(second(more, stretch.profile.down))
            before = now
    return seconds


def second(counted: dict[str, int], rules: Impairments) -> Second:
    """What the shaper counted in the second that ends now."""
    lost = sum(counted.get(cause, 0) for cause in LOST)
    capacity_kbit_s = 0.0 if rules.cut else rules.rate_kbit_s
    return Second(time.monotonic(), capacity_kbit_s, counted["entered"], lost, counted.get(Cause.QUEUE_FULL, 0))


async def record(name: str) -> Path:
    """One recording; where it is."""
    script = stretches(name)
    with tempfile.TemporaryDirectory() as written, tempfile.TemporaryDirectory() as folder:
        _speech, voice = speak(Path(folder))

        def beside(product: Product) -> AbstractAsyncContextManager[None]:
            return telling_node(product, Path(written))

        arguments = f"--use-file-for-fake-audio-capture={voice}"
        async with conversation(script[0].profile, arguments, beside=beside) as of:
            seconds = await watched(of.line, script)
            browser = await of.pages[Way.DOWN].evaluate("navigator.userAgent.match(/Chrome.[0-9]+/)[0]")
        theirs = [one for one in told(Path(written)) if _sees(one[1], of.seats[Way.UP])]
    recording = Recording(name, made_of(script[1].profile, browser), *_of_the_line(script))
    return write(_from_the_first(recording, theirs, seconds))


def made_of(profile: Profile, browser: str) -> dict[str, str]:
    """Where a recording comes from."""
    return {"about": profile.about, "on": str(datetime.now(UTC).date()), "browser": browser}


def _of_the_line(script: Sequence[Stretch]) -> tuple[float, float, float, float]:
    """When it was bad, since the script began; its round trip and its queue in seconds."""
    good, bad, _good = script
    round_trip_ms = good.profile.up.delay_ms + good.profile.down.delay_ms
    return good.seconds, good.seconds + bad.seconds, round_trip_ms / 1000, bad.profile.down.queue_ms / 1000


def _from_the_first(
    recording: Recording, viewings: Sequence[tuple[float, Viewing]], seconds: Sequence[Second]
) -> Recording:
    """Complete, with all times since the viewer's first connection began, instead of the machine's."""
    zero_s, ends_s = viewings[0][0], seconds[-1].at_s
    begins_s = seconds[0].at_s - 1 - zero_s
    recording.bad_from_s = round(recording.bad_from_s + begins_s, 1)
    recording.bad_until_s = round(recording.bad_until_s + begins_s, 1)
    recording.seconds = [replace(one, at_s=round(one.at_s - zero_s, 1)) for one in seconds]
    for began_s, viewing in viewings:
        events = [_nameless(event) for event in viewing.events if began_s + event.at_s <= ends_s]
        recording.viewings.append(Viewing(round(began_s - zero_s, 3), events))
    return recording


def _sees(viewing: Viewing, seat: SeatId) -> bool:
    return any(
        each.track.startswith(seat) for event in viewing.events if isinstance(event, Decided) for each in event.shown
    )


def _nameless(event: Heard | Decided) -> Heard | Decided:
    """Of whom a picture is does not matter."""
    if not isinstance(event, Decided):
        return event
    names = {each.track: TrackId(each.track.split(".", 1)[1]) for each in event.shown}
    shown: tuple[Shown, ...] = tuple(replace(each, track=names[each.track]) for each in event.shown)
    return replace(event, shown=shown, layers={names[track]: layer for track, layer in event.layers.items()})


async def record_all(names: Sequence[str]) -> None:
    """One after the other."""
    for name in names:
        path = await record(name)
        print(f"{name:12} {path.stat().st_size / 1000:5.1f} kB  {path}", flush=True)


def main(arguments: list[str]) -> None:
    """Record these, or all."""
    asyncio.run(record_all(arguments or list(RECORDED)))


if __name__ == "__main__":
    main(sys.argv[1:])
