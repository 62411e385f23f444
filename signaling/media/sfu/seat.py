"""One admitted seat of a call: its feeds, its two peer connections, what it is told. Speaks for them to the call."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from signaling.media.adaptation.shedding import Role
from signaling.media.port import (
    CallId,
    ClientStats,
    DownSlot,
    EngineListener,
    Inlet,
    PathState,
    PeerConnection,
    Published,
    SeatId,
    SeatLine,
    Source,
    Track,
    TrackId,
    Wanted,
    track_id,
)
from signaling.media.sfu.backlog import GivesWay, gives_way_from
from signaling.media.sfu.down import DownConnection
from signaling.media.sfu.dtls import DtlsState
from signaling.media.sfu.feed import Feed, Subscription
from signaling.media.sfu.inlet import FeedInlet
from signaling.media.sfu.liveness import DOWN_UNSTABLE_AFTER_S, UP_UNSTABLE_AFTER_S, Liveness
from signaling.media.sfu.numbers import RandomNumbers
from signaling.media.sfu.peer import Ground
from signaling.media.sfu.sdp_gate import accept_offer
from signaling.media.sfu.settings import Limit
from signaling.media.sfu.source_clock import SourceClock
from signaling.media.sfu.up import UpConnection
from signaling.media.taps import Taps

LOOK_INTERVAL_S = 0.25  # how often what may wait is looked at
QUIET_AFTER_S = 10.0  # without any media, from it or for it: longer than whatever is told of a silence at once
QUIET_LOOK_INTERVAL_S = 1.0  # of a quiet seat: a node may have hundreds of them
SENDS_NOTHING_AFTER_S = 0.5  # without a packet; its repairs may wait then too


class SeatCall(Protocol):
    """The call, seen from a seat."""

    id: CallId
    taps: Taps
    listener: EngineListener

    def notify(self, event: Callable[..., None], *details: object) -> None:
        """Tell the listener, a little later: never from inside the packet path."""

    def feed_of(self, asking: SeatId, track: TrackId) -> Feed | None:
        """The feed of another seat's track, or None."""

    def feeds_changed(self) -> None:
        """A feed appeared, came alive, ended or is gone."""

    def role(self, viewer: SeatId, track: Track) -> Role:
        """How long the picture is kept on this viewer's weak line."""

    def heard(self, seat: SeatId, level_dbov: int) -> None:
        """How loud one packet of the seat's microphone is."""

    def limit(self, source: Source, seat: SeatId) -> Limit:
        """How much a source of a seat may send in this call as it is now."""

    def signs(self, seat: SeatId) -> bool:
        """Whether it was marked as an interpreter's."""

    def usual_limit(self, source: Source) -> Limit:
        """What a client assumes as long as it is told nothing else."""


class Seat:
    """What an engine keeps for a seat between `admit` and `release`."""

    def __init__(self, seat: SeatId, call: SeatCall, ground: Ground, numbers: RandomNumbers) -> None:
        self.id = seat
        self.feeds: dict[Source, Feed] = {}
        self._call = call
        self._ground = ground
        self._numbers = numbers
        self._clock = SourceClock()
        self._up: UpConnection | None = None
        self._down: DownConnection | None = None
        self._wanted: Collection[Wanted] = ()
        self._last_neg = 0
        self._liveness: dict[PeerConnection, Liveness] = {}
        self._inlets: dict[Source, FeedInlet] = {}
        self._looked_s = float("-inf")
        self._is_quiet = False  # when last looked at

    def answer_up(self, sdp: str, published: Sequence[Published]) -> str:
        """Answer an up-offer of this or of a newly built RTCPeerConnection. Raises MediaRefused."""
        offer = accept_offer(sdp, published)
        up = self._up
        if up is None or up.origin != offer.description.origin or up.peer.fingerprint != offer.fingerprint:
            self.forget(PeerConnection.UP)
            up = self._up = UpConnection(self._ground, self, self._numbers.ssrc())
        answer = up.answer(offer, published)
        self._call.feeds_changed()
        return answer

    def want(self, wanted: Collection[Wanted]) -> None:
        """The whole set of tracks that the seat is to receive."""
        self._wanted = wanted
        if self._down is None:
            self._down_connection()
        else:
            self._down.want(wanted)

    def answer_down(self, neg: int, sdp: str) -> None:
        """The client's answer to a down-offer. Raises MediaRefused."""
        if self._down is not None:
            self._down.answer(neg, sdp)

    def restart_down(self) -> None:
        """New ICE credentials in a new down-offer."""
        self._down_connection().restart()

    def reset(self, pc: PeerConnection) -> None:
        """The client builds this one anew; a new down-offer is made at once."""
        self.forget(pc)
        if pc is PeerConnection.DOWN and self._wanted:
            self._down_connection()

    def client_counted(self, stats: ClientStats) -> None:
        """What the client saw of its line."""
        if self._down is not None:
            self._down.client_counted(stats)

    def mute(self, mid: str, muted: bool) -> None:
        """The client sends nothing on this m-line on purpose."""
        if self._up is not None:
            self._up.mute(mid, muted)

    def open_inlet(self, source: Source) -> Inlet:
        """Publish from inside the process; an inlet that was open for this source is closed."""
        if source in self._inlets:
            self._inlets[source].close()
        inlet = self._inlets[source] = FeedInlet(self.feed(source), self._ground, self.feed_level, self.feed_ended)
        self._call.feeds_changed()
        return inlet

    def refresh(self) -> None:
        """Tracks came or went in the call."""
        if self._down is not None:
            self._down.refresh()

    def tell_limits(self) -> None:
        """Tell the publisher which limits have changed for it."""
        now_s = self._ground.clock()
        for section in self._up.sections.values() if self._up else ():
            feed = section.feed
            limit = feed.limit = self._call.limit(feed.track.source, self.id)
            feed.gives_way = self._gives_way(feed)
            layers = feed.watched(now_s) if section.rids and not feed.gives_way else ()
            paused = feed.rests(now_s)
            if (limit, layers, paused) != section.told:
                section.told = (limit, layers, paused)
                details = (section.mid, limit.max_bitrate_bps, limit.max_height, layers, paused)
                self._call.notify(self._call.listener.up_limit, self._call.id, self.id, *details)

    def tick(self, now_s: float) -> None:
        """Everything that time brings; called every few tens of milliseconds. What may wait is looked at seldom."""
        sends = self._up is not None and now_s - self._up.packet_s < SENDS_NOTHING_AFTER_S
        interval_s = QUIET_LOOK_INTERVAL_S if self._is_quiet and not sends else LOOK_INTERVAL_S
        looks = now_s - self._looked_s >= interval_s
        if self._up is not None and (looks or sends):
            self._up.tick(now_s)
            for feed in self.feeds.values():
                feed.tick(now_s)
        if self._down is not None and (looks or self._down.negotiation.is_waiting):
            self._down.tick(now_s)
        if looks:
            self._looked_s = now_s
            self._look(now_s)

    def _look(self, now_s: float) -> None:
        sent = self._down.feeds if self._down is not None else ()
        self._is_quiet = all(now_s - feed.heard_s > QUIET_AFTER_S for feed in (*self.feeds.values(), *sent))
        for inlet in self._inlets.values():
            inlet.tick(now_s)
        for pc in tuple(self._liveness):
            self._check_liveness(pc, now_s)
        path_heard_s = now_s - (self._up.peer.silent_s(now_s) if self._up is not None else 0.0)
        for feed in self.feeds.values():
            stalled = feed.stall_change(path_heard_s)
            if stalled is not None:
                self._call.notify(self._call.listener.track_stalled, feed.track, stalled)

    @property
    def subscriptions(self) -> Sequence[Subscription]:
        """By which feeds of others send to it."""
        return self._down.subscriptions if self._down is not None else ()

    def line(self) -> SeatLine | None:
        """What is known of its line; None without any peer connection."""
        if self._up is None and self._down is None:
            return None
        up_loss = self._up.loss if self._up is not None else None
        rtt_s = self._down.rtt_s if self._down is not None else None
        deliveries = self._down.deliveries() if self._down is not None else ()
        sendings = self._up.sendings(self._ground.clock()) if self._up is not None else ()
        return SeatLine(self._call.id, self.id, rtt_s, up_loss, deliveries, sendings)

    def forget(self, pc: PeerConnection) -> None:
        """Close one peer connection. Idempotent."""
        self._liveness.pop(pc, None)
        if pc is PeerConnection.UP and self._up is not None:
            self._up.close()
            self._up = None
        elif pc is PeerConnection.DOWN and self._down is not None:
            self._last_neg = self._down.negotiation.neg
            self._down.close()
            self._down = None

    def close(self) -> None:
        """Close both. Idempotent."""
        for inlet in tuple(self._inlets.values()):
            inlet.close()
        for pc in PeerConnection:
            self.forget(pc)

    def feed(self, source: Source) -> Feed:
        """The seat's feed of this source, made when it is new."""
        if source not in self.feeds:
            track = Track(track_id(self.id, source), self._call.id, self.id, source)
            limit = self._call.usual_limit(source)
            self.feeds[source] = Feed(track, limit, self._call.taps, self._clock, self._feed_live)
        return self.feeds[source]

    def feed_of(self, track: TrackId) -> Feed | None:
        """The feed of another seat's track."""
        return self._call.feed_of(self.id, track)

    def feed_ended(self, feed: Feed) -> None:
        """The publisher took a track back, or lost its connection."""
        self._inlets.pop(feed.track.source, None)
        if feed.end():
            self._call.notify(self._call.listener.track_unpublished, feed.track)
            self._call.feeds_changed()

    def feed_level(self, feed: Feed, level_dbov: int) -> None:
        """How loud one packet of the microphone is."""
        self._call.heard(feed.track.seat, level_dbov)

    def _gives_way(self, feed: Feed) -> bool:
        is_picture = feed.track.source.kind == "video"
        return is_picture and self._ground.port.backlog.gives_way >= self.gives_way_from(feed, 0)

    def gives_way_from(self, feed: Feed, layer: int) -> GivesWay:
        """When a picture of the seat is no longer forwarded in this layer."""
        return gives_way_from(layer, signs=self._call.signs(self.id), recorded=feed.recorded, quarter=feed.quarter)

    def down_offer(self, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        """An offer for the client."""
        self._call.notify(self._call.listener.down_offer, self._call.id, self.id, neg, sdp, slots)

    def role(self, track: Track) -> Role:
        """How long the picture is kept on a weak line."""
        return self._call.role(self.id, track)

    def pictures_paused(self, tracks: Sequence[TrackId], busy: Sequence[TrackId]) -> None:
        """Exactly these pictures are kept back now: the seat's line does not carry them, or we are too `busy`."""
        self._call.notify(self._call.listener.pictures_paused, self._call.id, self.id, tracks, busy)

    def rebuild_needed(self) -> None:
        """The client did not answer in time, or answered from another peer connection."""
        self._reset_needed(PeerConnection.DOWN)

    def dtls_state(self, pc: PeerConnection, state: DtlsState) -> None:
        """A connection came up, failed or was closed by the client."""
        if state is DtlsState.CONNECTED:
            self._liveness[pc] = Liveness()
            self._check_liveness(pc, self._ground.clock())
        elif pc in self._liveness:
            self._give_up(pc)
        else:  # the handshake failed: nothing was ever heard on it
            self._reset_needed(pc)

    def _feed_live(self, feed: Feed) -> None:
        self._call.notify(self._call.listener.track_published, feed.track)
        self._call.feeds_changed()

    def _down_connection(self) -> DownConnection:
        if self._down is None:
            self._down = DownConnection(self._ground, self, self._numbers, self._last_neg)
            self._down.want(self._wanted)
        return self._down

    def _check_liveness(self, pc: PeerConnection, now_s: float) -> None:
        connection = self._up if pc is PeerConnection.UP else self._down
        if connection is None:
            return
        busy = self._down is not None and pc is PeerConnection.DOWN and self._down.sends_media
        limit_s = DOWN_UNSTABLE_AFTER_S if busy else UP_UNSTABLE_AFTER_S
        change = self._liveness[pc].change(connection.peer.silent_s(now_s), limit_s)
        if change is PathState.LOST:
            self._give_up(pc)
        elif change is not None:
            self._call.notify(self._call.listener.path_changed, self._call.id, self.id, pc, change)

    def _give_up(self, pc: PeerConnection) -> None:
        self.forget(pc)
        self._call.notify(self._call.listener.path_changed, self._call.id, self.id, pc, PathState.LOST)
        self._reset_needed(pc)

    def _reset_needed(self, pc: PeerConnection) -> None:
        self.forget(pc)
        self._call.notify(self._call.listener.reset_needed, self._call.id, self.id, pc)
