"""Redundant sound: taken apart, and losses put back."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.packetise import RtpStream
from signaling.media.sfu.red import MAX_BLOCKS, Plain, RedStream, Repeated, Unpacked, unpack, with_payload_type
from tests.red_sound import RED, RedSound, red_payload

OPUS = 111
FRAMES = st.binary(min_size=1, max_size=300)


def rtp(plain: Plain) -> tuple[int, int, bytes]:
    """Sequence, RTP time and frame of a packet with a bare header."""
    packet = plain.packet
    assert (packet[0], packet[1] & 0x7F) == (0x80, OPUS)
    return int.from_bytes(packet[2:4]), int.from_bytes(packet[4:8]), packet[12:]


def test_the_bytes_of_rfc_2198_are_understood() -> None:
    """Section 5: 20 ms ago at 8 kHz, 14 bytes of LPC; now DVI4, here with one payload type."""
    payload = bytes([0x80 | OPUS, 0x02, 0x80, 0x0E, OPUS]) + b"r" * 14 + b"now"
    assert unpack(payload, OPUS) == Unpacked(b"now", (Repeated(160, b"r" * 14),))


@given(st.lists(st.tuples(st.integers(0, 0x3FFF), st.binary(max_size=0x3FF)), max_size=MAX_BLOCKS), FRAMES)
def test_what_is_packed_is_unpacked(repeated: list[tuple[int, bytes]], frame: bytes) -> None:
    payload = red_payload(frame, repeated, OPUS)
    assert unpack(payload, OPUS) == Unpacked(frame, tuple(Repeated(*each) for each in repeated))
    assert unpack(with_payload_type(payload, 96), 96) == unpack(payload, OPUS)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        bytes([0x80 | OPUS]),
        bytes([0x80 | OPUS, 0, 0, 0]),
        bytes([OPUS]),
        bytes([0x80 | OPUS, 0x02, 0x80, 0x0E, OPUS]) + b"r" * 14,
        bytes([0x80 | OPUS, 0x02, 0x80, 0x0E, OPUS]) + b"r" * 3,
        bytes([0x80 | OPUS, 0, 0, 0]) * (MAX_BLOCKS + 1) + bytes([OPUS, 1]),
        bytes([0x80 | 0, 0, 0, 1, OPUS]) + b"rf",
        bytes([0, 1, 2, 3]),
    ],
)
def test_what_is_malformed_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="RED"):
        unpack(payload, OPUS)


@settings(deadline=None)
@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_are_taken_apart_or_refused(payload: bytes, of_opus: bool) -> None:
    if of_opus:
        payload = bytes([0x80 | OPUS]) + payload
    stream = RedStream(OPUS)
    packet = RtpStream(1, RED).opus(payload, 0)
    try:
        found = stream.plain(packet)
    except ValueError:
        return
    (plain,) = found
    assert plain.red == (payload or None)
    assert rtp(plain)[2] == (unpack(payload, OPUS).frame if payload else b"")


def test_a_packet_without_loss_is_unwrapped_and_keeps_its_header() -> None:
    sound = RedSound(level_dbov=30)
    (plain,) = RedStream(OPUS).plain(sound.next(b"frame", marker=True))
    assert plain.packet[1] == 0x80 | OPUS
    assert plain.packet[0] & 0x10, "with the level beside it"
    assert plain.packet.endswith(b"frame")
    assert plain.red is not None
    assert unpack(plain.red, OPUS).frame == b"frame"


def test_padding_does_not_become_sound() -> None:
    packet = RedSound().next(b"frame")
    padded = bytes([packet[0] | 0x20]) + packet[1:] + b"\0\0\0\4"
    (plain,) = RedStream(OPUS).plain(padded)
    assert rtp(plain)[2] == b"frame"


def test_padding_alone_is_an_empty_packet_with_its_own_number() -> None:
    """Chromium without pictures measures its line with padding on the SSRC of its voice, as RED."""
    sound, stream = RedSound(), RedStream(OPUS)
    stream.plain(sound.next(b"one"))
    padding = sound.padding(255)
    (plain,) = stream.plain(padding)
    assert plain.red is None
    assert (plain.packet[0], plain.packet[1], plain.packet[12:]) == (0x80, OPUS, b"")
    assert len(stream.plain(sound.next(b"two"))) == 1, "nothing was lost"
    assert stream.plain(padding) == []


def test_what_was_lost_before_padding_is_put_back_before_it() -> None:
    sound, stream = RedSound(), RedStream(OPUS)
    stream.plain(sound.next(b"one"))
    sound.next(b"two")
    stream.plain(sound.padding(100))
    stream.plain(sound.padding(100))
    restored, own = stream.plain(sound.next(b"three"))
    assert rtp(restored) == (1, 960, b"two")
    assert rtp(own) == (4, 1920, b"three")


def test_lost_padding_is_not_taken_for_sound() -> None:
    sound, stream = RedSound(), RedStream(OPUS)
    stream.plain(sound.next(b"one"))
    sound.padding(100)
    assert [rtp(plain) for plain in stream.plain(sound.next(b"two"))] == [(2, 960, b"two")]


def test_a_lost_packet_is_put_back_before_the_one_that_repeats_it() -> None:
    sound, stream = RedSound(sequence=0xFFFE, rtp_time=0xFFFFFFFF - 960), RedStream(OPUS)
    first, _lost, third = (sound.next(frame) for frame in (b"one", b"two", b"three"))
    stream.plain(first)
    restored, own = stream.plain(third)
    assert rtp(restored) == (0xFFFF, 0xFFFFFFFF, b"two")
    assert (restored.red, restored.found_again) == (None, True)
    assert not own.found_again
    assert rtp(own) == (0, 959, b"three")


def test_a_packet_put_back_and_then_late_comes_once() -> None:
    sound, stream = RedSound(), RedStream(OPUS)
    first, second, third = (sound.next(frame) for frame in (b"one", b"two", b"three"))
    stream.plain(first)
    assert len(stream.plain(third)) == 2
    assert stream.plain(second) == []
    assert stream.plain(third) == []


def test_plain_opus_between_is_neither_lost_nor_taken_twice() -> None:
    sound, stream = RedSound(), RedStream(OPUS)
    first, second, third, fourth = (sound.next(frame) for frame in (b"one", b"two", b"three", b"four"))
    stream.plain(first)
    plain_second = bytes([second[0], OPUS]) + second[2:12] + b"two"
    assert stream.noted(plain_second) == [Plain(plain_second, None, False)]
    assert len(stream.plain(third)) == 1
    assert stream.noted(plain_second) == []
    assert len(stream.plain(fourth)) == 1


def test_what_was_never_sent_is_not_invented() -> None:
    sound, stream = RedSound(), RedStream(OPUS)
    sound.next(b"before we listened")
    assert len(stream.plain(sound.next(b"one"))) == 1, "the beginning is no loss"
    sound.pause(20_000 // 20)
    assert len(stream.plain(sound.next(b"two"))) == 1, "nor is silence"


@settings(deadline=None)
@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(1, 4),
    st.lists(st.tuples(FRAMES, st.sampled_from([1, 1, 1, 20])), min_size=2, max_size=60),
    st.floats(0, 0.6),
    st.integers(0, 3),
    st.integers(0, 2**32),
)
def test_everything_that_came_or_was_repeated_is_played_once_with_its_own_numbers(
    sequence: int,
    rtp_time: int,
    depth: int,
    frames: list[tuple[bytes, int]],
    loss: float,
    shuffled: int,
    seed: int,
) -> None:
    sound, stream, random = RedSound(sequence, rtp_time, depth), RedStream(OPUS), Random(seed)
    sent = []
    for frame, pause in frames:
        sound.pause(pause - 1)
        sent.append((sound.next(frame), frame))
    kept = [(n + random.uniform(0, shuffled), n) for n in range(len(sent)) if n == 0 or random.random() >= loss]
    came = [0, *(n for _order, n in sorted(kept) if n)]
    played: dict[int, bytes] = {}
    for n in came:
        for number, time, frame in map(rtp, stream.plain(sent[n][0])):
            place = (number - sequence) & 0xFFFF
            assert place not in played, "twice"
            assert (time, frame) == (int.from_bytes(sent[place][0][4:8]), sent[place][1])
            played[place] = frame
    assert set(came) <= set(played)
    if not shuffled:
        newest = max(came)
        repeated = {n - back for n in came for back in range(1, depth + 1) if n - back in sound.repeated_by(n)}
        assert {n for n in repeated if 0 < n < newest} <= set(played)
