"""Sample meetings that are over: what a person has made of one, and taking away one that nobody has touched."""

from sqlalchemy import ColumnElement, Table, delete, or_, select

from server.actions.change_appointment import assignment_of
from server.domain.appointments import Appointment
from server.domain.attendance import Attendance
from server.domain.cases import RoomNote
from server.domain.documents import Document
from server.domain.interviews import Scorecard, ScorecardStatus
from server.domain.notes import NoteStatus, SessionNote
from server.domain.recordings import GONE, Recording
from server.domain.summaries import Summary, SummaryStatus
from server.storage.tables import facts, metadata
from server.storage.tables.appointments import appointments
from server.storage.tables.cases import attendances, documents, room_notes, session_notes, summaries
from server.storage.tables.interviews import scorecards
from server.storage.tables.jobs import jobs
from server.storage.tables.recordings import recordings
from server.storage.unit_of_work import UnitOfWork

_BEGUN = 1  # the version of a note in which nobody has written


async def is_used_up(uow: UnitOfWork, found: Appointment) -> bool:
    """Whether what was to be tried is done: its summary approved, a card submitted, or its recording gone."""
    summary = await uow.rows(Summary).first(summaries.c.appointment_id == found.id)
    judged = await uow.rows(Scorecard).count(
        scorecards.c.appointment_id == found.id, scorecards.c.status == ScorecardStatus.SUBMITTED
    )
    gone = await uow.rows(Recording).count(recordings.c.appointment_id == found.id, recordings.c.status.in_(GONE))
    approved = summary is not None and summary.status in (SummaryStatus.APPROVED, SummaryStatus.SHARED)
    return approved or judged + gone > 0


async def is_untouched(uow: UnitOfWork, found: Appointment) -> bool:
    """Whether nobody has written, confirmed, judged or booked anything on it."""
    made = [
        await uow.rows(Scorecard).count(scorecards.c.appointment_id == found.id),
        await uow.rows(Attendance).count(attendances.c.appointment_id == found.id),
        await uow.rows(Document).count(documents.c.appointment_id == found.id),
        await uow.rows(RoomNote).count(room_notes.c.appointment_id == found.id),
        await uow.rows(Summary).count(
            summaries.c.appointment_id == found.id, summaries.c.status != SummaryStatus.DRAFTED
        ),
        await uow.rows(SessionNote).count(
            session_notes.c.appointment_id == found.id,
            (session_notes.c.version > _BEGUN) | (session_notes.c.status != NoteStatus.DRAFT),
        ),
        await uow.rows(Appointment).count(appointments.c.replaces_id == found.id),
    ]
    return not any(made)


async def take_away(uow: UnitOfWork, found: Appointment) -> str:
    """Delete it and every row that hangs on it, but for the audit trail; the id of its call, which names its files."""
    call_id = (await assignment_of(uow, found.id)).call_id
    await uow.execute(delete(facts).where(facts.c.call_id == call_id))
    await uow.execute(delete(jobs).where(jobs.c.key.contains(call_id)))
    for table in reversed(metadata.sorted_tables):
        hanging = _hanging_on(table, found.id)
        if hanging is not None:
            await uow.execute(delete(table).where(hanging))
    return call_id


def _hanging_on(table: Table, appointment_id: str) -> ColumnElement[bool] | None:
    """Its rows that are the appointment, or name a row that hangs on it."""
    if table is appointments:
        return appointments.c.id == appointment_id
    parents = [(key, _hanging_on(key.column.table, appointment_id)) for key in table.foreign_keys]
    named = [key.parent.in_(select(key.column).where(parent)) for key, parent in parents if parent is not None]
    return or_(*named) if named else None
