"""A `MediaEngine` without a network, for tests and for trying out: packets are handed over inside the process.

It keeps the promises of the port (who may, who hears, what is told when) and none of the cost: descriptions are plain
words, nothing is lost, nothing stalls. `client()` is what a browser would be.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence

from signaling.errors import Code, MediaRefused
from signaling.media.port import (
    CallId,
    Capabilities,
    ClientStats,
    DownSlot,
    EngineListener,
    EngineLoad,
    Inlet,
    PathState,
    PeerConnection,
    ProcessorTime,
    Published,
    SeatId,
    SeatLine,
    Source,
    Tap,
    Track,
    TrackId,
    Traffic,
    Wanted,
    track_id,
)
from signaling.media.sfu.forwarding import OutgoingStream
from signaling.media.sfu.negotiation import DownNegotiation, Offer
from signaling.media.taps import Taps

SEAT_CAPACITY = 1000

_UNNUMBERED = OutgoingStream(0, 0, 0, 0, 0)
_AT_ONCE = float("inf")  # nothing is coalesced, and no answer is ever overdue


class LoopbackClient:
    """One seat's browser: `send` is its camera and microphone, `on_packet` its loudspeaker and screen."""

    def __init__(self, seat: "_Seat") -> None:
        self.on_packet: Callable[[TrackId, bytes], None] = lambda track, packet: None
        self._seat = seat

    def send(self, source: Source, packet: bytes) -> None:
        """One RTP packet of a published, unmuted source; of any other it is dropped."""
        if source in self._seat.published.values():
            self._seat.call.carry(self._seat.id, source, packet)


class LoopbackEngine:
    """Forwards packets between the seats of calls. Made inside a running loop."""

    capabilities = Capabilities(
        network=False,
        adapts=False,
        estimates=False,
        sender_reports=False,
        measures=False,
        probes=False,
        repeats_sound=False,
    )

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._calls: dict[CallId, _Call] = {}

    def client(self, call: CallId, seat: SeatId) -> LoopbackClient:
        """The other end of an admitted seat."""
        return self._seat(call, seat).client

    def listen(self, call: CallId, listener: EngineListener) -> None:
        """Open the call; for an open one, change who is told."""
        if call in self._calls:
            self._calls[call].listener = listener
        else:
            self._calls[call] = _Call(call, listener, self._loop)

    async def admit(self, call: CallId, seat: SeatId) -> None:
        """From now on this seat may send and receive."""
        seats = self._call(call).seats
        if seat not in seats:
            seats[seat] = _Seat(seat, self._call(call))

    async def release(self, call: CallId, seat: SeatId) -> None:
        """Nobody hears the seat and it hears nobody."""
        if call in self._calls:
            self._calls[call].release(seat)

    async def answer_up(self, call: CallId, seat: SeatId, neg: int, sdp: str, published: Sequence[Published]) -> str:
        """Take what is published; the description is not looked at."""
        self._seat(call, seat).publish(published)
        return f"answer {neg}"

    async def want(self, call: CallId, seat: SeatId, wanted: Collection[Wanted]) -> None:
        """The whole set of tracks the seat is to receive."""
        self._seat(call, seat).want(wanted)

    async def answer_down(self, call: CallId, seat: SeatId, neg: int, sdp: str) -> None:
        """The client's answer; a late one changes nothing."""
        self._seat(call, seat).answer_down(neg)

    async def restart_down(self, call: CallId, seat: SeatId) -> None:
        """Offer again."""
        self._seat(call, seat).restart_down()

    async def reset(self, call: CallId, seat: SeatId, pc: PeerConnection) -> None:
        """The client is building this peer connection anew."""
        self._seat(call, seat).reset(pc)

    def set_muted(self, call: CallId, seat: SeatId, mid: str, muted: bool) -> None:
        """Nothing stalls here, so this is only checked."""
        self._seat(call, seat)

    def set_interpreters(self, call: CallId, seats: Collection[SeatId]) -> None:
        """Nothing is given up here."""

    def client_counted(self, call: CallId, seat: SeatId, stats: ClientStats) -> None:
        """There is no line to adapt to."""

    def request_key_frame(self, track: TrackId) -> None:
        """Pictures are not looked at."""

    def open_inlet(self, call: CallId, seat: SeatId, source: Source) -> Inlet:
        """Publish a track from inside the process."""
        return _Inlet(self._seat(call, seat), source)

    def attach(self, call: CallId, tap: Tap) -> None:
        """Let `tap` hear the call."""
        self._call(call).taps.attach(tap)

    def detach(self, call: CallId, tap: Tap) -> None:
        """Let it hear no more."""
        if call in self._calls:
            self._calls[call].taps.detach(tap)

    def keep_only(self, call: CallId, roster: Collection[SeatId], taps: Collection[Tap]) -> int:
        """Cut whoever gets media of the call and may not; how many that were."""
        if call not in self._calls:
            return 0
        kept = self._calls[call]
        strangers = kept.seats.keys() - set(roster)
        for seat in strangers:
            kept.release(seat)
        return len(strangers) + kept.taps.keep_only(taps)

    async def close_call(self, call: CallId) -> None:
        """Release every seat and forget the call."""
        closed = self._calls.pop(call, None)
        if closed is not None:
            closed.close()

    @property
    def available(self) -> bool:
        """Always: this process carries the media."""
        return True

    @property
    def traffic(self) -> Traffic:
        """There is no network to count on."""
        return Traffic()

    def probe(self) -> None:
        """Nowhere: there is no network."""

    def lines(self) -> Sequence[SeatLine]:
        """There are no lines."""
        return ()

    def load(self) -> EngineLoad:
        """How full this engine is."""
        seats = sum(len(call.seats) for call in self._calls.values())
        return EngineLoad(len(self._calls), seats, None, SEAT_CAPACITY)

    def processor_time(self) -> ProcessorTime:
        """Of the loop's thread, which carries everything."""
        return ProcessorTime(time.thread_time(), cores=1)

    async def close(self) -> None:
        """Close every call. Idempotent."""
        for call in tuple(self._calls):
            await self.close_call(call)

    def _call(self, call: CallId) -> "_Call":
        try:
            return self._calls[call]
        except KeyError:
            raise MediaRefused(Code.UNKNOWN_CALL) from None

    def _seat(self, call: CallId, seat: SeatId) -> "_Seat":
        try:
            return self._call(call).seats[seat]
        except KeyError:
            raise MediaRefused(Code.UNKNOWN_SEAT) from None


class _Call:
    """The seats of one call and what is told of them."""

    def __init__(self, call: CallId, listener: EngineListener, loop: asyncio.AbstractEventLoop) -> None:
        self.id = call
        self.listener = listener
        self.taps = Taps()
        self.seats: dict[SeatId, _Seat] = {}
        self._live: dict[TrackId, Track] = {}
        self._loop = loop
        self._closed = False

    def notify(self, event: Callable[..., None], *details: object) -> None:
        """Tell the listener on the next turn of the loop, unless the call was closed by then."""
        self._loop.call_soon(lambda: None if self._closed else event(*details))

    def carry(self, seat: SeatId, source: Source, packet: bytes) -> None:
        """To the taps and to everybody who agreed to get it."""
        track = Track(track_id(seat, source), self.id, seat, source)
        if track.id not in self._live:
            self._live[track.id] = track
            self.notify(self.listener.track_published, track)
        self.taps.packet(track, packet, time.time_ns())
        for other in self.seats.values():
            if track.id in other.carried:
                other.client.on_packet(track.id, packet)

    def end(self, track: TrackId) -> None:
        """It is published no longer."""
        ended = self._live.pop(track, None)
        if ended is not None:
            self.notify(self.listener.track_unpublished, ended)

    def release(self, seat: SeatId) -> None:
        """Forget a seat. Idempotent."""
        if self.seats.pop(seat, None) is not None:
            for source in Source:
                self.end(track_id(seat, source))
            self.tracks_changed()

    def tracks_changed(self) -> None:
        """Look again at who can have what."""
        for seat in tuple(self.seats.values()):
            seat.refresh()

    def close(self) -> None:
        """Say nothing more."""
        self._closed = True
        self.seats.clear()


class _Seat:
    """One seat: what it publishes by mid, what it wants, what it agreed to get."""

    def __init__(self, seat: SeatId, call: _Call) -> None:
        self.id = seat
        self.call = call
        self.client = LoopbackClient(self)
        self.published: dict[str, Source] = {}
        self.inlets: set[Source] = set()
        self.carried: set[TrackId] = set()
        self._wanted: Collection[Wanted] = ()
        self._negotiation = DownNegotiation(0, lambda source: _UNNUMBERED)

    def has(self, source: Source) -> bool:
        """Whether the seat publishes this source in any way."""
        return source in self.published.values() or source in self.inlets

    def publish(self, published: Sequence[Published]) -> None:
        """Exactly these from now on."""
        first = not self.published
        before, self.published = self.published, {track.mid: track.source for track in published}
        for source in before.values():
            if not self.has(source):
                self.call.end(track_id(self.id, source))
        if first:
            self._connected(PeerConnection.UP)
        self.call.tracks_changed()

    def want(self, wanted: Collection[Wanted]) -> None:
        """The whole set to receive."""
        self._wanted = wanted
        self.refresh()

    def refresh(self) -> None:
        """Offer what is wanted and there."""
        there = [
            (track_id(seat.id, source), source)
            for seat in self.call.seats.values()
            if seat is not self
            for source in Source
            if seat.has(source)
        ]
        wanted = {want.track for want in self._wanted}
        found = [(track, source) for track, source in there if track in wanted]
        self.carried &= {track for track, _source in found}
        self._negotiation.want(found, 0.0)
        self._offer()

    def answer_down(self, neg: int) -> None:
        """Begin with what the client agreed to."""
        offer = self._negotiation.outstanding(neg)
        if offer is None:
            return
        if not self.carried:
            self._connected(PeerConnection.DOWN)
        self.carried = {slot.track for slot in self._slots(offer)}
        self._negotiation.answered()
        self._offer()

    def restart_down(self) -> None:
        """Offer again, even the same."""
        self._negotiation.restart(0.0)
        self._offer()

    def reset(self, pc: PeerConnection) -> None:
        """Begin this peer connection anew."""
        if pc is PeerConnection.UP:
            self.publish(())
        else:
            self.carried.clear()
            self._negotiation = DownNegotiation(self._negotiation.neg, lambda source: _UNNUMBERED)
            self.refresh()

    def _offer(self) -> None:
        offer = self._negotiation.next_offer(_AT_ONCE)
        if offer is not None:
            details = (offer.neg, f"offer {offer.neg}", self._slots(offer))
            self.call.notify(self.call.listener.down_offer, self.call.id, self.id, *details)

    def _slots(self, offer: Offer) -> list[DownSlot]:
        return [
            DownSlot(
                section.mid, carried.track, SeatId(carried.track.removesuffix(f".{carried.source}")), carried.source
            )
            for section in offer.sections
            if (carried := section.carried)
        ]

    def _connected(self, pc: PeerConnection) -> None:
        self.call.notify(self.call.listener.path_changed, self.call.id, self.id, pc, PathState.CONNECTED)


class _Inlet:
    """A source that is fed from inside the process."""

    def __init__(self, seat: _Seat, source: Source) -> None:
        self._seat = seat
        self._source = source
        seat.inlets.add(source)
        seat.call.tracks_changed()

    def write(self, packet: bytes) -> None:
        """One packet; dropped after close and after the seat's release."""
        if self._source in self._seat.inlets and self._seat.call.seats.get(self._seat.id) is self._seat:
            self._seat.call.carry(self._seat.id, self._source, packet)

    def close(self) -> None:
        """Take the track back. Idempotent."""
        if self._source in self._seat.inlets:
            self._seat.inlets.remove(self._source)
            self._seat.call.end(track_id(self._seat.id, self._source))
            self._seat.call.tracks_changed()
