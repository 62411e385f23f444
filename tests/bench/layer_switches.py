"""A picture that changes its layer again and again: what the one who sees it notices, and how long each change takes.

`./run bench layer_switches [SWITCHES [HEIGHT ...]]`: a Chromium publishes three layers, another shows them; the height
it wants goes to another one of 180, 360 and 720 lines, or of those named, that many times. Figures of WebRTC's getStats
and of the video element; the time runs from asking to the first frame of the new size, the start of an encoder that
nobody needed before included. First the same number of stretches without a change: what freezes there is the machine,
not the change.
"""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Page

from signaling.media.port import SeatId, Source, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import SfuSettings
from tests.browsers import chromium
from tests.media_site import MediaSite, media_site
from tests.waiting import until
from tools.programs import CHROMIUM

SWITCHES = 100
HEIGHTS = (180, 360, 720)
CAMERA = track_id(SeatId("anna"), Source.CAMERA)
SEED = 1
WITHIN_S = 60

# The wall time (ms) of the first frame with so many lines; after that, fifteen more are shown. Null when none came.
FRAME_OF = f"""(height) => new Promise((resolve) => {{
    const video = document.querySelector("video");
    let first = null, more = 15;
    setTimeout(() => resolve(first), {WITHIN_S * 1000});
    const look = () => {{
        if (video.videoHeight === height) first ??= Date.now();
        if (first !== null && more-- === 0) resolve(first);
        else video.requestVideoFrameCallback(look);
    }};
    video.requestVideoFrameCallback(look);
}})"""


@dataclass
class Took:
    """All changes from one height to another: milliseconds, None for one that never came; and what froze in them."""

    times_ms: list[float | None] = field(default_factory=list)
    freezes: int = 0


async def switch(site: MediaSite, viewer: Page, height: int) -> float | None:
    """Want this height and wait until it is shown; milliseconds, None if it never was."""
    shown = asyncio.ensure_future(viewer.evaluate(FRAME_OF, height))
    asked_ms = time.time() * 1000
    await site.want("berta", CAMERA, height=height)
    first_ms = await shown
    return None if first_ms is None else first_ms - asked_ms


async def switches(
    site: MediaSite, publisher: Page, viewer: Page, count: int, heights: Sequence[int]
) -> dict[tuple[int, int], Took]:
    """So many changes, by the heights before and after."""
    await publisher.evaluate("publish(['camera'], {layers: true})")
    await until(lambda: site.published == [CAMERA], WITHIN_S)
    await viewer.evaluate("void listen()")
    await site.want("berta", CAMERA, height=heights[-1])
    await viewer.wait_for_selector("video")
    await switch(site, viewer, heights[-1])
    before = await seen(site, viewer)
    for _ in range(count):
        await viewer.evaluate(FRAME_OF, heights[-1])
    changed = await seen(site, viewer)
    _print_counts(f"{count} stretches without", before, changed)
    chance, height, last = random.Random(SEED), heights[-1], changed
    took: dict[tuple[int, int], Took] = {}
    for _ in range(count):
        old, height = height, chance.choice([other for other in heights if other != height])
        of_these = took.setdefault((old, height), Took())
        of_these.times_ms.append(await switch(site, viewer, height))
        now = await seen(site, viewer)
        of_these.freezes += now["freezeCount"] - last["freezeCount"]
        last = now
    _print_counts(f"{count} with a change", changed, last)
    return took


async def seen(site: MediaSite, viewer: Page) -> dict[str, Any]:
    """What the viewer has counted so far."""
    stats = (await viewer.evaluate("received()"))["tracks"][site.mid_of("berta", CAMERA)]
    names = ("freezeCount", "totalFreezesDuration", "framesDropped", "pliCount", "framesDecoded", "keyFramesDecoded")
    return {name: stats[name] for name in names}


def _print_counts(what: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    more = {name: after[name] - before[name] for name in before}
    print(
        f"{what:24} freezes {more['freezeCount']} ({more['totalFreezesDuration']:.1f} s)   "
        f"frames decoded {more['framesDecoded']}, of them key frames {more['keyFramesDecoded']}, "
        f"dropped {more['framesDropped']}   asked for by the decoder (PLI) {more['pliCount']}",
        flush=True,
    )


def _print_times(took: dict[tuple[int, int], Took]) -> None:
    print("from lines to lines  switches  never  p50 ms  p95 ms  freezes")
    for (old, new), of_these in sorted(took.items()):
        print(f"{old:10} {new:8} {_row(of_these)}")
    times_ms = [time_ms for each in took.values() for time_ms in each.times_ms]
    print(f"{'all':>10} {'':8} {_row(Took(times_ms, sum(each.freezes for each in took.values())))}")


def _row(took: Took) -> str:
    came = sorted(one for one in took.times_ms if one is not None)
    p95 = came[min(len(came) - 1, int(len(came) * 0.95))] if came else float("nan")
    median = statistics.median(came) if came else float("nan")
    return f"{len(took.times_ms):9} {len(took.times_ms) - len(came):6} {median:7.0f} {p95:7.0f} {took.freezes:8}"


async def seated(site: MediaSite, browser: Browser, name: str) -> Page:
    """A page at this seat."""
    await site.admit(name)
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{site.url}#{name}")
    return page


async def measure(count: int, heights: Sequence[int]) -> None:
    """Everything, on an engine of its own."""
    engine = SfuEngine(SfuSettings())
    try:
        async with media_site(engine) as site, chromium(str(CHROMIUM.path())) as browser:
            publisher, viewer = [await seated(site, browser, name) for name in ("anna", "berta")]
            _print_times(await switches(site, publisher, viewer, count, heights))
    finally:
        await engine.close()


def main(arguments: list[str]) -> None:
    """Print the figures."""
    heights = sorted(int(argument) for argument in arguments[1:]) or HEIGHTS
    asyncio.run(measure(int(arguments[0]) if arguments else SWITCHES, heights))


if __name__ == "__main__":
    main(sys.argv[1:])
