"""The host's page after a call: what came of it, and what a person still has to do."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from server.actions.change_appointment import assignment_of
from server.actions.content_keys import only_seeker_of
from server.actions.draft_summary import draft_job
from server.actions.progress import JobView
from server.actions.references import AppointmentRef, PersonRef, appointment_ref, named
from server.domain.appointments import Appointment, Status
from server.domain.attendance import Attendance
from server.domain.cases import Case
from server.domain.notes import NoteStatus, SessionNote
from server.domain.permissions import StaffScope
from server.domain.recordings import Recording, RecordingStatus
from server.domain.summaries import Summary, SummaryStatus
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.cases import attendances, cases, session_notes, summaries
from server.storage.tables.scheduling import facts
from server.storage.trail import Deed, record_reading
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class RecordingRef:
    """A recording by its state."""

    id: str
    status: RecordingStatus


@dataclass(frozen=True, kw_only=True)
class SummaryRef:
    """A summary by its state."""

    id: str
    status: SummaryStatus


@dataclass(frozen=True, kw_only=True)
class NoteRef:
    """One's own note on one seeker."""

    id: str
    seeker: PersonRef
    status: NoteStatus


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What was agreed in the call."""

    id: str
    text: str
    due: date | None


@dataclass(frozen=True, kw_only=True)
class AfterCall:
    """Everything that came of one appointment, for one of its hosts."""

    appointment: AppointmentRef
    closed_at: datetime | None
    recording: RecordingRef | None
    summary: SummaryRef | None
    summary_job: JobView | None  # how far its draft is; none before the call is over
    notes: tuple[NoteRef, ...]
    next_steps: tuple[NextStep, ...]
    attendance_confirmed: bool
    case_id: str | None  # the seeker's, where the appointment is with one and their case is within reach
    next_appointment: AppointmentRef | None


async def read_after_call(uow: UnitOfWork, appointment_id: str, by: StaffScope, now: datetime) -> AfterCall:
    """What came of it so far; that somebody read what was agreed is written down. Raises NotFound."""
    appointment = await uow.rows(Appointment).one(appointment_id)
    assignment = await assignment_of(uow, appointment.id)
    recording = await uow.rows(Recording).get(assignment.call_id)
    summary = await uow.rows(Summary).first(summaries.c.appointment_id == appointment.id)
    confirmed = await uow.rows(Attendance).count(attendances.c.appointment_id == appointment.id)
    case = await _case(uow, appointment)
    agreed = await next_steps(uow, assignment.call_id)
    if agreed:
        await record_reading(uow, await _deed(uow, appointment), now)
    return AfterCall(
        appointment=await appointment_ref(uow, appointment.id),
        closed_at=assignment.closed_at,
        recording=RecordingRef(id=recording.id, status=recording.status) if recording else None,
        summary=SummaryRef(id=summary.id, status=summary.status) if summary else None,
        summary_job=await draft_job(uow, assignment.call_id),
        notes=await _notes(uow, appointment, by),
        next_steps=agreed,
        attendance_confirmed=confirmed > 0,
        case_id=case.id if case else None,
        next_appointment=await _next(uow, appointment, case),
    )


async def _deed(uow: UnitOfWork, appointment: Appointment) -> Deed:
    return Deed(
        action="next_steps.read",
        object_kind="appointment",
        object_id=appointment.id,
        tenant_id=appointment.tenant_id,
        subject_id=await only_seeker_of(uow, appointment.id),
    )


async def next_steps(uow: UnitOfWork, call_id: str) -> tuple[NextStep, ...]:
    """What was agreed and not taken back, from the call's journal. Not scoped: the caller has seen the appointment."""
    query = (
        select(facts.c.kind, facts.c.body)
        .where(facts.c.call_id == call_id, facts.c.kind.in_(["next_step_added", "next_step_removed"]))
        .order_by(facts.c.epoch, facts.c.run, facts.c.seq)
    )
    agreed: dict[str, NextStep] = {}
    for row in await uow.execute(query):
        if row.kind == "next_step_removed":
            agreed.pop(row.body["id"], None)
        else:
            agreed[row.body["id"]] = _step(row.body)
    return tuple(agreed.values())


def _step(body: dict[str, Any]) -> NextStep:
    due = body.get("due")
    return NextStep(id=body["id"], text=body["text"], due=date.fromisoformat(due) if due else None)


async def _notes(uow: UnitOfWork, appointment: Appointment, by: StaffScope) -> tuple[NoteRef, ...]:
    mine = await uow.rows(SessionNote).where(
        session_notes.c.appointment_id == appointment.id, session_notes.c.author_id == by.person_id
    )
    known = await named(uow, [note.seeker_id for note in mine])
    found = [NoteRef(id=note.id, seeker=known[note.seeker_id], status=note.status) for note in mine]
    return tuple(sorted(found, key=lambda note: note.seeker.name))


async def _case(uow: UnitOfWork, appointment: Appointment) -> Case | None:
    seeker_id = await only_seeker_of(uow, appointment.id)
    if seeker_id is None:
        return None
    return await uow.rows(Case).first(cases.c.seeker_id == seeker_id, cases.c.tenant_id == appointment.tenant_id)


async def _next(uow: UnitOfWork, appointment: Appointment, case: Case | None) -> AppointmentRef | None:
    """The seeker's next appointment here, if one is booked already."""
    if case is None:
        return None
    seated = select(seats.c.appointment_id).where(seats.c.person_id == case.seeker_id)
    found = await uow.rows(Appointment).first(
        appointments.c.id.in_(seated),
        appointments.c.starts_at > appointment.starts_at,
        appointments.c.status.in_((Status.CONFIRMED, Status.OPEN)),
        order_by=[appointments.c.starts_at],
    )
    return await appointment_ref(uow, found.id) if found else None
