"""From the click that admits somebody to the first remote sound and picture in their browser.

`./run bench joins [ROUNDS]`: one counsellor in a room, one seeker who leaves and is admitted again, both in Chromium.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.browsers import chromium
from tests.e2e.desk import at_the_desk
from tests.e2e.people import PHONE, context
from tests.e2e.people import Seeker as SeekerAtPhone
from tests.e2e.product import serving
from tests.e2e.rooms import meeting
from tests.received import REMEMBER
from tools.programs import CHROMIUM

ROUNDS = 30

# Wall times at which the first remote sound was decoded and the first remote picture was shown.
FIRST_MEDIA = """() => new Promise((resolve, reject) => {
    const first = {}, until = performance.now() + 60000;
    const look = async () => {
        for (const peer of window.peers)
            for (const report of (await peer.getStats()).values()) {
                if (report.type !== "inbound-rtp") continue;
                if (report.kind === "audio" && report.totalSamplesReceived > 0) first.sound ??= Date.now();
                if (report.kind === "video" && report.framesDecoded > 0) first.picture ??= Date.now();
            }
        if (first.sound && first.picture) resolve(first);
        else if (performance.now() > until) reject(new Error("no media"));
        else setTimeout(look, 10);
    };
    look();
})"""


async def join_again(seeker: SeekerAtPhone, link: str, host: Page) -> tuple[float, float]:
    """One round: knock, be admitted; milliseconds to sound and to picture."""
    await seeker.open(link)
    await seeker.pass_device_check()
    await seeker.waits()
    first = asyncio.ensure_future(seeker.page.evaluate(FIRST_MEDIA))
    admit = host.get_by_role("button", name="입장 허용", exact=True).first
    await admit.wait_for()
    clicked = await admit.evaluate("(button) => { const now = Date.now(); button.click(); return now; }")
    times: dict[str, float] = await first
    return times["sound"] - clicked, times["picture"] - clicked


def summary(name: str, times: Sequence[float]) -> str:
    """Median and 95th percentile in one line."""
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return f"{name:16} p50 {statistics.median(ordered):6.0f} ms   p95 {p95:6.0f} ms   n {len(ordered)}"


async def measure(rounds: int) -> list[tuple[float, float]]:
    """All rounds, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            serving(Path(folder) / "var") as product,
            chromium(str(CHROMIUM.path())) as browser,
            at_the_desk(product, "김서연") as desk,
        ):
            room = await meeting(product, browser, desk, "김서연", "송다은")
            await room.seeker.leave_room("나만 나가기")
            await room.seeker.page.context.close()
            return [await _round(browser, room.link, room.counsellor.page) for _ in range(rounds)]


async def _round(browser: Browser, link: str, host: Page) -> tuple[float, float]:
    profile = await context(browser, PHONE)
    await profile.add_init_script(REMEMBER)
    seeker = SeekerAtPhone(await profile.new_page())
    times = await join_again(seeker, link, host)
    await seeker.leave_room("나만 나가기")
    await seeker.sees("대화방에서 나왔습니다")
    await profile.close()
    return times


def main(arguments: list[str]) -> Any:
    """Print the figures."""
    times = asyncio.run(measure(int(arguments[0]) if arguments else ROUNDS))
    print(summary("first sound", [sound for sound, _ in times]))
    print(summary("first picture", [picture for _, picture in times]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
