"""Part `overload` of `./run bench media`: more rooms of two than a core carries.

Who is refused, what degrades, and whether voices survive. Each run is a climb through the same levels on a fresh
engine, refusing nobody: what a node would do is reckoned and said beside it. A level at which the load did not send
what was due says nothing of the engine, and is marked.
"""

from collections.abc import Callable
from dataclasses import dataclass

from signaling.capacity import REFUSES_FROM, Load, stays_open
from tests.bench.media_load import SENT_ENOUGH, TWO
from tests.bench.media_pairs import ENGINES, NAMES, Pairs, Plan, Run, filled, in_turns, run, up_to
from tests.bench.media_plots import Curve, draw
from tests.bench.media_side import EngineName
from tests.bench.processor import Spread

LEVELS = (20, 40, 60, 80, 120)
SETTLED_WITHIN_S = 6.0  # where it can be: what is too much never is
VOICE_LOST, VOICE_LATE_MS = 0.01, 200.0  # what concealment and a jitter buffer of a browser bridge


@dataclass(frozen=True)
class Climbed:
    """One run at each level."""

    runs: dict[int, Run]

    @property
    def is_quiet(self) -> bool:
        """Whether other programs left the machine alone."""
        return all(one.is_quiet for one in self.runs.values())


@dataclass(frozen=True)
class Level:
    """What became of one engine at one level."""

    engine: EngineName
    rooms: int
    voice_lost: Spread
    pictures_lost: Spread
    voice_ms: tuple[Spread, Spread]  # median, 99th percentile
    core: Spread
    load_percent: Spread
    sent: Spread  # share of what was due

    @property
    def by_load(self) -> bool:
        """Whether it was the load that could no more."""
        return self.sent.middle < SENT_ENOUGH

    @property
    def voice_survives(self) -> bool:
        """Whether one would go on talking."""
        return self.voice_lost.middle < VOICE_LOST and self.voice_ms[1].middle < VOICE_LATE_MS

    @property
    def takes_rooms(self) -> bool:
        """Whether a node would take a new room here: by its processor, and with our engine by how late its loop is.

        Packets wait for the loop, so it is about as late as they are; those that Janus delays no node sees.
        """
        late_s = self.voice_ms[0].middle / 1000 if self.engine == "ours" else 0.0
        return stays_open(True, Load(processor=self.core.middle, late_s=late_s).fullness)

    def __str__(self) -> str:
        median, late = self.voice_ms
        return (
            f"{self.rooms:4} rooms  lost voice {_percent(self.voice_lost)} pictures {_percent(self.pictures_lost)} %"
            f"  voice p50 {median} p99 {late} ms  core {_percent(self.core)} %  load {self.load_percent} %"
            f"  a new room would be {'taken' if self.takes_rooms else 'REFUSED'}"
            f"  sent {_percent(self.sent)} %{' LOAD, NOT ENGINE' * self.by_load}"
        )


async def overload(plan: Plan) -> None:
    """Losses and delays level by level, and a sentence for each engine."""

    async def take(name: EngineName) -> Climbed:
        print(f"\nmore and more, {name}", flush=True)
        return Climbed(await _climb(name, plan.seconds))

    pairs = await in_turns(plan.pairs, take)
    levels = {name: [_level(pairs, name, rooms) for rooms in LEVELS] for name in ENGINES}
    for name in ENGINES:
        print(f"\n{NAMES[name]}")
        for level in levels[name]:
            print(f"  {level}")
        print(f"  {summary(levels[name])}", flush=True)
    print(
        f"\nWho is refused is reckoned here, not measured: a node takes no new room from {100 * REFUSES_FROM:.0f} % of"
        " its limit on, with either engine; `./run bench node_limit [janus]` measures a whole one. An engine by itself"
        " refuses nobody."
    )
    if plan.plots:
        title = "Lost with more rooms of two than a core carries"
        draw(plan.plots / "overload.svg", title, "%", _curves(levels))


async def _climb(name: EngineName, seconds: float) -> dict[int, Run]:
    runs = {}
    async with filled(name, TWO, 0) as (running, load, _):
        await running.side.ask("watch")
        for level in LEVELS:
            await up_to(load, TWO, level, SETTLED_WITHIN_S)
            runs[level] = await run(running, load, seconds)
            print(f"  {level:4} rooms  {runs[level]}", flush=True)
    return runs


def _level(pairs: Pairs[Climbed], name: EngineName, rooms: int) -> Level:
    def spread(figure: Callable[[Run], float]) -> Spread:
        return pairs.of(name, lambda climbed: figure(climbed.runs[rooms]))

    return Level(
        name,
        rooms,
        voice_lost=spread(lambda one: one.taken.lost_voice),
        pictures_lost=spread(lambda one: one.taken.lost_pictures),
        voice_ms=(spread(lambda one: one.taken.voice_delay_ms[0]), spread(lambda one: one.taken.voice_delay_ms[1])),
        core=spread(lambda one: one.core),
        load_percent=spread(lambda one: one.taken.load_percent),
        sent=spread(lambda one: one.taken.sent_share),
    )


def summary(levels: list[Level]) -> str:
    """Up to where voices survive, from where a node would refuse, and from where the load was measured."""
    survived = 0
    for level in levels:
        if not level.voice_survives:
            break
        survived = level.rooms
    refused = next((level.rooms for level in levels if not level.takes_rooms), None)
    voice = f"voice survives up to {survived} rooms" if survived else "voice survives at no level"
    node = f"reckoned, a node refuses new ones at {refused}" if refused else "reckoned, a node refuses none of them"
    fell_behind = next((level.rooms for level in levels if level.by_load), None)
    load = f"; from {fell_behind} on the load could no more, of the engine that says nothing" if fell_behind else ""
    return f"{voice} (of at most {levels[-1].rooms}); {node}{load}"


def _curves(levels: dict[EngineName, list[Level]]) -> list[Curve]:
    def curve(name: EngineName, what: str, lost: Callable[[Level], Spread]) -> Curve:
        return Curve(f"{NAMES[name]}, {what}", [(one.rooms, 100 * lost(one).middle) for one in levels[name]])

    voices = [curve(name, "voice", lambda one: one.voice_lost) for name in ENGINES]
    return voices + [curve(name, "pictures", lambda one: one.pictures_lost) for name in ENGINES]


def _percent(share: Spread) -> str:
    return f"{100 * share.middle:.2f} ({100 * share.low:.2f} to {100 * share.high:.2f})"
