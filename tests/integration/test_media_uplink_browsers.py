"""Real browsers take what we offer a publisher: feedback on arrivals, repeated sound, protection for a bad listener."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from signaling.media.port import SeatId, Source, Track, track_id
from signaling.media.sfu import rtcp
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.publisher_feedback import SOUND_BPS
from signaling.media.sfu.rtp import payload_start
from signaling.media.sfu.settings import MediaPolicy, SfuSettings
from tests.bots import OPUS, Bot, EngineDoor
from tests.browsers import chromium, firefox
from tests.media_site import CALL, MediaSite, media_site, until_true
from tests.opus import has_fec, is_silk
from tests.waiting import until

MIC = track_id(SeatId("anna"), Source.MIC)
SPEECH_PACKETS = 15  # of those in which Opus could protect what it takes for speech
REMBLESS_START_BPS = 300_000  # where Chromium begins, and would stay if nobody told it anything


@pytest.fixture
async def engine() -> AsyncIterator[SfuEngine]:
    made = SfuEngine(SfuSettings())
    yield made
    await made.close()


@pytest.fixture
async def site(engine: SfuEngine) -> AsyncIterator[MediaSite]:
    async with media_site(engine) as made:
        yield made


class Tape:
    """What a recorder would get."""

    def __init__(self) -> None:
        self.payload_types: set[int] = set()

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.payload_types.add(packet[1] & 0x7F)

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """Not of interest."""


async def test_a_browser_works_with_our_feedback_and_keeps_to_the_policy(site: MediaSite, chromium_path: str) -> None:
    async with chromium(chromium_path) as browser:
        page = await browser.new_page()
        await site.admit("anna")
        await page.goto(f"{site.url}#anna")
        await page.evaluate("publish(['mic', 'camera'])")
        camera_bps = MediaPolicy().camera.max_bitrate_bps

        async def more_than_at_the_start() -> bool:
            return bool((await page.evaluate("sent()"))["available"] > 2 * REMBLESS_START_BPS)

        await until_true(more_than_at_the_start, 60)
        answer = await page.evaluate("up.remoteDescription.sdp")
        assert " transport-cc" in answer
        assert "goog-remb" not in answer
        # The page sets no limit of its own, and Chromium would give this picture 2.5 Mbit/s.
        assert (await page.evaluate("sent()"))["available"] <= camera_bps + SOUND_BPS


async def test_a_voice_flows_with_its_repetitions_and_plain_to_who_refuses_them(
    site: MediaSite, engine: SfuEngine, chromium_path: str, firefox_path: str
) -> None:
    tape = Tape()
    engine.attach(CALL, tape)
    async with chromium(chromium_path) as browser, firefox(firefox_path) as fox:
        anna, berta = await browser.new_page(), await browser.new_page()
        for seat, page in (("anna", anna), ("berta", berta)):
            await site.admit(seat)
            await page.goto(f"{site.url}#{seat}")
        await site.admit("carla")
        carla = await fox.open(f"{site.url}#carla")
        await anna.evaluate("publish(['mic'])")
        await until(lambda: site.published == [MIC])
        await berta.evaluate("void listen()")
        await fox.evaluate(carla, "(listen(), true)")
        for seat in ("berta", "carla"):
            await site.want(seat, MIC)
        await until(lambda: len(site.down_answers) == 2)

        def heard(received: Any, name: str) -> float:
            return float(received["tracks"].get("0", {}).get(name) or 0)

        async def both_hear() -> bool:
            in_chromium, in_firefox = await berta.evaluate("received()"), await fox.evaluate(carla, "received()")
            not_needed = heard(in_chromium, "packetsDiscarded")  # each repetition of what had come
            return not_needed > 50 and heard(in_firefox, "totalSamplesReceived") > 48_000

        await until_true(both_hear, 60)
        assert sorted("red/48000" in answer for answer in site.down_answers) == [False, True]
        assert tape.payload_types == {OPUS}
        assert not engine.traffic.drops["rtp_malformed"]


async def test_a_voice_carries_forward_error_correction_once_a_listener_loses_packets_and_not_before(
    site: MediaSite, chromium_path: str
) -> None:
    """Without RED, in which the protection would be of another kind. A bot is the listener: it sees each packet."""
    async with chromium(chromium_path) as browser:
        page = await browser.new_page()
        await site.admit("anna")
        await page.goto(f"{site.url}#anna")
        await page.evaluate("publish(['mic'], {voice: true})")
        await until(lambda: site.published == [MIC])
        seat = await site.admit("berta")
        berta = site.bots[seat] = Bot(EngineDoor(site.engine, CALL, seat))
        await berta.want(MIC)

        def speech() -> list[bytes]:
            heard = [packet[payload_start(packet) :] for packet in berta.received[MIC]]
            return [payload for payload in heard if is_silk(payload)]

        await until(lambda: len(speech()) >= SPEECH_PACKETS, 60)
        assert {packet[1] & 0x7F for packet in berta.received[MIC]} == {OPUS}
        assert not any(has_fec(payload) for payload in speech())
        lost = rtcp.ReportBlock(berta.ssrc_of(MIC), 40, 5, 100, 0, 0, 0)

        async def protected() -> bool:
            berta.down.send_rtcp(rtcp.receiver_report(1, [lost]))
            return sum(has_fec(payload) for payload in speech()) >= SPEECH_PACKETS

        await until_true(protected, 60)
        await berta.close()


async def test_a_browser_protects_its_voice_for_a_listener_on_a_bad_line(site: MediaSite, chromium_path: str) -> None:
    async with chromium(chromium_path) as browser:
        page = await browser.new_page()
        await site.admit("anna")
        await page.goto(f"{site.url}#anna")
        await page.evaluate("publish(['mic'])")
        await until(lambda: site.published == [MIC])
        seat = await site.admit("berta")
        berta = site.bots[seat] = Bot(EngineDoor(site.engine, CALL, seat))
        await berta.want(MIC)
        await until(lambda: berta.heard[MIC])
        lost = rtcp.ReportBlock(berta.ssrc_of(MIC), 26, 5, 100, 0, 0, 0)

        async def told() -> bool:
            berta.down.send_rtcp(rtcp.receiver_report(1, [lost]))
            return bool((await page.evaluate("sent()"))["sound_lost"] > 0.09)

        await until_true(told, 30)
        await berta.close()
