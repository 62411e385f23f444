"""What people notice of each other when web is killed while they talk: `[KILLS]`.

The product as `ieum serve` runs it, two Chromium pages in one room. Media does not pass web: the longest time in which
a page shows or plays nothing new (gaps.py) is taken around `kill -9` of web, beside as long a stretch without one.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.gaps import longest, print_gaps
from tests.bench.node_kills import PAUSE_S, in_one_room
from tests.browsers import chromium
from tests.e2e.product import serving
from tools.programs import CHROMIUM

KILLS = 5


async def measure(kills: int) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Without kills, and with them."""
    still, killed = [], []
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder) / "var") as product, chromium(str(CHROMIUM.path())) as browser:
            pages = await in_one_room(product, browser)
            for _ in range(kills):
                await asyncio.sleep(PAUSE_S)  # the supervisor restarts at once only what has lived for a while
                still.append(await longest(pages))
                watching = asyncio.create_task(longest(pages))
                os.kill(product.pid_of("web"), signal.SIGKILL)
                killed.append(await watching)
                print(
                    "still {:5.0f} {:5.0f} ms   killed {:5.0f} {:5.0f} ms".format(*still[-1], *killed[-1]), flush=True
                )
    return still, killed


def main(arguments: Sequence[str]) -> None:
    """Print each pair (sound, picture), then the figures."""
    print_gaps(zip(("still", "killed"), asyncio.run(measure(int(arguments[0]) if arguments else KILLS)), strict=True))


if __name__ == "__main__":
    main(sys.argv[1:])
