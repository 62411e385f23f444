"""The SFU as a `MediaEngine`: one UDP port, one certificate, one tick, and the media of each call."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence

from signaling.errors import Code, MediaRefused
from signaling.media.port import (
    CallId,
    Capabilities,
    ClientStats,
    EngineListener,
    EngineLoad,
    Inlet,
    MediaProbe,
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
from signaling.media.sfu.call_media import CallMedia
from signaling.media.sfu.dtls import SharedCertificate
from signaling.media.sfu.numbers import RandomNumbers
from signaling.media.sfu.peer import Ground
from signaling.media.sfu.settings import SfuSettings
from signaling.media.sfu.udp import UdpPort

TICK_S = 0.05
STEP_S = 0.002  # of a tick, after which packets have a turn

logger = logging.getLogger(__name__)


class SfuEngine:
    """Forwards the media of many calls. Made inside a running loop; raises OSError if the port cannot be opened."""

    capabilities = Capabilities()

    def __init__(self, settings: SfuSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._policy = settings.policy
        self._port = UdpPort(settings.network, clock)
        certificate = SharedCertificate.generateCertificate()
        self._ground = Ground(self._port, certificate, clock, time.time_ns)
        self._numbers = RandomNumbers()
        self._calls: dict[CallId, CallMedia] = {}
        self._ticker = asyncio.get_running_loop().create_task(self._tick())
        self._rate = (clock(), 0, 0.0)  # when last measured, packets then, packets per second

    @property
    def port(self) -> int:
        """The UDP port that clients send to."""
        return self._port.number

    @property
    def available(self) -> bool:
        """Always: this process carries the media."""
        return True

    @property
    def traffic(self) -> Traffic:
        """What has passed and what was dropped."""
        self._port.count()
        return self._port.traffic

    def listen(self, call: CallId, listener: EngineListener) -> None:
        """Open the call; for an open one, change who is told."""
        if call in self._calls:
            self._calls[call].listener = listener
        else:
            self._calls[call] = CallMedia(call, listener, self._ground, self._numbers, self._policy)

    async def admit(self, call: CallId, seat: SeatId) -> None:
        """From now on this seat may send and receive."""
        self._call(call).admit(seat)

    async def release(self, call: CallId, seat: SeatId) -> None:
        """End both peer connections of the seat at once."""
        if call in self._calls:
            self._calls[call].release(seat)

    async def answer_up(self, call: CallId, seat: SeatId, neg: int, sdp: str, published: Sequence[Published]) -> str:
        """Answer an up-offer."""
        return self._call(call).seat(seat).answer_up(sdp, published)

    async def want(self, call: CallId, seat: SeatId, wanted: Collection[Wanted]) -> None:
        """The whole set of tracks the seat is to receive."""
        self._call(call).seat(seat).want(wanted)

    async def answer_down(self, call: CallId, seat: SeatId, neg: int, sdp: str) -> None:
        """The client's answer to the down-offer `neg`."""
        self._call(call).seat(seat).answer_down(neg, sdp)

    async def restart_down(self, call: CallId, seat: SeatId) -> None:
        """ICE restart of the down connection."""
        self._call(call).seat(seat).restart_down()

    async def reset(self, call: CallId, seat: SeatId, pc: PeerConnection) -> None:
        """The client is building this peer connection anew."""
        self._call(call).seat(seat).reset(pc)

    def set_muted(self, call: CallId, seat: SeatId, mid: str, muted: bool) -> None:
        """The client sends nothing on this m-line on purpose."""
        self._call(call).seat(seat).mute(mid, muted)

    def set_interpreters(self, call: CallId, seats: Collection[SeatId]) -> None:
        """Their cameras are the last pictures to be given up."""
        self._call(call).interpreters = frozenset(seats)

    def client_counted(self, call: CallId, seat: SeatId, stats: ClientStats) -> None:
        """The client's own figures, for its line."""
        self._call(call).seat(seat).client_counted(stats)

    def request_key_frame(self, track: TrackId) -> None:
        """Ask the publisher for a key frame soon."""
        for call in self._calls.values():
            call.request_key_frame(track)

    def open_inlet(self, call: CallId, seat: SeatId, source: Source) -> Inlet:
        """Publish a track from inside the process."""
        return self._call(call).seat(seat).open_inlet(source)

    def attach(self, call: CallId, tap: Tap) -> None:
        """Let `tap` hear the call."""
        self._call(call).taps.attach(tap)

    def detach(self, call: CallId, tap: Tap) -> None:
        """Let it hear no more."""
        if call in self._calls:
            self._calls[call].taps.detach(tap)

    def keep_only(self, call: CallId, roster: Collection[SeatId], taps: Collection[Tap]) -> int:
        """Cut whoever gets media of the call and may not; how many that were."""
        cut = self._calls[call].keep_only(roster, taps) if call in self._calls else 0
        self._port.traffic.hidden_listeners += cut
        return cut

    async def close_call(self, call: CallId) -> None:
        """Release every seat and forget the call."""
        closed = self._calls.pop(call, None)
        if closed is not None:
            closed.close()

    def lines(self) -> Sequence[SeatLine]:
        """The line of every seat that has a peer connection."""
        return [line for call in self._calls.values() for seat in call.seats.values() if (line := seat.line())]

    def load(self) -> EngineLoad:
        """How full this engine is; the rate is that of the last second or more."""
        now_s, packets = self._clock(), self._port.traffic.packets_received
        measured_s, before, rate = self._rate
        if now_s - measured_s >= 1.0:
            rate = (packets - before) / (now_s - measured_s)
            self._rate = (now_s, packets, rate)
        seats = sum(len(call.seats) for call in self._calls.values())
        return EngineLoad(len(self._calls), seats, rate, self._policy.seat_capacity, self._port.backlog.gives_way)

    def processor_time(self) -> ProcessorTime:
        """Of the loop's thread, on which every packet is forwarded."""
        return ProcessorTime(time.thread_time(), cores=1)

    def probe(self) -> MediaProbe:
        """Where clients may try whether they get here."""
        return self._port.probe

    async def close(self) -> None:
        """Close every call and the port. Idempotent."""
        for call in tuple(self._calls):
            await self.close_call(call)
        self._ticker.cancel()
        await asyncio.gather(self._ticker, return_exceptions=True)
        self._port.close()
        await asyncio.sleep(0)  # handshakes that were cancelled end on this turn of the loop

    def _call(self, call: CallId) -> CallMedia:
        try:
            return self._calls[call]
        except KeyError:
            raise MediaRefused(Code.UNKNOWN_CALL) from None

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._port.tick()
            began_s = self._clock()
            for name, call in tuple(self._calls.items()):
                try:
                    call.tick(self._clock())
                except Exception:  # a fault in one call must not stop the clock of the others
                    logger.exception("tick of a call failed", extra={"call": name})
                if self._clock() - began_s > STEP_S:
                    await asyncio.sleep(0)
                    began_s = self._clock()
