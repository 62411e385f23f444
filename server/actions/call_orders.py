"""What a node must be told about a call now: open it (or take its new specification), or close it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server.actions.call_spec import IssueKeys, spec_of
from server.domain.appointments import LIVE, Appointment, Status
from server.domain.rooms import Assignment
from server.storage.tables.appointments import appointments
from server.storage.tables.scheduling import assignments
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class OpenCall:
    """Send this specification to this node; a call that is open takes it as a refresh."""

    node: str
    spec: dict[str, Any]


@dataclass(frozen=True)
class CloseCall:
    """No node should carry it any more, under this epoch or an older one; one with people in it waits for them."""

    call: str
    epoch: int


_CARRIED = LIVE | {Status.INTERRUPTED}


async def order_for(uow: UnitOfWork, call_id: str, issue_keys: IssueKeys) -> OpenCall | CloseCall | None:
    """The order; None for a call that nobody knows, was never opened or waits for a node. `uow` sees everything."""
    assignment = await uow.rows(Assignment).get(call_id)
    if assignment is None:
        return None
    appointment = await uow.rows(Appointment).one(assignment.appointment_id)
    carried = appointment.status in _CARRIED and assignment.closed_at is None
    if carried and assignment.node is not None:
        return OpenCall(assignment.node, await spec_of(uow, assignment, issue_keys))
    return None if carried or not assignment.epoch else CloseCall(call_id, assignment.epoch)


async def calls_of(uow: UnitOfWork, node: str) -> list[str]:
    """The calls that this node is to carry now. `uow` sees everything."""
    query = (
        select(assignments.c.call_id)
        .join(appointments, appointments.c.id == assignments.c.appointment_id)
        .where(appointments.c.status.in_(_CARRIED), assignments.c.node == node, assignments.c.closed_at.is_(None))
        .order_by(appointments.c.starts_at, appointments.c.id)
    )
    return list((await uow.execute(query)).scalars())
