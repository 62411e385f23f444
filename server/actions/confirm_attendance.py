"""Who was there: the roster of arrivals, attendance proposed from presence facts, confirmed by a person by exception.

Confirmed attendance enters each seeker's own case, and nothing about anybody else goes with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from server.actions.change_appointment import assignment_of
from server.actions.consents import centre_of
from server.actions.open_case import case_of, enter
from server.actions.references import AppointmentRef, appointment_ref, named
from server.domain.appointments import Appointment, Presence, Seat, Status, WrongState
from server.domain.attendance import (
    Attendance,
    AttendanceRules,
    AttendanceStatus,
    Correction,
    Proposal,
    confirm,
    held,
    propose,
    stays,
)
from server.domain.cases import EntryKind
from server.domain.notes import SessionNote
from server.domain.organisations import Tenant, TenantKind
from server.domain.permissions import StaffScope, SystemScope
from server.storage.tables.appointments import seats
from server.storage.tables.cases import attendances, session_notes
from server.storage.tables.scheduling import facts
from server.storage.trail import Deed, record_deed, tell
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("attendance")
_OVER = (Status.COMPLETED, Status.INTERRUPTED, Status.NO_SHOW)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One guest on the roster."""

    person_id: str
    name: str
    display_name: str  # a 별칭 where the others see one
    presence: Presence
    presence_at: datetime | None
    first_present_at: datetime | None
    rules_accepted_at: datetime | None
    note_id: str | None  # one's own session note on this person


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Who is expected, and who has come."""

    appointment: AppointmentRef
    people: tuple[Arrival, ...]


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """One guest's attendance: proposed, and confirmed if it is."""

    person_id: str
    name: str
    proposed: AttendanceStatus
    status: AttendanceStatus | None
    minutes: int
    joins: int
    joined_at: datetime | None
    left_at: datetime | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class AttendanceView:
    """Everybody's attendance. `over` false: it is still going on and cannot be confirmed yet."""

    over: bool
    confirmed_at: datetime | None
    people: tuple[Attendee, ...]


async def read_roster(uow: UnitOfWork, appointment_id: str, by: StaffScope) -> Roster:
    """Arrivals. Raises NotFound."""
    appointment = await uow.rows(Appointment).one(appointment_id)
    guests = await _guests(uow, appointment)
    known = await named(uow, [seat.person_id for seat in guests])
    mine = await uow.rows(SessionNote).where(
        session_notes.c.appointment_id == appointment.id, session_notes.c.author_id == by.person_id
    )
    notes = {note.seeker_id: note.id for note in mine}
    return Roster(
        appointment=await appointment_ref(uow, appointment.id),
        people=tuple(
            Arrival(
                person_id=seat.person_id,
                name=known[seat.person_id].name,
                display_name=seat.name,
                presence=seat.presence,
                presence_at=seat.presence_at,
                first_present_at=seat.first_present_at,
                rules_accepted_at=seat.rules_accepted_at,
                note_id=notes.get(seat.person_id),
            )
            for seat in guests
        ),
    )


async def read_attendance(uow: UnitOfWork, appointment_id: str, now: datetime) -> AttendanceView:
    """What presence proposes, and what was confirmed. Raises NotFound."""
    appointment = await uow.rows(Appointment).one(appointment_id)
    proposals = await _proposals(uow, appointment, now)
    known = await named(uow, [proposal.person_id for proposal in proposals])
    rows = await uow.rows(Attendance).where(attendances.c.appointment_id == appointment.id)
    confirmed = {row.person_id: row for row in rows}
    return AttendanceView(
        over=await _is_over(uow, appointment),
        confirmed_at=max((row.confirmed_at for row in rows), default=None),
        people=tuple(_attendee(p, known[p.person_id].name, confirmed.get(p.person_id)) for p in proposals),
    )


async def confirm_attendance(
    uow: UnitOfWork,
    appointment_id: str,
    corrections: Mapping[str, Correction],
    by: StaffScope,
    new_id: Callable[[], str],
    now: datetime,
) -> AttendanceView:
    """Confirm as proposed, except where corrected; again, to correct an earlier confirmation.

    Raises NotFound, WrongState while it is going on, UnknownAttendee, ReasonMissing.
    """
    appointment = await uow.rows(Appointment).one(appointment_id, lock=True)
    if not await _is_over(uow, appointment):
        raise WrongState(status=appointment.status.value, wanted="attendance")
    proposals = await _proposals(uow, appointment, now)
    for attendance in confirm(appointment.id, proposals, corrections, by.person_id, now):
        await _keep(uow, appointment, attendance, new_id)
    await tell(uow, "appointment", appointment.id, appointment.tenant_id, now)
    return await read_attendance(uow, appointment.id, now)


async def _keep(uow: UnitOfWork, appointment: Appointment, attendance: Attendance, new_id: Callable[[], str]) -> None:
    everything = uow.beyond(_SYSTEM)
    if not await uow.insert_new(attendances, [asdict(attendance)]):
        await everything.rows(Attendance).save(attendance)
    tenant = await everything.rows(Tenant).one(appointment.tenant_id)
    # An employer keeps no case files: the seeker's centre enters the attendance and nothing else.
    centre = await centre_of(uow, appointment) if tenant.kind is TenantKind.EMPLOYER else tenant
    if centre is not None:
        case = await case_of(uow, centre.id, attendance.person_id, new_id, attendance.confirmed_at)
        await enter(uow, case, EntryKind.ATTENDANCE, appointment.id, appointment.id, new_id, attendance.confirmed_at)
    deed = Deed(
        action="attendance.confirmed",
        object_kind="appointment",
        object_id=appointment.id,
        tenant_id=appointment.tenant_id,
        subject_id=attendance.person_id,
        reason=attendance.reason or None,
    )
    await record_deed(uow, deed, attendance.confirmed_at)


async def _proposals(uow: UnitOfWork, appointment: Appointment, now: datetime) -> list[Proposal]:
    assignment = await assignment_of(uow, appointment.id)
    guests = await _guests(uow, appointment)
    closed_at = min(assignment.closed_at or now, appointment.ends_at)
    presence = await _presence(uow, assignment.call_id)
    found = {seat: stays(marks, closed_at) for seat, marks in presence.items()}
    attended = {seat.id: found.pop(seat.id, []) for seat in guests}
    meeting = held(list(attended.values()), list(found.values()), appointment.starts_at, closed_at)
    rules = AttendanceRules()
    return [propose(seat.person_id, attended[seat.id], meeting, rules) for seat in guests]


async def _presence(uow: UnitOfWork, call_id: str) -> Mapping[str, Sequence[tuple[datetime, str]]]:
    """Presence by seat, in the order it was decided. Not scoped: the caller has seen the appointment."""
    query = (
        select(facts.c.at, facts.c.body)
        .where(facts.c.call_id == call_id, facts.c.kind == "presence")
        .order_by(facts.c.at, facts.c.epoch, facts.c.run, facts.c.seq)
    )
    found: dict[str, list[tuple[datetime, str]]] = {}
    for row in await uow.execute(query):
        found.setdefault(row.body["seat"], []).append((row.at, row.body["state"]))
    return found


async def _guests(uow: UnitOfWork, appointment: Appointment) -> list[Seat]:
    return await uow.rows(Seat).where(
        seats.c.appointment_id == appointment.id, seats.c.staff.is_(False), order_by=[seats.c.name, seats.c.id]
    )


async def _is_over(uow: UnitOfWork, appointment: Appointment) -> bool:
    return appointment.status in _OVER or (await assignment_of(uow, appointment.id)).closed_at is not None


def _attendee(proposal: Proposal, name: str, confirmed: Attendance | None) -> Attendee:
    return Attendee(
        person_id=proposal.person_id,
        name=name,
        proposed=proposal.status,
        status=confirmed.status if confirmed else None,
        minutes=proposal.minutes,
        joins=proposal.joins,
        joined_at=proposal.joined_at,
        left_at=proposal.left_at,
        reason=confirmed.reason if confirmed else "",
    )
