"""Part `filling` of `./run bench media`: what it takes until people are there, and what memory they have then.

Each run fills a fresh engine on which one such room is already, so that nothing of an earlier run is left in memory and
what is needed but once is not counted. Nobody talks: packet rings are empty.
"""

from dataclasses import dataclass

from tests.bench.media_load import TWO, Shape
from tests.bench.media_pairs import ENGINES, Pairs, Plan, filled, in_turns, measured, quiet
from tests.bench.media_side import EngineName, Figures
from tests.bench.processor import Stretch

FILLED = ((TWO, 30), (Shape("12 seats, three layers", 12, 0, layered=True), 2))


@dataclass(frozen=True)
class Filling:
    """One engine that was filled."""

    seats: int
    stretch: Stretch
    took: Figures

    @property
    def is_quiet(self) -> bool:
        """Whether other programs left the machine alone."""
        return quiet(self.stretch)

    @property
    def ms(self) -> float:
        """Of processor time that the media's process took for a seat."""
        return 1000 * self.took.cpu_s / self.seats

    @property
    def beside_ms(self) -> float:
        """The same of the process that steers it, where that is another one."""
        return 1000 * self.took.beside_cpu_s / self.seats

    @property
    def kb(self) -> float:
        """Of memory that the media's process has for a seat."""
        return self.took.resident_kb / self.seats

    @property
    def beside_kb(self) -> float:
        """The same of the process that steers it, where that is another one."""
        return self.took.beside_kb / self.seats


async def filling(plan: Plan) -> None:
    """Processor time and memory of a seat, with quartiles."""
    for shape, rooms in FILLED:
        print(f"\n{shape.name}, {rooms} rooms", flush=True)

        async def take(name: EngineName, shape: Shape = shape, rooms: int = rooms) -> Filling:
            async with filled(name, shape, 1) as (running, load, _):
                _, stretch, took = await measured(running, load.fill(shape, rooms, prefix="more"))
            one = Filling(rooms * shape.seats, stretch, took)
            print(
                f"  {name:5} {one.ms:.2f} ms (and beside it {one.beside_ms:.2f}), {one.kb:.0f} KB (and beside it"
                f" {one.beside_kb:.0f}) a seat   others {stretch.foreign_percent:4.0f} %",
                flush=True,
            )
            return one

        tell(await in_turns(plan.pairs, take))


def tell(pairs: Pairs[Filling]) -> None:
    """Medians, and ours over Janus' of all that a seat takes."""
    for name in ENGINES:
        print(
            f"  {name:5} a seat takes {pairs.of(name, lambda one: one.ms)} ms of the processor, and"
            f" {pairs.of(name, lambda one: one.beside_ms)} of the process that steers it;"
            f" {pairs.of(name, lambda one: one.kb)} KB, and {pairs.of(name, lambda one: one.beside_kb)} there"
        )
    print(
        "  ours / Janus, with what steers it:"
        f" processor {pairs.ratio(lambda one: one.ms + one.beside_ms).in_hundredths},"
        f" memory {pairs.ratio(lambda one: one.kb + one.beside_kb).in_hundredths}",
        flush=True,
    )
