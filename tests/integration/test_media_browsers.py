"""Chromium and Firefox exchange microphone, camera, screen and its sound through every engine that they can reach."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page

from signaling.media.port import MediaEngine, PathState, PeerConnection, SeatId, Source, TrackId, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import SfuSettings
from tests.browsers import chromium, firefox
from tests.janus import janus_engine
from tests.media_site import CALL, MediaSite, media_site, until_true
from tests.waiting import until

ALL = list(Source)
Received = Callable[[], Awaitable[dict[str, Any]]]


@pytest.fixture(params=["sfu", "janus"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[MediaSite]:
    engine: MediaEngine
    if request.param == "janus":
        engine = await janus_engine(request.getfixturevalue("janus_program"))
    else:
        engine = SfuEngine(SfuSettings())
    async with media_site(engine) as made:
        yield made
    await engine.close()


def tracks(seat: str, *sources: Source) -> list[TrackId]:
    return [track_id(SeatId(seat), source) for source in sources or ALL]


async def plays(site: MediaSite, seat: str, received: Received, wanted: list[TrackId]) -> None:
    """Wait until each track goes on: five more frames decoded, or a tenth of a second more of sound."""
    await until(lambda: site.is_offered(seat, wanted))
    mids = {track: site.mid_of(seat, track) for track in wanted}

    def progress(report: dict[str, Any], track: TrackId) -> int:
        stats = report["tracks"].get(mids[track], {})
        return int(stats.get("framesDecoded") or (stats.get("totalSamplesReceived") or 0) // 1000)

    before = await received()

    async def all_go_on() -> bool:
        now = await received()
        return all(progress(now, track) >= progress(before, track) + 5 for track in wanted)

    await until_true(all_go_on, 60)


async def in_chromium(site: MediaSite, page: Page, seat: str) -> Received:
    """Open the page of a seat; gives a way to ask it what it received."""
    await site.admit(seat)
    await page.goto(f"{site.url}#{seat}")

    async def received() -> dict[str, Any]:
        return dict(await page.evaluate("received()"))

    return received


async def test_all_sources_of_both_browsers_play_in_both(
    site: MediaSite, chromium_path: str, firefox_path: str
) -> None:
    async with chromium(chromium_path) as browser, firefox(firefox_path) as fox:
        page = await browser.new_page()
        from_chromium = await in_chromium(site, page, "anna")
        await site.admit("berta")
        tab = await fox.open(f"{site.url}#berta")

        async def from_firefox() -> dict[str, Any]:
            return dict(await fox.evaluate(tab, "received()"))

        await page.evaluate("publish(['mic', 'camera', 'screen', 'screen_audio'])")
        await fox.evaluate(tab, "publish(['mic', 'camera', 'screen', 'screen_audio'])")
        await until(lambda: len(site.published) == 8)
        await page.evaluate("void listen()")
        await fox.evaluate(tab, "(listen(), true)")
        await site.want("anna", *tracks("berta"))
        await site.want("berta", *tracks("anna"))
        await until(lambda: len(site.offers) == 2)
        await plays(site, "berta", from_firefox, tracks("anna"))
        await plays(site, "anna", from_chromium, tracks("berta"))
        assert site.stalls == []
        assert site.resets == []

        await fox.evaluate(tab, "publish([], {iceRestart: true})")
        await page.evaluate("publish([], {iceRestart: true})")
        await site.engine.restart_down(CALL, SeatId("berta"))
        await until(lambda: len(site.down_answers) == 3)
        await plays(site, "berta", from_firefox, tracks("anna"))
        await plays(site, "anna", from_chromium, tracks("berta"))

        await fox.evaluate(tab, "unpublish('camera')")
        await until(lambda: site.unpublished == tracks("berta", Source.CAMERA))
        await plays(site, "anna", from_chromium, tracks("berta", Source.MIC, Source.SCREEN, Source.SCREEN_AUDIO))


async def test_a_reload_a_pause_and_a_new_screen_disturb_nobody(site: MediaSite, chromium_path: str) -> None:
    async with chromium(chromium_path) as browser:
        page, other = await browser.new_page(), await browser.new_page()
        await in_chromium(site, page, "anna")
        received = await in_chromium(site, other, "berta")
        await page.evaluate("publish(['mic', 'camera'])")
        await until(lambda: len(site.published) == 2)
        await other.evaluate("void listen()")
        both = tracks("anna", Source.MIC, Source.CAMERA)
        await site.want("berta", *both)
        await until(lambda: site.offers)
        await plays(site, "berta", received, both)

        await page.reload()
        await page.evaluate("publish(['mic', 'camera'])")
        await until(lambda: len(site.published) == 4)
        await plays(site, "berta", received, both)
        slots_go_on = site.engine.capabilities.keeps_slots
        assert (len(site.offers) == 1) == slots_go_on
        offers = len(site.offers)

        await page.evaluate("unpublish('camera')")
        await until(lambda: len(site.unpublished) == 3)
        await page.evaluate("publish(['screen'])")
        await until(lambda: len(site.published) == 5)
        screen = tracks("anna", Source.MIC, Source.SCREEN)
        await site.want("berta", *screen)
        await until(lambda: len(site.offers) > offers)
        assert site.mid_of("berta", screen[1]) == "1", "the camera's m-line is used again"
        await plays(site, "berta", received, screen)

        answers = len(site.down_answers)
        await other.reload()
        await site.engine.reset(CALL, SeatId("berta"), PeerConnection.DOWN)
        await other.evaluate("void listen()")
        await until(lambda: len(site.down_answers) > answers)
        await plays(site, "berta", received, screen)


async def test_on_a_clean_line_the_camera_may_soon_send_most_of_what_the_policy_allows(
    site: MediaSite, chromium_path: str
) -> None:
    async with chromium(chromium_path) as browser:
        page = await browser.new_page()
        await in_chromium(site, page, "anna")
        await page.evaluate("publish(['mic', 'camera'])")
        await until(lambda: (SeatId("anna"), PeerConnection.UP, PathState.CONNECTED) in site.paths)

        async def most_of_it() -> bool:
            # The fake camera does not fill the line: the browser's estimate stays where its first probes put it.
            sent = await page.evaluate("sent()")
            return bool((sent["target"] or 0) >= 900_000)

        async def round_trip_known() -> bool:
            return "round_trip_s" in await page.evaluate("sent()")

        await until_true(most_of_it, 30)
        await until_true(round_trip_known, 30)  # from our receiver reports
