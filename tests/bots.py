"""Clients without a browser.

A `Bot` is one seat: it publishes made-up VP8 and Opus on its up connection and counts what its down connection brings.
How its messages reach the server is the caller's: `EngineDoor` calls a `MediaEngine` directly.
"""

import asyncio
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiortc.rtcdtlstransport import RTCCertificate

from recordings.packetise import RtpStream
from signaling.media.port import (
    CallId,
    DownSlot,
    MediaEngine,
    PathState,
    PeerConnection,
    Published,
    SeatId,
    Source,
    Track,
    TrackId,
    Wanted,
)
from signaling.media.sfu import rtcp
from tests.bot_transport import OWN_PASSWORD, BotTransport
from tests.waiting import until

OPUS, VP8, RTX = 111, 96, 97
HEADER_EXTENSIONS = (
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
)


class Door(Protocol):
    """How a bot's messages reach the server."""

    async def answer_up(self, neg: int, sdp: str, published: Sequence[Published]) -> str: ...
    async def want(self, wanted: Collection[Wanted]) -> None: ...
    async def answer_down(self, neg: int, sdp: str) -> None: ...


@dataclass
class EngineDoor:
    """Straight into an engine."""

    engine: MediaEngine
    call: CallId
    seat: SeatId

    async def answer_up(self, neg: int, sdp: str, published: Sequence[Published]) -> str:
        return await self.engine.answer_up(self.call, self.seat, neg, sdp, published)

    async def want(self, wanted: Collection[Wanted]) -> None:
        await self.engine.want(self.call, self.seat, wanted)

    async def answer_down(self, neg: int, sdp: str) -> None:
        await self.engine.answer_down(self.call, self.seat, neg, sdp)


@dataclass
class Sent:
    """One track that a bot publishes."""

    mid: str
    source: Source
    ssrc: int
    stream: RtpStream
    rtp_time: int = 0
    frames: "itertools.cycle[bytes] | None" = None


class Bot:
    """One seat. `await publish(...)`, then `say()` and `show()` send frames; `heard` counts packets by track.

    `host` is the address at which it wants to reach the server, `namespace` the network in which it is, if not in ours.
    """

    _ssrcs = itertools.count(0x1000, 16)
    kept_in_answer: tuple[str, ...] = ("m=", "c=", "a=rtpmap", "a=mid")  # lines of an offer's sections

    def __init__(self, door: Door, host: str | None = None, namespace: str | None = None) -> None:
        self._namespace = namespace
        self.up, self.down = self._transport(), self._transport()
        self.sent: dict[Source, Sent] = {}
        self.slots: dict[int, DownSlot] = {}  # by SSRC
        self.heard: Counter[TrackId] = Counter()
        self.received: dict[TrackId, list[bytes]] = defaultdict(list)
        self.resent: list[bytes] = []
        self.offers: list[tuple[int, str]] = []
        self.door = door
        self._host = host
        self._neg = 0
        self._session = next(self._ssrcs)
        self._ufrags = itertools.count(1)
        self._rtx: dict[int, int] = {}

    def _transport(self) -> BotTransport:
        return BotTransport(RTCCertificate.generateCertificate(), self._namespace)

    async def publish(self, *sources: Source) -> str:
        """Publish exactly these; returns the answer once media can be sent."""
        for source in sources:
            if source not in self.sent:
                ssrc = next(self._ssrcs)
                payload_type = OPUS if source.kind == "audio" else VP8
                self.sent[source] = Sent(str(len(self.sent)), source, ssrc, RtpStream(ssrc, payload_type))
        self._neg += 1
        published = [Published(sent.mid, sent.source) for sent in self.sent.values() if sent.source in sources]
        answer = await self.door.answer_up(self._neg, self.offer(sources), published)
        await self.up.connect(answer, self._host)
        await asyncio.wait_for(self.up.connected.wait(), 20)
        return answer

    async def restart_up(self) -> str:
        """ICE restart of the up connection: new credentials, the same DTLS."""
        self.up.own_ufrag = f"bot{next(self._ufrags)}"
        return await self.publish(*self.sent)

    async def rebuild_up(self) -> None:
        """A new RTCPeerConnection, as after a reload: other SSRCs, another certificate, another session."""
        await self.up.close()
        self.up, self._session = self._transport(), next(self._ssrcs)
        sources, self.sent = tuple(self.sent), {}
        await self.publish(*sources)

    async def rebuild_down(self) -> None:
        """A new RTCPeerConnection for what comes; the server has to offer it everything again."""
        await self.down.close()
        self.down = self._transport()

    def offer(self, sources: Sequence[Source]) -> str:
        """What a browser would offer, in short."""
        lines = ["v=0", f"o=- {self._session} {self._neg} IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines.append("a=group:BUNDLE " + " ".join(sent.mid for sent in self.sent.values()))
        text = "\r\n".join(lines) + "\r\n"
        for sent in self.sent.values():
            text += self._section(sent, "sendonly" if sent.source in sources else "inactive")
        return text

    def _section(self, sent: Sent, direction: str) -> str:
        transport = (
            f"a=ice-ufrag:{self.up.own_ufrag}\r\na=ice-pwd:{OWN_PASSWORD}\r\na=fingerprint:{self.up.fingerprint}\r\n"
            f"a=setup:actpass\r\na=mid:{sent.mid}\r\na={direction}\r\na=rtcp-mux\r\n{HEADER_EXTENSIONS}"
        )
        if sent.source.kind == "audio":
            return (
                f"m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:{OPUS} opus/48000/2\r\n{transport}"
                f"a=ssrc:{sent.ssrc} cname:bot\r\n"
            )
        return (
            f"m=video 9 UDP/TLS/RTP/SAVPF {VP8} {RTX}\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:{VP8} VP8/90000\r\n"
            f"a=rtpmap:{RTX} rtx/90000\r\na=fmtp:{RTX} apt={VP8}\r\n{transport}"
            f"a=ssrc-group:FID {sent.ssrc} {sent.ssrc + 1}\r\n"
            f"a=ssrc:{sent.ssrc} cname:bot\r\na=ssrc:{sent.ssrc + 1} cname:bot\r\n"
        )

    def say(self, level_dbov: int | None = None, source: Source = Source.MIC, sound: bytes = b"\xf8\xff\xfe") -> bytes:
        """Send 20 ms of sound, an Opus packet; `level_dbov` in the header extension that browsers write."""
        sent = self.sent[source]
        packet = sent.stream.opus(sound, sent.rtp_time)
        sent.rtp_time += 960
        if level_dbov is not None:
            extension = bytes([0xBE, 0xDE, 0, 1, 0x10, level_dbov, 0, 0])
            packet = bytes([packet[0] | 0x10]) + packet[1:12] + extension + packet[12:]
        self.up.send_rtp(packet)
        return packet

    def show(self, frame: bytes, source: Source = Source.CAMERA, lose: Collection[int] = ()) -> list[bytes]:
        """Send one VP8 frame; packets whose place is in `lose` do not leave."""
        sent = self.sent[source]
        packets = sent.stream.vp8(frame, sent.rtp_time)
        sent.rtp_time += 6000
        for place, packet in enumerate(packets):
            if place not in lose:
                self.up.send_rtp(packet)
        return packets

    async def want(self, *tracks: TrackId, visible: bool = True) -> None:
        """The whole set of tracks to receive."""
        await self.door.want([Wanted(track, 720, visible, 1) for track in tracks])

    async def on_down_offer(self, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        """Answer as a browser would and connect."""
        if self.down.is_restarted_by(sdp):
            self.down.own_ufrag = f"bot{next(self._ufrags)}"
        self.offers.append((neg, sdp))
        self.take_slots(sdp, slots)
        self.down.on_rtp = self._on_rtp
        await self.door.answer_down(neg, self.answer(sdp))
        await self.down.connect(sdp, self._host)

    def answer(self, offer: str) -> str:
        """Every m-line of the offer, received where it is sent."""
        head, *sections = re.split(r"(?m)^(?=m=)", offer)
        group = re.search(r"a=group:BUNDLE .*", head)[0].strip()  # type: ignore[index]
        text = f"v=0\r\no=- {self._session} 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n{group}\r\n"
        for section in sections:
            direction = "recvonly" if "a=sendonly" in section else "inactive"
            kept = [line for line in section.split("\r\n") if line.startswith(self.kept_in_answer)]
            text += "\r\n".join(kept) + (
                f"\r\na={direction}\r\na=rtcp-mux\r\na=ice-ufrag:{self.down.own_ufrag}\r\na=ice-pwd:{OWN_PASSWORD}\r\n"
                f"a=fingerprint:{self.down.fingerprint}\r\na=setup:active\r\n"
            )
        return text

    def take_slots(self, sdp: str, slots: Sequence[DownSlot]) -> None:
        """Which SSRC carries what."""
        sections = {re.search(r"a=mid:(\S+)", s)[1]: s for s in re.split(r"(?m)^(?=m=)", sdp)[1:]}  # type: ignore[index]
        self.slots = {}
        for slot in slots:
            ssrcs = [int(ssrc) for ssrc in dict.fromkeys(re.findall(r"a=ssrc:(\d+)", sections[slot.mid]))]
            self.slots[ssrcs[0]] = slot
            if len(ssrcs) > 1:
                self._rtx[ssrcs[1]] = ssrcs[0]

    def ssrc_of(self, track: TrackId) -> int:
        """The SSRC under which a track arrives."""
        return next(ssrc for ssrc, slot in self.slots.items() if slot.track == track)

    def nack(self, track: TrackId, *sequences: int) -> None:
        """Ask for packets again."""
        self.down.send_rtcp(rtcp.nack(1, self.ssrc_of(track), sequences))

    async def hears(self, track: TrackId, packets: int = 1, within_s: float = 20) -> None:
        """Wait until so many packets of a track have come since now."""
        goal = self.heard[track] + packets
        await until(lambda: self.heard[track] >= goal, within_s)

    async def close(self) -> None:
        """Vanish."""
        await self.up.close()
        await self.down.close()

    def _on_rtp(self, packet: bytes) -> None:
        ssrc = int.from_bytes(packet[8:12])
        if ssrc in self._rtx:
            self.resent.append(packet)
        elif ssrc in self.slots:
            self.heard[self.slots[ssrc].track] += 1
            self.received[self.slots[ssrc].track].append(packet)


@dataclass
class Ear:
    """An `EngineListener` that remembers; bots given to it answer their down-offers by themselves."""

    bots: dict[SeatId, Bot] = field(default_factory=dict)
    published: list[TrackId] = field(default_factory=list)
    unpublished: list[TrackId] = field(default_factory=list)
    stalls: list[tuple[TrackId, bool]] = field(default_factory=list)
    limits: list[tuple[SeatId, str, int, int]] = field(default_factory=list)
    layers: dict[SeatId, list[str]] = field(default_factory=dict)
    resting: set[tuple[SeatId, str]] = field(default_factory=set)
    paused: dict[SeatId, tuple[TrackId, ...]] = field(default_factory=dict)
    busy: dict[SeatId, tuple[TrackId, ...]] = field(default_factory=dict)
    paths: list[tuple[SeatId, PeerConnection, PathState]] = field(default_factory=list)
    resets: list[tuple[SeatId, PeerConnection]] = field(default_factory=list)
    spoke: list[Sequence[SeatId]] = field(default_factory=list)
    offers: list[tuple[SeatId, int, str, Sequence[DownSlot]]] = field(default_factory=list)
    answering: "set[asyncio.Task[None]]" = field(default_factory=set)

    def track_published(self, track: Track) -> None:
        self.published.append(track.id)

    def track_unpublished(self, track: Track) -> None:
        self.unpublished.append(track.id)

    def track_stalled(self, track: Track, stalled: bool) -> None:
        self.stalls.append((track.id, stalled))

    def down_offer(self, call: CallId, seat: SeatId, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        self.offers.append((seat, neg, sdp, slots))
        if seat in self.bots:
            task = asyncio.create_task(self.bots[seat].on_down_offer(neg, sdp, slots))
            self.answering.add(task)
            task.add_done_callback(self.answering.discard)

    def up_limit(
        self,
        call: CallId,
        seat: SeatId,
        mid: str,
        max_bitrate_bps: int,
        max_height: int,
        layers: Sequence[str],
        paused: bool = False,
    ) -> None:
        self.limits.append((seat, mid, max_bitrate_bps, max_height))
        self.layers[seat] = list(layers)
        (self.resting.add if paused else self.resting.discard)((seat, mid))

    def pictures_paused(
        self, call: CallId, seat: SeatId, tracks: Sequence[TrackId], busy: Sequence[TrackId] = ()
    ) -> None:
        self.paused[seat], self.busy[seat] = tuple(tracks), tuple(busy)

    def path_changed(self, call: CallId, seat: SeatId, pc: PeerConnection, state: PathState) -> None:
        self.paths.append((seat, pc, state))

    def reset_needed(self, call: CallId, seat: SeatId, pc: PeerConnection) -> None:
        self.resets.append((seat, pc))

    def speaking(self, call: CallId, seats: Sequence[SeatId]) -> None:
        self.spoke.append(seats)
