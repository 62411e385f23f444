"""What the load of `./run bench media` has in common with browsers, beyond the packets themselves."""

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

import pytest

from recordings.packetise import RtpStream
from signaling.media.port import Source
from signaling.media.sfu import rtcp
from signaling.media.sfu.rtp import extension
from signaling.media.sfu.sdp import AUDIO_LEVEL_URI, parse
from signaling.media.sfu.twcc import TRANSPORT_CC_URI
from signaling.media.sfu.up_terms import transport_cc_extension
from tests.bench import media_reports
from tests.bench.media_bots import TRANSPORT_CC_ID, LoadBot, numbered
from tests.bench.media_reports import BEATS, LINE_BPS, Hearing, report, report_for_ever
from tests.bots import OPUS, VP8, Sent
from tests.layered_bot import MID_ID, RID_ID

LEFT_BY_NS = 1_900_000_000_000_000_000


def a_bot(*, layered: bool = False) -> tuple[LoadBot, list[bytes]]:
    """One who publishes, and what leaves it."""
    bot, left = LoadBot(None, layered=layered), []  # type: ignore[arg-type,var-annotated]  # nothing goes through its door
    bot.sent[Source.MIC] = Sent("0", Source.MIC, 0x1000, RtpStream(0x1000, OPUS))
    bot.sent[Source.CAMERA] = Sent("1", Source.CAMERA, 0x2000, RtpStream(0x2000, VP8))
    bot.up = SimpleNamespace(send_rtp=left.append, own_ufrag="", fingerprint="sha-256 00")  # type: ignore[assignment]
    bot.streams()
    return bot, left


@pytest.mark.parametrize("layered", [False, True])
def test_it_offers_feedback_for_the_whole_connection_and_how_loud_its_voice_is(layered: bool) -> None:
    bot, _ = a_bot(layered=layered)
    offer = parse(bot.offer([Source.MIC, Source.CAMERA]).splitlines())
    assert transport_cc_extension(offer) == TRANSPORT_CC_ID
    assert offer.sections[0].extension(AUDIO_LEVEL_URI) is not None
    assert bool(offer.sections[1].rids) is layered


@pytest.mark.parametrize("layered", [False, True])
def test_every_packet_has_the_next_number_on_the_connection_and_a_voice_its_level(layered: bool) -> None:
    bot, left = a_bot(layered=layered)
    bot.numbered = {False, True}
    for stream in bot.outgoing * 2:
        bot.send(stream)
    numbers = [int.from_bytes(extension(packet, TRANSPORT_CC_ID) or b"") for packet in left]
    assert numbers == list(range(len(left)))
    assert (extension(left[0], 1) or b"")[0] & 0x7F == 30
    if layered:
        assert (extension(left[1], MID_ID), extension(left[1], RID_ID)) == (b"1", b"q")


def test_a_packet_is_whole_whatever_stands_in_its_header() -> None:
    bot, left = a_bot()
    for bot.numbered in (set(), {False, True}):
        for stream in bot.outgoing:
            bot.send(stream)
    for at, source in enumerate((Source.MIC, Source.CAMERA) * 2):
        assert 0 < (bot.incoming(source).left_ns(left[at]) or 0) < LEFT_BY_NS
    assert extension(left[1], TRANSPORT_CC_ID) is None, "nobody asked for numbers"


def test_only_what_the_engine_answers_with_numbers_has_them() -> None:
    sound, picture = "m=audio 9 X 111\r\na=mid:0\r\n", f"m=video 9 X 96\r\na=extmap:3 {TRANSPORT_CC_URI}\r\n"
    assert numbered(f"v=0\r\n{sound}{picture}") == {True}
    assert numbered(f"v=0\r\n{sound}") == set()
    bot, left = a_bot()
    bot.numbered = {True}
    for stream in bot.outgoing * 2:
        bot.send(stream)
    assert [extension(packet, TRANSPORT_CC_ID) for packet in left] == [None, b"\0\0", None, b"\0\1"]


def test_it_accepts_the_feedback_and_extensions_that_it_is_offered() -> None:
    bot, _ = a_bot()
    bot.down = SimpleNamespace(own_ufrag="", fingerprint="sha-256 00")  # type: ignore[assignment]
    offered = (
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=sendonly\r\na=extmap:3 urn:x\r\na=rtcp-fb:96 goog-remb\r\n"
    )
    answer = bot.answer(f"v=0\r\na=group:BUNDLE 0\r\n{offered}")
    assert "a=extmap:3 urn:x\r\na=rtcp-fb:96 goog-remb\r\n" in answer
    assert bot.tells_line


def come(hearing: Hearing, *sequences: int) -> None:
    for sequence in sequences:
        hearing.came += 1
        hearing.sequence = sequence.to_bytes(2)


def blocks(said: bytes) -> list[rtcp.ReportBlock]:
    return [block for one in rtcp.parse(said) if isinstance(one, rtcp.ReceiverReport) for block in one.blocks]


def told_line(said: bytes) -> list[int]:
    return [one.bitrate_bps for one in rtcp.parse(said) if isinstance(one, rtcp.Bandwidth)]


def test_a_report_tells_what_was_lost_since_the_last_one_and_counts_on_where_numbers_begin_again() -> None:
    voice = Hearing(0x1000, False)
    come(voice, 65_533, 65_534)
    assert blocks(report([voice], remb=True)) == [rtcp.ReportBlock(0x1000, 0, 0, 65_534, 0, 0, 0)]
    come(voice, 65_535, 1)
    assert blocks(report([voice], remb=True)) == [rtcp.ReportBlock(0x1000, 85, 1, 65_537, 0, 0, 0)]
    come(voice, 2)
    assert blocks(report([voice], remb=True)) == [rtcp.ReportBlock(0x1000, 0, 1, 65_538, 0, 0, 0)]


def test_of_what_does_not_come_nothing_is_told_and_the_line_only_where_a_picture_came_and_it_was_agreed() -> None:
    voice, picture = Hearing(0x1000, False), Hearing(0x2000, True)
    come(voice, 7)
    said = report([voice, picture], remb=True)
    assert ([block.ssrc for block in blocks(said)], told_line(said)) == ([0x1000], [])
    come(picture, 9)
    assert told_line(report([voice, picture], remb=True)) == [pytest.approx(LINE_BPS, rel=1e-4)]
    come(picture, 10)
    assert told_line(report([voice, picture], remb=False)) == []
    assert blocks(report([voice, picture], remb=True)) == []


async def test_each_reports_once_a_second_also_who_came_later(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[int] = []
    bots: list[Any] = [SimpleNamespace(report=lambda at=at: said.append(at)) for at in range(3)]
    beats = 0

    async def beat(_: float) -> None:
        nonlocal beats
        beats += 1
        if beats == BEATS:
            bots.append(SimpleNamespace(report=lambda: said.append(3)))
        if beats == 2 * BEATS:
            raise asyncio.CancelledError

    monkeypatch.setattr(media_reports, "asyncio", SimpleNamespace(sleep=beat))
    with contextlib.suppress(asyncio.CancelledError):
        await report_for_ever(bots)
    assert sorted(said) == [0, 0, 1, 1, 2, 2, 3]
