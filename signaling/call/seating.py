"""Who is where: the lobby, the seats, who hosts. Durable part of the state, rebuilt from facts.

Being admitted is a property of the seat, not of the connection: it survives reload, network change and restarts of
the node.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from signaling.call.facts import (
    Admitted,
    CallEnded,
    Fact,
    Hosting,
    Interpreting,
    Locked,
    PresenceChanged,
    RulesAccepted,
    TokenIssued,
)
from signaling.call.spec import CallSpec, SeatSpec
from signaling.media.port import SeatId
from signaling.messages.shapes import Kind, Phase, Presence, Role

HOST_IS_LATE = timedelta(minutes=5)
IN_ROOM = frozenset({Presence.CONNECTED, Presence.RECONNECTING})
SAMPLE_GUEST = "sample_guest"  # the cause of what a sample guest does
CLOSED = "closed"  # the cause for which those go who wait for what will not take place
SHOWN = IN_ROOM | {Presence.ADMITTED}  # as people of the room, to others
KEEPS_ADMISSION = IN_ROOM | {Presence.ADMITTED, Presence.DROPPED}


@dataclass
class Seat:
    """Where one seat's person is."""

    presence: Presence = Presence.INVITED
    since: datetime | None = None
    admitted: bool = False  # may be in the room, now or after reconnecting
    was_admitted: bool = False  # has been let in at least once
    rules_accepted: bool = False
    interprets: bool = False  # for others: the last picture to be given up
    synthetic: bool = False  # a sample guest has it
    tokens: tuple[str, ...] = ()  # hashes of the resume tokens that are good, newest last


@dataclass
class Seating:
    """All seats by id, and what concerns them together."""

    seats: dict[SeatId, Seat] = field(default_factory=dict)
    hosts: tuple[SeatId, ...] = ()
    locked: bool = False
    opened: bool = False
    ended: bool = False
    goes_on: bool = False  # ended here only: another node carries it on

    def __getitem__(self, seat: SeatId) -> Seat:
        if seat not in self.seats:
            self.seats[seat] = Seat()
        return self.seats[seat]

    @property
    def phase(self) -> Phase:
        """Where the call stands."""
        if self.ended:
            return Phase.ENDED
        return Phase.LIVE if any(seat.was_admitted for seat in self.seats.values()) else Phase.LOBBY_OPEN

    def in_room(self, seat: SeatId) -> bool:
        """Admitted, and there or expected back in a moment."""
        return self[seat].admitted and self[seat].presence in IN_ROOM

    def apply(self, fact: Fact) -> None:
        """Take in what this part keeps of `fact`."""
        match fact:
            case PresenceChanged():
                self._move(self[fact.seat], fact)
            case Admitted():
                self[fact.seat].admitted = self[fact.seat].was_admitted = True
            case TokenIssued():
                self[fact.seat].tokens = tuple(fact.hashes)
                self[fact.seat].synthetic = False
            case RulesAccepted():
                self[fact.seat].rules_accepted = True
            case Hosting():
                self.hosts = tuple(fact.seats)
            case Interpreting():
                self[fact.seat].interprets = fact.interprets
            case Locked():
                self.locked = fact.locked
            case CallEnded():
                self.ended, self.goes_on = True, fact.goes_on

    @staticmethod
    def _move(seat: Seat, fact: PresenceChanged) -> None:
        seat.presence, seat.since = fact.state, fact.at
        if fact.state not in KEEPS_ADMISSION:
            seat.admitted = False
        given_up = fact.state in (Presence.LEFT, Presence.REMOVED, Presence.DENIED)
        seat.synthetic = not given_up and (seat.synthetic or fact.cause == SAMPLE_GUEST)
        if given_up or fact.cause == SAMPLE_GUEST:
            seat.tokens = ()


def places_taken(spec: CallSpec, seating: Seating) -> int:
    """How many of the room's places are promised or in use."""
    return sum(seating[place.seat].admitted for place in spec.seats)


def acting_hosts(spec: CallSpec, seating: Seating, now: datetime) -> tuple[SeatId, ...]:
    """Who hosts: every host and co-host who is there; else, if they were there before or are late, one of the panel.

    In an interview only the lead hosts while there. A panel member who hosts goes on until a host is back.
    """
    there = [place for place in spec.seats if seating.in_room(place.seat)]
    hosts = tuple(place.seat for place in there if _is_host(place))
    if hosts or spec.kind != Kind.INTERVIEW:
        return hosts
    came = any(seating[place.seat].was_admitted for place in spec.seats if _is_host(place))
    if not came and now < spec.starts_at + HOST_IS_LATE:
        return ()
    panel = [place.seat for place in there if place.role == Role.PANEL]
    kept = [seat for seat in seating.hosts if seat in panel]
    return tuple((kept or panel)[:1])


def _is_host(place: SeatSpec) -> bool:
    return place.staff and place.role in (Role.HOST, Role.CO_HOST)


def waiting(spec: CallSpec, seating: Seating) -> Iterator[SeatId]:
    """Seats in the lobby, in order of arrival."""
    there = [place.seat for place in spec.seats if seating[place.seat].presence == Presence.WAITING]
    return iter(sorted(there, key=lambda seat: seating[seat].since or spec.starts_at))
