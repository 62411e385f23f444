"""Part `idle` of `./run bench media`: what people take who are there and say nothing."""

import asyncio
from dataclasses import dataclass

from tests.bench.media_load import TWO
from tests.bench.media_pairs import ENGINES, Plan, both_filled, in_turns, measured, quiet
from tests.bench.media_side import EngineName, Figures
from tests.bench.processor import Stretch

SECONDS = 20.0
SEATS = 200


@dataclass(frozen=True)
class Silence:
    """One stretch in which nobody sends."""

    stretch: Stretch
    used: Figures

    @property
    def is_quiet(self) -> bool:
        """Whether other programs left the machine alone."""
        return quiet(self.stretch)

    @property
    def percent(self) -> float:
        """Of a core, of all that the engine is."""
        return 100 * (self.used.cpu_s + self.used.beside_cpu_s) / self.stretch.seconds


async def idle(plan: Plan) -> None:
    """Two hundred silent seats on each engine."""
    async with both_filled(TWO, SEATS // TWO.seats) as sides:

        async def take(name: EngineName) -> Silence:
            running = sides[name].running
            beside = [other.running for other in sides.values() if other.running is not running]
            _, stretch, used = await measured(running, asyncio.sleep(max(SECONDS, plan.seconds)), beside)
            one = Silence(stretch, used)
            print(f"  {name:5} {one.percent:5.1f} % of a core   others {stretch.foreign_percent:4.0f} %", flush=True)
            return one

        pairs = await in_turns(plan.pairs, take)
    for name in ENGINES:
        kb = sides[name].took.resident_kb / SEATS
        percent = pairs.of(name, lambda one: one.percent)
        print(f"  {name:5} {SEATS} silent seats: {percent} % of a core, {kb:.0f} KB a seat", flush=True)
    print(f"  ours / Janus {pairs.ratio(lambda one: one.percent).in_hundredths}", flush=True)
