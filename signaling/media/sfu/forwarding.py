"""One track on its way to one seat: where it may begin, its new numbers, what is sent again. Pure; bytes in, bytes out.

RFC 3550 5.1 (header), RFC 4588 (retransmission payload), RFC 7741 (VP8 numbers continue over a change of stream).
"""

import struct
from typing import NamedTuple

from signaling.media.sfu.rtcp import SenderReport
from signaling.media.sfu.rtp import Vp8Descriptor, with_vp8_offsets

RING_PACKETS = 1024  # about 4 s of 720p video; a browser asks again for no longer than that
RESEND_INTERVAL_S = 0.120  # the same packet not more often than this
RESEND_LIMIT = 4  # nor more times than this
RESEND_BYTES_PER_S = (
    15_000  # without a budget, answering NACKs of a full line made the line fuller (39 Mbit/s, measured)
)
RESEND_BURST_BYTES = 30_000

_HEADER = struct.Struct("!BBHLL")


class MediaPacket(NamedTuple):
    """One packet as published, taken apart once for all who get it."""

    stream: int  # changes whenever the publisher's sequence numbers begin anew
    flags: int  # first header byte without extension bit and CSRC count
    marker: int  # 0x80 or 0
    sequence: int
    rtp_time: int
    payload: bytes  # with padding, if any
    vp8: Vp8Descriptor | None  # None for sound


class PacketRing:
    """The newest packets of a track, kept for those who ask again."""

    def __init__(self) -> None:
        self._packets: list[MediaPacket | None] = [None] * RING_PACKETS

    def put(self, packet: MediaPacket) -> None:
        """Keep a packet in the place of one `RING_PACKETS` older."""
        self._packets[packet.sequence % RING_PACKETS] = packet

    def get(self, stream: int, sequence: int) -> MediaPacket | None:
        """The packet of this number, if it is still here."""
        packet = self._packets[sequence % RING_PACKETS]
        if packet is None or packet.sequence != sequence or packet.stream != stream:
            return None
        return packet


class ResendLimiter:
    """Says which packets may be sent again: each seldom and few times, and all of them within a budget."""

    def __init__(self) -> None:
        self._sent: dict[int, tuple[float, int]] = {}  # sequence -> when last, how often
        self._budget_bytes = float(RESEND_BURST_BYTES)
        self._refilled_s: float | None = None

    def allows(self, sequence: int, size_bytes: int, now_s: float) -> bool:
        """Whether this packet may go out again now; if so, it is counted."""
        self._refill(now_s)
        last_s, times = self._sent.get(sequence, (float("-inf"), 0))
        if times >= RESEND_LIMIT or now_s - last_s < RESEND_INTERVAL_S or size_bytes > self._budget_bytes:
            return False
        self._budget_bytes -= size_bytes
        self._sent.pop(sequence, None)
        self._sent[sequence] = (now_s, times + 1)
        if len(self._sent) > RING_PACKETS:
            del self._sent[next(iter(self._sent))]
        return True

    def _refill(self, now_s: float) -> None:
        if self._refilled_s is not None:
            self._budget_bytes += (now_s - self._refilled_s) * RESEND_BYTES_PER_S
            self._budget_bytes = min(self._budget_bytes, RESEND_BURST_BYTES)
        self._refilled_s = now_s


class Forwarder:
    """Rewrites one track for one seat, so that the seat sees a single stream whatever happens to the publisher.

    Video begins, and begins again after a pause or a change of the publisher's stream, with a key frame. The sequence
    numbers towards the seat have no gap there, so nobody asks for packets that were never meant for them.
    """

    def __init__(self, outgoing: "OutgoingStream", clock_rate_hz: int) -> None:
        self.packets = 0
        self.octets = 0
        self._outgoing = outgoing
        self._clock_rate_hz = clock_rate_hz
        self._paused = False
        self._limiter = ResendLimiter()
        self._rtx_sequence = outgoing.first_sequence
        self._stream: int | None = None  # what is forwarded now; None: waiting for a place to begin
        self._newest: MediaPacket | None = None  # the newest one forwarded, of whichever stream
        self._newest_s = 0.0
        self._span = 0  # packets since the place where this stream began, up to the ring's length
        self._sequence_offset = 0
        self._rtp_offset = 0
        self._picture_id_offset = 0
        self._tl0picidx_offset = 0

    @property
    def waits_for_key_frame(self) -> bool:
        """Whether the seat sees nothing until the publisher sends a key frame."""
        return not self._paused and self._stream is None

    def pause(self, paused: bool) -> None:
        """Send nothing, or begin again with the next key frame."""
        if paused != self._paused:
            self._paused = paused
            self._stream = None

    def forward(self, packet: MediaPacket, now_s: float) -> bytes | None:
        """The packet for this seat, or None if it is not for it."""
        if packet.stream != self._stream and not self._begin(packet, now_s):
            return None
        newest = self._newest
        ahead = (packet.sequence - newest.sequence) & 0xFFFF if newest is not None else 0
        if ahead < 0x8000:
            self._span = min(self._span + ahead, RING_PACKETS)
            self._newest, self._newest_s = packet, now_s
        elif 0x10000 - ahead > self._span:
            return None  # older than the place where we began
        self.packets += 1
        self.octets += len(packet.payload)
        out = self._outgoing
        return self._header(packet, packet.marker | out.payload_type, self._numbered(packet), out.ssrc) + self._payload(
            packet
        )

    def resend(self, ring: PacketRing, sequence: int, now_s: float) -> bytes | None:
        """The RTX packet for a sequence number the seat misses, or None if it cannot or may not have it."""
        if self._stream is None or self._newest is None:
            return None
        original = (sequence - self._sequence_offset) & 0xFFFF
        behind = (self._newest.sequence - original) & 0xFFFF
        packet = ring.get(self._stream, original) if behind <= self._span else None
        if packet is None or not self._limiter.allows(sequence, len(packet.payload), now_s):
            return None
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        out = self._outgoing
        header = self._header(packet, packet.marker | out.rtx_payload_type, self._rtx_sequence, out.rtx_ssrc)
        return header + sequence.to_bytes(2) + self._payload(packet)

    def sender_report(self, ntp_time: int, rtp_time: int) -> SenderReport | None:
        """What we report to the seat, given the publisher's RTP time of the moment `ntp_time` by our clock."""
        if self._stream is None or not self.packets:
            return None
        shifted = (rtp_time + self._rtp_offset) & 0xFFFFFFFF
        return SenderReport(self._outgoing.ssrc, ntp_time, shifted, self.packets, self.octets)

    def _begin(self, packet: MediaPacket, now_s: float) -> bool:
        if self._paused or (packet.vp8 is not None and not packet.vp8.starts_key_frame):
            self._stream = None
            return False
        last = self._newest
        if last is None:
            self._sequence_offset = self._outgoing.first_sequence - packet.sequence
        else:
            self._continue(last, packet, now_s)
        self._stream, self._newest, self._span = packet.stream, packet, 0
        return True

    def _continue(self, last: MediaPacket, packet: MediaPacket, now_s: float) -> None:
        """Place `packet` right behind `last` in every numbering that the seat can see."""
        self._sequence_offset = self._numbered(last) + 1 - packet.sequence
        if packet.stream != last.stream:
            elapsed = max(1, int((now_s - self._newest_s) * self._clock_rate_hz))
            self._rtp_offset += last.rtp_time + elapsed - packet.rtp_time
        if packet.vp8 is not None and last.vp8 is not None:
            self._picture_id_offset += 1 + _picture_id(last) - _picture_id(packet)
            self._tl0picidx_offset += 1 + _tl0picidx(last) - _tl0picidx(packet)

    def _numbered(self, packet: MediaPacket) -> int:
        return (packet.sequence + self._sequence_offset) & 0xFFFF

    def _header(self, packet: MediaPacket, marker_and_type: int, sequence: int, ssrc: int) -> bytes:
        rtp_time = (packet.rtp_time + self._rtp_offset) & 0xFFFFFFFF
        return _HEADER.pack(packet.flags, marker_and_type, sequence, rtp_time, ssrc)

    def _payload(self, packet: MediaPacket) -> bytes:
        if packet.vp8 is None or not (self._picture_id_offset or self._tl0picidx_offset):
            return packet.payload
        return with_vp8_offsets(packet.payload, packet.vp8, self._picture_id_offset, self._tl0picidx_offset)


class OutgoingStream(NamedTuple):
    """How a track is numbered towards a seat: what our SDP says of it."""

    ssrc: int
    rtx_ssrc: int
    payload_type: int
    rtx_payload_type: int
    first_sequence: int


def _picture_id(packet: MediaPacket) -> int:
    at = packet.vp8.picture_id_at if packet.vp8 else -1
    return int.from_bytes(packet.payload[at : at + 2]) & 0x7FFF if at >= 0 else 0


def _tl0picidx(packet: MediaPacket) -> int:
    at = packet.vp8.tl0picidx_at if packet.vp8 else -1
    return packet.payload[at] if at >= 0 else 0
