"""Decisions of hosts and of people about themselves: admit, deny, remove, take over, lock, leave, end."""

from datetime import datetime

from signaling.call import sample_guests
from signaling.call.decision import Decision
from signaling.call.effects import Kick
from signaling.call.entering import take_over
from signaling.call.facts import (
    Admitted,
    CallEnded,
    Denied,
    Fact,
    Interpreting,
    Left,
    Locked,
    PresenceChanged,
    Removed,
    RulesAccepted,
    SeatTakenOver,
    Warned,
)
from signaling.call.seating import CLOSED, KEEPS_ADMISSION, SHOWN, places_taken, waiting
from signaling.call.spec import CallSpec
from signaling.call.state import CallState
from signaling.errors import Code, Refused
from signaling.media.port import SeatId
from signaling.messages.pushes import Bye
from signaling.messages.requests import (
    LobbyAdmit,
    LobbyAdmitAll,
    LobbyDeny,
    RoomEnd,
    RoomLeave,
    RoomLock,
    RulesAccept,
    SeatInterpret,
    SeatRemove,
    SeatTakeover,
)
from signaling.messages.shapes import Phase, Presence, Role

WARN_AT_MINUTES = (10, 5, 1)
MAX_INTERPRETERS = 2  # who signs takes turns with another; more would leave a telephone no face


def admit(state: CallState, by: SeatId, data: LobbyAdmit, now: datetime) -> Decision:
    """`lobby.admit`."""
    place = state.place(data.seat)
    if state.seating[place.seat].presence != Presence.WAITING:
        raise Refused(Code.WRONG_STATE, "this seat does not wait in the lobby")
    if places_taken(state.spec, state.seating) >= state.spec.capacity:
        raise Refused(Code.ROOM_FULL, f"all {state.spec.capacity} places are taken")
    return _let_in(state, [place.seat], by, now)


def admit_all(state: CallState, by: SeatId, data: LobbyAdmitAll, now: datetime) -> Decision:
    """`lobby.admit_all`, as far as there are places."""
    free = state.spec.capacity - places_taken(state.spec, state.seating)
    seats = list(waiting(state.spec, state.seating))[: max(0, free)]
    return _let_in(state, seats, by, now)


def _let_in(state: CallState, seats: list[SeatId], by: SeatId, now: datetime) -> Decision:
    facts: list[Fact] = []
    synthetic = [seat for seat in seats if state.seating[seat].synthetic]
    for seat in seats:
        presence = Presence.CONNECTED if state.is_here(seat) else Presence.ADMITTED
        facts.append(Admitted(at=now, seat=seat, by=by))
        facts.append(PresenceChanged(at=now, seat=seat, state=presence, cause="admitted"))
    return sample_guests.playing(state, synthetic, facts)


def deny(state: CallState, by: SeatId, data: LobbyDeny, now: datetime) -> Decision:
    """`lobby.deny`."""
    place = state.place(data.seat)
    if state.seating[place.seat].presence != Presence.WAITING:
        raise Refused(Code.WRONG_STATE, "this seat does not wait in the lobby")
    return Decision(
        [
            Denied(at=now, seat=place.seat, by=by, reason=data.reason),
            PresenceChanged(at=now, seat=place.seat, state=Presence.DENIED, cause="denied"),
        ]
    )


def remove(state: CallState, by: SeatId, data: SeatRemove, now: datetime) -> Decision:
    """`seat.remove`."""
    place = state.place(data.seat)
    if place.seat == by:
        raise Refused(Code.NOT_ALLOWED, "leave instead")
    if state.seating[place.seat].presence not in KEEPS_ADMISSION or not state.seating[place.seat].admitted:
        raise Refused(Code.WRONG_STATE, "this seat is not in the room")
    return Decision(_sent_out(place.seat, by, data.reason, now))


def _sent_out(seat: SeatId, by: SeatId | None, reason: str | None, now: datetime) -> list[Fact]:
    return [
        Removed(at=now, seat=seat, by=by, reason=reason),
        PresenceChanged(at=now, seat=seat, state=Presence.REMOVED, cause="removed" if by else "revoked"),
    ]


def revoke(state: CallState, spec: CallSpec, now: datetime) -> list[Fact]:
    """Seats that a newer spec revokes are sent out."""
    gone = [place.seat for place in spec.seats if place.revoked and place.seat in state.seating.seats]
    here = (Presence.WAITING, *KEEPS_ADMISSION)
    return [fact for seat in gone if state.seating[seat].presence in here for fact in _sent_out(seat, None, None, now)]


def decide_claim(state: CallState, by: SeatId, data: SeatTakeover, now: datetime) -> Decision:
    """`seat.takeover`."""
    place = state.place(data.seat)
    if place.seat != by and not state.hosts(by):
        raise Refused(Code.NOT_ALLOWED)
    claim = state.connections.claims.get(place.seat)
    if claim is None:
        raise Refused(Code.WRONG_STATE, "nobody claims this seat")
    if not data.agree:
        return Decision(
            effects=[Kick(claim.id, Bye(code=Code.DENIED, resume=False))],
            change=lambda: state.connections.forget(claim, now),
        )
    taken = take_over(state, claim, now)
    return Decision([SeatTakenOver(at=now, seat=place.seat, by=by), *taken.facts], taken.effects, taken.change)


def interpret(state: CallState, by: SeatId, data: SeatInterpret, now: datetime) -> Decision:
    """`seat.interpret`."""
    place = state.place(data.seat)
    if place.role == Role.OBSERVER:
        raise Refused(Code.NOT_ALLOWED, "an observer sends nothing")
    if state.seating[place.seat].interprets == data.interprets:
        return Decision()
    if data.interprets and len(state.interpreting()) >= MAX_INTERPRETERS:
        raise Refused(Code.TOO_MANY)
    return Decision([Interpreting(at=now, seat=place.seat, by=by, interprets=data.interprets)])


def lock(state: CallState, by: SeatId, data: RoomLock, now: datetime) -> Decision:
    """`room.lock`."""
    same = state.seating.locked == data.locked
    return Decision([] if same else [Locked(at=now, by=by, locked=data.locked)])


def leave(state: CallState, by: SeatId, data: RoomLeave, now: datetime) -> Decision:
    """`room.leave`."""
    return Decision(
        [Left(at=now, seat=by), PresenceChanged(at=now, seat=by, state=Presence.LEFT, cause="left")],
    )


def end(state: CallState, by: SeatId, data: RoomEnd, now: datetime) -> Decision:
    """`room.end`."""
    return Decision([CallEnded(at=now, by=by, cause="host")])


def closing(state: CallState, now: datetime) -> list[Fact]:
    """Of a call that is to be closed: who waits is sent away, and once nobody is in the room it ends.

    A room with people in it is never closed.
    """
    if not state.closing or state.seating.ended:
        return []
    facts: list[Fact] = [
        PresenceChanged(at=now, seat=seat, state=Presence.LEFT, cause=CLOSED)
        for seat in waiting(state.spec, state.seating)
    ]
    if not any(seat.presence in SHOWN and not seat.synthetic for seat in state.seating.seats.values()):
        facts.append(CallEnded(at=now, by=None, cause="empty"))
    return facts


def accept_rules(state: CallState, by: SeatId, data: RulesAccept, now: datetime) -> Decision:
    """`rules.accept`."""
    done = state.seating[by].rules_accepted
    return Decision([] if done else [RulesAccepted(at=now, seat=by)])


def warn(state: CallState, now: datetime) -> list[Fact]:
    """One warning at 10, 5 and 1 minutes before the end, while people are there."""
    ends_at, last = state.spec.ends_at, state.conduct.warned
    left_s = (ends_at - now).total_seconds()
    due = [minutes for minutes in WARN_AT_MINUTES if 0 < left_s <= minutes * 60]
    if not due or state.seating.phase != Phase.LIVE:
        return []
    if last and last.ends_at == ends_at and last.minutes <= min(due):
        return []
    return [Warned(at=now, minutes=min(due), ends_at=ends_at)]
