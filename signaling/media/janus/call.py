"""The media of one call on Janus: its room, its seats, who may have whose track, the limits of a crowd, who speaks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from signaling.errors import Code, MediaRefused, Unavailable
from signaling.media.adaptation.shedding import Role, role_of
from signaling.media.janus.client import Handle, JanusRefused
from signaling.media.janus.desk import Desk
from signaling.media.janus.down import Stream
from signaling.media.janus.forwards import Forwards
from signaling.media.janus.seat import Seat
from signaling.media.janus.tap_port import TapPort
from signaling.media.port import CallId, EngineListener, SeatId, Source, Tap, TrackId, track_id
from signaling.media.sfu.settings import Limit, MediaPolicy
from signaling.media.taps import Taps

LIMITS_INTERVAL_S = 0.25
SCREEN_MOSTLY_TAKES = 5  # so many times less than it may: a page that stands still, of which Janus tells no bitrate

logger = logging.getLogger(__name__)


class JanusGround(Protocol):
    """What all calls of an engine stand on."""

    policy: MediaPolicy
    tap_port: TapPort
    clock: Callable[[], float]

    async def attach_handle(self) -> Handle:
        """A new handle. Raises Unavailable."""

    async def desk(self) -> Desk:
        """Who speaks of rooms. Raises Unavailable."""


class JanusCall:
    """What an engine keeps for a call between `listen` and `close_call`."""

    def __init__(self, call: CallId, listener: EngineListener, ground: JanusGround) -> None:
        self.id = call
        self.listener = listener
        self.taps = Taps()
        self.seats: dict[SeatId, Seat] = {}
        self.room_number: int | None = None
        self._ground = ground
        self._loop = asyncio.get_running_loop()
        self._making_room = asyncio.Lock()
        self._forwards = Forwards(call, self.taps, ground.tap_port, self._published)
        self._tasks: set[asyncio.Task[None]] = set()
        self._speaking: list[SeatId] = []
        self._lately: Sequence[SeatId] = ()  # who has ever spoken, who does now first
        self.interpreters: frozenset[SeatId] = frozenset()
        self._limits_due_s = 0.0
        self._closed = False

    def admit(self, seat: SeatId) -> None:
        """From now on this seat may send and receive. Idempotent."""
        if seat not in self.seats:
            self.seats[seat] = Seat(seat, self, self._ground.clock)

    def seat(self, seat: SeatId) -> Seat:
        """An admitted seat. Raises MediaRefused for any other."""
        try:
            return self.seats[seat]
        except KeyError:
            raise MediaRefused(Code.UNKNOWN_SEAT) from None

    async def release(self, seat: SeatId) -> None:
        """Nobody hears this seat from now on, and it hears nobody. Idempotent."""
        released = self.seats.pop(seat, None)
        if released is not None:
            await self._let_go(released)

    async def _let_go(self, released: Seat) -> None:
        self.talks(released.id, False)
        await released.close()
        self.streams_changed()

    def keep_only(self, roster: Collection[SeatId], taps: Collection[Tap]) -> int:
        """Cut whoever is neither one of these seats nor one of these taps; how many that were."""
        strangers = self.seats.keys() - set(roster)
        for seat in strangers:
            self.later(self._let_go(self.seats.pop(seat)))
        cut = len(strangers) + self.taps.keep_only(taps)
        if cut:
            self._forwards.refresh()
        return cut

    async def close(self) -> None:
        """Release everybody, end the room and say nothing more. Idempotent."""
        self._closed = True
        seats, self.seats = tuple(self.seats.values()), {}
        await self._forwards.close()
        await asyncio.gather(*(seat.close() for seat in seats))
        await asyncio.gather(*self._tasks, return_exceptions=True)  # connections of who was released before may end yet
        room, self.room_number = self.room_number, None
        if room is not None:
            try:
                await (await self._ground.desk()).destroy_room(room)
            except Unavailable:
                logger.debug("Janus is away; its room is ended when it is back")

    def lose(self) -> None:
        """Janus is gone: so are its room and every peer connection."""
        self.room_number = None
        self._forwards.use(None)
        for seat in tuple(self.seats.values()):
            seat.lose()

    def attach_tap(self, tap: Tap) -> None:
        """Let it hear the call."""
        self.taps.attach(tap)
        self._forwards.refresh()

    def detach_tap(self, tap: Tap) -> None:
        """Let it hear no more, at once."""
        self.taps.detach(tap)
        self._forwards.refresh()

    def tick(self, now_s: float) -> None:
        """Everything that time brings."""
        for seat in tuple(self.seats.values()):
            seat.tick(now_s)
        if now_s >= self._limits_due_s:
            self._limits_due_s = now_s + LIMITS_INTERVAL_S
            self._tell_limits()

    def request_key_frame(self, track: TrackId) -> None:
        """Ask whoever publishes this track."""
        for seat in self.seats.values():
            for source in Source:
                if track_id(seat.id, source) == track:
                    seat.request_key_frame(source)

    # What its seats need.

    async def room(self) -> int:
        """The call's room on Janus, made when it is missing. Raises Unavailable."""
        async with self._making_room:
            if self.room_number is None:
                desk = await self._ground.desk()
                try:
                    self.room_number = await desk.create_room()
                except JanusRefused as refused:
                    raise Unavailable(Code.BUSY, "Janus refused a room") from refused
                self._forwards.use((self.room_number, desk))
            return self.room_number

    async def attach(self) -> Handle:
        """A new handle. Raises Unavailable."""
        return await self._ground.attach_handle()

    def notify(self, event: Callable[..., None], *details: object) -> None:
        """Tell the listener on the next turn of the loop, unless the call was closed by then."""
        self._loop.call_soon(self._tell, event, details)

    def later(self, work: Awaitable[None]) -> None:
        """Do it in a task of the call; what Janus refuses is logged."""
        task = self._loop.create_task(self._done(work), name="work of a call on Janus")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def streams_for(self, seat: SeatId) -> Sequence[Stream]:
        """What the other seats publish and can be subscribed to."""
        return [stream for stream in self._published() if stream.seat != seat]

    def streams_changed(self) -> None:
        """Something appeared or is gone: look again at who can have what, and at the limits."""
        for seat in tuple(self.seats.values()):
            seat.refresh()
        self._forwards.refresh()
        self._tell_limits()

    def choices_changed(self) -> None:
        """Other layers are watched than before."""
        self._tell_limits()

    def limit(self, source: Source) -> Limit:
        """How much a source may send while there are so many live cameras."""
        return self._ground.policy.limit(source, sum(self._has_live_camera(seat) for seat in self.seats.values()))

    def layer_heights(self, source: Source, layers: int) -> tuple[int, ...]:
        """How high each layer of a source is."""
        usual = self._ground.policy.limit(source, 0)
        return tuple(limit.max_height for limit in usual.layers(max(1, layers)))

    def layer_limits(self, source: Source, layers: int) -> Sequence[Limit]:
        """What each of so many layers may send now; of a screen, what one that is read mostly takes."""
        limit = self.limit(source)
        if source is Source.SCREEN:
            limit = Limit(limit.max_bitrate_bps // SCREEN_MOSTLY_TAKES, limit.max_height)
        return limit.layers(layers)

    def role(self, viewer: SeatId, seat: SeatId, source: Source) -> Role:
        """How long the picture is kept on this viewer's weak line."""
        return role_of(seat, source, viewer, self.interpreters, self._lately)

    def watched(self, feed: int, mid: str) -> Collection[int]:
        """The layers of a stream that are sent to somebody; what is recorded is the largest."""
        seen = {layer for seat in self.seats.values() if (layer := seat.watched(feed, mid)) is not None}
        return seen | ({self._ground.policy.camera_layers - 1} if self._forwards.watches(feed, mid) else set())

    def shown(self, feed: int, mid: str) -> bool:
        """Whether a stream is sent to somebody, or to what records it."""
        return any(seat.shows(feed, mid) for seat in self.seats.values()) or self._forwards.watches(feed, mid)

    def talks(self, seat: SeatId, speaks: bool) -> None:
        """The seat began to speak, or stopped. Who speaks already stays before who begins, however loud."""
        if speaks == (seat in self._speaking):
            return
        self._speaking = [*self._speaking, seat] if speaks else [each for each in self._speaking if each != seat]
        self._lately = [*self._speaking, *(each for each in self._lately if each not in self._speaking)]
        self.notify(self.listener.speaking, self.id, self._speaking)

    def _published(self) -> Sequence[Stream]:
        return [stream for seat in self.seats.values() for stream in seat.published()]

    def _has_live_camera(self, seat: Seat) -> bool:
        section = seat.up.section_of(Source.CAMERA) if seat.up is not None else None
        return section is not None and section.live

    def _tell_limits(self) -> None:
        for seat in self.seats.values():
            seat.tell_limits(self._ground.clock())

    def _tell(self, event: Callable[..., None], details: tuple[object, ...]) -> None:
        if not self._closed:
            event(*details)

    async def _done(self, work: Awaitable[None]) -> None:
        try:
            await work
        except (JanusRefused, Unavailable) as error:
            logger.debug("Janus did not do what was asked: %s", error)
