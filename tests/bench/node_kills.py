"""How long people neither hear nor see each other when their node is killed: `[KILLS PAUSE_S]`.

The product as `ieum serve` runs it, two Chromium pages in one room. From `kill -9` of the node until both pages have
decoded sound and picture again on connections they made since: the supervisor's part, the new process, the sockets'
return and the new connections included. The supervisor restarts at once only what has lived for a while, so there is a
pause between kills.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, Page

from server.supervisor import STEADY_AFTER_S
from tests.bench.processor import percentile
from tests.browsers import chromium
from tests.e2e.desk import at_the_desk
from tests.e2e.product import Product, serving
from tests.e2e.rooms import meeting
from tools.programs import CHROMIUM

KILLS = 20
PAUSE_S = STEADY_AFTER_S + 2

# Remembers the page's peer connections and when each was made.
REMEMBER = """
window.peers = [];
const Original = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
    constructor(...given) { super(...given); window.peers.push({peer: this, madeMs: Date.now()}); }
};
"""

# Wall times at which sound and picture first came out of a connection that was made after `since`.
BACK = """(since) => new Promise((resolve, reject) => {
    const back = {}, until = performance.now() + 60000;
    const look = async () => {
        for (const {peer, madeMs} of window.peers) {
            if (madeMs <= since) continue;
            for (const report of (await peer.getStats()).values()) {
                if (report.type !== "inbound-rtp") continue;
                if (report.kind === "audio" && report.jitterBufferEmittedCount > 0) back.sound ??= Date.now();
                if (report.kind === "video" && report.framesDecoded > 0) back.picture ??= Date.now();
            }
        }
        if (back.sound && back.picture) resolve(back);
        else if (performance.now() > until) reject(new Error("not back within a minute"));
        else setTimeout(look, 20);
    };
    look();
})"""


async def kill_once(product: Product, pages: Sequence[Page]) -> tuple[float, float]:
    """Kill the node; the milliseconds until the later of the two pages had sound and had a picture."""
    killed_ms = time.time() * 1000
    os.kill(product.pid_of("node"), signal.SIGKILL)
    back = await asyncio.gather(*(page.evaluate(BACK, killed_ms) for page in pages))
    return max(page["sound"] for page in back) - killed_ms, max(page["picture"] for page in back) - killed_ms


async def measure(kills: int, pause_s: float) -> list[tuple[float, float]]:
    """All kills, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder) / "var") as product, chromium(str(CHROMIUM.path())) as browser:
            pages = await in_one_room(product, browser)
            times = []
            for _ in range(kills):
                await asyncio.sleep(pause_s)
                times.append(await kill_once(product, pages))
                print("sound after {:5.0f} ms   picture after {:5.0f} ms".format(*times[-1]), flush=True)
            return times


async def in_one_room(product: Product, browser: Browser) -> list[Page]:
    """The pages of a counsellor and a seeker who hear and see each other."""
    async with at_the_desk(product, "김서연") as desk:
        room = await meeting(product, browser, desk, "김서연", "송다은")
    for person in (room.counsellor, room.seeker):
        await person.page.add_init_script(REMEMBER)
        await person.page.reload()
    await room.counsellor.sees_moving("송다은")
    await room.seeker.sees_moving("김서연")
    return [room.counsellor.page, room.seeker.page]


def main(arguments: Sequence[str]) -> None:
    """Print each kill, then the figures."""
    kills = int(arguments[0]) if arguments else KILLS
    pause_s = float(arguments[1]) if len(arguments) > 1 else PAUSE_S
    times = asyncio.run(measure(kills, pause_s))
    for name, figures in (("sound", [sound for sound, _ in times]), ("picture", [picture for _, picture in times])):
        p50, p95 = percentile(figures, 50), percentile(figures, 95)
        print(f"{name:8} p50 {p50:6.0f} ms   p95 {p95:6.0f} ms   most {max(figures):6.0f} ms   n {kills}")


if __name__ == "__main__":
    main(sys.argv[1:])
