"""What a node must be told about a call now: open it (or take its new specification), or close it."""

from dataclasses import dataclass
from typing import Any

from server.actions.call_spec import IssueKeys, spec_of
from server.domain.appointments import LIVE, Appointment, Status
from server.domain.rooms import Assignment
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


async def order_for(uow: UnitOfWork, call_id: str, issue_keys: IssueKeys) -> OpenCall | CloseCall | None:
    """The order; None for a call that nobody knows, was never opened or waits for a node. `uow` sees everything."""
    assignment = await uow.rows(Assignment).get(call_id)
    if assignment is None:
        return None
    appointment = await uow.rows(Appointment).one(assignment.appointment_id)
    carried = appointment.status in LIVE | {Status.INTERRUPTED} and assignment.closed_at is None
    if carried and assignment.node is not None:
        return OpenCall(assignment.node, await spec_of(uow, assignment, issue_keys))
    return None if carried or not assignment.epoch else CloseCall(call_id, assignment.epoch)
