"""What browsers and nodes are told when an appointment changes: rows in `changes`, in the causing transaction."""

from datetime import datetime

from server.domain.appointments import Appointment
from server.storage.trail import tell
from server.storage.unit_of_work import UnitOfWork


async def appointment_changed(uow: UnitOfWork, appointment: Appointment, now: datetime) -> None:
    """The desks of this tenant fetch the appointment again."""
    await tell(uow, "appointment", appointment.id, appointment.tenant_id, now)


async def call_changed(uow: UnitOfWork, call_id: str, now: datetime) -> None:
    """Webs send the node that carries the call its new specification, or close it there."""
    await tell(uow, "call", call_id, None, now)
