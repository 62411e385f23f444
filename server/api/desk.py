"""The desk: one answer with everything that a member of staff starts the day with."""

from datetime import datetime

from server.actions.cards import AppointmentCard
from server.actions.desk import PossibleNoShow, Waiting, today
from server.api.adapter import Answer
from server.api.ask import StaffAsk
from server.domain.notes import NoteStatus, SessionNote
from server.domain.summaries import Summary, SummaryStatus
from server.storage.tables.cases import session_notes, summaries
from server.storage.unit_of_work import UnitOfWork

LISTED_MAX = 50
_UNAPPROVED = (SummaryStatus.DRAFTED, SummaryStatus.IN_REVIEW)


class UnapprovedSummary(Answer):
    """A draft that waits for a person."""

    id: str
    appointment_id: str
    status: SummaryStatus
    drafted_at: datetime


class UnsignedNote(Answer):
    """One's own note that is still a draft."""

    id: str
    appointment_id: str
    seeker_id: str
    updated_at: datetime


class DeskAnswer(Answer):
    """Today."""

    now: datetime
    zone: str
    waiting: list[Waiting]
    soon: list[str]
    possible_no_shows: list[PossibleNoShow]
    unapproved: list[UnapprovedSummary]
    unsigned_notes: list[UnsignedNote]
    today: list[AppointmentCard]


async def read_desk(ask: StaffAsk, uow: UnitOfWork) -> DeskAnswer:
    """Who waits, what is next, what is not yet approved or signed."""
    day = await today(uow, ask.scope, ask.at)
    drafts = await uow.rows(Summary).where(
        summaries.c.status.in_(_UNAPPROVED), order_by=[summaries.c.drafted_at], limit=LISTED_MAX
    )
    notes = await uow.rows(SessionNote).where(
        session_notes.c.status == NoteStatus.DRAFT,
        session_notes.c.author_id == ask.scope.person_id,
        order_by=[session_notes.c.updated_at],
        limit=LISTED_MAX,
    )
    return DeskAnswer(
        now=day.now,
        zone=day.zone,
        waiting=list(day.waiting),
        soon=list(day.soon),
        possible_no_shows=list(day.possible_no_shows),
        unapproved=[_draft(one) for one in drafts],
        unsigned_notes=[_note(one) for one in notes],
        today=list(day.today),
    )


def _draft(one: Summary) -> UnapprovedSummary:
    return UnapprovedSummary(id=one.id, appointment_id=one.appointment_id, status=one.status, drafted_at=one.drafted_at)


def _note(one: SessionNote) -> UnsignedNote:
    return UnsignedNote(
        id=one.id, appointment_id=one.appointment_id, seeker_id=one.seeker_id, updated_at=one.updated_at
    )
