"""The history of an appointment: written with each step, in its transaction, and read back in order."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from server.domain.appointments import Appointment
from server.domain.history import STEP_TO, HistoryEntry, Step
from server.domain.permissions import SystemScope
from server.storage.tables.appointments import history
from server.storage.tables.people import people
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("history of an appointment within reach")
_TIMED = (Step.BOOKED, Step.MOVED)


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One step as staff read it."""

    at: datetime
    step: Step
    by: str | None  # a name; None: the server itself
    reason: str | None
    starts_at: datetime | None


async def remember(
    uow: UnitOfWork,
    appointment: Appointment,
    at: datetime,
    step: Step | None = None,
    reason: str | None = None,
    actor_id: str | None = None,
) -> None:
    """Add a step: the one into the status that the appointment now has, unless another is named.

    It is the asker's doing, or `actor_id`'s where the server acts for somebody.
    """
    taken = step or STEP_TO[appointment.status]
    asker = None if isinstance(uow.scope, SystemScope) else uow.scope.person_id
    entry = HistoryEntry(
        appointment_id=appointment.id,
        at=at,
        step=taken,
        actor_id=actor_id or asker,
        reason=reason or None,
        starts_at=appointment.starts_at if taken in _TIMED else None,
    )
    await uow.beyond(_SYSTEM).rows(HistoryEntry).add(entry)


async def history_of(uow: UnitOfWork, appointment_id: str) -> list[HistoryLine]:
    """What happened to this appointment, in order. Raises NotFound for one out of reach."""
    appointment = await uow.rows(Appointment).one(appointment_id)
    query = (
        select(history, people.c.name)
        .select_from(history.outerjoin(people, people.c.id == history.c.actor_id))
        .where(history.c.appointment_id == appointment.id)
        .order_by(history.c.at, history.c.id)
    )
    return [
        HistoryLine(at=row.at, step=row.step, by=row.name, reason=row.reason, starts_at=row.starts_at)
        for row in await uow.execute(query)  # the appointment was within reach, and so is what became of it
    ]
