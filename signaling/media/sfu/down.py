"""A seat's down connection: which tracks it gets, what it asks for again, when its answers are overdue."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from signaling.media.adaptation.shedding import Role
from signaling.media.port import (
    ClientStats,
    Delivery,
    DownSlot,
    PeerConnection,
    SeatId,
    Source,
    Track,
    TrackId,
    Wanted,
    stream_name,
)
from signaling.media.sfu import rtcp
from signaling.media.sfu.ceiling import NACKED_RATE, Ceiling
from signaling.media.sfu.dtls import DtlsState
from signaling.media.sfu.feed import Feed, Subscription
from signaling.media.sfu.forwarding import Forwarder, OutgoingStream
from signaling.media.sfu.ice import Path
from signaling.media.sfu.negotiation import Carried, DownNegotiation, Offer, Section
from signaling.media.sfu.numbers import RandomNumbers
from signaling.media.sfu.peer import Ground, Peer
from signaling.media.sfu.red_forwarding import RedForwarder
from signaling.media.sfu.sdp_gate import accept_answer
from signaling.media.sfu.sdp_writer import (
    DOWN_OPUS,
    DOWN_RED,
    DOWN_RTX,
    DOWN_SEND_TIME,
    DOWN_VP8,
    OfferedSection,
    OfferedTrack,
    TransportLines,
    write_offer,
)
from signaling.media.sfu.viewing import Forwarded, Viewing

REPORT_INTERVAL_S = 1.0
MAX_COMPOUND_BYTES = 1100


class DownOwner(Protocol):
    """The call, seen from a down connection."""

    def feed_of(self, track: TrackId) -> Feed | None:
        """The feed of a track that exists and that this seat may have."""

    def down_offer(self, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        """An offer for the client."""

    def dtls_state(self, pc: PeerConnection, state: DtlsState) -> None:
        """The connection came up, failed or was closed."""

    def role(self, track: Track) -> Role:
        """How long the picture is kept on a weak line."""

    def pictures_paused(self, tracks: Sequence[TrackId], busy: Sequence[TrackId]) -> None:
        """Exactly these pictures are kept back now: the line does not carry them, or we are too `busy`."""

    def rebuild_needed(self) -> None:
        """The client must build a new peer connection, and say so."""


class DownConnection:
    """Sends to one RTCPeerConnection. `last_neg` is the number of the offer before, of this or an earlier one."""

    def __init__(self, ground: Ground, owner: DownOwner, numbers: RandomNumbers, last_neg: int) -> None:
        self.peer = Peer(ground, self, takes_media=False)
        self.negotiation = DownNegotiation(last_neg, self._new_stream)
        self._ground = ground
        self._owner = owner
        self._numbers = numbers
        self._forwarded: dict[int, Forwarded] = {}  # by SSRC
        self._viewing = Viewing(self._forwarded, owner.role, ground.clock())
        self._nacked = Ceiling(NACKED_RATE)
        self._paused: tuple[Sequence[TrackId], Sequence[TrackId]] = ((), ())
        self._report_due_s = 0.0
        self._path: Path | None = None

    @property
    def sends_media(self) -> bool:
        """Whether the client has something to report on, at least once a second."""
        return bool(self._forwarded)

    @property
    def rtt_s(self) -> float | None:
        """The newest round trip to the client; None while unknown."""
        return self._viewing.rtt_s

    @property
    def feeds(self) -> Sequence[Feed]:
        """Whose media are sent to the client, while there are any."""
        return tuple(each.feed for each in self._forwarded.values())

    @property
    def subscriptions(self) -> Sequence[Subscription]:
        """By which feeds send to the client."""
        return tuple(each.subscription for each in self._forwarded.values())

    def deliveries(self) -> tuple[Delivery, ...]:
        """What is on its way to the client now."""
        return tuple(self._delivery(ssrc, each) for ssrc, each in self._forwarded.items())

    def _delivery(self, ssrc: int, each: Forwarded) -> Delivery:
        now_s, feed = self._ground.clock(), each.feed
        layer = each.subscription.forwarder.layer
        sent = feed.layers[layer] if layer is not None and layer < len(feed.layers) else None
        if sent is not None and sent.is_silent(now_s):
            sent = None
        lost, lost_before_us = (
            feed.viewers_loss.of(ssrc, now_s),
            (sent.reception.loss or 0.0) if sent is not None else 0.0,
        )
        return Delivery(
            feed.track.id,
            sent.index if sent is not None else None,
            feed.track.id in self._viewing.paused,
            sent.rate_bps(now_s) if sent is not None else 0,
            None if lost is None else max(0.0, lost - lost_before_us),
            feed.track.source.kind == "video",
        )

    def want(self, wanted: Collection[Wanted]) -> None:
        """The whole set of tracks the client wants; those not there yet are remembered."""
        self._viewing.wanted = {want.track: want for want in wanted}
        self._viewing.decide(self._ground.clock())
        self.refresh()

    def refresh(self) -> None:
        """Look again at which wanted tracks exist."""
        ordered = sorted(self._viewing.wanted.values(), key=lambda want: -want.priority)
        found = [(want.track, feed) for want in ordered if (feed := self._owner.feed_of(want.track))]
        self._follow(dict(found))
        found.sort(key=lambda each: each[1].track.source.kind != "audio")  # sound has room before pictures
        self.negotiation.want([(track, feed.track.source) for track, feed in found], self._ground.clock())
        self._offer_if_due()
        if any(each.feed.live and each.subscription.wanted is None for each in self._forwarded.values()):
            self._viewing.decide(self._ground.clock())  # its first key frame is under way, and is not missed

    def restart(self) -> None:
        """ICE restart: new credentials in a new offer."""
        self.peer.restart_ice()
        self.negotiation.restart(self._ground.clock())
        self._offer_if_due()

    def answer(self, neg: int, sdp: str) -> None:
        """The client's answer; a late one changes nothing. Raises MediaRefused."""
        offer = self.negotiation.outstanding(neg)
        if offer is None:
            return
        accepted = accept_answer(sdp, [section.mid for section in offer.sections])
        if self.peer.fingerprint not in (None, accepted.fingerprint):  # another RTCPeerConnection, without a reset
            self._owner.rebuild_needed()
            return
        self.negotiation.answered()
        self.peer.start(accepted.fingerprint)
        self._carry(offer, {s.mid for s in accepted.description.sections if DOWN_RED in s.payload_types})

    def client_counted(self, stats: ClientStats) -> None:
        """What the client saw of its line."""
        self._viewing.on_client_stats(stats, self._ground.clock())

    def tick(self, now_s: float) -> None:
        """Offer, report and notice what is overdue; called every few tens of milliseconds."""
        if self.negotiation.overdue(now_s):
            self._owner.rebuild_needed()
        self._offer_if_due()
        if self.peer.path != self._path:  # a key frame sent before the path moved went nowhere
            self._path = self.peer.path
            self._request_key_frames()
        if self.peer.connected:
            self._viewing.tick(now_s)
            self._tell_paused()
        if self.peer.connected and now_s >= self._report_due_s:
            self._report_due_s = now_s + REPORT_INTERVAL_S
            self._report()

    def close(self) -> None:
        """Receive nothing any more. Idempotent."""
        for each in self._forwarded.values():
            each.feed.unsubscribe(each.subscription)
        self._forwarded.clear()
        self.peer.close()

    def on_rtp(self, packet: bytes) -> None:
        """Never called: no media is taken here."""

    def gives_way(self, packet: memoryview) -> bool:
        """Never asked: no media is taken here."""
        return False

    def on_rtcp(self, packet: bytes) -> None:
        """What the client misses."""
        try:
            for message in rtcp.parse(packet):
                if isinstance(message, rtcp.Nack):
                    self._resend(message)
                elif isinstance(message, rtcp.KeyFrameRequest) and message.ssrc in self._forwarded:
                    self._forwarded[message.ssrc].feed.request_key_frame()
                elif isinstance(message, rtcp.ReceiverReport):
                    self._on_reports(message)
                elif isinstance(message, rtcp.Bandwidth):
                    self._viewing.on_bandwidth(message.bitrate_bps, self._ground.clock())
        except ValueError:
            self._ground.port.traffic.drops["rtcp_malformed"] += 1

    def on_dtls_state(self, state: DtlsState) -> None:
        """From now on packets reach the client: pictures need a key frame to begin with."""
        if state is DtlsState.CONNECTED:
            self._request_key_frames()
        self._owner.dtls_state(PeerConnection.DOWN, state)

    def _new_stream(self, source: Source) -> OutgoingStream:
        audio = source.kind == "audio"
        payload_types = (DOWN_OPUS, DOWN_OPUS) if audio else (DOWN_VP8, DOWN_RTX)
        ssrcs, send_time = (self._numbers.ssrc(), self._numbers.ssrc()), 0 if audio else DOWN_SEND_TIME
        return OutgoingStream(*ssrcs, *payload_types, self._numbers.sequence(), send_time)

    def _offer_if_due(self) -> None:
        offer = self.negotiation.next_offer(self._ground.clock())
        if offer is None:
            return
        self._let_go({section.carried.stream.ssrc for section in offer.sections if section.carried})
        port = self._ground.port
        fingerprint = self._ground.certificate.fingerprint
        transport = TransportLines(self.peer.credentials, fingerprint, port.announced_hosts, port.number)
        sections = [self._offered(section) for section in offer.sections]
        slots = [
            DownSlot(section.mid, carried.track, self._seat(carried), carried.source)
            for section in offer.sections
            if (carried := section.carried)
        ]
        self._owner.down_offer(offer.neg, write_offer(sections, offer.neg, transport), slots)

    def _offered(self, section: Section) -> OfferedSection:
        carried = section.carried
        if carried is None:
            return OfferedSection(section.mid, section.kind, None)
        seat = self._seat(carried)
        stream = stream_name(seat, carried.source)
        offered = OfferedTrack(carried.track, carried.source, stream, seat, carried.stream)
        return OfferedSection(section.mid, section.kind, offered)

    def _seat(self, carried: Carried) -> SeatId:
        return SeatId(carried.track.removesuffix(f".{carried.source}"))

    def _carry(self, offer: Offer, with_red: Collection[str]) -> None:
        """Begin with the tracks that the client has now agreed to; it takes RED on the m-lines `with_red`."""
        for section in offer.sections:
            carried = section.carried
            feed = self._owner.feed_of(carried.track) if carried else None
            if carried is None or feed is None or carried.stream.ssrc in self._forwarded:
                continue
            numbers = (carried.stream, feed.track.clock_rate_hz)
            takes_red = section.kind == "audio" and section.mid in with_red
            forwarder = RedForwarder(*numbers, DOWN_RED) if takes_red else Forwarder(*numbers)
            subscription = Subscription(forwarder, self.peer.send_rtp, 0 if section.kind == "audio" else None)
            self._forwarded[carried.stream.ssrc] = Forwarded(feed, subscription)
            feed.subscribe(subscription)
        self._viewing.decide(self._ground.clock())

    def _follow(self, found: Mapping[TrackId, Feed]) -> None:
        """Go over to the feeds of seats that another device has taken over; tracks and streams stay the same."""
        for ssrc, each in tuple(self._forwarded.items()):
            feed = found.get(each.feed.track.id, each.feed)
            if feed is not each.feed:
                each.feed.unsubscribe(each.subscription)
                self._forwarded[ssrc] = Forwarded(feed, each.subscription)
                feed.subscribe(each.subscription)

    def _let_go(self, kept: set[int]) -> None:
        for ssrc in self._forwarded.keys() - kept:
            gone = self._forwarded.pop(ssrc)
            gone.feed.unsubscribe(gone.subscription)
            self._viewing.forget(ssrc)

    def _tell_paused(self) -> None:
        paused = self._viewing.paused, self._viewing.busy
        if paused != self._paused:
            self._paused = paused
            self._owner.pictures_paused(*paused)

    def _resend(self, nack: rtcp.Nack) -> None:
        if nack.ssrc not in self._forwarded:
            return
        now_s, traffic = self._ground.clock(), self._ground.port.traffic
        if not self._nacked.allows(0, now_s, len(nack.sequences)):
            traffic.drops["nack_over_ceiling"] += 1
            return
        forwarder = self._forwarded[nack.ssrc].subscription.forwarder
        missed = [sequence for sequence in nack.sequences if forwarder.has_sent(sequence)]
        self._viewing.asked_again(len(missed))
        for sequence in missed:
            packet = forwarder.resend(sequence, now_s, self._viewing.rtt_s)
            if packet is not None:
                traffic.retransmissions += 1
                self.peer.send_rtp(packet)

    def _on_reports(self, report: rtcp.ReceiverReport) -> None:
        now_s = self._ground.clock()
        for block in report.blocks:
            if block.ssrc in self._forwarded:
                self._forwarded[block.ssrc].feed.viewers_loss.report(block.ssrc, block.fraction_lost, now_s)
        self._viewing.on_reports(report.blocks, rtcp.ntp_from_ns(self._ground.wall_clock_ns()), now_s)

    def _request_key_frames(self) -> None:
        for each in self._forwarded.values():
            each.feed.request_key_frame()

    def _report(self) -> None:
        """A sender report for each track, by our clock, so that all can be told from one another in time."""
        now_ns = self._ground.wall_clock_ns()
        compound = b""
        for each in self._forwarded.values():
            report = _sender_report(each.feed, each.subscription.forwarder, now_ns)
            if report is not None:
                compound += rtcp.sender_report(report) + rtcp.source_description(report.ssrc, each.feed.track.seat)
            if len(compound) > MAX_COMPOUND_BYTES:
                self.peer.send_rtcp(compound)
                compound = b""
        if compound:
            self.peer.send_rtcp(compound)


def _sender_report(feed: Feed, forwarder: Forwarder, now_ns: int) -> rtcp.SenderReport | None:
    layer = forwarder.layer
    rtp_time = feed.rtp_time_at(layer, now_ns) if layer is not None else None
    if layer is None or rtp_time is None:
        return None
    return forwarder.sender_report(feed.layers[layer].stream, rtcp.ntp_from_ns(now_ns), rtp_time)
