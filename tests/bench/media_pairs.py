"""What all parts of `./run bench media` share: runs on our engine and on Janus in turns, and which of them count.

A pair is one run on each. Who begins changes with every pair, so that whatever else the machine does falls on both
alike. A pair in which other programs were loud is thrown away and taken again, up to twice as often as asked.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar, get_args

from tests.bench.cores import cores
from tests.bench.media_load import DRAIN_S, Load, Shape, Taken
from tests.bench.media_plots import Curve
from tests.bench.media_side import EngineName, Figures, Running, side
from tests.bench.media_steps import in_ms
from tests.bench.processor import Spread, Stopwatch, Stretch
from tests.janus import outward_address

ENGINES: tuple[EngineName, ...] = get_args(EngineName)
NAMES = {"ours": "Ieum", "janus": "Janus"}  # as readers know them
FOREIGN_PERCENT = 20.0
PAIRS = 7  # with fewer a median is chance
TAKEN_AGAIN = 2  # times as many pairs as asked, at most

Result = TypeVar("Result")
Points = dict[str, list[tuple[float, float]]]


@dataclass(frozen=True)
class Plan:
    """What the command line asks of a part."""

    pairs: int
    seconds: float
    plots: Path | None


class TooLoud(Exception):
    """Other programs use this machine: nothing can be said."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class Counted(Protocol):
    """What one run says of itself."""

    @property
    def is_quiet(self) -> bool:
        """Whether other programs left the machine alone."""


Kept = TypeVar("Kept", bound=Counted)


def quiet(stretch: Stretch) -> bool:
    """Whether other programs left the machine alone."""
    return stretch.foreign_percent <= FOREIGN_PERCENT


@dataclass
class Pairs(Generic[Kept]):
    """Pairs that count, until there are as many as are wanted."""

    wanted: int
    kept: list[dict[EngineName, Kept]] = field(default_factory=list)
    taken: int = 0

    @property
    def order(self) -> Sequence[EngineName]:
        """Who runs first in the next pair."""
        return ENGINES[:: -1 if self.taken % 2 else 1]

    @property
    def is_done(self) -> bool:
        """Whether there are enough, or it was tried often enough."""
        return len(self.kept) >= self.wanted or self.taken >= TAKEN_AGAIN * self.wanted

    @property
    def is_enough(self) -> bool:
        """Whether they say anything: one alone only where no more were wanted."""
        return len(self.kept) >= min(2, self.wanted)

    def add(self, pair: dict[EngineName, Kept]) -> bool:
        """Whether it counts."""
        self.taken += 1
        if counts := all(run.is_quiet for run in pair.values()):
            self.kept.append(pair)
        return counts

    def of(self, name: EngineName, figure: Callable[[Kept], float]) -> Spread:
        """This figure of all runs of one engine."""
        return Spread.of([figure(pair[name]) for pair in self.kept])

    def ratio(self, figure: Callable[[Kept], float]) -> Spread:
        """Ours over Janus', pair by pair."""
        return Spread.of([figure(pair["ours"]) / max(1e-9, figure(pair["janus"])) for pair in self.kept])


async def in_turns(wanted: int, take: Callable[[EngineName], Awaitable[Kept]]) -> Pairs[Kept]:
    """So many pairs. Raises TooLoud when other programs leave too few of them."""
    pairs: Pairs[Kept] = Pairs(wanted)
    while not pairs.is_done:
        if not pairs.add({name: await take(name) for name in pairs.order}):
            print("  thrown away: other programs", flush=True)
    if not pairs.is_enough:
        raise TooLoud
    few = f"; fewer than {PAIRS}: no median to rely on" if len(pairs.kept) < PAIRS else ""
    print(f"  {len(pairs.kept)} of {pairs.taken} pairs count{few}", flush=True)
    return pairs


@dataclass(frozen=True)
class Run:
    """One stretch on one engine."""

    engine: EngineName
    taken: Taken
    stretch: Stretch
    used: Figures

    @property
    def is_quiet(self) -> bool:
        """Whether other programs left the machine alone."""
        return quiet(self.stretch)

    @property
    def us_per_packet(self) -> float:
        """Of processor time, for each packet that a viewer got."""
        return 1e6 * self.used.cpu_s / max(1, self.taken.forwarded)

    @property
    def sent_for_s(self) -> float:
        """How long anything was sent: while the stretch drains, nothing is."""
        return max(0.1, self.stretch.seconds - DRAIN_S)

    @property
    def packets_per_s(self) -> float:
        """That viewers got while anything was sent."""
        return self.taken.forwarded / self.sent_for_s

    @property
    def core(self) -> float:
        """Share of one that the engine used while it was sent to."""
        return self.used.cpu_s / self.sent_for_s

    def __str__(self) -> str:
        median, p99, most = self.taken.delay_ms
        return (
            f"{self.engine:5} {self.us_per_packet:6.1f} µs a packet  core {100 * self.core:5.1f} %"
            f"  out {self.packets_per_s:7.0f}/s  delay {median:5.2f} / {p99:6.2f} / {most:6.1f} ms"
            f"  lost voice {100 * self.taken.lost_voice:6.3f} % pictures {100 * self.taken.lost_pictures:6.3f} %"
            f"  checked {self.taken.checked} damaged {self.taken.damaged}  load {self.taken.load_percent:3.0f} %"
            f"  sent {100 * self.taken.sent_share:5.1f} % of what was due, at most {self.taken.latest_tick_ms:.0f} ms"
            f" late  slowest turn {in_ms(self.used.slowest_turn_s)}"
            f"  others {self.stretch.foreign_percent:4.0f} %"
        )


async def measured(
    running: Running, doing: Awaitable[Result], beside: Iterable[Running] = ()
) -> tuple[Result, Stretch, Figures]:
    """What an engine uses meanwhile. Engines `beside` it are ours as well, and no other programs."""
    sides = [running.side, *(one.side for one in beside)]
    before = [await one.figures() for one in sides]
    used_s = 0.0
    stopwatch = Stopwatch(lambda: used_s)
    done = await doing
    used = [(await one.figures()).since(earlier) for one, earlier in zip(sides, before, strict=True)]
    used_s = sum(one.cpu_s + one.beside_cpu_s for one in used)
    return done, stopwatch.stop(), used[0]


async def run(running: Running, load: Load, seconds: float, beside: Iterable[Running] = ()) -> Run:
    """One stretch. Its processor time is that of the whole stretch, as are the packets."""
    return await run_while(running, load, asyncio.sleep(seconds), beside)


async def run_while(running: Running, load: Load, doing: Awaitable[object], beside: Iterable[Running] = ()) -> Run:
    """The same until something is done."""
    taken, stretch, used = await measured(running, load.stretch_while(doing), beside)
    return Run(running.side.name, taken, stretch, used)


class Filled(NamedTuple):
    """An engine with rooms, and what filling it took."""

    running: Running
    load: Load
    took: Figures


@asynccontextmanager
async def filled(name: EngineName, shape: Shape, rooms: int) -> AsyncIterator[Filled]:
    """An engine with rooms in which nobody sends yet.

    Raises TimeoutError when it does not carry them, and SystemExit at the end when anything came damaged: figures of
    such an engine mean nothing.
    """
    async with side(name, cores()[1], address()) as running:
        load = Load(running.side)
        before = await running.side.figures()
        await load.fill(shape, rooms)
        load.send_in(rooms)
        took = (await running.side.figures()).since(before)
        await load.settle()
        if not load.arrivals.all_have_come:
            raise TimeoutError(f"{name} does not carry {rooms} rooms: {shape.name}")
        try:
            yield Filled(running, load, took)
        finally:
            await load.close()
        if damaged := load.arrivals.all_damaged:
            raise SystemExit(f"{damaged} packets came damaged or in a wrong stream from {name}: nothing can be said")


async def up_to(load: Load, shape: Shape, rooms: int, settled_within_s: float) -> None:
    """From now on so many rooms send; what is missing is filled, and what can come has begun to."""
    missing = rooms - len(load.rooms)
    if missing > 0:
        await load.fill(shape, missing, prefix=f"to{rooms}x")
    load.send_in(rooms)
    await load.settle(settled_within_s)


@asynccontextmanager
async def both_filled(shape: Shape, rooms: int) -> AsyncIterator[dict[EngineName, Filled]]:
    """Both engines with as many rooms."""
    async with filled("ours", shape, rooms) as ours, filled("janus", shape, rooms) as janus:
        yield {"ours": ours, "janus": janus}


def address() -> str:
    """Of ours, and not loopback, which Janus does not use. Raises SystemExit where there is none."""
    found = outward_address()
    if found is None:
        raise SystemExit("this machine has no address but loopback, and Janus uses none of that")
    return found


def curves_of(points: Points) -> list[Curve]:
    """By engine, under the names that readers know."""
    return [Curve(NAMES[name], places) for name, places in points.items()]
