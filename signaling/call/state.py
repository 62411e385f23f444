"""The state of a call: durable parts that facts rebuild, and connections that they do not."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from signaling.call.conduct import Conduct
from signaling.call.connections import Connections
from signaling.call.consent import Consents, recordable
from signaling.call.facts import Fact
from signaling.call.recording import Recording
from signaling.call.seating import SHOWN, Seating
from signaling.call.spec import CallSpec, SeatSpec
from signaling.call.stage import Stage
from signaling.call.talk import Talk
from signaling.errors import Code, Refused
from signaling.media.ice_servers import IceServersFor, no_ice_servers
from signaling.media.port import SeatId, TrackId


@dataclass
class CallState:
    """Equality compares the durable parts only: a replayed call equals the one that lived."""

    spec: CallSpec
    seating: Seating = field(default_factory=Seating)
    consents: Consents = field(default_factory=Consents)
    recording: Recording = field(default_factory=Recording)
    talk: Talk = field(default_factory=Talk)
    conduct: Conduct = field(default_factory=Conduct)
    connections: Connections = field(default_factory=Connections, compare=False)
    stage: Stage = field(default_factory=Stage, compare=False)
    closing: bool = field(default=False, compare=False)  # web says so again to a node that restarted
    ice_servers: IceServersFor = field(default=no_ice_servers, compare=False)

    @classmethod
    def replay(cls, spec: CallSpec, facts: Iterable[Fact], ice_servers: IceServersFor = no_ice_servers) -> Self:
        """The state after these facts, with the newest spec."""
        state = cls(spec.without_keys(), ice_servers=ice_servers)
        state.seat_everybody()
        for fact in facts:
            state.apply(fact)
        return state

    def seat_everybody(self) -> None:
        """Give each seat of the spec its record."""
        for place in self.spec.seats:
            seat = self.seating[place.seat]
            seat.rules_accepted = seat.rules_accepted or place.rules_accepted

    def apply(self, fact: Fact) -> None:
        """Take in one fact. Never refuses."""
        for part in (self.seating, self.consents, self.recording, self.talk, self.conduct):
            part.apply(fact)

    def place(self, seat: str) -> SeatSpec:
        """The place of this seat. Raises `Refused` (`unknown_seat`)."""
        place = self.spec.seat(SeatId(seat))
        if place is None:
            raise Refused(Code.UNKNOWN_SEAT)
        return place

    def hosts(self, seat: SeatId) -> bool:
        """Whether this seat hosts now."""
        return seat in self.seating.hosts

    def is_here(self, seat: SeatId) -> bool:
        """Whether somebody is at the other end: a person's connection, or a sample guest."""
        return seat in self.connections.holders or self.seating[seat].synthetic

    def interpreting(self) -> frozenset[SeatId]:
        """Who interprets for others."""
        return frozenset(place.seat for place in self.spec.seats if self.seating[place.seat].interprets)

    def fill_stage(self, now: datetime) -> None:
        """Whose faces are shown follows from who is here, who leads and who speaks."""
        seats = [place.seat for place in self.spec.seats if self.seating[place.seat].presence in SHOWN]
        self.stage.fill(self.spec.stage, seats, (self.interpreting(), self.seating.hosts), now)

    def recordable(self) -> frozenset[TrackId]:
        """Exactly the tracks that may be written, if recording is on."""
        return recordable(self.spec, self.seating, self.consents)

    def with_media(self) -> frozenset[SeatId]:
        """Exactly the seats that may send and receive: in the room, and not away for long."""
        if self.seating.ended:
            return frozenset()
        return frozenset(
            place.seat
            for place in self.spec.seats
            if self.seating.in_room(place.seat) and place.seat not in self.connections.silent
        )
