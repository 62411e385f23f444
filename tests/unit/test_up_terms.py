"""What we answer to a publisher beyond codecs: feedback for its congestion control, repeated sound, silence, limits."""

import re
from pathlib import Path

import pytest

from signaling.media.port import Published, Source
from signaling.media.sfu.ice import Credentials
from signaling.media.sfu.sdp import Fingerprint
from signaling.media.sfu.sdp_gate import accept_offer
from signaling.media.sfu.sdp_writer import TransportLines, write_answer
from signaling.media.sfu.twcc import TRANSPORT_CC_URI

GOLDEN = Path(__file__).parent / "golden"
CHROMIUM, FIREFOX, SAFARI = OFFERS = ("chromium-156-up-offer", "firefox-153-up-offer", "safari-shaped-up-offer")
ALL_FOUR = [
    Published("0", Source.MIC),
    Published("1", Source.CAMERA),
    Published("2", Source.SCREEN),
    Published("3", Source.SCREEN_AUDIO),
]
TRANSPORT = TransportLines(Credentials("ufrag0001", "p" * 32), Fingerprint("sha-256", "AA:BB"), ("192.0.2.1",), 40_000)
MOST_BPS = 4_128_000
EXTENSION = {CHROMIUM: 3, FIREFOX: 7, SAFARI: 3}


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.sdp").read_bytes().decode()


def published(name: str) -> list[Published]:
    return ALL_FOUR[: golden(name).count("\nm=")]


def answered(offer: str, tracks: list[Published] = ALL_FOUR) -> list[str]:
    """The m-lines of our answer."""
    description = accept_offer(offer, tracks).description
    answer = write_answer(description, {t.mid: t.source for t in tracks}, TRANSPORT, MOST_BPS)
    return re.split(r"(?m)^(?=m=)", answer)[1:]


@pytest.mark.parametrize("name", OFFERS)
def test_every_browser_gets_feedback_on_every_m_line_and_no_remb(name: str) -> None:
    for text in answered(golden(name), published(name)):
        assert " transport-cc\r\n" in text
        assert f"a=extmap:{EXTENSION[name]} {TRANSPORT_CC_URI}\r\n" in text
        assert "goog-remb" not in text


@pytest.mark.parametrize(
    ("find", "put"),
    [
        (f"a=extmap:3 {TRANSPORT_CC_URI}\r\n", ""),
        (f"a=extmap:3 {TRANSPORT_CC_URI}\r\n", f"a=extmap:13 {TRANSPORT_CC_URI}\r\n"),
        ("a=rtcp-fb:111 transport-cc\r\n", ""),
    ],
)
def test_where_one_m_line_does_not_offer_it_all_get_remb(find: str, put: str) -> None:
    texts = answered(golden(CHROMIUM).replace(find, put, 1))
    assert ["goog-remb" in text for text in texts] == [False, True, True, False]
    assert not any("transport-cc" in text or TRANSPORT_CC_URI in text for text in texts)


def test_an_m_line_that_is_not_used_any_more_has_no_say() -> None:
    offer = golden(CHROMIUM).replace(f"a=extmap:3 {TRANSPORT_CC_URI}\r\n", "", 1).replace("m=audio 9 ", "m=audio 0 ", 1)
    sound, *rest = answered(offer, ALL_FOUR[1:])
    assert sound.startswith("m=audio 0 ")
    assert all(" transport-cc\r\n" in text for text in rest)


@pytest.mark.parametrize("name", [CHROMIUM, SAFARI])
def test_a_voice_is_taken_with_its_repetitions_and_they_stand_first(name: str) -> None:
    voice = answered(golden(name), published(name))[0]
    assert voice.startswith("m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n")
    assert "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n" in voice


def test_the_sound_of_a_screen_is_not_sent_twice() -> None:
    assert "red" not in answered(golden(CHROMIUM))[3]


@pytest.mark.parametrize("inside", ["111/9", "9/9", "0-15", "", "apt=111"])
def test_red_around_anything_else_is_not_taken(inside: str) -> None:
    voice = answered(golden(CHROMIUM).replace("a=fmtp:63 111/111", f"a=fmtp:63 {inside}", 1))[0]
    assert voice.startswith("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n")


def test_red_that_only_its_attributes_name_is_not_taken() -> None:
    text = answered(golden(CHROMIUM).replace(" 111 63 ", " 111 ", 1))[0]
    assert "red/48000" not in text


def test_a_browser_without_red_is_answered_without() -> None:
    assert "red" not in answered(golden(FIREFOX))[0]


def test_opus_is_asked_for_error_correction_and_a_voice_for_silence_unsent() -> None:
    voice, _camera, _screen, music = answered(golden(CHROMIUM))
    assert "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n" in voice
    assert "useinbandfec=1" in music
    assert "usedtx" not in music


def test_the_most_a_connection_may_send_stands_beside_each_of_its_pictures() -> None:
    voice, camera, screen, _music = answered(golden(CHROMIUM))
    for picture in (camera, screen):
        assert "\r\nc=IN IP4 0.0.0.0\r\nb=TIAS:4128000\r\n" in picture
    assert "b=" not in voice
    assert not any("b=TIAS" in text for text in answered(golden(CHROMIUM), ALL_FOUR[:1])), "nothing is received there"
