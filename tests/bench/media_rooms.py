"""Part `rooms` of `./run bench media`: how many rooms of two a core carries while nobody would notice.

Each run is a whole climb on a fresh engine: by quarters until a level does not hold, then by tenths from the last that
did. A level holds if one of a few tries does: in time, whole, and with all the packets that so many rooms send. A try
that other programs disturbed counts neither for it nor against it, and a climb that ended with too few that count is
thrown away. Where the load itself has no time left, or did not send what was due, it says so: then the load was
measured, not the engine.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench.media_load import TWO, Load
from tests.bench.media_pairs import ENGINES, Pairs, Plan, Points, Run, curves_of, filled, in_turns, run, up_to
from tests.bench.media_plots import draw
from tests.bench.media_side import EngineName, Running

FIRST, COARSE, FINE = 10, 1.25, 1.1
TRIES = 3
SETTLED_WITHIN_S = 20.0  # an engine that had too much to do at the level before has its pictures back by then
LATE_MS, LOST = 20.0, 0.001  # where a room is one too many
LOAD_FULL_PERCENT = 95.0


def holds(one: Run) -> bool:
    """Whether nobody would notice the load, and it was there."""
    lost = max(one.taken.lost_voice, one.taken.lost_pictures)
    return one.taken.delay_ms[1] < LATE_MS and lost < LOST and one.taken.is_sent


def counting(tries: Sequence[Run]) -> list[Run]:
    """Those that no other program disturbed."""
    return [one for one in tries if one.is_quiet]


def verdict(tries: Sequence[Run]) -> bool | None:
    """Whether a level holds; None while another try is due."""
    counted = counting(tries)
    if any(holds(one) for one in counted):
        return True
    return False if len(counted) >= TRIES or len(tries) >= 2 * TRIES else None


class Climb:
    """Which level comes next, and which was the last that held."""

    def __init__(self, first: int = FIRST) -> None:
        self.level: int | None = first  # None: it is known how many hold
        self.held = 0
        self._broke: int | None = None

    def tell(self, held: bool) -> None:
        """How the level was."""
        assert self.level is not None
        if held:
            self.held = self.level
        else:
            self._broke = self.level
        self.level = self._next()

    def _next(self) -> int | None:
        if self._broke is None:
            return max(self.held + 1, round(self.held * COARSE))
        if self.held == 0:
            return self._broke // 2 or None
        finer = max(self.held + 1, round(self.held * FINE))
        return finer if finer < self._broke else None


@dataclass
class Climbed:
    """One climb: the best run of each level that counts, and how many rooms were held."""

    engine: EngineName
    held: int = 0
    levels: dict[int, Run] = field(default_factory=dict)
    last: list[Run] = field(default_factory=list)  # the tries of the level that did not hold

    @property
    def is_quiet(self) -> bool:
        """Whether it was the engine, or the load, that ended it, and no other program."""
        return len(counting(self.last)) >= TRIES

    @property
    def by_load(self) -> bool:
        """Whether the load had no time left where it ended, or did not send what was due."""
        return any(one.taken.load_percent >= LOAD_FULL_PERCENT or not one.taken.is_sent for one in counting(self.last))

    def add(self, level: int, tries: Sequence[Run]) -> bool:
        """Whether the level held."""
        if counted := counting(tries):
            self.levels[level] = min(counted, key=lambda one: one.taken.delay_ms[1])
        held = bool(verdict(tries))
        if not held:
            self.last = list(tries)
        return held


async def rooms(plan: Plan) -> None:
    """Rooms held, and how cost and delay grow up to there."""
    firsts: dict[EngineName, int] = {}

    async def take(name: EngineName) -> Climbed:
        print(f"\nrooms of two people, {name}", flush=True)
        climbed = await _climb(name, plan.seconds, firsts.get(name, FIRST))
        firsts[name] = max(FIRST, climbed.held * 2 // 3)  # what is far below was seen once
        print(f"  {name} holds {climbed.held} rooms{', and the load no more' * climbed.by_load}", flush=True)
        return climbed

    pairs = await in_turns(plan.pairs, take)
    _tell(pairs)
    if plan.plots:
        delays = _by_level(pairs, lambda one: one.taken.delay_ms[1])
        costs = _by_level(pairs, lambda one: one.us_per_packet)
        title = "Delay of 99 % of packets, rooms of two"
        draw(plan.plots / "rooms-delay.svg", title, "ms", curves_of(delays), limit=LATE_MS)
        draw(plan.plots / "rooms-cost.svg", "Processor time for each forwarded packet", "µs", curves_of(costs))


async def _climb(name: EngineName, seconds: float, first: int) -> Climbed:
    climb, climbed = Climb(first), Climbed(name)
    async with filled(name, TWO, 0) as (running, load, _):
        await running.side.ask("watch")
        while (level := climb.level) is not None:
            climb.tell(climbed.add(level, await _level(running, load, level, seconds)))
    climbed.held = climb.held
    return climbed


async def _level(running: Running, load: Load, level: int, seconds: float) -> list[Run]:
    await up_to(load, TWO, level, SETTLED_WITHIN_S)
    tries: list[Run] = []
    while verdict(tries) is None:
        tries.append(await run(running, load, seconds))
        print(f"  {level:4} rooms  {tries[-1]}", flush=True)
    return tries


def _tell(pairs: Pairs[Climbed]) -> None:
    for name in ENGINES:
        climbs = [pair[name] for pair in pairs.kept]
        held = sorted(one.held for one in climbs)
        full = sum(one.by_load for one in climbs)
        print(
            f"  {name:5} holds {median(held):.0f} rooms ({held[0]} to {held[-1]});"
            f" it was the load that could no more at the end of {full} of {len(climbs)} climbs"
        )
    of_load = any(one.by_load for pair in pairs.kept for one in pair.values())
    unknown = "; where it was the load, the engine may hold more: that is no ratio of engines" if of_load else ""
    print(f"  ours / Janus {pairs.ratio(lambda one: one.held).in_hundredths}{unknown}", flush=True)


def _by_level(pairs: Pairs[Climbed], figure: Callable[[Run], float]) -> Points:
    """The median of a figure at each level, over all climbs."""
    points: Points = {}
    for name in ENGINES:
        seen: dict[int, list[float]] = defaultdict(list)
        for pair in pairs.kept:
            for level, one in pair[name].levels.items():
                seen[level].append(figure(one))
        points[name] = [(level, median(figures)) for level, figures in sorted(seen.items())]
    return points
