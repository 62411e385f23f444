"""When a call is over, the leading host finds a session note begun for every seeker who was there.

A projection of record_facts.py. Others of the staff begin theirs when they have something to write.
"""

from collections.abc import Callable

from server.actions.record_facts import Fact, Projection
from server.actions.session_notes import begin_note
from server.domain.appointments import Appointment, Kind, Seat, SeatRole
from server.domain.rooms import Assignment
from server.storage.tables.appointments import seats
from server.storage.unit_of_work import UnitOfWork


def begin_notes(new_id: Callable[[], str]) -> Projection:
    """The projection, ready for `record_facts`."""

    async def apply(uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
        if fact.kind != "call_ended" or fact.body.get("cause") == "replaced":
            return
        appointment = await uow.rows(Appointment).one(assignment.appointment_id)
        if appointment.kind is Kind.INTERVIEW:  # judged on scorecards
            return
        places = await uow.rows(Seat).where(seats.c.appointment_id == appointment.id, order_by=[seats.c.id])
        hosts = [seat.person_id for seat in places if seat.role is SeatRole.HOST]
        guests = [seat.person_id for seat in places if not seat.staff and seat.first_present_at is not None]
        for seeker_id in guests if hosts else ():
            await begin_note(uow, appointment, seeker_id, hosts[0], new_id, fact.at)

    return apply
