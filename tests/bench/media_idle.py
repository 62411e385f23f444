"""Part `idle` of `./run bench media`: what a node takes on which all are there and say nothing.

Two hundred seats in rooms of two on a whole node of each engine, as `ieum node` starts it, with a web linked to it. All
have sent a moment of voice and picture, and have fallen silent; their ICE checks and reports go on, as a browser's do.
What is told is the processor time and the memory of the whole node, on Janus' side with its Janus.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from signaling.media.port import SeatId, Source, track_id
from tests.bench.media_bots import LoadBot
from tests.bench.media_pairs import ENGINES, Pairs, Plan, in_turns, quiet
from tests.bench.media_reports import report_for_ever
from tests.bench.media_side import EngineName
from tests.bench.processor import Stopwatch, Stretch
from tests.bench.whole_node import memory_kb, used_s, whole_node
from tests.real_node import PlayedWeb, RealNode, admitted, everybody, played_web

SECONDS = 20.0
SEATS = 200
FALLS_SILENT_S = 10.0  # until the node has noticed it, and what was sent is no longer kept for repairs
JOINS_WITHIN_S = 60.0


@dataclass(frozen=True)
class Filled:
    """A node with silent people, and the memory that each of them took."""

    node: RealNode
    seat_kb: float


@dataclass(frozen=True)
class Silence:
    """One stretch in which nobody sends."""

    stretch: Stretch  # of both nodes
    node_s: float  # processor time of one

    @property
    def is_quiet(self) -> bool:
        """Whether other programs left the machine alone."""
        return quiet(self.stretch)

    @property
    def percent(self) -> float:
        """Of a core, of all that the node is."""
        return 100 * self.node_s / self.stretch.seconds


async def idle(plan: Plan) -> None:
    """Two hundred silent seats on a node of each engine."""
    async with _filled("ours") as ours, _filled("janus") as janus:
        nodes = {"ours": ours, "janus": janus}
        await asyncio.sleep(FALLS_SILENT_S)

        async def take(name: EngineName) -> Silence:
            stopwatch = Stopwatch(lambda: sum(used_s(one.node) for one in nodes.values()))
            before_s = used_s(nodes[name].node)
            await asyncio.sleep(max(SECONDS, plan.seconds))
            node_s = used_s(nodes[name].node) - before_s
            one = Silence(stopwatch.stop(), node_s)
            print(
                f"  {name:5} {one.percent:5.1f} % of a core   others {one.stretch.foreign_percent:4.0f} %", flush=True
            )
            return one

        tell(await in_turns(plan.pairs, take), {name: nodes[name].seat_kb for name in ENGINES})


def tell(pairs: Pairs[Silence], seat_kb: dict[EngineName, float]) -> None:
    """Medians of the processor, and of one filling the memory."""
    for name in ENGINES:
        percent = pairs.of(name, lambda one: one.percent)
        print(f"  {name:5} a node with {SEATS} silent seats: {percent} % of a core, {seat_kb[name]:.0f} KB a seat")
    print(f"  ours / Janus {pairs.ratio(lambda one: one.percent).in_hundredths}", flush=True)


@asynccontextmanager
async def _filled(name: EngineName) -> AsyncIterator[Filled]:
    bots: list[LoadBot] = []
    with tempfile.TemporaryDirectory(prefix="ieum-idle-") as folder:
        async with whole_node(name, Path(folder), node_seats=str(4 * SEATS)) as node, played_web(node) as web:
            empty_kb = memory_kb(node)
            reporting = asyncio.create_task(report_for_ever(bots))
            for room in range(SEATS // 2):
                bots += await a_room(web, f"silent{room}")
            yield Filled(node, (memory_kb(node) - empty_kb) / SEATS)
            reporting.cancel()


async def a_room(web: PlayedWeb, call: str) -> list[LoadBot]:
    """Two people who get each other's voice and picture, and send no more than a moment of it."""
    await web.open(call, everybody(1))
    pair = [await web.enter(call, "host", LoadBot), await admitted(web, call, "g0", LoadBot)]
    bots = [bot for bot in pair if isinstance(bot, LoadBot)]
    for bot in bots:
        await bot.publish(Source.MIC, Source.CAMERA)
        for stream in bot.streams():
            bot.send(stream)
    for bot, other in zip(bots, ("g0", "host"), strict=True):
        await bot.want(*(track_id(SeatId(other), source) for source in (Source.MIC, Source.CAMERA)))
        await asyncio.wait_for(bot.down.connected.wait(), JOINS_WITHIN_S)
    return bots
