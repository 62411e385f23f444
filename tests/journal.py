"""A call's journal as its node ships it, for tests of what the server makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from server.actions.change_appointment import assignment_of
from server.actions.record_facts import Fact, Projection, record_facts
from server.domain.appointments import Appointment, Seat
from tests.world import SCOPE, World


@dataclass
class Journal:
    """`await journal.tell(at, "left", seat=...)` inserts one fact, with every projection of the server."""

    world: World
    call_id: str
    seats: dict[str, Seat]
    projections: Sequence[Projection] = ()
    numbers: Any = field(default_factory=lambda: count(1))

    async def tell(self, at: datetime, kind: str, **body: Any) -> None:
        fact = Fact(call_id=self.call_id, epoch=1, run=1, seq=next(self.numbers), at=at, kind=kind, body=body)
        await self.tell_again(fact)

    async def tell_again(self, fact: Fact) -> None:
        async with self.world.database.write(SCOPE) as uow:
            await record_facts(uow, [fact], self.projections)

    async def presence(self, at: datetime, name: str, state: str) -> None:
        await self.tell(at, "presence", seat=self.seats[name].id, state=state, cause="socket")

    async def attend(self, name: str, start: datetime, minutes: int) -> None:
        """In the room for so long, with a short loss of the line in the middle."""
        await self.presence(start, name, "connected")
        await self.presence(start + timedelta(minutes=minutes) / 2, name, "reconnecting")
        await self.presence(start + timedelta(minutes=minutes) / 2 + timedelta(seconds=5), name, "connected")
        await self.presence(start + timedelta(minutes=minutes), name, "left")


async def opened(world: World, appointment: Appointment, projections: Sequence[Projection] = ()) -> Journal:
    """The room is open on a node, which begins its journal."""
    await world.tick(appointment.starts_at - timedelta(minutes=30))
    async with world.database.read(SCOPE) as uow:
        assignment = await assignment_of(uow, appointment.id)
    return Journal(world, assignment.call_id, await world.seats(appointment), projections)
