"""When a node looks for garbage: Python's full collection stops all that moves for as long as there are objects.

With a thousand seats that was 0.3 s, heard in every room, and it came while people were joining. What is young is
collected as ever, which takes no time; everything is looked through when nobody talks, and else only after very much
was left behind. Seats that are gone are mostly freed at once, by their reference counts.
"""

import asyncio
import gc
from collections.abc import Callable

EVERY_S = 30.0
QUIET_PACKETS_PER_S = 100.0  # two voices
WORTH_IT = 10  # collections of the young since the last full one; Python's own measure, each about 7,000 new objects
AT_LAST = 200  # so many, and it is done though people talk: some 5,000 seats that came, 150 MB at most
NEVER = 1_000_000_000


def is_due(young_collections: int, packets_per_s: float) -> bool:
    """Whether to look through everything now."""
    return young_collections >= (WORTH_IT if packets_per_s < QUIET_PACKETS_PER_S else AT_LAST)


async def collect_when_quiet(packets: Callable[[], int], every_s: float = EVERY_S) -> None:
    """Until cancelled; then Python collects as it likes again. `packets` says how many have come in all."""
    youngest, middle, oldest = gc.get_threshold()
    gc.collect()
    gc.freeze()  # the code itself is no garbage
    gc.set_threshold(youngest, middle, NEVER)
    try:
        before = packets()
        while True:
            await asyncio.sleep(every_s)
            now = packets()
            if is_due(gc.get_count()[2], (now - before) / every_s):
                gc.collect()
            before = now
    finally:
        gc.set_threshold(youngest, middle, oldest)
        gc.unfreeze()
