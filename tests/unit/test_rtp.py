"""RTP packets taken apart."""

import struct

import pytest
from aiortc.rtp import RtpPacket, wrap_rtx
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.packetise import RtpStream
from signaling.media.sfu.rtp import (
    extension,
    extensions,
    payload_end,
    payload_start,
    restore_from_rtx,
    vp8_descriptor,
    with_vp8_offsets,
)

PAYLOAD = b"payload"


def a_packet(extension_block: bytes = b"", csrcs: int = 0, padding: int = 0, payload: bytes = PAYLOAD) -> bytes:
    first = 0x80 | csrcs | (0x10 if extension_block else 0) | (0x20 if padding else 0)
    head = struct.pack("!BBHLL", first, 96, 7, 90_000, 5) + bytes(4 * csrcs)
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    return head + extension_block + payload + tail


def one_byte(*elements: tuple[int, bytes]) -> bytes:
    block = b"".join(bytes([identifier << 4 | len(value) - 1]) + value for identifier, value in elements)
    block += bytes(-len(block) % 4)
    return struct.pack("!HH", 0xBEDE, len(block) // 4) + block


def two_byte(*elements: tuple[int, bytes]) -> bytes:
    block = b"".join(bytes([identifier, len(value)]) + value for identifier, value in elements)
    block += bytes(-len(block) % 4)
    return struct.pack("!HH", 0x1000, len(block) // 4) + block


@pytest.mark.parametrize(("csrcs", "block"), [(0, b""), (3, b""), (0, one_byte((1, b"x"))), (2, two_byte((200, b"")))])
def test_the_payload_is_found_behind_csrcs_and_extensions(csrcs: int, block: bytes) -> None:
    packet = a_packet(block, csrcs)
    assert packet[payload_start(packet) :] == PAYLOAD


def test_padding_is_not_payload() -> None:
    packet = a_packet(padding=5)
    assert packet[payload_start(packet) : payload_end(packet, payload_start(packet))] == PAYLOAD


@pytest.mark.parametrize(
    "packet",
    [b"", a_packet()[:11], a_packet(csrcs=15, payload=b"")[:20], b"\x90" + a_packet()[1:], b"\x40" + a_packet()[1:]],
)
def test_a_packet_that_ends_too_early_is_refused(packet: bytes) -> None:
    with pytest.raises(ValueError, match="packet"):
        payload_start(packet)


@pytest.mark.parametrize("padding", [0, 8, 11])
def test_padding_that_would_begin_before_the_payload_is_refused(padding: int) -> None:
    packet = a_packet(one_byte((1, b"xyz")), payload=bytes([padding]))
    packet = bytes([packet[0] | 0x20]) + packet[1:]
    with pytest.raises(ValueError, match="padding"):
        payload_end(packet, payload_start(packet))


def test_both_forms_of_header_extensions_are_read() -> None:
    assert dict(extensions(a_packet(one_byte((1, b"a"), (4, b"mid0"))))) == {1: b"a", 4: b"mid0"}
    assert dict(extensions(a_packet(two_byte((1, b"a"), (40, b""), (200, b"0" * 20))))) == {
        1: b"a",
        40: b"",
        200: b"0" * 20,
    }
    assert extension(a_packet(one_byte((1, b"a"))), 2) is None


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_taken_apart_or_refused(packet: bytes) -> None:
    try:
        start = payload_start(packet)
        list(extensions(packet))
        vp8_descriptor(packet[start : payload_end(packet, start)])
        restore_from_rtx(packet, 1, 96)
    except ValueError:
        return


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=50), st.integers(0, 0xFFFF), st.booleans())
def test_a_retransmission_becomes_the_packet_that_was_lost(payload: bytes, sequence: int, marker: bool) -> None:
    lost = RtpPacket(
        payload_type=96, marker=int(marker), sequence_number=sequence, timestamp=9, ssrc=5, payload=payload
    )
    again = wrap_rtx(lost, payload_type=97, sequence_number=1, ssrc=6)
    assert restore_from_rtx(again.serialize(), 5, 96) == lost.serialize()


def test_a_retransmission_of_padding_only_is_a_probe() -> None:
    assert restore_from_rtx(a_packet(padding=200, payload=b""), 5, 96) is None


def test_only_the_first_packet_of_a_key_frame_starts_it() -> None:
    key, delta = b"\x10" + bytes(2000), b"\x11" + bytes(2000)
    stream = RtpStream(1, 96)
    starts = [vp8_descriptor(packet[12:]).starts_key_frame for packet in stream.vp8(key, 0) + stream.vp8(delta, 1)]
    assert starts == [True, False, False, False]


def test_every_field_of_the_vp8_descriptor_may_be_absent() -> None:
    assert vp8_descriptor(b"\x10\x00data") == (True, -1, -1, 0)
    assert vp8_descriptor(b"\x90\x80\x81\x23\x00data") == (True, 2, -1, 0)
    assert vp8_descriptor(b"\x90\xe0\x81\x23\x07\x20\x00data") == (True, 2, 4, 0)
    assert vp8_descriptor(b"\x90\x80\x23\x00data") == (True, -1, -1, 0), "a short PictureID is left alone"
    key_frame = b"\x10\x00\x00\x00\x9d\x01\x2a" + (720).to_bytes(2, "little") + (0x4000 | 1280).to_bytes(2, "little")
    assert vp8_descriptor(key_frame).height == 720, "the shorter side, without the scaling bits"
    assert vp8_descriptor(b"\x90\xf0\x81") == (False, -1, -1, 0)


def test_picture_numbers_are_moved_and_wrap() -> None:
    payload = b"\x90\xc0\xff\xff\xff\x00data"
    moved = with_vp8_offsets(payload, vp8_descriptor(payload), 2, 3)
    assert moved == b"\x90\xc0\x80\x01\x02\x00data"
