"""What the load sends and how it knows it again: each payload carries a mark, its stream, its number and when it left.

Behind that comes a pattern made of the number, so that every byte can be checked at the other end.
"""

import struct
from dataclasses import dataclass, field

from recordings.packetise import RtpStream

MARK = b"ieum"
_STAMP = struct.Struct("!4sIIQ")  # mark, stream, number, nanoseconds since 1970
_FRAME = struct.Struct("<B2x3sHH")  # VP8 frame tag, start code, width, height (RFC 6386 9.1)
_KEY, _DELTA = 0x10, 0x11
_DESCRIPTOR_BYTES = 4  # as RtpStream writes it (RFC 7741 4.2)
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
    sent: int = 0
    _frames: int = field(default=0, repr=False)
    _rtp_time: int = field(default=0, repr=False)

    def packets(self, now_ns: int) -> list[bytes]:
        """The packets of the next frame; a key frame comes now and then, for nobody is asked for one here."""
        self._rtp_time += self.rtp_step
        number = self.sent
        self.sent += self.packets_per_frame
        if not self.is_picture:
            return [self.stream.opus(b"\xf8" + self._body(number, now_ns, self.packet_bytes - 1), self._rtp_time)]
        tag = _DELTA if self._frames % self.key_every else _KEY
        head = _FRAME.pack(tag, b"\x9d\x01\x2a", self.height * 16 // 9, self.height)
        self._frames += 1
        return [
            self.stream.vp8(head + self._body(number + at, now_ns, self.packet_bytes - 14), self._rtp_time)[0]
            for at in range(self.packets_per_frame)
        ]

    def _body(self, number: int, now_ns: int, size: int) -> bytes:
        stamp = _STAMP.pack(MARK, self.stream.ssrc, number & 0xFFFFFFFF, now_ns)
        return stamp + _PATTERNS[number & 0xFF][: size - _STAMP.size]


def read(packet: bytes) -> tuple[int, int] | None:
    """Of a plain RTP packet as it arrived: its stream and when it left, or None if a byte is not as it was sent."""
    at = _HEADER_BYTES + 4 * (packet[0] & 0x0F)
    if packet[0] & _EXTENSION_BIT:
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4])
    at = packet.find(MARK, at, at + 32)
    if at < 0:
        return None
    _, stream, number, sent_ns = _STAMP.unpack_from(packet, at)
    rest = packet[at + _STAMP.size :]
    return (stream, sent_ns) if rest == _PATTERNS[number & 0xFF][: len(rest)] else None
