"""With Firefox: the seeker's way from the link into the room and back after a reload; and the finished recording."""

import asyncio
import json
from collections.abc import Callable

from playwright.async_api import Browser

from tests.browsers import Firefox, firefox
from tests.e2e.desk import at_the_desk, at_the_sample_desk
from tests.e2e.people import host
from tests.e2e.product import Product, SampleProduct
from tests.e2e.rooms import booked
from tools.programs import LIBAVCODEC, Program

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
# The place in the recording after it has played on for half a second from `start`, or from wherever it is.
PLAYS_FROM = """(async (start) => {{
    const video = document.querySelector("video");
    if (start !== null) video.currentTime = start;
    const from = start ?? video.currentTime, until = performance.now() + 30000;
    while (performance.now() < until) {{
        if (!video.seeking && !video.paused && video.currentTime > from + 0.5) return video.currentTime;
        await new Promise((next) => setTimeout(next, 50));
    }}
    return null;
}})({start})"""
SIGN_IN = """fetch("/api/session", {{
    method: "POST", headers: {{"Content-Type": "application/json"}}, body: JSON.stringify({credentials}),
}}).then((answer) => answer.ok, () => false)"""
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


async def test_a_recording_plays_and_seeks_in_firefox(
    samples: SampleProduct, firefox_path: str, needs: Callable[[Program], str]
) -> None:
    needs(LIBAVCODEC)
    email, password = samples.account("김서연")
    async with at_the_sample_desk(samples, "김서연") as desk, firefox(firefox_path) as fox:
        unread = (await desk.when("/api/desk", lambda found: found["unapproved"]))["unapproved"][0]
        after = await desk.ask("GET", f"/api/appointments/{unread['appointment_id']}/after")
        recording = after["recording"]["id"]
        tab = await fox.open(samples.product.url)
        credentials = json.dumps({"email": email, "password": password})
        await until_true(fox, tab, SIGN_IN.format(credentials=credentials))
        await fox.watch_responses()
        page = f"{samples.product.url}/desk/recordings/{recording}"
        await fox.command("browsingContext.navigate", context=tab, url=page, wait="complete")
        await until_true(fox, tab, PRESS.format(name="녹화 재생"))
        await until_true(fox, tab, "document.querySelector('video')?.readyState >= 2")
        assert await fox.evaluate(tab, PLAYS_FROM.format(start="null")) is not None
        place = await fox.evaluate(tab, PLAYS_FROM.format(start=18))
        assert 18.5 < (place or 0) < 24
        played = [answer for answer in fox.responses if "/api/playback/" in answer["url"]]
        assert {answer["status"] for answer in played} == {206}
