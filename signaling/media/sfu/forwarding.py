"""One track on its way to one seat: which layer, where it may begin, its new numbers, what is sent again. Pure.

RFC 3550 5.1 (header), RFC 4588 (retransmission payload), RFC 7741 (VP8 numbers continue over a change of stream).
"""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from signaling.media.sfu.rtcp import SenderReport
from signaling.media.sfu.rtp import Vp8Descriptor, with_vp8_offsets

RING_PACKETS = 1024  # about 4 s of 720p video; a browser asks again for no longer than that
RESEND_INTERVAL_S = 0.08  # the same packet not more often than this while the round trip is unknown: asked every 0.1 s
RESEND_INTERVALS_S = (0.03, 0.5)  # the shortest and the longest
ROUND_TRIP_PART = 0.8  # of a round trip: who asks again so late has not got the one before
RESEND_LIMIT = 8  # nor more times than this
RESEND_BYTES_PER_S = (
    15_000  # without a budget, answering NACKs of a full line made the line fuller (39 Mbit/s, measured)
)
RESEND_PART = 0.2  # of what is sent at first hand, on top
RESEND_BURST_BYTES = 30_000
MAX_CAPTURE_SKEW_S = 1.0  # two streams whose reports disagree by more than this are not of one clock

_HEADER = struct.Struct("!BBHLL")
_TIMED_HEADER = struct.Struct("!BBHLLLL")
_ONE_ELEMENT = 0xBEDE0001  # a one-byte-header extension of one word (RFC 8285 4.2)
_EXTENSION_BIT = 0x10


class PacketRing:
    """The newest packets of a stream, kept for those who ask again."""

    def __init__(self) -> None:
        self._packets: list[MediaPacket | None] = [None] * RING_PACKETS

    def put(self, packet: "MediaPacket") -> None:
        """Keep a packet in the place of one `RING_PACKETS` older."""
        self._packets[packet.sequence % RING_PACKETS] = packet

    def get(self, sequence: int) -> "MediaPacket | None":
        """The packet of this number, if it is still here."""
        packet = self._packets[sequence % RING_PACKETS]
        return packet if packet is not None and packet.sequence == sequence else None


@dataclass(slots=True, eq=False)
class Stream:
    """One numbering of one layer: another begins with each SSRC and each peer connection of the publisher."""

    layer: int  # 0 is the smallest; a track without simulcast has no other
    clock_rate_hz: int
    report: SenderReport | None = None  # the publisher's newest
    ring: PacketRing = field(default_factory=PacketRing)

    def captured_s(self, rtp_time: int) -> float | None:
        """The moment of this RTP time by the publisher's clock, which its layers share; None before a report."""
        if self.report is None:
            return None
        since = ((rtp_time - self.report.rtp_time + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        return self.report.ntp_time / 2**32 + since / self.clock_rate_hz


class MediaPacket(NamedTuple):
    """One packet as published, taken apart once for all who get it."""

    stream: Stream
    flags: int  # first header byte without padding and extension bits and CSRC count
    marker: int  # 0x80 or 0
    sequence: int
    rtp_time: int
    payload: bytes  # without padding; empty where there was nothing else
    vp8: Vp8Descriptor | None  # None for sound
    repaired: bool = False  # it came as RTX or inside a later packet
    red: bytes | None = None  # the payload with its repetitions, for seats that take it so


class ResendLimiter:
    """Says which packets may be sent again: each seldom and few times, and all of them within a budget."""

    def __init__(self) -> None:
        self.exhausted = 0  # packets kept back for want of bytes alone: a sign that the line is full
        self._sent: dict[int, tuple[float, int]] = {}  # sequence -> when last, how often
        self._budget_bytes = float(RESEND_BURST_BYTES)
        self._refilled_s: float | None = None

    def earn(self, sent_bytes: int) -> None:
        """So much was sent at first hand: a part of it may be sent again."""
        self._budget_bytes = min(self._budget_bytes + RESEND_PART * sent_bytes, RESEND_BURST_BYTES)

    def allows(self, sequence: int, size_bytes: int, now_s: float, round_trip_s: float | None = None) -> bool:
        """Whether this packet may go out again now; if so, it is counted."""
        self._refill(now_s)
        last_s, times = self._sent.get(sequence, (float("-inf"), 0))
        if times >= RESEND_LIMIT or now_s - last_s < _interval_s(round_trip_s):
            return False
        if size_bytes > self._budget_bytes:
            self.exhausted += 1
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


def _interval_s(round_trip_s: float | None) -> float:
    if round_trip_s is None:
        return RESEND_INTERVAL_S
    shortest_s, longest_s = RESEND_INTERVALS_S
    return min(longest_s, max(shortest_s, ROUND_TRIP_PART * round_trip_s))


class Forwarder:
    """Rewrites one track for one seat, so that the seat sees a single stream whatever happens to the publisher.

    Video begins, and begins again after a pause, on another layer or on a new stream of the publisher, with a key frame
    that came at first hand: behind a repaired one its own later packets would be missing. The sequence numbers towards
    the seat have no gap there, so nobody asks for packets that were never meant for them.
    """

    def __init__(self, outgoing: "OutgoingStream", clock_rate_hz: int) -> None:
        self.packets = 0
        self.octets = 0
        self.unsent = 0  # numbers that the seat counts as lost although they never came here, or have not yet
        self.repeats = True  # sound with its repetitions, where both sides have agreed on them
        self._outgoing = outgoing
        self._send_time = outgoing.send_time_extension << 28 | 2 << 24 if outgoing.send_time_extension else 0
        self._clock_rate_hz = clock_rate_hz
        self._layer: int | None = 0  # what is to be forwarded; None: nothing
        self._limiter = ResendLimiter()
        self._rtx_sequence = outgoing.first_sequence
        self._stream: Stream | None = None  # what is forwarded now; None: waiting for a place to begin
        self._newest: MediaPacket | None = None  # the newest one forwarded, of whichever stream
        self._newest_s = 0.0
        self._span = 0  # packets since the place where this stream began, up to the ring's length
        self._sequence_offset = 0
        self._rtp_offset = 0
        self._picture_id_offset = 0
        self._tl0picidx_offset = 0

    @property
    def exhausted_resends(self) -> int:
        """Packets that were not sent again for want of bytes."""
        return self._limiter.exhausted

    @property
    def layer(self) -> int | None:
        """The layer that the seat sees now, or None if it sees nothing."""
        return self._stream.layer if self._stream is not None else None

    @property
    def awaited_layer(self) -> int | None:
        """The layer of which a key frame is needed to begin, or None if none is."""
        return self._layer if self._layer is not None and self.layer != self._layer else None

    def choose(self, layer: int | None) -> None:
        """Go over to this layer with its next key frame; until then the one before goes on. None: nothing any more."""
        self._layer = layer
        if layer is None:
            self._stream = None

    def forward(self, packet: MediaPacket, now_s: float) -> bytes | None:
        """The packet for this seat, or None if it is not for it."""
        if packet.stream is not self._stream and not self._begin(packet, now_s):
            return None
        newest = self._newest
        ahead = (packet.sequence - newest.sequence) & 0xFFFF if newest is not None else 0
        if ahead < 0x8000:
            self._span = min(self._span + ahead, RING_PACKETS)
            self._newest, self._newest_s = packet, now_s
            if ahead > 1:
                self.unsent += ahead - 1
        elif 0x10000 - ahead > self._span:
            return None  # older than the place where we began
        else:
            self.unsent -= 1
        self.packets += 1
        self.octets += len(packet.payload)
        self._limiter.earn(len(packet.payload))
        out = self._outgoing
        header = self._header(packet, packet.marker | out.payload_type, self._numbered(packet), out.ssrc, now_s)
        return header + self._payload(packet)

    def resend(self, sequence: int, now_s: float, round_trip_s: float | None = None) -> bytes | None:
        """The RTX packet for a sequence number the seat misses, or None if it cannot or may not have it."""
        packet = self._sent(sequence)
        if packet is None or not self._limiter.allows(sequence, len(packet.payload), now_s, round_trip_s):
            return None
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        out = self._outgoing
        header = self._header(packet, packet.marker | out.rtx_payload_type, self._rtx_sequence, out.rtx_ssrc, now_s)
        return header + sequence.to_bytes(2) + self._payload(packet)

    def has_sent(self, sequence: int) -> bool:
        """Whether the seat was sent this number, and lately: else its own line has not lost it."""
        return self._sent(sequence) is not None

    def sender_report(self, stream: Stream | None, ntp_time: int, rtp_time: int) -> SenderReport | None:
        """What we report to a seat that sees `stream`, whose RTP time at `ntp_time` is given; None if it does not."""
        if self._stream is None or self._stream is not stream or not self.packets:
            return None
        shifted = (rtp_time + self._rtp_offset) & 0xFFFFFFFF
        return SenderReport(self._outgoing.ssrc, ntp_time, shifted, self.packets, self.octets)

    def _sent(self, sequence: int) -> MediaPacket | None:
        if self._stream is None or self._newest is None:
            return None
        original = (sequence - self._sequence_offset) & 0xFFFF
        behind = (self._newest.sequence - original) & 0xFFFF
        return self._stream.ring.get(original) if behind <= self._span else None

    def _begin(self, packet: MediaPacket, now_s: float) -> bool:
        layer = packet.stream.layer
        if layer == self.layer:
            self._stream = None  # the publisher began anew: what it sent before does not go on
        if layer != self._layer or not _may_begin(packet):
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
        if packet.stream is not last.stream:
            elapsed = max(1, int(self._elapsed_s(last, packet, now_s) * self._clock_rate_hz))
            self._rtp_offset += last.rtp_time + elapsed - packet.rtp_time
        if packet.vp8 is not None and last.vp8 is not None:
            self._picture_id_offset += 1 + _picture_id(last) - _picture_id(packet)
            self._tl0picidx_offset += 1 + _tl0picidx(last) - _tl0picidx(packet)

    def _elapsed_s(self, last: MediaPacket, packet: MediaPacket, now_s: float) -> float:
        """Time between the two frames: as captured where the publisher has said so, else as they arrived."""
        arrived = now_s - self._newest_s
        before, after = last.stream.captured_s(last.rtp_time), packet.stream.captured_s(packet.rtp_time)
        if before is None or after is None or abs(after - before - arrived) > MAX_CAPTURE_SKEW_S:
            return arrived
        return after - before

    def _numbered(self, packet: MediaPacket) -> int:
        return (packet.sequence + self._sequence_offset) & 0xFFFF

    def _header(self, packet: MediaPacket, marker_and_type: int, sequence: int, ssrc: int, now_s: float) -> bytes:
        rtp_time = (packet.rtp_time + self._rtp_offset) & 0xFFFFFFFF
        if not self._send_time:
            return _HEADER.pack(packet.flags, marker_and_type, sequence, rtp_time, ssrc)
        element = self._send_time | int(now_s * 2**18) & 0xFFFFFF
        flags = packet.flags | _EXTENSION_BIT
        return _TIMED_HEADER.pack(flags, marker_and_type, sequence, rtp_time, ssrc, _ONE_ELEMENT, element)

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
    send_time_extension: int = 0  # identifier of abs-send-time, by which receivers estimate their line; 0: not written


def _may_begin(packet: MediaPacket) -> bool:
    return packet.vp8 is None or (packet.vp8.starts_key_frame and not packet.repaired)


def _picture_id(packet: MediaPacket) -> int:
    at = packet.vp8.picture_id_at if packet.vp8 else -1
    return int.from_bytes(packet.payload[at : at + 2]) & 0x7FFF if at >= 0 else 0


def _tl0picidx(packet: MediaPacket) -> int:
    at = packet.vp8.tl0picidx_at if packet.vp8 else -1
    return packet.payload[at] if at >= 0 else 0
