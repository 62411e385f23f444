"""When a node looks for garbage: Python's full collection stops all that moves for as long as there are objects.

With a thousand seats that was 0.3 s, heard in every room, and it came while people were joining. Everything is looked
through when nobody talks, and else only after very much was left behind. Seats that are gone are mostly freed at once,
by their reference counts.

What is young is looked at twenty times a second. Python would do so by itself when there are 700 objects more than
before; but a packet that takes another's place in a ring makes no more of them, so that it came to that by chance only,
and then looked at tens of thousands: 20 to 55 ms with thirty rooms.
"""

import asyncio
import gc
import itertools
import sys

from signaling.media.port import MediaEngine

EVERY_S = 30.0
QUIET_PACKETS_PER_S = 100.0  # two voices
WORTH_IT = 150_000  # blocks of memory more than after the last full collection, about 70,000 objects
AT_LAST = 3_000_000  # so many, and it is done though people talk: some 5,000 seats that came, 300 MB at most
YOUNG_EVERY_S = 0.05
MIDDLE_EVERY = 10  # times, those that have been looked at once as well
NEVER = 1_000_000_000


def is_quiet(packets_per_s: float | None, seats: int) -> bool:
    """Whether nobody talks. Where packets are not counted, whoever has a seat may."""
    return seats == 0 if packets_per_s is None else packets_per_s < QUIET_PACKETS_PER_S


def is_due(grown_blocks: int, *, quiet: bool) -> bool:
    """Whether to look through everything now."""
    return grown_blocks >= (WORTH_IT if quiet else AT_LAST)


async def collect_young() -> None:
    """Until cancelled: look at what is young so often that it takes no time."""
    for turn in itertools.count(1):
        await asyncio.sleep(YOUNG_EVERY_S)
        gc.collect(0 if turn % MIDDLE_EVERY else 1)


async def collect_when_quiet(engine: MediaEngine, every_s: float = EVERY_S) -> None:
    """Until cancelled; then Python collects as it likes again."""
    youngest, middle, oldest = gc.get_threshold()
    gc.collect()
    gc.freeze()  # the code itself is no garbage
    gc.set_threshold(youngest, middle, NEVER)
    young = asyncio.create_task(collect_young())
    blocks = sys.getallocatedblocks()
    try:
        before = engine.traffic.packets_received
        while True:
            await asyncio.sleep(every_s)
            now = engine.traffic.packets_received
            packets_per_s = (now - before) / every_s if engine.capabilities.measures else None
            if is_due(sys.getallocatedblocks() - blocks, quiet=is_quiet(packets_per_s, engine.load().seats)):
                gc.collect()
                blocks = sys.getallocatedblocks()
            before = now
    finally:
        young.cancel()
        await asyncio.gather(young, return_exceptions=True)
        gc.set_threshold(youngest, middle, oldest)
        gc.unfreeze()
