"""How long people neither hear nor see each other when their room moves to another node by plan: `[MOVES]`.

The product with two nodes, two Chromium pages in one room. One node is drained, then the other, and so on. In each page
the longest time is taken in which nothing new arrived of what is shown and played, as for a person: the elements on the
page are looked at, whatever connection feeds them. Beside it the longest such time in as many seconds without a move.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Page

from server.app import administration
from server.config import Settings
from tests.bench.node_kills import REMEMBER
from tests.bench.processor import percentile
from tests.browsers import chromium
from tests.e2e.desk import at_the_desk
from tests.e2e.product import serving
from tests.e2e.rooms import meeting
from tools.programs import CHROMIUM

MOVES = 10
WATCHED_S = 12.0  # the tick, the change, the move, and both connections for a while

# Resolves with the longest time, in ms, without anything new in what the page shows or plays, by kind: from the moments
# at which the newest sample or frame was delivered to it, which the browser keeps however late it is asked.
LONGEST = """(watchedMs) => new Promise((resolve) => {
    const started = performance.now(), newest = {}, longest = {audio: 0, video: 0};
    const note = (kind, at) => {
        longest[kind] = Math.max(longest[kind], at - (newest[kind] ?? at));
        newest[kind] = Math.max(newest[kind] ?? at, at);
    };
    const look = () => {
        const shown = new Set([...document.querySelectorAll("audio, video")]
            .flatMap((one) => one.srcObject ? one.srcObject.getTracks() : []).map((track) => track.id));
        for (const {peer} of window.peers) {
            if (peer.connectionState === "closed") continue;
            for (const receiver of peer.getReceivers().filter(({track}) => shown.has(track.id))) {
                for (const {timestamp} of receiver.getSynchronizationSources()) note(receiver.track.kind, timestamp);
            }
        }
        if (performance.now() - started < watchedMs) { setTimeout(look, 10); return; }
        for (const kind of ["audio", "video"]) note(kind, performance.timeOrigin + performance.now());
        resolve(longest);
    };
    look();
})"""


async def longest(pages: Sequence[Page]) -> tuple[float, float]:
    """Milliseconds without sound and without picture, in the page where it was longer."""
    seen = await asyncio.gather(*(page.evaluate(LONGEST, WATCHED_S * 1000) for page in pages))
    return max(one["audio"] for one in seen), max(one["video"] for one in seen)


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
    moves = int(arguments[0]) if arguments else MOVES
    for title, times in zip(("still", "moved"), asyncio.run(measure(moves)), strict=True):
        for name, figures in (("sound", [one for one, _ in times]), ("picture", [one for _, one in times])):
            p50, p95 = percentile(figures, 50), percentile(figures, 95)
            print(f"{title:6} {name:8} p50 {p50:6.0f} ms   p95 {p95:6.0f} ms   most {max(figures):6.0f} ms   n {moves}")


if __name__ == "__main__":
    main(sys.argv[1:])
