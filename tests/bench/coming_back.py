"""When two people see and hear each other again after the line between them carried nothing for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Page

from tests.bad_network.profiles import Way
from tests.bench.conversation import Conversation

# What each incoming stream has shown or sounded so far, by peer connection and report: JavaScript to begin with.
SHOWN = """
const heard = (report) => report.totalSamplesReceived - report.concealedSamples;
const shown = async () => {
    const found = new Map();
    for (const [number, peer] of window.peers.entries())
        for (const report of peer.connectionState === "closed" ? [] : (await peer.getStats()).values())
            if (report.type === "inbound-rtp")
                found.set(`${report.kind} ${number} ${report.id}`, report.framesDecoded ?? heard(report));
    return found;
};
"""
NOTE = f"async () => {{ {SHOWN} window.before = await shown(); }}"

# The wall times (ms) of the first picture and the first sound since NOTE; null after a minute.
COMES_BACK = f"""async () => {{
    {SHOWN}
    const back = {{video: null, audio: null}}, until = performance.now() + 60000;
    while (!(back.video && back.audio) && performance.now() < until) {{
        for (const [key, count] of await shown())
            if (count > (window.before.get(key) ?? 0)) back[key.split(" ")[0]] ??= Date.now();
        await new Promise((next) => setTimeout(next, 10));
    }}
    return back;
}}"""

Back = dict[str, float | None]  # seconds by "video" and "audio"; None: not within a minute


async def on_both(pages: dict[Way, Page], script: str, *arguments: Any) -> dict[Way, Any]:
    """The same on both pages at once."""
    answers = await asyncio.gather(*(pages[way].evaluate(script, *arguments) for way in Way))
    return dict(zip(Way, answers, strict=True))


async def nothing(of: Conversation) -> None:
    """Nobody does anything."""


async def after_a_cut(
    of: Conversation, seconds: float, meanwhile: Callable[[Conversation], Awaitable[None]] = nothing
) -> dict[Way, Back]:
    """Cut the line for so long, and heal it; `meanwhile` takes less than that."""
    of.line.cut()
    await asyncio.gather(asyncio.sleep(seconds), meanwhile(of))
    await on_both(of.pages, NOTE)
    healed_s = time.time()
    of.line.heal()
    return await come_back(of, healed_s)


async def come_back(of: Conversation, since_s: float) -> dict[Way, Back]:
    """The first new picture and sound after NOTE, in seconds from this moment on."""
    backs = await on_both(of.pages, COMES_BACK)
    return {way: {kind: at and at / 1000 - since_s for kind, at in back.items()} for way, back in backs.items()}
