"""The seeker with Firefox: from the link into the room, both ways, and back after a reload."""

import asyncio

from playwright.async_api import Browser

from tests.browsers import Firefox, firefox
from tests.e2e.desk import at_the_desk
from tests.e2e.people import host
from tests.e2e.product import Product
from tests.e2e.rooms import booked

PRESS = """(() => {{
    const isIt = (one) => one.innerText.trim() === {name!r} && !one.disabled;
    const button = [...document.querySelectorAll("button")].find(isIt);
    button?.click();
    return button !== undefined;
}})()"""
SEES = "document.body.innerText.includes({text!r})"
# Firefox counts no frames of a live stream in its playback quality, only here.
MOVES = """(async () => {
    const video = [...document.querySelectorAll("video")].find((one) => !one.closest("li")?.innerText.includes("(나)"));
    if (!video) return false;
    const before = video.mozPaintedFrames, until = performance.now() + 3000;
    while (performance.now() < until) {
        if (video.mozPaintedFrames - before >= 5) return true;
        await new Promise((next) => setTimeout(next, 50));
    }
    return false;
})()"""
WITHIN_S = 90.0


async def until_true(browser: Firefox, tab: str, expression: str) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not await browser.evaluate(tab, expression):
            await asyncio.sleep(0.2)


async def test_a_seeker_with_firefox_is_seen_and_sees(product: Product, browser: Browser, firefox_path: str) -> None:
    async with at_the_desk(product, "박준호") as desk, firefox(firefox_path) as fox:
        appointment, link = await booked(desk, "배수아")
        tab = await fox.open(link)
        await until_true(fox, tab, PRESS.format(name="대기실로 들어가기"))
        await until_true(fox, tab, SEES.format(text="대기실"))
        park = await host(browser)
        await park.sign_in(product, "박준호")
        await park.enter(product, appointment)
        await park.admit("배수아")
        await park.sees_moving("배수아")
        await until_true(fox, tab, MOVES)
        await fox.command("browsingContext.reload", context=tab, wait="complete")
        await until_true(fox, tab, MOVES)
        await park.sees_moving("배수아")
        await park.leave_room("모두 끝내기")
        await until_true(fox, tab, SEES.format(text="상담에 참여해 주셔서 고맙습니다"))
