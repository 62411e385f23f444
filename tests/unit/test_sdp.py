"""Session descriptions of real browsers, the gate before them, and what we write."""

import re
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.errors import Code, MediaRefused
from signaling.media.port import Published, SeatId, Source, track_id
from signaling.media.sfu.forwarding import OutgoingStream
from signaling.media.sfu.ice import Credentials
from signaling.media.sfu.sdp import AUDIO_LEVEL_URI, MID_URI, REPAIRED_RID_URI, RID_URI, Fingerprint
from signaling.media.sfu.sdp_gate import DOWN_LIMITS, MAX_DOWN_SECTIONS, UP_LIMITS, accept_answer, accept_offer
from signaling.media.sfu.sdp_writer import (
    DOWN_RED,
    DOWN_VP8,
    OPUS,
    VP8,
    OfferedSection,
    OfferedTrack,
    TransportLines,
    write_answer,
    write_offer,
)
from signaling.media.sfu.twcc import TRANSPORT_CC_URI

GOLDEN = Path(__file__).parent / "golden"
OFFERS = ("chromium-156-up-offer", "firefox-153-up-offer", "safari-shaped-up-offer")
ALL_FOUR = [
    Published("0", Source.MIC),
    Published("1", Source.CAMERA),
    Published("2", Source.SCREEN),
    Published("3", Source.SCREEN_AUDIO),
]
TRANSPORT = TransportLines(
    Credentials("ufrag0001", "p" * 32), Fingerprint("sha-256", "AA:BB"), ("192.0.2.1", "2001:db8::1"), 40_000
)


def golden(name: str) -> str:
    return (GOLDEN / f"{name}.sdp").read_bytes().decode()


def published(name: str) -> list[Published]:
    return ALL_FOUR[: golden(name).count("\nm=")]


def answer_to(name: str) -> str:
    offer = accept_offer(golden(name), published(name))
    return write_answer(offer.description, {track.mid: track.source for track in published(name)}, TRANSPORT, 1_000_000)


def sections(sdp: str) -> list[str]:
    return re.split(r"(?m)^(?=m=)", sdp)[1:]


def refused(sdp: str, *tracks: Published) -> bool:
    try:
        accept_offer(sdp, tracks)
    except MediaRefused as error:
        return error.code is Code.BAD_SDP
    return False


@pytest.mark.parametrize("name", OFFERS)
def test_the_offer_of_every_browser_is_understood(name: str) -> None:
    accepted = accept_offer(golden(name), published(name))
    assert len(accepted.ufrag) >= 4
    assert accepted.fingerprint.algorithm == "sha-256"
    for section, track in zip(accepted.description.sections, published(name), strict=True):
        assert section.sends
        payload_type = section.payload_type(OPUS if track.source.kind == "audio" else VP8)
        assert payload_type is not None
        assert section.extension(MID_URI) is not None
        if track.source.kind == "video":
            assert section.rtx_payload_type(payload_type) is not None
            assert len(section.ssrcs) == 2
            assert section.rtx_of == {section.ssrcs[1]: section.ssrcs[0]}
        else:
            assert section.extension(AUDIO_LEVEL_URI) is not None
            assert len(section.ssrcs) == 1


def test_the_same_connection_is_known_again_by_its_origin_and_another_is_not() -> None:
    chromium = accept_offer(golden(OFFERS[0]), ALL_FOUR).description.origin
    later = golden(OFFERS[0]).replace(" 2 IN IP4", " 3 IN IP4", 1)
    assert accept_offer(later, ALL_FOUR).description.origin == chromium
    assert accept_offer(golden(OFFERS[1]), ALL_FOUR).description.origin != chromium


@pytest.mark.parametrize("name", OFFERS)
def test_our_answer_takes_vp8_and_opus_under_the_clients_numbers(name: str) -> None:
    offer = accept_offer(golden(name), published(name)).description
    answered = sections(answer_to(name))
    assert len(answered) == len(offer.sections)
    for section, text in zip(offer.sections, answered, strict=True):
        codec = OPUS if section.kind == "audio" else VP8
        assert f"a=rtpmap:{section.payload_type(codec)} {codec}\r\n" in text
        assert set(re.findall(r"a=rtpmap:\d+ (\w+)", text)) <= {"opus", "red", "VP8", "rtx"}
        assert "a=recvonly\r\n" in text
        assert "a=setup:passive\r\n" in text
        assert f"a=mid:{section.mid}\r\n" in text


def test_our_answer_is_ice_lite_in_one_bundle_with_our_candidates_in_the_first_section() -> None:
    answer = answer_to(OFFERS[0])
    assert "\r\na=ice-lite\r\n" in answer
    assert "\r\na=group:BUNDLE 0 1 2 3\r\n" in answer
    first, *others = sections(answer)
    assert re.findall(r"a=candidate:\d+ 1 udp \d+ (\S+) (\d+) typ host", first) == [
        ("192.0.2.1", "40000"),
        ("2001:db8::1", "40000"),
    ]
    assert not any("a=candidate" in text for text in others)


def test_the_direction_of_an_extension_comes_back_as_we_see_it() -> None:
    offer = golden(OFFERS[1]).replace(f"a=extmap:3 {MID_URI}", f"a=extmap:3/sendonly {MID_URI}")
    accepted = accept_offer(offer, ALL_FOUR)
    answer = write_answer(accepted.description, {"0": Source.MIC}, TRANSPORT, 1_000_000)
    assert f"a=extmap:3/recvonly {MID_URI}\r\n" in answer
    assert "csrc-audio-level" not in answer


def test_what_is_not_published_is_answered_inactive() -> None:
    offer = accept_offer(golden(OFFERS[0]), ALL_FOUR[:1]).description
    answered = sections(write_answer(offer, {"0": Source.MIC}, TRANSPORT, 1_000_000))
    assert ["a=recvonly" in text for text in answered] == [True, False, False, False]
    assert ["a=inactive" in text for text in answered] == [False, True, True, True]


def test_an_m_line_that_we_cannot_take_is_rejected_and_left_out_of_the_bundle() -> None:
    data = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:4\r\na=sctp-port:5000\r\n"
    offer = golden(OFFERS[0]).replace("BUNDLE 0 1 2 3", "BUNDLE 0 1 2 3 4") + data
    offer = offer.replace("a=rtpmap:96 VP8/90000\r\n", "a=rtpmap:96 VP7/90000\r\n", 1)
    answer = write_answer(accept_offer(offer, ALL_FOUR[:1]).description, {"0": Source.MIC}, TRANSPORT, 1_000_000)
    assert "a=group:BUNDLE 0 2 3\r\n" in answer
    assert [text.split()[1] for text in sections(answer)] == ["9", "0", "9", "9", "0"]


@pytest.mark.parametrize("name", ["chromium-156-down-answer", "firefox-153-down-answer"])
def test_the_answer_of_every_browser_is_understood(name: str) -> None:
    accepted = accept_answer(golden(name), ["0", "1", "2", "3"])
    assert accepted.fingerprint.algorithm == "sha-256"


@pytest.mark.parametrize("mids", [["0", "1", "2"], ["0", "1", "3", "2"], ["0", "1", "2", "3", "4"]])
def test_an_answer_must_have_exactly_the_m_lines_we_offered(mids: list[str]) -> None:
    with pytest.raises(MediaRefused):
        accept_answer(golden("chromium-156-down-answer"), mids)


def test_a_client_that_wants_to_be_the_dtls_server_is_refused() -> None:
    with pytest.raises(MediaRefused):
        accept_answer(golden("chromium-156-down-answer").replace("setup:active", "setup:passive"), list("0123"))
    assert refused(golden(OFFERS[0]).replace("setup:actpass", "setup:passive"), *ALL_FOUR)


@pytest.mark.parametrize(
    ("find", "put"),
    [
        ("a=ice-ufrag:", "a=ice-ufragx:"),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        ("a=fingerprint:sha-256 ", "a=fingerprint:"),
        ("a=rtcp-mux\r\n", ""),
        ("a=mid:1", "a=mid:0"),
        ("a=mid:1", "a=mid:" + "x" * 17),
        ("a=mid:1", "a=mid:1 2"),
        ("BUNDLE 0 1 2 3", "BUNDLE 0 1 2"),
        ("m=audio 9", "m=audio 99999"),
        ("m=audio 9", "m=audio nine"),
        ("a=rtpmap:111 ", "a=rtpmap:300 "),
        ("a=ssrc:", "a=ssrc:9999999999999"),
        ("v=0", "not an sdp line"),
    ],
)
def test_nonsense_is_refused_with_one_code(find: str, put: str) -> None:
    assert find in golden(OFFERS[0])
    assert refused(golden(OFFERS[0]).replace(find, put), *ALL_FOUR)


@pytest.mark.parametrize(
    "tracks",
    [
        [Published("7", Source.MIC)],
        [Published("0", Source.CAMERA)],
        [Published("0", Source.MIC), Published("0", Source.MIC)],
        [Published("0", Source.MIC), Published("3", Source.MIC)],
    ],
)
def test_what_is_said_of_the_m_lines_must_fit_them(tracks: list[Published]) -> None:
    assert refused(golden(OFFERS[0]), *tracks)


def bombs() -> dict[str, str]:
    """Descriptions that cost much more to read than to write."""
    base = golden(OFFERS[0])
    return {
        "rtpmap x rtcp-fb": base + "".join(f"a=rtpmap:{n % 128} x/1\r\na=rtcp-fb:* nack\r\n" for n in range(2000)),
        "m-lines": base + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 5000,
        "candidates": base + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n" * 400,
        "one long line": base + "a=" + "x" * 20_000,
        "empty lines": "\n" * 100_000,
        "nothing": "",
        "huge": "a" * 10_000_000,
        "payload types": base + "m=audio 9 x " + "1 " * 10_000,
        "ssrcs": base + "".join(f"a=ssrc:{n} cname:x\r\n" for n in range(900)),
    }


@pytest.mark.parametrize("name", list(bombs()))
def test_a_bomb_is_refused_within_twenty_milliseconds(name: str) -> None:
    sdp = bombs()[name]
    began = time.thread_time()
    assert refused(sdp, *ALL_FOUR)
    assert time.thread_time() - began < 0.020


def test_the_largest_descriptions_let_in_are_read_within_twenty_milliseconds() -> None:
    offer = golden(OFFERS[0])
    room = UP_LIMITS.chars - len(offer) - 4
    offer += "".join(f"a=x{n % 10}:y\r\n" for n in range(room // 10))[: room - room % 8]
    began = time.thread_time()
    refused(offer, *ALL_FOUR)
    assert time.thread_time() - began < 0.020


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(OFFERS))
def test_a_mutated_offer_is_accepted_or_refused_and_never_anything_else(seed: int, name: str) -> None:
    random = Random(seed)
    lines = golden(name).split("\r\n")
    for _ in range(random.randint(1, 8)):
        at = random.randrange(len(lines))
        match random.randrange(4):
            case 0:
                lines[at] = lines[at][: random.randint(0, len(lines[at]))]
            case 1:
                del lines[at]
            case 2:
                lines.insert(at, random.choice(lines))
            case 3:
                place = random.randint(0, len(lines[at]))
                lines[at] = lines[at][:place] + random.choice(" :/;=9\0\u0660가") + lines[at][place:]
        lines = lines or [""]
    try:
        accepted = accept_offer("\r\n".join(lines), published(name)[:1])
    except MediaRefused:
        return
    write_answer(accepted.description, {"0": Source.MIC}, TRANSPORT, 1_000_000)


def carried(number: int, source: Source) -> OfferedSection:
    seat = SeatId(f"{number:032x}")
    stream = OutgoingStream(2 * number + 1, 2 * number + 2, 0, 0, 0)
    return OfferedSection(str(number), source.kind, OfferedTrack(track_id(seat, source), source, seat, seat, stream))


def test_a_full_room_and_the_answer_to_it_fit_the_limits() -> None:
    offered = [carried(n, Source.CAMERA if n % 2 else Source.MIC) for n in range(MAX_DOWN_SECTIONS)]
    offer = write_offer(offered, 1, TRANSPORT)
    assert len(offer) < DOWN_LIMITS.chars
    answer = offer.replace("a=sendonly", "a=recvonly").replace("setup:actpass", "setup:active")
    answer = answer.replace("sha-256 AA:BB", "sha-256 " + ":".join(["AA"] * 32))
    accept_answer(re.sub(r"a=(ssrc|msid).*\r\n", "", answer), [section.mid for section in offered])


def test_an_offer_names_seat_and_track_and_says_what_is_inactive() -> None:
    offer = write_offer([carried(0, Source.MIC), OfferedSection("1", "video", None)], 3, TRANSPORT)
    sound, free = sections(offer)
    assert "a=msid:00000000000000000000000000000000 00000000000000000000000000000000.mic\r\n" in sound
    assert "a=sendonly\r\n" in sound
    (opus,) = [line for line in sound.split("\r\n") if line.startswith("a=fmtp:111 ")]
    assert "useinbandfec=1" in opus
    assert "usedtx=1" in opus
    assert "a=inactive\r\n" in free
    assert "a=ssrc" not in free
    assert "o=ieum 1 3 IN IP4 0.0.0.0" in offer


def test_a_retransmission_type_that_the_m_line_does_not_list_is_not_answered() -> None:
    sdp = golden(OFFERS[0])
    rtx = re.search(r"m=video \S+ \S+ 96 (\d+)", sdp)
    assert rtx is not None
    unlisted = sdp.replace(f" 96 {rtx[1]} ", " 96 ")
    offer = accept_offer(unlisted, ALL_FOUR).description
    sources = {track.mid: track.source for track in ALL_FOUR}
    answered = sections(write_answer(offer, sources, TRANSPORT, 1_000_000))[1]
    assert answered.startswith("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n")
    assert "rtx" not in answered


def test_simulcast_is_answered_layer_by_layer() -> None:
    simulcast = "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;~h,x;f\r\n"
    offer = accept_offer(with_camera_lines(simulcast), [Published("1", Source.CAMERA)])
    section = next(section for section in offer.description.sections if section.mid == "1")
    assert section.rids == ("q", "h", "f")
    answer = write_answer(offer.description, {"1": Source.CAMERA}, TRANSPORT, 1_000_000)
    assert "a=simulcast:recv q;h;f" in answer
    assert [line for line in answer.split("\r\n") if line.startswith("a=rid")] == [
        "a=rid:q recv",
        "a=rid:h recv",
        "a=rid:f recv",
    ]


def test_of_a_safari_that_would_rather_send_h264_vp8_is_taken_in_three_layers() -> None:
    """Its offer is made by hand: see golden/README.md."""
    name = "safari-shaped-simulcast-up-offer"
    section = accept_offer(golden(name), published(name)).description.sections[1]
    first = golden(name).split("m=video 9 UDP/TLS/RTP/SAVPF ")[1].split()[0]
    assert f"a=rtpmap:{first} H264/90000\r\n" in golden(name)
    assert section.rids == ("q", "h", "f")
    assert not section.ssrcs
    vp8 = section.payload_type(VP8)
    assert vp8 is not None
    rtx = section.rtx_payload_type(vp8)
    answered = sections(answer_to(name))[1]
    assert answered.startswith(f"m=video 9 UDP/TLS/RTP/SAVPF {vp8} {rtx}\r\n")
    assert f"a=rtpmap:{vp8} {VP8}\r\n" in answered
    assert re.findall(r"a=rid:(\S+) recv\r\n", answered) == ["q", "h", "f"]
    assert "a=simulcast:recv q;h;f\r\n" in answered
    for uri in (MID_URI, RID_URI, REPAIRED_RID_URI):
        assert f"a=extmap:{section.extension(uri)} {uri}\r\n" in answered


def test_our_down_offer_asks_for_nothing_that_safari_does_not_offer_itself() -> None:
    safari = golden("safari-shaped-up-offer")
    offer = write_offer([carried(0, Source.MIC), carried(1, Source.CAMERA)], 1, TRANSPORT)
    assert named(offer, r"a=rtpmap:\d+ (\S+)") <= named(safari, r"a=rtpmap:\d+ (\S+)")
    assert named(offer, r"a=extmap:\d+ (\S+)") <= named(safari, r"a=extmap:\d+ (\S+)")
    vp8 = named(safari, r"a=rtpmap:(\d+) VP8/90000").pop()
    assert named(offer, r"a=rtcp-fb:\d+ (.+)\r") <= named(safari, rf"a=rtcp-fb:{vp8} (.+)\r")
    of_every_server = {"ice-lite", "candidate", "end-of-candidates"}
    assert named(offer, r"a=([\w-]+)") <= named(safari, r"a=([\w-]+)") | of_every_server


def test_a_viewer_is_offered_one_estimate_of_its_line_and_that_is_remb() -> None:
    offer = write_offer([carried(0, Source.MIC), carried(1, Source.CAMERA)], 1, TRANSPORT)
    sound, picture = sections(offer)
    assert "goog-remb" not in sound
    assert "a=rtcp-fb:96 goog-remb\r\n" in picture
    assert "transport-cc" not in offer
    assert TRANSPORT_CC_URI not in offer


def test_the_answer_of_a_safari_to_a_down_offer_is_understood() -> None:
    """It is made by hand: see golden/README.md."""
    sound, picture = accept_answer(golden("safari-shaped-down-answer"), ["0", "1"]).description.sections
    assert DOWN_RED in sound.payload_types
    assert picture.payload_type(VP8) == DOWN_VP8


def named(sdp: str, pattern: str) -> set[str]:
    """What a description names in lines of this pattern."""
    return set(re.findall(pattern, sdp))


@pytest.mark.parametrize("layers", ["a;b;c;d", "a;a", "a;", "naïve", "a" * 17])
def test_impossible_layers_are_refused(layers: str) -> None:
    with pytest.raises(MediaRefused):
        accept_offer(with_camera_lines(f"a=simulcast:send {layers}\r\n"), [Published("1", Source.CAMERA)])


def with_camera_lines(lines: str) -> str:
    """Chromium's offer with these lines in its camera's section."""
    return golden("chromium-156-up-offer").replace("a=mid:1\r\n", f"a=mid:1\r\n{lines}")
