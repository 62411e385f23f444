"""What the load sends and how it knows it again: each payload carries a mark, its stream, its number and when it left.

Behind that comes a pattern made of all these. Who knows a stream can make each of its payloads again, and so compare
every byte that arrives.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from recordings.depacketise import parse_vp8
from recordings.errors import Damaged
from recordings.packetise import RtpStream

MARK = b"ieum"
_STAMP = struct.Struct("!4sIIQ")  # mark, stream, number, nanoseconds since 1970
_FRAME = struct.Struct("<B2x3sHH")  # VP8 frame tag, start code, width, height (RFC 6386 9.1)
_KEY, _DELTA = 0x10, 0x11
_TOC = b"\xf8"  # of an Opus packet (RFC 6716 3.1)
_DESCRIPTOR_BYTES = 4  # as RtpStream writes it (RFC 7741 4.2); engines write another
_LONGEST_DESCRIPTOR_BYTES = 6
_HEADER_BYTES, _EXTENSION_BIT = 12, 0x10
_PATTERNS = [bytes([number]) * 1200 for number in range(256)]


@dataclass(eq=False)
class Outgoing:
    """One stream: `packets()` makes the packets of its next frame."""

    stream: RtpStream
    is_picture: bool
    packet_bytes: int  # of each RTP payload
    packets_per_frame: int
    rtp_step: int  # between frames
    key_every: int  # frames
    height: int = 720  # pixels, as key frames say
    fan_out: int = 0  # seats that get it
    per_turn: int = 1  # frames in a turn of the wheel, 40 ms
    sent: int = 0
    _rtp_time: int = 0

    def __post_init__(self) -> None:
        size = (self.height * 16 // 9, self.height)
        key, delta = (_FRAME.pack(tag, b"\x9d\x01\x2a", *size) for tag in (_KEY, _DELTA))
        self._heads = (key, delta) if self.is_picture else (_TOC, _TOC)
        descriptor_bytes = _DESCRIPTOR_BYTES if self.is_picture else 0
        self._pattern_bytes = self.packet_bytes - descriptor_bytes - len(self._heads[0]) - _STAMP.size

    def packets(self, now_ns: int) -> list[bytes]:
        """The packets of the next frame; a key frame comes now and then, for nobody is asked for one here."""
        self._rtp_time += self.rtp_step
        contents = [self.content(self.sent + at, now_ns) for at in range(self.packets_per_frame)]
        self.sent += self.packets_per_frame
        if self.is_picture:
            return [self.stream.vp8(content, self._rtp_time)[0] for content in contents]
        return [self.stream.opus(content, self._rtp_time) for content in contents]

    def content(self, number: int, left_ns: int) -> bytes:
        """What the packet of this number carries when it leaves at this time, behind the descriptor of its codec."""
        stamp = _STAMP.pack(MARK, self.stream.ssrc, number & 0xFFFFFFFF, left_ns)
        head = self._heads[number // self.packets_per_frame % self.key_every > 0]
        return head + stamp + _PATTERNS[crc32(stamp) & 0xFF][: self._pattern_bytes]


@dataclass(frozen=True, eq=False)
class Incoming:
    """One track on its way to one seat: what may arrive there under its SSRC."""

    is_picture: bool
    streams: Mapping[int, Outgoing]  # its layers, by the SSRC under which they left

    def left_ns(self, packet: bytes) -> int | None:
        """When this plain RTP packet left, or None if it is of another track or a byte is not as it was sent."""
        try:
            start = _content_start(packet, self.is_picture)
            _, ssrc, number, left_ns = _STAMP.unpack_from(packet, start + (_FRAME.size if self.is_picture else 1))
        except (Damaged, IndexError, struct.error):
            return None
        sent = self.streams.get(ssrc)
        return left_ns if sent is not None and packet[start:] == sent.content(number, left_ns) else None


def element(identifier: int, value: bytes) -> bytes:
    """One element of a one-byte header extension (RFC 8285 4.2)."""
    return bytes([identifier << 4 | len(value) - 1]) + value


def extended(packet: bytes, elements: bytes) -> bytes:
    """A packet with a bare header, and these elements in it."""
    words = -(-len(elements) // 4)
    extension = b"\xbe\xde" + words.to_bytes(2) + elements.ljust(4 * words, b"\0")
    return bytes([packet[0] | _EXTENSION_BIT]) + packet[1:12] + extension + packet[12:]


def _content_start(packet: bytes, is_picture: bool) -> int:
    start = _HEADER_BYTES + 4 * (packet[0] & 0x0F)
    if packet[0] & _EXTENSION_BIT:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4])
    return start + parse_vp8(packet[start : start + _LONGEST_DESCRIPTOR_BYTES + 1]).start if is_picture else start
