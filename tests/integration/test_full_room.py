"""A room of twelve: two in Chromium, ten bots, each with voice and camera; everybody sees and hears everybody else."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from playwright.async_api import Page

from recordings.synthetic import picture
from signaling.media.port import SeatId, Source, TrackId, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaPolicy, SfuSettings
from tests.bots import Bot, EngineDoor
from tests.browsers import chromium
from tests.media_site import CALL, MediaSite, media_site, until_true
from tests.waiting import until

BROWSERS = [SeatId("browser0"), SeatId("browser1")]
BOTS = [SeatId(f"bot{number}") for number in range(10)]
SEATS, SOURCES = [*BROWSERS, *BOTS], (Source.MIC, Source.CAMERA)
FRAME_S = 0.1
SOUNDS_PER_FRAME = 5  # of 20 ms
WITHIN_S = 120.0


def tracks_beside(seat: SeatId) -> list[TrackId]:
    return [track_id(other, source) for other in SEATS if other != seat for source in SOURCES]


async def talk(bot: Bot, seed: int) -> None:
    """Show and say something for ever, a key frame every second."""
    for frame in itertools.cycle(picture(1, 320, 180, 10, seed=seed)):
        bot.show(frame)
        for _ in range(SOUNDS_PER_FRAME):
            bot.say()
        await asyncio.sleep(FRAME_S)


@asynccontextmanager
async def ten_bots(site: MediaSite) -> AsyncIterator[dict[SeatId, Bot]]:
    bots = {seat: Bot(EngineDoor(site.engine, CALL, seat)) for seat in BOTS}
    for seat, bot in bots.items():
        await site.engine.admit(CALL, seat)
        site.bots[seat] = bot
        await bot.publish(*SOURCES)
    talking = [asyncio.create_task(talk(bot, seed)) for seed, bot in enumerate(bots.values())]
    try:
        yield bots
    finally:
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        for bot in bots.values():
            await bot.close()


def hears_all(bot: Bot, seat: SeatId) -> bool:
    return all(bot.heard[track] >= 5 for track in tracks_beside(seat))


async def shows_all(page: Page) -> bool:
    """Whether a browser has decoded pictures and a second of sound of everybody else."""
    got = (await page.evaluate("received()"))["tracks"].values()
    shown = sum((stats.get("framesDecoded") or 0) >= 5 for stats in got)
    heard = sum((stats.get("totalSamplesReceived") or 0) >= 48_000 for stats in got)
    return bool(shown == heard == len(SEATS) - 1)


async def test_twelve_seats_see_and_hear_each_other_and_send_small_pictures(chromium_path: str) -> None:
    engine = SfuEngine(SfuSettings())
    async with media_site(engine) as site, chromium(chromium_path) as browser, ten_bots(site) as bots:
        pages = {}
        for seat in BROWSERS:
            await site.admit(seat)
            pages[seat] = await browser.new_page()
            await pages[seat].goto(f"{site.url}#{seat}")
            await pages[seat].evaluate("publish(['mic', 'camera'], {layers: true})")
            await pages[seat].evaluate("void listen()")
        await until(lambda: len(site.published) == 24, WITHIN_S)
        for seat in SEATS:
            await site.want(seat, *tracks_beside(seat), height=180)

        for seat, bot in bots.items():
            await until(partial(hears_all, bot, seat), WITHIN_S)
        for page in pages.values():
            await until_true(partial(shows_all, page), WITHIN_S)
        small = MediaPolicy().camera_in_crowd
        assert all((bps, height) == (small.max_bitrate_bps, small.max_height) for *_, bps, height in site.limits[-5:])
        assert {tuple(site.layers[seat]) for seat in BROWSERS} <= {("q",), ("q", "h")}
        assert site.resets == []
    await engine.close()
