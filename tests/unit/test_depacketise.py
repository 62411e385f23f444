"""Frames out of packets: whole pictures only, and after a loss none until the next key frame."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.depacketise import Frame, opus_frames, parse_vp8, vp8_frames
from recordings.errors import Damaged
from recordings.packetise import RtpStream
from recordings.rtp import Packet, RecordedPart, in_order
from recordings.spool import Entry, Kind

KEY, DELTA = b"\x10", b"\x11"


def pictures(kinds: str, size: int = 2_500) -> list[bytes]:
    """K is a key frame, d is not; each tells its number."""
    return [(KEY if kind == "K" else DELTA) + bytes([number]) * (size - 1) for number, kind in enumerate(kinds)]


def sent(frames: list[bytes]) -> list[bytes]:
    stream = RtpStream(1, 96)
    return [packet for number, frame in enumerate(frames) for packet in stream.vp8(frame, 3_600 * number)]


def received(packets: list[bytes]) -> list[bytes]:
    entries = [Entry(number * 10_000_000, Kind.RTP, packet) for number, packet in enumerate(packets)]
    return [frame.data for frame in vp8_frames(in_order([RecordedPart((1, 1), entries)]))]


def test_what_was_sent_is_received() -> None:
    frames = pictures("KddKd")
    assert received(sent(frames)) == frames


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_picture_that_lost_a_packet_is_left_out_with_all_that_builds_on_it(missing: int) -> None:
    frames = pictures("KdddKd")
    packets = sent(frames)
    del packets[3 + missing]
    assert received(packets) == [frames[0], frames[4], frames[5]]


def test_a_whole_picture_that_is_lost_is_noticed_too() -> None:
    frames = pictures("KdddKd")
    packets = sent(frames)
    del packets[6:9]
    assert received(packets) == [*frames[:2], *frames[4:]]


def test_padding_between_packets_is_no_loss() -> None:
    frames, stream, packets = pictures("Kdd"), RtpStream(1, 96), []
    for number, frame in enumerate(frames):
        packets += stream.vp8(frame, 3_600 * number)
        padding = RtpStream(1, 96, sequence=stream.sequence).opus(bytes(3) + b"\x04", 3_600 * number)
        packets.append(bytes([padding[0] | 0x20]) + padding[1:])
        stream.sequence += 1
    assert received(packets) == frames


def test_a_recording_that_begins_within_a_picture_begins_with_the_next_key_frame() -> None:
    frames = pictures("KdKd")
    assert received(sent(frames)[1:]) == frames[2:]


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.text("Kd", min_size=1, max_size=30))
def test_no_loss_ever_lets_a_broken_picture_through(order: random.Random, kinds: str) -> None:
    frames = pictures(kinds)
    packets = [packet for packet in sent(frames) if order.random() > 0.1]
    got = received(packets)
    assert set(got) <= set(frames)
    numbers = [frame[1] for frame in got]
    for number in numbers:
        before = max((n for n in range(number + 1) if kinds[n] == "K"), default=None)
        assert before is not None
        assert set(range(before, number)) <= set(numbers)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.binary(max_size=12), st.booleans())))
def test_any_payloads_are_read_without_an_error(junk: list[tuple[int, int, bytes, bool]]) -> None:
    packets = [Packet(0, sequence, time, 0, marker, payload) for sequence, time, payload, marker in junk]
    assert all(isinstance(frame, Frame) for frame in [*vp8_frames(packets), *opus_frames(packets)])


@pytest.mark.parametrize(
    ("descriptor", "length"),
    [
        (b"\x10", 1),
        (b"\x90\x80\x11", 3),
        (b"\x90\x80\x81\x11", 4),
        (b"\x90\xe0\x81\x11\x22\x33", 6),
        (b"\x90\x20\x11", 3),
    ],
)
def test_every_form_of_the_descriptor_is_understood(descriptor: bytes, length: int) -> None:
    assert parse_vp8(descriptor + b"\x9d") == (True, length)
    with pytest.raises(Damaged):
        parse_vp8(descriptor)
