"""A seat's up connection: which packet belongs to which feed, and what we tell the publisher.

The SSRC decides (RFC 8843 9.2): first as declared in the offer, else learned from the MID extension; with simulcast
the RID extension tells the layer (RFC 8852). An SSRC that once belonged to one m-line is never taken for another's: a
camera that was taken back must not pass as the screen.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from signaling.media.port import PeerConnection, Published, Sending, Source
from signaling.media.sfu.backlog import GivesWay
from signaling.media.sfu.ceiling import UNKNOWN_RATE, Ceiling
from signaling.media.sfu.dtls import DtlsState
from signaling.media.sfu.feed import Feed
from signaling.media.sfu.peer import Ground, Peer
from signaling.media.sfu.publisher_feedback import SOUND_BPS, PublisherFeedback
from signaling.media.sfu.red import Plain, RedStream, with_payload_type
from signaling.media.sfu.rtcp import SenderReport, parse
from signaling.media.sfu.rtp import extension, restore_from_rtx
from signaling.media.sfu.sdp import AUDIO_LEVEL_URI, MID_URI, REPAIRED_RID_URI, RID_URI, MediaSection
from signaling.media.sfu.sdp_gate import Accepted
from signaling.media.sfu.sdp_writer import DOWN_OPUS, OPUS, VP8, TransportLines, is_rejected, write_answer
from signaling.media.sfu.settings import Limit
from signaling.media.sfu.twcc import Arrivals
from signaling.media.sfu.up_terms import red_payload_type, transport_cc_extension

MAX_SSRCS = 256  # remembered per connection; a browser uses two per m-line and seldom changes them


class UpOwner(Protocol):
    """The call, seen from an up connection."""

    def feed(self, source: Source) -> Feed:
        """The seat's feed of this source, made when it is new."""

    def feed_ended(self, feed: Feed) -> None:
        """The publisher took it back."""

    def feed_level(self, feed: Feed, level_dbov: int) -> None:
        """How loud one packet of the microphone is."""

    def gives_way_from(self, feed: Feed, layer: int) -> GivesWay:
        """When a picture of the seat is no longer forwarded in this layer."""

    def dtls_state(self, pc: PeerConnection, state: DtlsState) -> None:
        """The connection came up, failed or was closed."""


@dataclass(slots=True)
class UpSection:
    """One published m-line."""

    mid: str
    feed: Feed
    payload_type: int
    rtx_payload_type: int | None
    mid_extension: int | None
    level_extension: int | None
    rid_extensions: tuple[int | None, int | None] = (None, None)  # of what is sent, and of what is sent again
    rids: tuple[str, ...] = ()  # the layers, if it is simulcast
    red_payload_type: int | None = None
    muted: bool = False
    ssrcs: dict[int, int] = field(default_factory=dict)  # layer -> SSRC of the stream that is received now
    told: tuple[Limit, tuple[str, ...], bool] = (Limit(0, 0), (), False)  # limit, layers and rest the client knows of
    red: RedStream | None = None  # the stream that is received now, where RED was agreed

    @property
    def payload_types(self) -> tuple[int | None, ...]:
        """All that may come here."""
        return self.payload_type, self.rtx_payload_type, self.red_payload_type

    def new_red(self) -> RedStream | None:
        """For a stream whose numbers begin."""
        return None if self.red_payload_type is None else RedStream(self.payload_type)


@dataclass(frozen=True, slots=True)
class _Route:
    """Where packets of one SSRC go."""

    section: UpSection
    layer: int
    is_rtx: bool


class UpConnection:
    """Receives what one RTCPeerConnection publishes. `origin` tells that one from its successor."""

    def __init__(self, ground: Ground, owner: UpOwner, ssrc: int) -> None:
        self.origin = ""
        self.sections: dict[str, UpSection] = {}
        self.packet_s = float("-inf")  # when a packet of media last came
        self.peer = Peer(ground, self)
        self._ground = ground
        self._owner = owner
        self._remote_ufrag = ""
        self._routes: dict[bytes, _Route] = {}
        self._mids: dict[bytes, str] = {}  # SSRC -> the m-line it belongs to, as long as the connection lives
        self._unknown = Ceiling(UNKNOWN_RATE)
        self._feedback = PublisherFeedback(ssrc, self.peer.send_rtcp, ground.port.traffic)
        self._transport_cc: int | None = None  # the header extension with a packet's number on the connection

    @property
    def loss(self) -> float | None:
        """The share that was lost in the last second of the stream that lost most, before any repair."""
        received = [s.feed.layers[index].reception for s in self.sections.values() for index in s.ssrcs]
        return max((each.loss for each in received if each.loss is not None), default=None)

    def sendings(self, now_s: float) -> tuple[Sending, ...]:
        """What comes here now."""
        received = [
            (s.feed.track.id, s.feed.layers[index]) for s in self.sections.values() for index in sorted(s.ssrcs)
        ]
        return tuple(
            Sending(track, layer.index, layer.height, layer.rate_bps(now_s), layer.reception.loss)
            for track, layer in received
        )

    def answer(self, offer: Accepted, published: Sequence[Published]) -> str:
        """Take over what the offer says and answer it; another ufrag than before is an ICE restart."""
        if self._remote_ufrag not in ("", offer.ufrag):
            self.peer.restart_ice()
        self._remote_ufrag, self.origin = offer.ufrag, offer.description.origin
        sources = {track.mid: track.source for track in published}
        self._take_sections(offer.description.sections, sources)
        self._take_transport_cc(transport_cc_extension(offer.description))
        self.peer.start(offer.fingerprint)
        port = self._ground.port
        fingerprint = self._ground.certificate.fingerprint
        transport = TransportLines(self.peer.credentials, fingerprint, port.announced_hosts, port.number)
        feeds = [section.feed for section in self.sections.values()]
        most_bps = sum(feed.usual_bitrate_bps for feed in feeds if feed.track.source.kind == "video") + SOUND_BPS
        return write_answer(offer.description, sources, transport, most_bps)

    def mute(self, mid: str, muted: bool) -> None:
        """The client sends nothing on this m-line on purpose, or sends again."""
        section = self.sections.get(mid)
        if section is not None and section.muted != muted:
            section.muted = muted
            section.feed.expect_packets(not muted, self._ground.clock())
            section.feed.request_key_frame()

    def tick(self, now_s: float) -> None:
        """Ask for what is missing and report; called every few tens of milliseconds."""
        if self.peer.connected:
            self._feedback.tick(self.sections.values(), now_s)

    def close(self) -> None:
        """End every feed and the connection. Idempotent."""
        for section in self.sections.values():
            self._owner.feed_ended(section.feed)
        self.sections.clear()
        self._routes.clear()
        self.peer.close()

    def on_rtp(self, packet: bytes) -> None:
        """To the feed that the packet's SSRC belongs to; anything else is dropped."""
        if self._transport_cc is not None:
            self._note_arrival(packet, self._transport_cc)
        route = self._routes.get(packet[8:12]) or self._learn(packet)
        if route is None:
            return
        section, payload_type = route.section, packet[1] & 0x7F
        now_s = self.packet_s = self._ground.clock()
        if not section.feed.ceiling.allows(len(packet), now_s):
            self._ground.port.traffic.drops["rtp_over_ceiling"] += 1
            return
        is_red = payload_type == section.red_payload_type and not route.is_rtx
        if not is_red and payload_type != (section.rtx_payload_type if route.is_rtx else section.payload_type):
            self._ground.port.traffic.drops["rtp_payload_type"] += 1
            return
        try:
            if route.is_rtx:
                self._on_rtx(route, packet, now_s)
                return
            if section.level_extension is not None:
                self._on_level(section, packet)
            if section.red is not None:
                self._on_red(section.feed, section.red.plain(packet) if is_red else section.red.noted(packet), packet)
            else:
                section.feed.on_packet(packet, self._ground.wall_clock_ns(), now_s, route.layer)
                self._feedback.ask_if_due(section, route.layer, now_s)
        except ValueError:
            self._ground.port.traffic.drops["rtp_malformed"] += 1

    def gives_way(self, packet: memoryview) -> bool:
        """Whether it is of a picture that gives way. Its number is noted: the publisher's line has not lost it."""
        route = self._routes.get(bytes(packet[8:12]))
        if route is None or route.section.feed.track.source.kind == "audio":
            return False
        if self._ground.port.backlog.gives_way < self._owner.gives_way_from(route.section.feed, route.layer):
            return False
        if self._transport_cc is not None:
            with suppress(ValueError):
                self._note_arrival(bytes(packet), self._transport_cc)
        return True

    def on_rtcp(self, packet: bytes) -> None:
        """Sender reports to their feeds; nothing else of a publisher is of interest."""
        try:
            for message in parse(packet):
                route = self._routes.get(message.ssrc.to_bytes(4)) if isinstance(message, SenderReport) else None
                if route is not None and not route.is_rtx and isinstance(message, SenderReport):
                    arrived_ns = self._ground.wall_clock_ns()
                    route.section.feed.on_sender_report(message, arrived_ns, self._ground.clock(), route.layer)
        except ValueError:
            self._ground.port.traffic.drops["rtcp_malformed"] += 1

    def on_dtls_state(self, state: DtlsState) -> None:
        """Tell the call."""
        if state is DtlsState.CONNECTED:
            for section in self.sections.values():
                section.feed.expect_packets(not section.muted, self._ground.clock())
        self._owner.dtls_state(PeerConnection.UP, state)

    def _on_rtx(self, route: _Route, packet: bytes, now_s: float) -> None:
        section, layer = route.section, route.layer
        if layer not in section.ssrcs:
            return
        restored = restore_from_rtx(packet, section.ssrcs[layer], section.payload_type)
        reception = section.feed.layers[layer].reception
        if restored is not None and reception.accept_repair(int.from_bytes(restored[2:4]), now_s):
            section.feed.on_packet(restored, self._ground.wall_clock_ns(), now_s, layer, repaired=True)

    def _on_red(self, feed: Feed, found: Sequence[Plain], packet: bytes) -> None:
        arrived_ns, now_s = self._ground.wall_clock_ns(), self._ground.clock()
        for plain in found:
            red = plain.red and with_payload_type(plain.red, DOWN_OPUS)
            feed.on_packet(plain.packet, arrived_ns, now_s, repaired=plain.found_again, red=red)
        if not found:  # put back before it came: not lost after all
            feed.layers[0].reception.accept(int.from_bytes(packet[2:4]), int.from_bytes(packet[4:8]), now_s)

    def _note_arrival(self, packet: bytes, transport_cc: int) -> None:
        number = extension(packet, transport_cc)
        if self._feedback.arrivals is not None and number is not None and len(number) == 2:
            ssrc = int.from_bytes(packet[8:12])
            self._feedback.arrivals.record(int.from_bytes(number), ssrc, self._ground.port.arrived_s)

    def _on_level(self, section: UpSection, packet: bytes) -> None:
        level = extension(packet, section.level_extension or 0)
        if level:
            self._owner.feed_level(section.feed, level[0] & 0x7F)

    def _take_sections(self, offered: Sequence[MediaSection], sources: dict[str, Source]) -> None:
        before, self.sections = self.sections, {}
        self._routes = {}
        for section in offered:
            source = sources.get(section.mid)
            if source is None or not section.sends or is_rejected(section):
                continue
            taken = self._take_section(section, self._owner.feed(source), before.get(section.mid))
            self.sections[section.mid] = taken
            self._declare(section, taken)
        kept = {section.feed for section in self.sections.values()}
        for old in before.values():
            if old.feed not in kept:
                self._owner.feed_ended(old.feed)

    def _take_transport_cc(self, identifier: int | None) -> None:
        self._transport_cc = identifier
        if identifier is None:
            self._feedback.arrivals = None
        elif self._feedback.arrivals is None:
            self._feedback.arrivals = Arrivals()

    def _take_section(self, section: MediaSection, feed: Feed, before: UpSection | None) -> UpSection:
        payload_type = section.payload_type(OPUS if section.kind == "audio" else VP8) or 0
        rtx, mid = section.rtx_payload_type(payload_type), section.extension(MID_URI)
        level = section.extension(AUDIO_LEVEL_URI) if feed.track.source is Source.MIC else None
        rid_extensions = (section.extension(RID_URI), section.extension(REPAIRED_RID_URI))
        taken = UpSection(section.mid, feed, payload_type, rtx, mid, level, rid_extensions, section.rids)
        taken.red_payload_type = red_payload_type(section, feed.track.source, payload_type)
        taken.told = (feed.usual, section.rids, False)
        feed.publish(section.rids or ("",))
        if before is not None and before.feed is feed:
            taken.muted, taken.told = before.muted, before.told
            taken.ssrcs = dict(before.ssrcs) if before.rids == taken.rids else {}
            taken.red = before.red if before.red_payload_type == taken.red_payload_type else taken.new_red()
        elif self.peer.connected:
            feed.expect_packets(True, self._ground.clock())
        return taken

    def _declare(self, section: MediaSection, taken: UpSection) -> None:
        """Streams that the offer names; of simulcast it does not say which is which, so those are learned."""
        for layer, ssrc in taken.ssrcs.items():
            self._route(ssrc.to_bytes(4), taken, layer, is_rtx=False)
        if taken.rids:
            return
        for ssrc in section.ssrcs:
            self._route(ssrc.to_bytes(4), taken, 0, is_rtx=ssrc in section.rtx_of)
        self._begin(taken, 0, next((ssrc for ssrc in section.ssrcs if ssrc not in section.rtx_of), None))

    def _learn(self, packet: bytes) -> _Route | None:
        """Find the m-line of an SSRC that no offer declared: by its MID, or as the only one that still has none."""
        if not self._unknown.allows(len(packet), self._ground.clock()):
            self._ground.port.traffic.drops["rtp_unknown_over_ceiling"] += 1
            return None
        section = self._section_of(packet)
        route = None
        if section is not None:
            is_rtx = packet[1] & 0x7F == section.rtx_payload_type
            layer = self._layer_of(packet, section, is_rtx)
            route = self._route(packet[8:12], section, layer, is_rtx) if layer is not None else None
        if route is None:
            self._ground.port.traffic.drops["rtp_unknown_ssrc"] += 1
        elif not route.is_rtx:
            self._begin(route.section, route.layer, int.from_bytes(packet[8:12]))
        return route

    def _section_of(self, packet: bytes) -> UpSection | None:
        payload_type = packet[1] & 0x7F
        fitting = [s for s in self.sections.values() if payload_type in s.payload_types]
        mid = next((mid for s in fitting if s.mid_extension and (mid := extension(packet, s.mid_extension))), None)
        if mid is not None:
            return next((section for section in fitting if section.mid.encode() == mid), None)
        only = fitting[0] if len(fitting) == 1 else None
        return only if only is not None and (only.rids or not only.ssrcs) else None

    def _layer_of(self, packet: bytes, section: UpSection, is_rtx: bool) -> int | None:
        if not section.rids:
            return 0
        identifier = section.rid_extensions[is_rtx]
        rid = extension(packet, identifier) if identifier is not None else None
        return next((index for index, name in enumerate(section.rids) if name.encode() == rid), None)

    def _route(self, ssrc: bytes, section: UpSection, layer: int, is_rtx: bool) -> _Route | None:
        """Let packets of this SSRC go to this m-line, unless the SSRC is another's or there are too many."""
        if ssrc not in self._mids and len(self._mids) >= MAX_SSRCS:
            return None
        if self._mids.setdefault(ssrc, section.mid) != section.mid:
            return None
        route = self._routes[ssrc] = _Route(section, layer, is_rtx)
        return route

    def _begin(self, section: UpSection, layer: int, ssrc: int | None) -> None:
        """A stream's sequence numbers begin; packets of the one before are not taken any more."""
        before = section.ssrcs.get(layer)
        if ssrc is None or ssrc == before:
            return
        if before is not None:
            self._routes.pop(before.to_bytes(4), None)
        section.ssrcs[layer], section.red = ssrc, section.new_red()
        section.feed.begin(layer)
