"""Decisions about connections: taking a seat, claiming one that is in use, losing the line, coming back, time.

The seat is the identity. A resume token brings it back without a new admission. A fresh ticket of a guest opens the
lobby only; while somebody has the seat it is a claim, which the holder or a host must agree to (a forwarded link
takes no live seat).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from signaling.call import sample_guests
from signaling.call.connections import Connection, Publishing
from signaling.call.decision import Decision
from signaling.call.effects import AdmitMedia, Effect, Kick, ReleaseMedia
from signaling.call.facts import Admitted, Fact, PresenceChanged, TokenIssued
from signaling.call.inputs import Connect, ConnectionLost
from signaling.call.seating import KEEPS_ADMISSION, places_taken
from signaling.call.spec import SeatSpec
from signaling.call.state import CallState
from signaling.errors import Code, Refused
from signaling.media.port import SeatId
from signaling.messages.pushes import Bye
from signaling.messages.shapes import Presence

RESUME_FOR = timedelta(minutes=10)
MEDIA_OUTLIVES = timedelta(seconds=45)
DROPPED_AFTER = timedelta(seconds=120)


def connect(state: CallState, asked: Connect, now: datetime) -> Decision:
    """A connection asks for its seat. Raises `Refused`."""
    place = state.place(asked.seat)
    if state.seating.ended:
        raise Refused(Code.CALL_ENDED)
    if place.revoked:
        raise Refused(Code.SEAT_REVOKED)
    connection = Connection(asked.conn, place.seat, now, asked.next_token)
    if asked.presented is not None:
        return _resume(state, place, connection, asked.presented, now)
    if place.staff:
        return _staff_enters(state, place, connection, now)
    return _guest_comes(state, place, connection, now)


def _resume(state: CallState, place: SeatSpec, connection: Connection, presented: str, now: datetime) -> Decision:
    seat = state.seating[place.seat]
    away_since = state.connections.away_since.get(place.seat, now)
    if presented not in seat.tokens or now - away_since > RESUME_FOR:
        raise Refused(Code.RESUME_INVALID)
    # The presented token stays good beside the new one: the answer that carries the new one may be lost.
    # A peer connection that was given up meanwhile is named behind the state: the other one still stands.
    connection.kept = place.seat in state.with_media()
    facts: list[Fact] = [TokenIssued(at=now, seat=place.seat, hashes=[presented, connection.next_token])]
    back = Presence.CONNECTED if seat.admitted else Presence.WAITING
    if seat.presence != back:
        facts.append(PresenceChanged(at=now, seat=place.seat, state=back, cause="resumed"))
    return _sit_down(state, connection, facts, [], now)


def _staff_enters(state: CallState, place: SeatSpec, connection: Connection, now: datetime) -> Decision:
    seat = state.seating[place.seat]
    facts: list[Fact] = [TokenIssued(at=now, seat=place.seat, hashes=[connection.next_token])]
    if not seat.admitted:
        if places_taken(state.spec, state.seating) >= state.spec.capacity:
            raise Refused(Code.ROOM_FULL)
        facts.append(Admitted(at=now, seat=place.seat, by=place.seat))
    if seat.presence != Presence.CONNECTED:
        facts.append(PresenceChanged(at=now, seat=place.seat, state=Presence.CONNECTED, cause="entered"))
    # Another device has other peer connections: those of the device before must fall silent.
    fresh: list[Effect] = (
        [ReleaseMedia(place.seat), AdmitMedia(place.seat)] if state.seating.in_room(place.seat) else []
    )
    return _sit_down(state, connection, facts, fresh, now)


def _guest_comes(state: CallState, place: SeatSpec, connection: Connection, now: datetime) -> Decision:
    seat = state.seating[place.seat]
    if seat.synthetic and state.seating.in_room(place.seat):
        return take_over(state, connection, now)
    in_use = seat.admitted and seat.presence in KEEPS_ADMISSION
    if in_use or place.seat in state.connections.holders:
        return _claim(state, connection, now)
    if state.seating.locked:
        raise Refused(Code.ROOM_LOCKED)
    facts: list[Fact] = [TokenIssued(at=now, seat=place.seat, hashes=[connection.next_token])]
    if seat.presence != Presence.WAITING or seat.synthetic:
        facts.append(PresenceChanged(at=now, seat=place.seat, state=Presence.WAITING, cause="arrived"))
    return _sit_down(state, connection, facts, [], now)


def _claim(state: CallState, connection: Connection, now: datetime) -> Decision:
    older = state.connections.claims.get(connection.seat)

    def change() -> None:
        if older:
            state.connections.forget(older, now)
        state.connections.claim(connection)

    return Decision(effects=[_moved(older)] if older else [], change=change)


def _sit_down(
    state: CallState, connection: Connection, facts: list[Fact], effects: list[Effect], now: datetime
) -> Decision:
    older = state.connections.holders.get(connection.seat)

    def change() -> None:
        if older:
            state.connections.forget(older, now)
        if effects:
            state.connections.publishing[connection.seat] = Publishing()
        state.connections.hold(connection)

    return Decision(facts, [*([_moved(older)] if older else []), *effects], change)


def _moved(connection: Connection) -> Effect:
    return Kick(connection.id, Bye(code=Code.MOVED, resume=False))


def take_over(state: CallState, claim: Connection, now: datetime) -> Decision:
    """The claiming connection is given the seat; the one before is told `moved`, and the seat's media begins anew."""
    seat = state.seating[claim.seat]
    facts: list[Fact] = [TokenIssued(at=now, seat=claim.seat, hashes=[claim.next_token])]
    back = Presence.CONNECTED if seat.admitted else Presence.WAITING
    if seat.presence != back:
        facts.append(PresenceChanged(at=now, seat=claim.seat, state=back, cause="taken_over"))
    fresh: list[Effect] = (
        [ReleaseMedia(claim.seat), AdmitMedia(claim.seat)] if state.seating.in_room(claim.seat) else []
    )
    sitting = _sit_down(state, claim, facts, fresh, now)

    def change() -> None:
        state.connections.claims.pop(claim.seat, None)
        sitting.change()
        claim.seen = None  # the whole state is due: the lobby's was less

    return Decision(sitting.facts, sitting.effects, change)


def lose(state: CallState, lost: ConnectionLost, now: datetime) -> Decision:
    """A connection is gone: its seat waits for it."""
    connection = state.connections.open.get(lost.conn)
    if connection is None:
        return Decision()
    holds = state.connections.holders.get(connection.seat) is connection
    connected = state.seating[connection.seat].presence == Presence.CONNECTED
    return Decision(
        [_reconnecting(connection.seat, "connection_lost", now)] if holds and connected else [],
        change=lambda: state.connections.forget(connection, now),
    )


def _reconnecting(seat: SeatId, cause: str, now: datetime) -> Fact:
    return PresenceChanged(at=now, seat=seat, state=Presence.RECONNECTING, cause=cause)


def restart(state: CallState, now: datetime) -> Decision:
    """After a replay nobody is connected any more, and everybody may come back. Sample guests simply go on.

    A call that is over, and only waits for its recording, has nobody who could.
    """
    if state.seating.ended:
        return Decision()
    seats = {seat: record for seat, record in state.seating.seats.items() if not record.synthetic}
    played = [seat for seat, record in state.seating.seats.items() if record.synthetic and state.seating.in_room(seat)]
    going_on = sample_guests.playing(state, played, ())
    here = (Presence.CONNECTED, Presence.RECONNECTING, Presence.WAITING, Presence.ADMITTED)

    def change() -> None:
        state.connections.away_since = {seat: now for seat, record in seats.items() if record.presence in here}
        dropped = {seat: record.since or now for seat, record in seats.items() if record.presence == Presence.DROPPED}
        state.connections.away_since |= dropped
        state.connections.silent = set(seats)  # the engine has forgotten everybody
        going_on.change()

    connected = [seat for seat, record in seats.items() if record.presence == Presence.CONNECTED]
    effects = [*map(AdmitMedia, played), *going_on.effects]
    return Decision([_reconnecting(seat, "node_restarted", now) for seat in connected], effects, change)


def time_passes(state: CallState, now: datetime) -> Decision:
    """Seats that are away lose their media after 45 s and are dropped after 120 s; the seat is kept."""
    away = {seat: now - since for seat, since in state.connections.away_since.items()}
    silent = {seat for seat, time in away.items() if time >= MEDIA_OUTLIVES}
    gone = [seat for seat, time in away.items() if time >= DROPPED_AFTER]

    def change() -> None:
        for seat in silent - state.connections.silent:
            state.connections.publishing[seat] = Publishing()
        state.connections.silent |= silent

    return Decision([*_dropped(state, gone, now), *sample_guests.give_up(state, now)], change=change)


def _dropped(state: CallState, gone: list[SeatId], now: datetime) -> Iterator[Fact]:
    for seat in gone:
        if state.seating[seat].presence in (Presence.RECONNECTING, Presence.ADMITTED, Presence.WAITING):
            yield PresenceChanged(at=now, seat=seat, state=Presence.DROPPED, cause="away_too_long")


def promoted_claims(state: CallState, now: datetime) -> Decision:
    """Who claims a seat that its holder has left waits for it like anybody else."""
    facts: list[Fact] = []
    promoted = []
    for claim in state.connections.claims.values():
        seat = state.seating[claim.seat]
        free = seat.presence == Presence.LEFT or (seat.presence == Presence.DROPPED and not seat.admitted)
        if free and claim.seat not in state.connections.holders:
            facts.append(TokenIssued(at=now, seat=claim.seat, hashes=[claim.next_token]))
            facts.append(PresenceChanged(at=now, seat=claim.seat, state=Presence.WAITING, cause="arrived"))
            promoted.append(claim)

    def change() -> None:
        for claim in promoted:
            del state.connections.claims[claim.seat]
            state.connections.hold(claim)
            claim.seen = None

    return Decision(facts, change=change)
