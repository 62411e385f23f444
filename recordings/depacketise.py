"""RTP payloads into encoded frames: VP8 by RFC 7741 4.2, Opus by RFC 7587 4.2. Pure.

A picture that is not whole is left out, and so is every picture after it until the next key frame: better a still than
a smear. The other way round is packetise.py.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from recordings.errors import Damaged
from recordings.rtp import Dropped, Packet, Report


class Frame(NamedTuple):
    """One encoded picture or 20 ms of sound; the numbers are those of its first packet."""

    stretch: int
    rtp_time: int
    arrived_ns: int
    data: bytes


class Vp8Payload(NamedTuple):
    """What the VP8 payload descriptor says; the frame's bytes begin at `start`."""

    begins_frame: bool
    start: int


def parse_vp8(payload: bytes) -> Vp8Payload:
    """Raises Damaged when the payload ends within its descriptor."""
    try:
        first, start = payload[0], 1
        if first & 0x80:  # X: extension
            extension, start = payload[1], 2
            if extension & 0x80:  # I: picture id of 7 or 15 bits
                start += 2 if payload[2] & 0x80 else 1
            start += bool(extension & 0x40)  # L: TL0PICIDX
            start += bool(extension & 0x30)  # T or K: TID and KEYIDX share a byte
    except IndexError as error:
        raise Damaged("VP8 descriptor") from error
    if start >= len(payload):
        raise Damaged("VP8 descriptor")
    return Vp8Payload(first & 0x1F == 0x10, start)


def is_key_frame(frame: bytes) -> bool:
    """RFC 6386 9.1: the lowest bit of the frame tag is 0."""
    return bool(frame) and not frame[0] & 1


def opus_frames(items: Iterable[Packet | Report | Dropped]) -> Iterator[Frame]:
    """Each packet is a frame; empty ones are left out."""
    for item in items:
        if isinstance(item, Packet) and item.payload:
            yield Frame(item.stretch, item.rtp_time, item.arrived_ns, item.payload)


def vp8_frames(items: Iterable[Packet | Report | Dropped]) -> Iterator[Frame]:
    """Whole pictures, each decodable with those before it. A key frame opens every stretch and follows every loss."""
    assembly = _Assembly()
    for item in items:
        if isinstance(item, Packet) and (frame := assembly.add(item)) is not None:
            yield frame


class _Assembly:
    """The picture that is being put together."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._first: Packet | None = None
        self._next = (-1, -1)  # stretch and sequence of the packet that would follow
        self._whole = False
        self._need_key = True

    def add(self, packet: Packet) -> Frame | None:
        """The whole picture when this packet completes it."""
        follows = self._next == (packet.stretch, packet.sequence)
        self._next = (packet.stretch, packet.sequence + 1)
        self._need_key |= not follows
        if not packet.payload:  # padding, sent to probe the line
            return None
        try:
            payload = parse_vp8(packet.payload)
        except Damaged:
            self._whole, self._need_key = False, True
            return None
        if self._first is None or (self._first.stretch, self._first.rtp_time) != (packet.stretch, packet.rtp_time):
            self._need_key |= bool(self._pieces)  # the picture before never came to its end
            self._first, self._pieces, self._whole = packet, [], payload.begins_frame
        elif not follows:
            self._whole = False
        self._pieces.append(packet.payload[payload.start :])
        return self._finish(self._first) if packet.marker else None

    def _finish(self, first: Packet) -> Frame | None:
        data, whole = b"".join(self._pieces), self._whole
        self._first, self._pieces = None, []
        self._need_key |= not whole
        if not whole or (self._need_key and not is_key_frame(data)):
            return None
        self._need_key = False
        return Frame(first.stretch, first.rtp_time, first.arrived_ns, data)
