"""Encoded frames into RTP packets: VP8 by RFC 7741, Opus by RFC 7587. The other way round is depacketise.py.

Beside a packet of sound may stand how loud it is (RFC 6464), in a one-byte header extension (RFC 8285).
"""

import struct
from dataclasses import dataclass

from signaling.media.port import INLET_LEVEL_ID

MAX_PAYLOAD_BYTES = 1_100  # leaves room for SRTP, extensions and tunnels below 1,200
SILENCE_DBOV = 127


@dataclass(slots=True)
class RtpStream:
    """One outgoing RTP stream (RFC 3550 5.1): counts sequence numbers and picture ids, nothing else."""

    ssrc: int
    payload_type: int
    sequence: int = 0
    picture_id: int = 0

    def vp8(self, frame: bytes, rtp_time: int) -> list[bytes]:
        """The packets of one VP8 frame: extended descriptor with a 15-bit picture id, marker on the last one."""
        size = MAX_PAYLOAD_BYTES
        pieces = [frame[start : start + size] for start in range(0, len(frame), size)]
        packets = []
        for number, piece in enumerate(pieces):
            start_bit = 0x10 if number == 0 else 0
            descriptor = struct.pack("!BBH", 0x80 | start_bit, 0x80, 0x8000 | self.picture_id)
            packets.append(self._packet(descriptor + piece, rtp_time, marker=number == len(pieces) - 1))
        self.picture_id = (self.picture_id + 1) & 0x7FFF
        return packets

    def opus(self, frame: bytes, rtp_time: int, level_dbov: int | None = None) -> bytes:
        """One Opus packet is one RTP packet; `level_dbov`, 0 (loudest) to 127 (silence), is told beside it."""
        level = b"" if level_dbov is None else _level_extension(level_dbov)
        return self._packet(frame, rtp_time, marker=False, extension=level)

    def _packet(self, payload: bytes, rtp_time: int, *, marker: bool, extension: bytes = b"") -> bytes:
        first = 0x90 if extension else 0x80
        header = struct.pack(
            "!BBHII", first, marker << 7 | self.payload_type, self.sequence, rtp_time & 0xFFFFFFFF, self.ssrc
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        return header + extension + payload


def _level_extension(level_dbov: int) -> bytes:
    """One word with one element of one byte: voice activity as the top bit, then the level."""
    voice = 0x80 if level_dbov < SILENCE_DBOV else 0
    return struct.pack("!HHBBH", 0xBEDE, 1, INLET_LEVEL_ID << 4, voice | level_dbov, 0)
