"""One track inside a call: what its publisher sends is repaired here and handed to taps and subscribers. No I/O.

A feed outlives its publisher's peer connections: after a reload the same feed begins a new stream, and nobody who
receives it has to negotiate anything. With simulcast it has several layers; each subscriber gets one of them.
"""

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from signaling.media.adaptation.shedding import LayerRate
from signaling.media.port import Source, Track
from signaling.media.sfu.ceiling import Ceiling, track_rate
from signaling.media.sfu.forwarding import Forwarder, MediaPacket
from signaling.media.sfu.layer import Layer
from signaling.media.sfu.rtcp import SenderReport
from signaling.media.sfu.rtp import payload_end, payload_start, vp8_descriptor
from signaling.media.sfu.settings import Limit
from signaling.media.sfu.source_clock import SourceClock
from signaling.media.sfu.tap_feed import TapFeed
from signaling.media.sfu.viewers_loss import ViewersLoss
from signaling.media.taps import Taps

STALLED_AFTER_S = {Source.MIC: 2.0, Source.CAMERA: 2.5}  # a shared screen may stand still, and its sound be silent
NEVER_BEGAN_AFTER_S = 6.0  # a device may take its time for the first packet
KEPT_WARM_S = 5.0  # a layer, or a picture in one size, that nobody watches any more is still encoded for so long

_SEQUENCE_AND_TIME = struct.Struct("!HL")
_VERSION = 0xC0


@dataclass(slots=True, eq=False)
class Subscription:
    """One seat that gets the feed: `send` takes plain RTP packets, `wanted` is the layer to be seen (None: nothing).

    `shown` says whether the seat has a place for the picture, though its line may not carry it.
    """

    forwarder: Forwarder
    send: Callable[[bytes], None]
    wanted: int | None = 0
    shown: bool = True


class Feed:
    """What one seat sends from one source. `clock` is shared by the seat's feeds; `on_live` hears of first packets."""

    def __init__(
        self, track: Track, limit: Limit, taps: Taps, clock: SourceClock, on_live: Callable[["Feed"], None]
    ) -> None:
        self.track = track
        self.usual = limit  # what its publisher may send where nothing else is said
        self.limit = limit  # what it may send now
        self.ceiling = Ceiling(track_rate(track.source.kind, limit))
        self.live = False  # published, and a first packet came
        self.layers: tuple[Layer, ...] = ()
        self.viewers_loss = ViewersLoss()
        self._clock = clock
        self._on_live = on_live
        self.gives_way = False  # none of its layers is forwarded now, so that voices are
        self.quarter = zlib.crc32(f"{track.call} {track.id}".encode()) % 4  # of all pictures: in which part it is
        self._is_video = track.source.kind == "video"
        self._subscriptions: list[Subscription] = []
        self._taps = TapFeed(track, taps)
        self._due = False  # packets should be coming: published and not muted
        self.heard_s = 0.0  # when packets last came or began to be due
        self._stalled = False
        self._resting = False  # its publisher was told that nobody sees it
        self._shown_s = 0.0  # when it was last shown to somebody, or began
        self._watched_s: dict[int, float] = {}  # layer -> when it was last watched
        self._there: tuple[Limit, list[int]] | None = None  # what the layers were chosen by
        self.publish(("",))

    def publish(self, rids: Sequence[str]) -> None:
        """The publisher's layers from the smallest to the largest; one without a name means no simulcast."""
        if [layer.rid for layer in self.layers] == list(rids):
            return
        rate_hz = self.track.clock_rate_hz
        self._layer_limits = self.usual.layers(len(rids))
        self.layers = tuple(Layer(index, rid, rate_hz, is_video=self._is_video) for index, rid in enumerate(rids))
        self._watched_s.clear()
        self._there = None
        self._taps.begin(len(self.layers))
        for subscription in self._subscriptions:
            self._retarget(subscription, self.heard_s)

    def begin(self, layer: int = 0) -> None:
        """The publisher's sequence numbers begin anew in this layer: another SSRC, or another peer connection."""
        self.layers[layer].begin()

    def end(self) -> bool:
        """It is published no longer; whether it was live."""
        was_live, self.live, self._due, self._stalled, self.gives_way = self.live, False, False, False, False
        return was_live

    @property
    def recorded(self) -> bool:
        """Whether a recorder hears it."""
        return self._taps.heard

    @property
    def subscriptions(self) -> Sequence[Subscription]:
        """Whoever gets it now."""
        return tuple(self._subscriptions)

    def subscribe(self, subscription: Subscription) -> None:
        """Forward to this seat from the next packet (sound) or key frame (picture) on."""
        self._subscriptions.append(subscription)
        self._retarget(subscription, self.heard_s)
        self.request_key_frame()

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forward no more. Idempotent."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def choose(self, subscription: Subscription, layer: int | None, now_s: float) -> None:
        """Let this seat see this layer, or the nearest one that is there."""
        subscription.wanted = layer
        self._retarget(subscription, now_s)

    def on_packet(
        self,
        packet: bytes,
        arrived_ns: int,
        now_s: float,
        layer: int = 0,
        repaired: bool = False,
        red: bytes | None = None,
    ) -> None:
        """One packet of a layer as published, or restored from RTX or RED. Raises ValueError if it is no RTP packet.

        `red` is the RED payload it came in, for those who take that.
        """
        start, of = payload_start(packet), self.layers[layer]
        end = payload_end(packet, start)
        sequence, rtp_time = _SEQUENCE_AND_TIME.unpack_from(packet, 2)
        if not repaired and not of.reception.accept(sequence, rtp_time, now_s):
            return
        self.heard_s = now_s
        if not self.live:
            self.live = True
            self._on_live(self)
        payload = packet[start:end]  # padding measured the publisher's line: it stops here
        vp8 = vp8_descriptor(payload) if self._is_video else None
        flags, marker = packet[0] & _VERSION, packet[1] & 0x80
        taken = MediaPacket(of.stream, flags, marker, sequence, rtp_time, payload, vp8, repaired, red)
        of.on_packet(taken, now_s)
        self._taps.on_packet(packet, taken, arrived_ns, now_s)
        if (awaited := self._taps.awaited_layer) is not None:
            self.layers[awaited].request_key_frame()
        self._distribute(taken, now_s)

    def _distribute(self, packet: MediaPacket, now_s: float) -> None:
        for subscription in self._subscriptions:
            forwarded = subscription.forwarder.forward(packet, now_s)
            if forwarded is not None:
                subscription.send(forwarded)
            elif (awaited := subscription.forwarder.awaited_layer) is not None:
                self.layers[awaited].request_key_frame()

    def on_sender_report(self, report: SenderReport, arrived_ns: int, now_s: float, layer: int = 0) -> None:
        """The publisher said which RTP time of a layer is which moment of its clock."""
        self.layers[layer].on_sender_report(report, now_s)
        self._clock.on_report(report.ntp_time, arrived_ns)
        self._taps.on_sender_report(self.layers[layer].stream, report, arrived_ns)

    def rtp_time_at(self, layer: int, now_ns: int) -> int | None:
        """The publisher's RTP time in a layer of our moment `now_ns`, or None while it has not reported."""
        report = self.layers[layer].stream.report
        if report is None:
            return None
        return self._clock.rtp_time_at(now_ns, report.ntp_time, report.rtp_time, self.track.clock_rate_hz)

    def request_key_frame(self) -> None:
        """Ask the publisher soon, for each layer that somebody sees or waits for."""
        seen = [s.forwarder.layer for s in self._subscriptions] + [
            s.forwarder.awaited_layer for s in self._subscriptions
        ]
        for layer in self.layers:
            if layer.index in seen or layer.index == self._taps.layer:
                layer.request_key_frame()

    def key_frames_due(self, now_s: float) -> list[Layer]:
        """The layers to ask a key frame of now; that they are asked is noted."""
        return [layer for layer in self.layers if layer.key_frame_due(now_s)] if self._due and self._is_video else []

    def comes(self, now_s: float) -> bool:
        """Whether any layer is being sent."""
        return any(not layer.is_silent(now_s) for layer in self.layers)

    def expect_packets(self, due: bool, now_s: float) -> None:
        """From now on packets are due, or (muted, taken back) not due."""
        self._due, self.heard_s, self._shown_s = due, now_s, now_s

    def stall_change(self, path_heard_s: float) -> bool | None:
        """True when packets have failed to come, False when they came again, None without change.

        `path_heard_s` is when the publisher last said anything: a silent line is not a silent microphone.
        """
        limit_s = STALLED_AFTER_S.get(self.track.source)
        if limit_s is None:
            return None
        due = self._due and not self._resting
        stalled = due and path_heard_s - self.heard_s > (limit_s if self.live else NEVER_BEGAN_AFTER_S)
        if stalled == self._stalled:
            return None
        self._stalled = stalled
        return stalled

    def tick(self, now_s: float) -> None:
        """Let each who sees the feed go over to a better layer that has come, or leave one that has fallen silent."""
        if len(self.layers) == 1 or not self._due:
            return
        there = self.limit, [layer.index for layer in self.layers if not layer.is_silent(now_s)]
        if there == self._there:
            return
        self._there = there
        self._taps.choose(self._nearest(self.highest_allowed, now_s))
        for subscription in self._subscriptions:
            self._retarget(subscription, now_s)

    @property
    def highest_allowed(self) -> int:
        """The largest layer that the limit lets the publisher send."""
        heights = [limit.max_height for limit in self._layer_limits]
        return max((index for index, height in enumerate(heights) if height <= self.limit.max_height), default=0)

    def offered(self, now_s: float) -> tuple[LayerRate, ...]:
        """What a seat can have of a picture, the smallest first; a layer not sent now may become as its limit says."""
        if not self.live:
            return ()
        return tuple(
            LayerRate(layer.index, self._cost_bps(layer, limit, now_s), layer.height or limit.max_height)
            for layer, limit in zip(self.layers[: self.highest_allowed + 1], self._layer_limits, strict=False)
        )

    def _cost_bps(self, layer: Layer, limit: Limit, now_s: float) -> int:
        """The only size there is may be silent and due: of a screen that stands still a frame comes now and then."""
        due = len(self.layers) == 1 and self._due and not self._resting
        return layer.measured_bps(now_s) if due or not layer.is_silent(now_s) else limit.max_bitrate_bps

    @property
    def most_bitrate_bps(self) -> int:
        """What the publisher may send of all layers together."""
        if len(self.layers) == 1:
            return self.limit.max_bitrate_bps
        return sum(limit.max_bitrate_bps for limit in self._layer_limits[: self.highest_allowed + 1])

    @property
    def usual_bitrate_bps(self) -> int:
        """What the publisher may send of all layers together where nothing else is said."""
        return sum(limit.max_bitrate_bps for limit in self._layer_limits)

    def watched(self, now_s: float) -> tuple[str, ...]:
        """The names of the layers that should be encoded; the smallest always, so that there is a picture at once."""
        top = self.highest_allowed
        wanted = {0, *(s.wanted for s in self._subscriptions)} | ({top} if self._taps.heard else set())
        self._watched_s.update({min(layer, top): now_s for layer in wanted if layer is not None})
        return tuple(
            layer.rid
            for layer in self.layers[: top + 1]
            if now_s - self._watched_s.get(layer.index, float("-inf")) <= KEPT_WARM_S
        )

    def rests(self, now_s: float) -> bool:
        """Whether a picture need not be encoded: it gives way, or is in one size, shown to nobody and not recorded."""
        if self._taps.heard or any(subscription.shown for subscription in self._subscriptions):
            self._shown_s = now_s
        in_one_size = self._is_video and len(self.layers) == 1
        resting = self.gives_way or (in_one_size and self.live and now_s - self._shown_s > KEPT_WARM_S)
        if self._resting and not resting:
            self.heard_s = now_s  # from now on packets are due again
        self._resting = resting
        return resting

    def _retarget(self, subscription: Subscription, now_s: float) -> None:
        wanted = subscription.wanted
        subscription.forwarder.choose(None if wanted is None else self._nearest(wanted, now_s))

    def _nearest(self, layer: int, now_s: float) -> int:
        """The best layer that is there and no larger than this one; else the smallest that is there."""
        there = [other.index for other in self.layers if not other.is_silent(now_s)]
        return max((index for index in there if index <= layer), default=min(there, default=0))
