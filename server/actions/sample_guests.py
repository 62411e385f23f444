"""견본 참가자 들여보내기: which empty guest seats synthetic people may take, so that one person can try a room."""

from dataclasses import dataclass

from server.actions.change_appointment import assignment_of
from server.domain.appointments import LIVE, PRESENT, Appointment, Presence, Seat, WrongState
from server.domain.rooms import RoomNotReady
from server.storage.tables.appointments import seats
from server.storage.unit_of_work import UnitOfWork

_TAKEN = PRESENT | {Presence.REMOVED, Presence.DENIED}


@dataclass(frozen=True)
class EmptySeats:
    """Seats in a call that a node carries."""

    node: str
    call: str
    seats: tuple[str, ...]


async def empty_seats(uow: UnitOfWork, appointment_id: str) -> EmptySeats:
    """The guests' seats that nobody is in. Raises NotFound, WrongState when it is not open, RoomNotReady."""
    appointment = await uow.rows(Appointment).one(appointment_id)
    if appointment.status not in LIVE:
        raise WrongState(status=appointment.status.value, wanted="sample_guests")
    assignment = await assignment_of(uow, appointment.id)
    if assignment.node is None or assignment.closed_at is not None:
        raise RoomNotReady(retry_after_s=2)
    guests = await uow.rows(Seat).where(
        seats.c.appointment_id == appointment.id,
        seats.c.staff.is_(False),
        seats.c.revoked_at.is_(None),
        order_by=[seats.c.name, seats.c.id],
    )
    empty = tuple(seat.id for seat in guests if seat.presence not in _TAKEN)
    return EmptySeats(assignment.node, assignment.call_id, empty)
