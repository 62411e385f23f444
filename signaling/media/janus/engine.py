"""Janus as a `MediaEngine`: its session, its own process or somebody else's, and the media of each call."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence

from signaling.errors import Code, MediaRefused, Unavailable
from signaling.media.janus.call import JanusCall
from signaling.media.janus.client import Handle, JanusClient, JanusRefused
from signaling.media.janus.desk import Desk
from signaling.media.janus.process import JanusProcess
from signaling.media.janus.settings import JanusDoor, JanusSettings
from signaling.media.janus.tap_port import TapPort
from signaling.media.port import (
    CallId,
    Capabilities,
    ClientStats,
    EngineListener,
    EngineLoad,
    Inlet,
    PeerConnection,
    ProcessorTime,
    Published,
    SeatId,
    SeatLine,
    Source,
    Tap,
    TrackId,
    Traffic,
    Wanted,
)

TICK_S = 0.25

logger = logging.getLogger(__name__)


class JanusEngine:
    """Has a Janus forward the media of many calls. Made inside a running loop; `opened` waits for that Janus."""

    capabilities = Capabilities(
        inlets=False,
        estimates=False,
        keeps_slots=False,
        notices_silent_down=False,
        taps_at_once=False,
        sender_reports=False,
        measures=False,
        probes=False,
        repeats_sound=False,
    )

    def __init__(self, settings: JanusSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.policy = settings.policy
        self.clock = clock
        self.tap_port = TapPort(settings.tap_host)
        self.process: JanusProcess | None = None
        self._node = settings.node
        self._calls: dict[CallId, JanusCall] = {}
        self._desk: Desk | None = None
        self._opening_desk = asyncio.Lock()
        self._traffic = Traffic()
        if isinstance(settings.janus, JanusDoor):
            door = settings.janus
        else:
            self.process = JanusProcess(settings.janus)
            door = self.process.door
        self._secret = door.secret
        self._client = JanusClient(door, self._lost)
        tasks = [self._tick(), self._tidy(), self._client.run()]
        if self.process:
            tasks += [self.process.run(), self.process.watch(lambda: self._client.heard)]
        self._tasks = [asyncio.create_task(task, name="Janus") for task in tasks]

    async def opened(self, within_s: float) -> None:
        """Wait until Janus can be spoken to, and end what an earlier run of this node left there.

        Raises TimeoutError, and OSError where the program cannot be run.
        """
        async with asyncio.timeout(within_s):
            opening = asyncio.create_task(self._client.opened())
            done, _ = await asyncio.wait([opening, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await self.desk()

    @property
    def available(self) -> bool:
        """Whether Janus can be spoken to now."""
        return self._client.connected

    def listen(self, call: CallId, listener: EngineListener) -> None:
        """Open the call; for an open one, change who is told."""
        if call in self._calls:
            self._calls[call].listener = listener
        else:
            self._calls[call] = JanusCall(call, listener, self)

    async def admit(self, call: CallId, seat: SeatId) -> None:
        """From now on this seat may send and receive."""
        self._call(call).admit(seat)

    async def release(self, call: CallId, seat: SeatId) -> None:
        """End both peer connections of the seat at once."""
        if call in self._calls:
            await self._calls[call].release(seat)

    async def answer_up(self, call: CallId, seat: SeatId, neg: int, sdp: str, published: Sequence[Published]) -> str:
        """Answer an up-offer."""
        return await self._call(call).seat(seat).answer_up(sdp, published)

    async def want(self, call: CallId, seat: SeatId, wanted: Collection[Wanted]) -> None:
        """The whole set of tracks the seat is to receive."""
        await self._call(call).seat(seat).want(wanted)

    async def answer_down(self, call: CallId, seat: SeatId, neg: int, sdp: str) -> None:
        """The client's answer to the down-offer `neg`."""
        await self._call(call).seat(seat).answer_down(neg, sdp)

    async def restart_down(self, call: CallId, seat: SeatId) -> None:
        """ICE restart of the down connection."""
        await self._call(call).seat(seat).restart_down()

    async def reset(self, call: CallId, seat: SeatId, pc: PeerConnection) -> None:
        """The client is building this peer connection anew."""
        await self._call(call).seat(seat).reset(pc)

    def set_muted(self, call: CallId, seat: SeatId, mid: str, muted: bool) -> None:
        """The client sends nothing on this m-line on purpose."""
        self._call(call).seat(seat).mute(mid, muted)

    def set_interpreters(self, call: CallId, seats: Collection[SeatId]) -> None:
        """Their cameras are the last pictures to be given up."""
        self._call(call).interpreters = frozenset(seats)

    def client_counted(self, call: CallId, seat: SeatId, stats: ClientStats) -> None:
        """All that is heard here of a viewer's line."""
        self._call(call).seat(seat).client_counted(stats)

    def request_key_frame(self, track: TrackId) -> None:
        """Ask the publisher for a key frame soon."""
        for call in self._calls.values():
            call.request_key_frame(track)

    def open_inlet(self, call: CallId, seat: SeatId, source: Source) -> Inlet:
        """Refused: Janus plays nothing from inside the node."""
        self._call(call).seat(seat)
        raise MediaRefused(Code.NOT_ALLOWED, "this engine has no inlets")

    def attach(self, call: CallId, tap: Tap) -> None:
        """Let `tap` hear the call."""
        self._call(call).attach_tap(tap)

    def detach(self, call: CallId, tap: Tap) -> None:
        """Let it hear no more."""
        if call in self._calls:
            self._calls[call].detach_tap(tap)

    def keep_only(self, call: CallId, roster: Collection[SeatId], taps: Collection[Tap]) -> int:
        """Cut whoever gets media of the call by us and may not. Who reaches Janus past us is not seen here."""
        cut = self._calls[call].keep_only(roster, taps) if call in self._calls else 0
        self._traffic.hidden_listeners += cut
        return cut

    async def close_call(self, call: CallId) -> None:
        """Release every seat and forget the call."""
        closed = self._calls.pop(call, None)
        if closed is not None:
            await closed.close()

    def lines(self) -> Sequence[SeatLine]:
        """Janus does not tell."""
        return ()

    @property
    def traffic(self) -> Traffic:
        """Media does not pass the node: only what is noticed of hidden listeners is counted."""
        return self._traffic

    def load(self) -> EngineLoad:
        """How many seats this engine has."""
        seats = sum(len(call.seats) for call in self._calls.values())
        return EngineLoad(len(self._calls), seats, None, self.policy.seat_capacity)

    def processor_time(self) -> ProcessorTime | None:
        """Of our Janus. What somebody else's uses is not ours to see."""
        return self.process.processor_time() if self.process else None

    def probe(self) -> None:
        """Janus has no such place."""

    async def close(self) -> None:
        """Close every call, and our Janus with them. Idempotent."""
        await asyncio.gather(*(self.close_call(call) for call in tuple(self._calls)))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.tap_port.close()

    # What its calls stand on.

    async def attach_handle(self) -> Handle:
        """A new handle. Raises Unavailable."""
        try:
            return await self._client.attach()
        except JanusRefused as refused:
            raise Unavailable(Code.BUSY, "Janus takes nobody now", retry_after_s=1.0) from refused

    async def desk(self) -> Desk:
        """Who speaks of rooms; a new one first ends what is left of rooms that are not ours any more."""
        async with self._opening_desk:
            if self._desk is None:
                handle = await self.attach_handle()
                desk = Desk(handle, self._node, self._secret)
                try:
                    await desk.sweep()
                except (JanusRefused, Unavailable) as error:
                    await handle.detach()
                    raise Unavailable(Code.BUSY, "Janus does not list its rooms") from error
                self._desk = desk
            return self._desk

    def _lost(self) -> None:
        logger.warning("the session on Janus is gone, and what it carried: %d calls", len(self._calls))
        self._desk = None
        for call in tuple(self._calls.values()):
            call.lose()

    def _call(self, call: CallId) -> JanusCall:
        try:
            return self._calls[call]
        except KeyError:
            raise MediaRefused(Code.UNKNOWN_CALL) from None

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for name, call in tuple(self._calls.items()):
                try:
                    call.tick(self.clock())
                except Exception:  # a fault in one call must not stop the clock of the others
                    logger.exception("tick of a call failed", extra={"call": name})

    async def _tidy(self) -> None:
        """End the rooms that nobody wants, as soon as Janus can be asked."""
        while True:
            await asyncio.sleep(TICK_S)
            if self._client.connected and (self._desk is None or self._desk.unsure):
                try:
                    desk = await self.desk()
                    if desk.unsure:
                        await desk.sweep()
                except (JanusRefused, Unavailable) as error:
                    logger.debug("rooms on Janus are not tidied yet: %s", error)
