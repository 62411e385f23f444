"""Where media is produced and where it is consumed: interfaces only.

An engine (our own SFU, the loopback engine, later Janus) forwards packets between the seats of a call. A tap hears what
an engine hears. A listener is told what an engine notices. Neither side knows the other's classes.

A seat has two peer connections. On `up` the browser offers; on `down` the server offers. A track is named by its seat
and source, so it keeps its name through every reconnect.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NewType, Protocol

CallId = NewType("CallId", str)
SeatId = NewType("SeatId", str)
TrackId = NewType("TrackId", str)

INLET_LEVEL_ID = 1  # of the header extension with the level; an inlet has no offer in which to agree on another


class Source(StrEnum):
    """Where a track comes from."""

    MIC = "mic"  # the person's voice
    CAMERA = "camera"  # the person's picture
    SCREEN = "screen"  # a shared screen or window
    SCREEN_AUDIO = "screen_audio"  # the sound of what is shared

    @property
    def kind(self) -> Literal["audio", "video"]:
        """The m-line kind that carries this source."""
        return "audio" if self in (Source.MIC, Source.SCREEN_AUDIO) else "video"


class PeerConnection(StrEnum):
    """Which of a seat's two peer connections."""

    UP = "up"  # from the browser; the browser offers
    DOWN = "down"  # to the browser; the server offers


class PathState(StrEnum):
    """What the engine's own liveness timer says of one peer connection."""

    CONNECTED = "connected"  # DTLS is up and authenticated packets arrive
    UNSTABLE = "unstable"  # connected, but silent for longer than it should be
    LOST = "lost"  # silent for so long that the peer was given up and its addresses released


@dataclass(frozen=True, slots=True)
class Track:
    """One stream of one person: what is forwarded and, with consent, written."""

    id: TrackId
    call: CallId
    seat: SeatId
    source: Source

    @property
    def clock_rate_hz(self) -> int:
        """RTP clock: Opus 48,000 (RFC 7587), VP8 90,000 (RFC 7741)."""
        return 48_000 if self.source.kind == "audio" else 90_000


def track_id(seat: SeatId, source: Source) -> TrackId:
    """The one name of this seat's track from this source."""
    return TrackId(f"{seat}.{source}")


def stream_name(seat: SeatId, source: Source) -> str:
    """Of the MediaStream in which a viewer gets a track (the first word of `a=msid`, RFC 8830 2).

    Browsers delay the sound of a stream as long as its picture, seconds on a bad line: a voice waits for none.
    """
    return f"{seat}.shared" if source in (Source.SCREEN, Source.SCREEN_AUDIO) else track_id(seat, source)


@dataclass(frozen=True, slots=True)
class Published:
    """What a client says of one m-line of its up-offer."""

    mid: str
    source: Source


@dataclass(frozen=True, slots=True)
class Wanted:
    """One track that a seat wishes to receive, and how it will show it."""

    track: TrackId
    max_height: int  # pixels; 0 for sound
    visible: bool
    priority: int  # larger is kept longer when the line is weak


@dataclass(frozen=True, slots=True)
class DownSlot:
    """Which track an m-line of a down-offer carries."""

    mid: str
    track: TrackId
    seat: SeatId
    source: Source


@dataclass(frozen=True, slots=True)
class Capabilities:
    """In what engines differ. Everything else they all promise, and one contract suite asks each for it.

    A difference is declared here, and the suite asserts that it is as declared.
    """

    network: bool = True  # clients reach it by packets: there are paths, layers and estimates
    inlets: bool = True  # plays what is fed from inside the process; else `open_inlet` is refused
    adapts: bool = True  # chooses layers by the viewer's line as well, and says what it kept back
    estimates: bool = True  # hears of that line from its transport; else only what the client counts, every few seconds
    keeps_slots: bool = True  # a publisher's new peer connection goes on where it was; else viewers are offered anew
    notices_silent_down: bool = True  # tells that a down connection fell silent; else its client alone notices
    taps_at_once: bool = True  # a tap hears from `attach` on; else from when the engine was reached, in milliseconds
    sender_reports: bool = True  # taps hear them; else tracks are aligned by the arrival of their packets
    measures: bool = True  # counts its traffic and knows the lines of its seats
    probes: bool = True  # has a place where clients may try whether they get here, before a call
    repeats_sound: bool = True  # asks voices to repeat themselves (RED), where the browser offers it


@dataclass(frozen=True, slots=True)
class EngineLoad:
    """What a node announces of itself, for placement."""

    calls: int
    seats: int
    packets_per_s: float | None  # None where it does not measure
    seat_capacity: int
    gives_way: int = 0  # how much of pictures is not forwarded so that voices are: 0 nothing, larger is more


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """What whoever carries the media has had of the processor since it began."""

    used_s: float  # by all its threads that do
    cores: int  # that it can use at once


@dataclass(frozen=True, slots=True)
class Delivery:
    """One track on its way to one seat, as the engine sees it now."""

    track: TrackId
    layer: int | None  # which one is sent, counted from the smallest; None: nothing is
    paused: bool  # a visible picture that the seat's line does not carry
    bitrate_bps: int  # of what is sent, without headers and what is sent again
    loss: float | None  # share (0-1) that the seat says it lost and that had reached us; None while it has not reported
    is_picture: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """One encoding that comes from a seat, as the engine sees it now, before any repair."""

    track: TrackId
    layer: int  # counted from the smallest
    height: int  # pixels of the shorter side; 0 for sound, and while no key frame has come
    bitrate_bps: int  # without headers; 0 while nothing comes, as of a layer that nobody watches
    loss: float | None  # share (0-1) in the last second; None before the first report


@dataclass(frozen=True, slots=True)
class ClientStats:
    """What a seat's client counted of what reached it in the last `seconds` (W3C webrtc-stats)."""

    seconds: float
    loss: float | None  # share (0-1) of all packets
    rtt_s: float | None
    freezes: int  # of all pictures together
    jitter_buffer_s: float | None  # the least of its pictures' mean delays: a line that queues delays them all


@dataclass(frozen=True, slots=True)
class SeatLine:
    """What an engine knows of one seat's line. Both directions are seen from the node."""

    call: CallId
    seat: SeatId
    rtt_s: float | None  # None while unknown
    up_loss: float | None  # share (0-1) of its worst stream in the last second; None while it sends nothing
    deliveries: tuple[Delivery, ...]
    sendings: tuple[Sending, ...] = ()


@dataclass(slots=True)
class Traffic:
    """What has passed through an engine since it was made. Only ever grows; for metrics."""

    packets_received: int = 0  # DTLS and SRTP datagrams of peers
    packets_sent: int = 0
    bytes_received: int = 0  # of their payload, UDP and IP headers not counted
    bytes_sent: int = 0
    checks_answered: int = 0  # ICE
    repairs_requested: int = 0  # packets that a publisher was asked to send again
    retransmissions: int = 0  # packets that were sent to a seat again
    key_frame_requests: int = 0  # to publishers
    hidden_listeners: int = 0  # who got media without being in the roster, and was cut: more than 0 is an alarm
    drops: Counter[str] = field(default_factory=Counter)  # by reason: see docs/media.md


@dataclass(frozen=True)
class MediaProbe:
    """Where somebody without a seat may try whether packets get here: ICE credentials that lead to no call."""

    ufrag: str
    password: str
    hosts: tuple[str, ...]
    port: int


class Tap(Protocol):
    """Hears every packet of a call, like a guest who never speaks: the recorder, meters, tests.

    Called on the packet path: it must neither block nor raise, and it may not keep the loop waiting.
    """

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        """One plain RTP packet as published (after repair, without RTX); `arrived_ns` is wall time since 1970.

        The SSRC, and where the sequence numbers begin, are the engine's.
        """

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """The pair of an RTCP sender report (RFC 3550 6.4.1): 64-bit NTP time and the RTP time it equals."""


class Inlet(Protocol):
    """Feeds one track from inside the process, as if the seat's browser had sent it: sample guests let one person try a
    full room. Nobody can ask an inlet for a key frame, so what it plays carries one at least every two seconds. A
    microphone's packets tell their level (RFC 6464) in the header extension `INLET_LEVEL_ID`, or nothing of it.
    """

    def write(self, packet: bytes) -> None:
        """One plain RTP packet, Opus or VP8 as the source asks, at the moment it is due. Dropped after close."""

    def close(self) -> None:
        """Take the track back. Idempotent."""


class EngineListener(Protocol):
    """Told by an engine what it notices. Called on the loop; must not block."""

    def track_published(self, track: Track) -> None:
        """The first packet of this track was authenticated."""

    def track_unpublished(self, track: Track) -> None:
        """The publisher took it back, or its seat was released."""

    def track_stalled(self, track: Track, stalled: bool) -> None:
        """Packets are due and none came for seconds though the line is alive, or they came again. Never while muted."""

    def down_offer(self, call: CallId, seat: SeatId, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        """The seat's down connection needs this offer answered."""

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
        """The publisher should send no more than this; of simulcast layers only these, for nobody sees the others.

        `paused`: nobody is sent the picture in any size, so nothing need be encoded until it is told otherwise.
        """

    def pictures_paused(
        self, call: CallId, seat: SeatId, tracks: Sequence[TrackId], busy: Sequence[TrackId] = ()
    ) -> None:
        """Exactly these pictures are kept back from the seat now: its line is too narrow, or the engine `busy`."""

    def path_changed(self, call: CallId, seat: SeatId, pc: PeerConnection, state: PathState) -> None:
        """One peer connection came up, fell silent or was given up; then `reset_needed` follows."""

    def reset_needed(self, call: CallId, seat: SeatId, pc: PeerConnection) -> None:
        """This peer connection cannot be repaired: the client must build a new one."""

    def speaking(self, call: CallId, seats: Sequence[SeatId]) -> None:
        """Who speaks now, loudest first. Sent on change only."""


class MediaEngine(Protocol):
    """Forwards media between the seats of calls. Raises `MediaRefused` where a request cannot be served.

    A seat that was not admitted here can neither send nor receive: who may is the call's decision, told by `admit` and
    `release`. All methods are idempotent.
    """

    @property
    def capabilities(self) -> Capabilities:
        """In what it differs from others."""

    @property
    def available(self) -> bool:
        """Whether whoever carries the media answers now; else no room can begin here."""

    def listen(self, call: CallId, listener: EngineListener) -> None:
        """Open the call and say who is told what happens in it."""

    async def admit(self, call: CallId, seat: SeatId) -> None:
        """From now on this seat may send and receive."""

    async def release(self, call: CallId, seat: SeatId) -> None:
        """End both peer connections of the seat at once; nobody hears it and it hears nobody."""

    async def answer_up(self, call: CallId, seat: SeatId, neg: int, sdp: str, published: Sequence[Published]) -> str:
        """Answer an up-offer: first publication, change, or ICE restart (told by a new ufrag)."""

    async def want(self, call: CallId, seat: SeatId, wanted: Collection[Wanted]) -> None:
        """The whole set of tracks the seat is to receive. May lead to a `down_offer`."""

    async def answer_down(self, call: CallId, seat: SeatId, neg: int, sdp: str) -> None:
        """The client's answer to the down-offer `neg`. An answer to an older offer changes nothing."""

    async def restart_down(self, call: CallId, seat: SeatId) -> None:
        """ICE restart of the down connection: new credentials in a new `down_offer`."""

    async def reset(self, call: CallId, seat: SeatId, pc: PeerConnection) -> None:
        """Forget this peer connection: the client is building a new one."""

    def set_muted(self, call: CallId, seat: SeatId, mid: str, muted: bool) -> None:
        """The client sends nothing on this m-line on purpose; it is not stalled."""

    def set_interpreters(self, call: CallId, seats: Collection[SeatId]) -> None:
        """Exactly these seats interpret: on a weak line their cameras are the last pictures to be given up."""

    def client_counted(self, call: CallId, seat: SeatId, stats: ClientStats) -> None:
        """The client's own figures: for viewers of whom the engine hears nothing better."""

    def request_key_frame(self, track: TrackId) -> None:
        """Ask the publisher for a key frame soon (coalesced with other such requests)."""

    def open_inlet(self, call: CallId, seat: SeatId, source: Source) -> Inlet:
        """Publish this track of an admitted seat without a peer connection; it ends with the seat's release."""

    def attach(self, call: CallId, tap: Tap) -> None:
        """Let `tap` hear the call."""

    def detach(self, call: CallId, tap: Tap) -> None:
        """Let it hear no more."""

    def keep_only(self, call: CallId, roster: Collection[SeatId], taps: Collection[Tap]) -> int:
        """Compare who really gets media of the call with who may; cut everybody else at once, and say how many.

        It is more than 0 only by a fault or an attack, and then it is counted as `hidden_listeners`.
        """

    async def close_call(self, call: CallId) -> None:
        """Release every seat and forget the call."""

    def load(self) -> EngineLoad:
        """How full this engine is."""

    def processor_time(self) -> ProcessorTime | None:
        """Of whoever carries the media, asked on the loop. Less than before: it began anew. None: we cannot know."""

    @property
    def traffic(self) -> Traffic:
        """What has passed and what was dropped."""

    def probe(self) -> MediaProbe | None:
        """Where clients may try whether they get here; None where an engine has no such place."""

    def lines(self) -> Sequence[SeatLine]:
        """The line of every seat that has a peer connection, as it is now. Only looks."""

    async def close(self) -> None:
        """Close every call and every socket."""
