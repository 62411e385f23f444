"""Who was there: the roster of arrivals and attendance, for groups and for all other appointments."""

from pydantic import Field

from server.actions import after_call
from server.actions import confirm_attendance as attendance
from server.actions.after_call import AfterCall
from server.actions.confirm_attendance import AttendanceView, Roster
from server.api.adapter import Body
from server.api.appointments import Id
from server.api.ask import StaffAsk
from server.api.fields import ShortText
from server.domain.attendance import AttendanceStatus, Correction
from server.storage.unit_of_work import UnitOfWork


class AttendanceException(Body):
    """A status that departs from the proposed one, and why."""

    person_id: Id
    status: AttendanceStatus = Field(strict=False)
    reason: ShortText


class AttendanceBody(Body):
    """Everybody as proposed, but for these."""

    exceptions: list[AttendanceException] = Field(default=[], max_length=20)


async def read_roster(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> Roster:
    """Who is expected and who has come."""
    return await attendance.read_roster(uow, appointment_id, ask.scope)


async def read_after_call(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> AfterCall:
    """What came of an appointment, and what is still to be done. Reading what was agreed is written down."""
    return await after_call.read_after_call(uow, appointment_id, ask.scope, ask.at)


async def read_attendance(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> AttendanceView:
    """Attendance as presence proposes it, and as it was confirmed."""
    return await attendance.read_attendance(uow, appointment_id, ask.at)


async def confirm_attendance(
    ask: StaffAsk, uow: UnitOfWork, appointment_id: str, body: AttendanceBody
) -> AttendanceView:
    """Confirm attendance by exception."""
    corrections = {one.person_id: Correction(one.status, one.reason) for one in body.exceptions}
    new_id = ask.services.new_id
    return await attendance.confirm_attendance(uow, appointment_id, corrections, ask.scope, new_id, ask.at)
