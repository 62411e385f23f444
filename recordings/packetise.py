"""Encoded frames into RTP packets: VP8 by RFC 7741, Opus by RFC 7587. The other way round is depacketise.py."""

import struct
from dataclasses import dataclass

MAX_PAYLOAD_BYTES = 1_100  # leaves room for SRTP, extensions and tunnels below 1,200


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

    def opus(self, frame: bytes, rtp_time: int) -> bytes:
        """One Opus packet is one RTP packet."""
        return self._packet(frame, rtp_time, marker=False)

    def _packet(self, payload: bytes, rtp_time: int, *, marker: bool) -> bytes:
        header = struct.pack(
            "!BBHII", 0x80, marker << 7 | self.payload_type, self.sequence, rtp_time & 0xFFFFFFFF, self.ssrc
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        return header + payload
