"""When a node looks for garbage: Python's full collection stops all that moves for as long as there are objects.

With a thousand seats that was 0.3 s, heard in every room, and it came while people were joining. What is young is
collected as ever, which takes no time; everything is looked through when nobody talks, and else only after very much
was left behind. Seats that are gone are mostly freed at once, by their reference counts.
"""

import asyncio
import gc

from signaling.media.port import MediaEngine

EVERY_S = 30.0
QUIET_PACKETS_PER_S = 100.0  # two voices
WORTH_IT = 10  # collections of the young since the last full one; Python's own measure, each about 7,000 new objects
AT_LAST = 200  # so many, and it is done though people talk: some 5,000 seats that came, 150 MB at most
NEVER = 1_000_000_000


def is_quiet(packets_per_s: float | None, seats: int) -> bool:
    """Whether nobody talks. Where packets are not counted, whoever has a seat may."""
    return seats == 0 if packets_per_s is None else packets_per_s < QUIET_PACKETS_PER_S


def is_due(young_collections: int, *, quiet: bool) -> bool:
    """Whether to look through everything now."""
    return young_collections >= (WORTH_IT if quiet else AT_LAST)


async def collect_when_quiet(engine: MediaEngine, every_s: float = EVERY_S) -> None:
    """Until cancelled; then Python collects as it likes again."""
    youngest, middle, oldest = gc.get_threshold()
    gc.collect()
    gc.freeze()  # the code itself is no garbage
    gc.set_threshold(youngest, middle, NEVER)
    try:
        before = engine.traffic.packets_received
        while True:
            await asyncio.sleep(every_s)
            now = engine.traffic.packets_received
            packets_per_s = (now - before) / every_s if engine.capabilities.measures else None
            if is_due(gc.get_count()[2], quiet=is_quiet(packets_per_s, engine.load().seats)):
                gc.collect()
            before = now
    finally:
        gc.set_threshold(youngest, middle, oldest)
        gc.unfreeze()
