"""Decisions about sample guests: synthetic people that the node itself plays, so that one person can try a room.

A seat is synthetic from the fact that a sample guest came to it until a person takes it or it is given up; so a
replayed call still knows. Whoever comes with the seat's link is never asked to wait for a sample guest.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from signaling.call.decision import Decision
from signaling.call.effects import PlaySampleGuests
from signaling.call.facts import Admitted, Fact, PresenceChanged
from signaling.call.inputs import SampleGuestsWanted
from signaling.call.seating import SAMPLE_GUEST, places_taken
from signaling.call.spec import SeatSpec
from signaling.call.state import CallState
from signaling.media.port import SeatId, Source
from signaling.messages.requests import UpTrack
from signaling.messages.shapes import Presence, Role

TRACKS = (UpTrack(mid="s0", source=Source.MIC), UpTrack(mid="s1", source=Source.CAMERA))
_AWAY = (Presence.INVITED, Presence.DROPPED, Presence.LEFT)


def come(state: CallState, wanted: SampleGuestsWanted, now: datetime) -> Decision:
    """Sample guests take seats that nobody is in: in the lobby, or at once in the room."""
    if state.seating.ended:
        return Decision()
    places = [state.place(seat) for seat in wanted.seats]
    guests = [place for place in places if place.role == Role.GUEST and not place.revoked]
    if wanted.waiting:
        return Decision([_changed(place.seat, Presence.WAITING, now) for place in guests if _may_wait(state, place)])
    free = [place.seat for place in guests if _may_sit_down(state, place)]
    free = free[: max(0, state.spec.capacity - places_taken(state.spec, state.seating))]
    facts: list[Fact] = []
    for seat in free:
        facts += [Admitted(at=now, seat=seat, by=seat), _changed(seat, Presence.CONNECTED, now)]
    return playing(state, free, facts)


def _may_wait(state: CallState, place: SeatSpec) -> bool:
    seat = state.seating[place.seat]
    return seat.presence in _AWAY and not seat.was_admitted and not state.seating.locked


def _may_sit_down(state: CallState, place: SeatSpec) -> bool:
    seat = state.seating[place.seat]
    return seat.presence == Presence.INVITED or (seat.synthetic and seat.presence == Presence.WAITING)


def _changed(seat: SeatId, state: Presence, now: datetime) -> Fact:
    return PresenceChanged(at=now, seat=seat, state=state, cause=SAMPLE_GUEST)


def playing(state: CallState, seats: Sequence[SeatId], facts: Iterable[Fact]) -> Decision:
    """The decision for these facts, with which the sample guests in these seats begin to be seen and heard."""

    def change() -> None:
        for seat in seats:
            state.connections.arrive(seat)
            state.connections.publishes(seat).publish(TRACKS)

    return Decision(list(facts), [PlaySampleGuests(tuple(seats))] if seats else [], change)


def give_up(state: CallState, now: datetime) -> Iterator[Fact]:
    """Sample guests wait until the appointment ends: a room may be closed when only they are left in its lobby."""
    for seat, record in state.seating.seats.items():
        if record.synthetic and record.presence == Presence.WAITING and now >= state.spec.ends_at:
            yield _changed(seat, Presence.LEFT, now)
