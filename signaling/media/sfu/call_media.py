"""The media of one call: its seats, who may have whose track, the limits of a crowd, who speaks."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable

from signaling.errors import Code, MediaRefused
from signaling.media.adaptation.shedding import Role, role_of
from signaling.media.port import CallId, EngineListener, SeatId, Source, Tap, Track, TrackId
from signaling.media.sfu.backlog import GivesWay
from signaling.media.sfu.feed import Feed
from signaling.media.sfu.numbers import RandomNumbers
from signaling.media.sfu.peer import Ground
from signaling.media.sfu.seat import Seat
from signaling.media.sfu.settings import Limit, MediaPolicy
from signaling.media.sfu.speakers import Speakers
from signaling.media.taps import Taps

SPEAKERS_INTERVAL_S = 0.3
LIMITS_INTERVAL_S = 0.25  # how soon a publisher hears that somebody wants, or nobody wants, one of its layers

logger = logging.getLogger(__name__)


class CallMedia:
    """What an engine keeps for a call between `listen` and `close_call`."""

    def __init__(
        self, call: CallId, listener: EngineListener, ground: Ground, numbers: RandomNumbers, policy: MediaPolicy
    ) -> None:
        self.id = call
        self.listener = listener
        self.taps = Taps()
        self.interpreters: frozenset[SeatId] = frozenset()
        self.seats: dict[SeatId, Seat] = {}
        self._ground = ground
        self._numbers = numbers
        self._policy = policy
        self._loop = asyncio.get_running_loop()
        self._speakers = Speakers()
        self._speakers_due_s = 0.0
        self._limits_due_s = 0.0
        self._closed = False

    def admit(self, seat: SeatId) -> None:
        """From now on this seat may send and receive. Idempotent."""
        if seat not in self.seats:
            self.seats[seat] = Seat(seat, self, self._ground, self._numbers)

    def seat(self, seat: SeatId) -> Seat:
        """An admitted seat. Raises MediaRefused for any other."""
        try:
            return self.seats[seat]
        except KeyError:
            raise MediaRefused(Code.UNKNOWN_SEAT) from None

    def release(self, seat: SeatId) -> None:
        """Nobody hears this seat from now on, and it hears nobody. Idempotent."""
        released = self.seats.pop(seat, None)
        if released is not None:
            released.close()
            self._speakers.forget(seat)
            self.feeds_changed()

    def keep_only(self, roster: Collection[SeatId], taps: Collection[Tap]) -> int:
        """Cut whoever gets media and is neither one of these seats nor one of these taps; how many that were."""
        strangers = self.seats.keys() - set(roster)
        for seat in strangers:
            self.release(seat)
        return len(strangers) + self._cut_stray_subscriptions() + self.taps.keep_only(taps)

    def _cut_stray_subscriptions(self) -> int:
        """A feed sends only to what a seat's down connection holds."""
        held = {id(subscription) for seat in self.seats.values() for subscription in seat.subscriptions}
        stray = [(feed, each) for feed in self.feeds() for each in feed.subscriptions if id(each) not in held]
        for feed, subscription in stray:
            feed.unsubscribe(subscription)
        return len(stray)

    def close(self) -> None:
        """Release everybody and say nothing more. Idempotent."""
        self._closed = True
        for seat in tuple(self.seats):
            self.release(seat)

    def tick(self, now_s: float) -> None:
        """Everything that time brings; called every few tens of milliseconds."""
        for seat in tuple(self.seats.values()):
            self._tick_seat(seat, now_s)
        if now_s >= self._limits_due_s:
            self._limits_due_s = now_s + LIMITS_INTERVAL_S
            self._tell_limits()
        if now_s >= self._speakers_due_s:
            self._speakers_due_s = now_s + SPEAKERS_INTERVAL_S
            speaking = self._speakers.change(now_s)
            if speaking is not None:
                self.notify(self.listener.speaking, self.id, speaking)

    def _tick_seat(self, seat: Seat, now_s: float) -> None:
        try:
            seat.tick(now_s)
        except Exception:  # a fault of one seat must not stop the clock of the others
            logger.exception("tick of a seat failed", extra={"call": self.id, "seat": seat.id})

    def feeds(self) -> Iterable[Feed]:
        """Every feed of every seat."""
        return (feed for seat in self.seats.values() for feed in seat.feeds.values())

    def notify(self, event: Callable[..., None], *details: object) -> None:
        """Tell the listener on the next turn of the loop, unless the call was closed by then."""
        self._loop.call_soon(self._tell, event, details)

    def feed_of(self, asking: SeatId, track: TrackId) -> Feed | None:
        """The feed of another seat's track, or None."""
        return next((feed for feed in self.feeds() if feed.track.id == track and feed.track.seat != asking), None)

    def request_key_frame(self, track: TrackId) -> None:
        """Ask whoever publishes this track."""
        for feed in self.feeds():
            if feed.track.id == track:
                feed.request_key_frame()

    def feeds_changed(self) -> None:
        """Look again at who can have what, and at the limits."""
        for seat in tuple(self.seats.values()):
            seat.refresh()
        self._tell_limits()

    def role(self, viewer: SeatId, track: Track) -> Role:
        """How long the picture is kept on this viewer's weak line."""
        return role_of(track.seat, track.source, viewer, self.interpreters, self._speakers.lately)

    def heard(self, seat: SeatId, level_dbov: int) -> None:
        """How loud one packet of the seat's microphone is."""
        self._speakers.heard(seat, level_dbov, self._ground.clock())

    def limit(self, source: Source, seat: SeatId) -> Limit:
        """How much a source may send while there are so many live cameras, and while pictures give way."""
        cameras = sum(feed.live and feed.track.source is Source.CAMERA for feed in self.feeds())
        gives_way = self._ground.port.backlog.gives_way
        return self._policy.limit(source, cameras, min(gives_way, GivesWay.LARGE) if self.signs(seat) else gives_way)

    def signs(self, seat: SeatId) -> bool:
        """Whether it was marked as an interpreter's."""
        return seat in self.interpreters

    def usual_limit(self, source: Source) -> Limit:
        """What a client assumes as long as it is told nothing else."""
        return self._policy.limit(source, 0)

    def _tell_limits(self) -> None:
        for seat in self.seats.values():
            seat.tell_limits()

    def _tell(self, event: Callable[..., None], details: tuple[object, ...]) -> None:
        if not self._closed:
            event(*details)
