"""견본 참가자 들여보내기: which empty guest seats synthetic people may take, so that one person can try a room.

Two sample guests need no button: they are in their lobbies whenever the room is open and nobody has tried it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from server.actions.change_appointment import assignment_of
from server.domain.appointments import LIVE, PRESENT, Appointment, Presence, Seat, WrongState
from server.domain.rooms import RoomNotReady
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.scheduling import assignments
from server.storage.unit_of_work import UnitOfWork

_TAKEN = PRESENT | {Presence.REMOVED, Presence.DENIED}
_ABSENT = (Presence.INVITED, Presence.DROPPED, Presence.LEFT)


@dataclass(frozen=True)
class EmptySeats:
    """Seats in a call that a node carries."""

    node: str
    call: str
    seats: tuple[str, ...]
    waiting: bool = False  # the guests wait in the lobby


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


async def missing_guests(uow: UnitOfWork, seat_ids: Sequence[str], now: datetime) -> list[EmptySeats]:
    """Those of these seats, in open rooms, in which a sample guest ought to wait and does not.

    Once somebody has been in the room from a seat, nobody waits in it any more.
    """
    query = (
        select(seats.c.id, assignments.c.node, assignments.c.call_id)
        .select_from(seats.join(appointments).join(assignments))
        .where(
            seats.c.id.in_(seat_ids),
            seats.c.presence.in_(_ABSENT),
            seats.c.first_present_at.is_(None),
            appointments.c.status.in_(LIVE),
            appointments.c.ends_at > now,
            assignments.c.node.is_not(None),
            assignments.c.closed_at.is_(None),
        )
    )
    return [EmptySeats(row.node, row.call_id, (row.id,), waiting=True) for row in await uow.execute(query)]
