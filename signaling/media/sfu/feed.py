"""One track inside a call: what its publisher sends is repaired here and handed to taps and subscribers. No I/O.

A feed outlives its publisher's peer connections: after a reload the same feed begins a new stream, and nobody who
receives it has to negotiate anything.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from signaling.media.port import Source, Track
from signaling.media.sfu.forwarding import Forwarder, MediaPacket, PacketRing
from signaling.media.sfu.reception import Reception
from signaling.media.sfu.rtcp import SenderReport
from signaling.media.sfu.rtp import payload_end, payload_start, vp8_descriptor
from signaling.media.sfu.settings import Limit
from signaling.media.sfu.source_clock import SourceClock
from signaling.media.taps import Taps

KEY_FRAME_INTERVAL_S = 0.4  # a publisher is asked for key frames not more often than this
STALLED_AFTER_S = {Source.MIC: 2.0, Source.CAMERA: 2.5}  # a shared screen may stand still, and its sound be silent

_SEQUENCE_AND_TIME = struct.Struct("!HL")
_VERSION_AND_PADDING = 0xE0


@dataclass(frozen=True, slots=True, eq=False)
class Subscription:
    """One seat that gets the feed; `send` takes plain RTP packets."""

    forwarder: Forwarder
    send: Callable[[bytes], None]


class Feed:
    """What one seat sends from one source. `clock` is shared by the seat's feeds; `on_live` hears of first packets."""

    def __init__(
        self, track: Track, limit: Limit, taps: Taps, clock: SourceClock, on_live: Callable[["Feed"], None]
    ) -> None:
        self.track = track
        self.limit = limit  # what its publisher should not exceed
        self.live = False  # published, and a first packet came
        self.ring = PacketRing()
        self.reception = self._new_reception()
        self._taps = taps
        self._clock = clock
        self._on_live = on_live
        self._is_video = track.source.kind == "video"
        self._subscriptions: list[Subscription] = []
        self._stream = 0
        self._report: SenderReport | None = None
        self._due = False  # packets should be coming: published and not muted
        self._heard_s = 0.0  # when packets last came or began to be due
        self._stalled = False
        self._key_frame_wanted = False
        self._key_frame_asked_s = float("-inf")

    def begin(self) -> None:
        """The publisher's sequence numbers begin anew: another SSRC, or another peer connection."""
        self._stream += 1
        self.reception = self._new_reception()
        self._report = None

    def end(self) -> bool:
        """It is published no longer; whether it was live."""
        was_live, self.live, self._due = self.live, False, False
        return was_live

    def subscribe(self, subscription: Subscription) -> None:
        """Forward to this seat from the next packet (sound) or key frame (picture) on."""
        self._subscriptions.append(subscription)
        self.request_key_frame()

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forward no more. Idempotent."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def on_packet(self, packet: bytes, arrived_ns: int, now_s: float, repaired: bool = False) -> None:
        """One packet as published, or restored from RTX. Raises ValueError if it is no RTP packet."""
        start = payload_start(packet)
        sequence, rtp_time = _SEQUENCE_AND_TIME.unpack_from(packet, 2)
        if not repaired and not self.reception.accept(sequence, rtp_time, now_s):
            return
        self._heard_s = now_s
        if not self.live:
            self.live = True
            self._on_live(self)
        self._taps.packet(self.track, packet, arrived_ns)
        vp8 = vp8_descriptor(packet[start : payload_end(packet)]) if self._is_video else None
        flags, marker = packet[0] & _VERSION_AND_PADDING, packet[1] & 0x80
        self._distribute(MediaPacket(self._stream, flags, marker, sequence, rtp_time, packet[start:], vp8), now_s)

    def _distribute(self, packet: MediaPacket, now_s: float) -> None:
        if packet.vp8 is not None:
            self.ring.put(packet)
            if packet.vp8.starts_key_frame:
                self._key_frame_wanted = False
        for subscription in self._subscriptions:
            forwarded = subscription.forwarder.forward(packet, now_s)
            if forwarded is not None:
                subscription.send(forwarded)
            elif subscription.forwarder.waits_for_key_frame:
                self._key_frame_wanted = True

    def on_sender_report(self, report: SenderReport, arrived_ns: int, now_s: float) -> None:
        """The publisher said which RTP time is which moment of its clock."""
        self._report = report
        self.reception.on_sender_report(report.ntp_time, now_s)
        self._clock.on_report(report.ntp_time, arrived_ns)
        self._taps.sender_report(self.track, report.ntp_time, report.rtp_time, arrived_ns)

    def rtp_time_at(self, now_ns: int) -> int | None:
        """The publisher's RTP time of our moment `now_ns`, or None while it has not reported."""
        report = self._report
        if report is None:
            return None
        return self._clock.rtp_time_at(now_ns, report.ntp_time, report.rtp_time, self.track.clock_rate_hz)

    def request_key_frame(self) -> None:
        """Ask the publisher soon; asked again and again until one comes."""
        self._key_frame_wanted = self._is_video

    def key_frame_due(self, now_s: float) -> bool:
        """Whether to ask for a key frame now; if so, that is noted."""
        if self.reception.needs_key_frame:
            self.reception.needs_key_frame, self._key_frame_wanted = False, True
        due = self._due and self._key_frame_wanted and now_s - self._key_frame_asked_s >= KEY_FRAME_INTERVAL_S
        if due:
            self._key_frame_asked_s = now_s
        return due

    def expect_packets(self, due: bool, now_s: float) -> None:
        """From now on packets are due, or (muted, taken back) not due."""
        self._due, self._heard_s = due, now_s

    def stall_change(self, now_s: float) -> bool | None:
        """True when packets have failed to come, False when they came again, None without change."""
        limit_s = STALLED_AFTER_S.get(self.track.source)
        if limit_s is None or not self.live:
            return None
        stalled = self._due and now_s - self._heard_s > limit_s
        if stalled == self._stalled:
            return None
        self._stalled = stalled
        return stalled

    def _new_reception(self) -> Reception:
        return Reception(self.track.clock_rate_hz, repairable=self.track.source.kind == "video")
