"""How long people neither hear nor see each other when their room moves to another node by plan: `[MOVES]`.

The product with two nodes, two Chromium pages in one room. One node is drained, then the other, and so on. In each page
the longest time is taken in which nothing new arrived of what is shown and played (gaps.py), and beside it the longest
such time in as many seconds without a move.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from server.app import administration
from server.config import Settings
from tests.bench.gaps import longest, print_gaps
from tests.bench.node_kills import REMEMBER
from tests.browsers import chromium
from tests.e2e.desk import at_the_desk
from tests.e2e.product import serving
from tests.e2e.rooms import meeting
from tools.programs import CHROMIUM

MOVES = 10


async def measure(moves: int) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Without moves, and with them."""
    still, moved = [], []
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder) / "var", nodes="2") as product, chromium(str(CHROMIUM.path())) as browser:
            settings = Settings(data_dir=product.data_dir)
            async with at_the_desk(product, "김서연") as desk:
                room = await meeting(product, browser, desk, "김서연", "송다은")
            pages = [room.counsellor.page, room.seeker.page]
            for page in pages:
                await page.add_init_script(REMEMBER)
                await page.reload()
            await room.counsellor.sees_moving("송다은")
            await room.seeker.sees_moving("김서연")
            for _ in range(moves):
                still.append(await longest(pages))
                watching = asyncio.create_task(longest(pages))
                await _drain_the_one_that_has_it(settings)
                moved.append(await watching)
                print("still {:5.0f} {:5.0f} ms   moved {:5.0f} {:5.0f} ms".format(*still[-1], *moved[-1]), flush=True)
    return still, moved


async def _drain_the_one_that_has_it(settings: Settings) -> None:
    for name in ("node-0", "node-1"):
        said = await administration.drain_node(settings, name, wanted=True)
        if "; 1 now on it" in said:
            other = {"node-0": "node-1", "node-1": "node-0"}[name]
            await administration.drain_node(settings, other, wanted=False)
            return
        await administration.drain_node(settings, name, wanted=False)


def main(arguments: Sequence[str]) -> None:
    """Print each pair (sound, picture), then the figures."""
    print_gaps(zip(("still", "moved"), asyncio.run(measure(int(arguments[0]) if arguments else MOVES)), strict=True))


if __name__ == "__main__":
    main(sys.argv[1:])
