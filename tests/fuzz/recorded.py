"""Recorded RTP of a track: packets come out in order, each once, and whole pictures of no more bytes than came."""

from collections.abc import Sequence
from itertools import pairwise

from recordings.depacketise import is_key_frame, opus_frames, vp8_frames
from recordings.packetise import RtpStream
from recordings.rtp import Packet, RecordedPart, in_order
from recordings.spool import Entry, Kind
from recordings.synthetic import picture
from tests.fuzz.inputs import bounded_time, joined, pieces

STEP_NS = 10_000_000  # times the byte before each packet: when it arrived after the one before


def seeds() -> list[bytes]:
    """Pictures in order, out of order, with a loss and a new beginning; sound; what is no RTP."""
    first, second = RtpStream(1, 96), RtpStream(2, 96)
    frames = picture(1, 160, 90, 5, seed=1)
    packets = [packet for number, frame in enumerate(frames[:3]) for packet in first.vp8(frame, 3_000 * number)]
    again = second.vp8(frames[0], 0)
    sound = [RtpStream(3, 111).opus(b"\xf8\xff\xfe", 960 * number) for number in range(3)]
    return [recorded(packets), recorded([*packets[::-1], *again]), recorded([*packets[1:], b"\x80", *sound])]


def recorded(packets: Sequence[bytes]) -> bytes:
    """The input that stands for these packets, 10 ms apart."""
    return joined(*(b"\x01" + packet for packet in packets))


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    entries, arrived_ns = list[Entry](), 0
    for piece in pieces(data):
        arrived_ns += STEP_NS * (piece[0] if piece else 0)
        entries.append(Entry(arrived_ns, Kind.RTP, piece[1:]))
    with bounded_time():
        found = [item for item in in_order([RecordedPart((1, 1), entries)]) if isinstance(item, Packet)]
        pictures, sounds = list(vp8_frames(found)), list(opus_frames(found))
    numbers = [(packet.stretch, packet.sequence) for packet in found]
    assert all(before < after for before, after in pairwise(numbers)), "in order, and each once"
    came_bytes = sum(len(entry.data) for entry in entries)
    assert sum(len(frame.data) for frame in sounds) <= came_bytes
    assert sum(len(frame.data) for frame in pictures) <= came_bytes
    opened = set[int]()
    for frame in pictures:
        assert frame.stretch in opened or is_key_frame(frame.data), "it begins with a picture that needs none before it"
        opened.add(frame.stretch)
