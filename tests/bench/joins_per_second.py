"""How many people a node lets in each second, and how that changes as it fills: `[BATCHES SIZE AT_ONCE]`.

One `ieum node`; silent bots in this process join over its link, as browsers do through a web. A join runs from the
connection to the seat until both peer connections are up: admitted, published, subscribed to the host of the room, who
has joined before and is offered the newcomer. So many joins are under way at a time.

The bots pay as much for a handshake as the node, so the rate is that of both on this machine; what the node alone could
do follows from its processor time per join.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from signaling.media.port import SeatId, Source, track_id
from tests.bench.processor import Stopwatch, percentile
from tests.bots import Bot
from tests.real_node import PlayedWeb, admitted, everybody, played_web, real_node

BATCHES, SIZE, AT_ONCE = 5, 25, 8
ALIVE_EVERY_S = 5.0
SOURCES = (Source.MIC, Source.CAMERA)


async def seat_host(web: PlayedWeb, room: int) -> Bot:
    """Open a room; its host is there and waits to see the guest."""
    await web.open(f"room{room}", everybody(1))
    host = await web.enter(f"room{room}", "host")
    await host.publish(*SOURCES)
    await host.want(*(track_id(SeatId("g0"), source) for source in SOURCES))
    return host


async def join(web: PlayedWeb, room: int, turn: asyncio.Semaphore) -> tuple[Bot, float]:
    """One guest joins; the seconds it took."""
    async with turn:
        began_s = time.monotonic()
        guest = await admitted(web, f"room{room}", "g0")
        await guest.publish(*SOURCES)
        await guest.want(*(track_id(SeatId("host"), source) for source in SOURCES))
        await asyncio.wait_for(guest.down.connected.wait(), 60)
        return guest, time.monotonic() - began_s


async def stay(bots: list[Bot]) -> None:
    """Say that they are there, as browsers do, for ever."""
    while True:
        for bot in list(bots):
            for transport in (bot.up, bot.down):
                if transport.connected.is_set():
                    transport.send(transport.check())
        await asyncio.sleep(ALIVE_EVERY_S)


async def measure(batches: int, size: int, at_once: int) -> None:
    """Print one line for each batch."""
    with tempfile.TemporaryDirectory() as folder:
        async with real_node(Path(folder) / "var", node_seats="2000") as node, played_web(node) as web:
            bots: list[Bot] = []
            staying = asyncio.create_task(stay(bots))
            rooms = count()
            for _ in range(batches):
                batch = [next(rooms) for _ in range(size)]
                for room in batch:
                    bots.append(await seat_host(web, room))
                before, turn = len(bots), asyncio.Semaphore(at_once)
                stopwatch = Stopwatch(node.cpu_s)
                joined = await asyncio.gather(*(join(web, room, turn) for room in batch))
                used = stopwatch.stop()
                bots += [bot for bot, _ in joined]
                times_ms = [1000 * seconds for _, seconds in joined]
                print(
                    f"seats before {before:4}   joins/s {size / used.seconds:6.1f}   "
                    f"p50 {percentile(times_ms, 50):5.0f} ms   p95 {percentile(times_ms, 95):5.0f} ms   "
                    f"node {1000 * used.cpu_s / size:5.1f} ms of processor per join   "
                    f"other programs {used.foreign_percent:5.1f} %",
                    flush=True,
                )
            staying.cancel()


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    usual = (BATCHES, SIZE, AT_ONCE)
    batches, size, at_once = (int(arguments[at]) if len(arguments) > at else usual[at] for at in range(3))
    print(f"{batches} batches of {size} joins, {at_once} at a time, rooms of two")
    asyncio.run(measure(batches, size, at_once))


if __name__ == "__main__":
    main(sys.argv[1:])
