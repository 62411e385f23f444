"""An appointment as the scheduler and its node leave it: ticks, rows as they are now, and the node's journal."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from server.actions.call_orders import CloseCall, OpenCall, order_for
from server.actions.record_facts import fact_of, record_facts
from server.domain.appointments import Appointment
from server.domain.rooms import Assignment, Decision
from server.storage.tables.scheduling import assignments
from server.storage.unit_of_work import UnitOfWork
from signaling.media.recorders import DataKey
from tests.world import HOUR, NOW, SCOPE, World


async def tick(world: World, minutes_after_start: float) -> list[Decision]:
    return await world.tick(NOW + HOUR + timedelta(minutes=minutes_after_start))


async def appointment_now(world: World, appointment: Appointment) -> Appointment:
    async with world.database.read(SCOPE) as uow:
        return await uow.rows(Appointment).one(appointment.id)


async def assignment_now(world: World, appointment: Appointment) -> Assignment:
    async with world.database.read(SCOPE) as uow:
        return (await uow.rows(Assignment).where(assignments.c.appointment_id == appointment.id))[0]


class Journal:
    """A node's journal of one call."""

    def __init__(self, world: World, call: str, epoch: int = 1) -> None:
        self.world, self.call, self.epoch, self.seq = world, call, epoch, 0

    def line(self, kind: str, **body: Any) -> dict[str, Any]:
        self.seq += 1
        at = self.world.clock().isoformat()
        return {"call": self.call, "epoch": self.epoch, "run": 1, "seq": self.seq, "at": at, "kind": kind, **body}

    async def tell(self, kind: str, **body: Any) -> int:
        return await self.ship(self.line(kind, **body))

    async def ship(self, *lines: Mapping[str, Any]) -> int:
        async with self.world.database.write(SCOPE) as uow:
            return await record_facts(uow, [fact_of(line) for line in lines], [])


async def no_keys(uow: UnitOfWork, appointment: Appointment, count: int) -> list[DataKey]:
    return [DataKey(f"key-{number}", b"p" * 32, b"w" * 40) for number in range(count)]


async def opened(world: World, **booking: Any) -> tuple[Appointment, Journal]:
    appointment = await world.book(**booking)
    await tick(world, -30)
    assignment = await assignment_now(world, appointment)
    return appointment, Journal(world, assignment.call_id, assignment.epoch)


async def order(world: World, call: str) -> OpenCall | CloseCall | None:
    async with world.database.write(SCOPE) as uow:
        return await order_for(uow, call, no_keys)
