"""What one has begun and not finished: summaries to approve, notes to sign, scorecards to submit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from server.actions.references import named
from server.actions.score_interview import scorecards_due
from server.domain.appointments import Appointment, Seat
from server.domain.notes import NoteStatus, SessionNote
from server.domain.permissions import StaffScope, SystemScope
from server.domain.summaries import Summary, SummaryStatus
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.cases import session_notes, summaries
from server.storage.unit_of_work import UnitOfWork

LISTED_MAX = 50
_UNAPPROVED = (SummaryStatus.DRAFTED, SummaryStatus.IN_REVIEW)
_SYSTEM = SystemScope("appointments of what one has to finish")


@dataclass(frozen=True, kw_only=True)
class UnapprovedSummary:
    """A draft that waits for a person."""

    id: str
    appointment_id: str
    title: str
    name: str
    starts_at: datetime
    status: SummaryStatus
    drafted_at: datetime


@dataclass(frozen=True, kw_only=True)
class UnsignedNote:
    """One's own note that is still a draft."""

    id: str
    appointment_id: str
    seeker_id: str
    name: str
    starts_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class ScorecardDue:
    """An interview that is over and that one has not judged."""

    appointment_id: str
    name: str
    starts_at: datetime


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """All of it."""

    unapproved: tuple[UnapprovedSummary, ...]
    unsigned_notes: tuple[UnsignedNote, ...]
    scorecards_due: tuple[ScorecardDue, ...]


async def unfinished(uow: UnitOfWork, scope: StaffScope) -> Unfinished:
    """What waits for this person."""
    drafts = await uow.rows(Summary).where(
        summaries.c.status.in_(_UNAPPROVED),
        summaries.c.tenant_id == scope.tenant_id,
        order_by=[summaries.c.drafted_at],
        limit=LISTED_MAX,
    )
    notes = await uow.rows(SessionNote).where(
        session_notes.c.status == NoteStatus.DRAFT,
        session_notes.c.author_id == scope.person_id,
        order_by=[session_notes.c.updated_at],
        limit=LISTED_MAX,
    )
    due = await scorecards_due(uow, scope)
    ids = [draft.appointment_id for draft in drafts] + [note.appointment_id for note in notes]
    about = await _appointments(uow, ids)
    guests = await _guest_names(uow, [*about, *(one.id for one in due)])
    people = await named(uow, [note.seeker_id for note in notes])
    return Unfinished(
        unapproved=tuple(
            UnapprovedSummary(
                id=one.id,
                appointment_id=one.appointment_id,
                title=about[one.appointment_id].title,
                name=guests[one.appointment_id],
                starts_at=about[one.appointment_id].starts_at,
                status=one.status,
                drafted_at=one.drafted_at,
            )
            for one in drafts
        ),
        unsigned_notes=tuple(
            UnsignedNote(
                id=note.id,
                appointment_id=note.appointment_id,
                seeker_id=note.seeker_id,
                name=people[note.seeker_id].name,
                starts_at=about[note.appointment_id].starts_at,
                updated_at=note.updated_at,
            )
            for note in notes
        ),
        scorecards_due=tuple(
            ScorecardDue(appointment_id=one.id, name=guests[one.id], starts_at=one.starts_at) for one in due
        ),
    )


async def _appointments(uow: UnitOfWork, ids: Iterable[str]) -> Mapping[str, Appointment]:
    found = await uow.beyond(_SYSTEM).rows(Appointment).where(appointments.c.id.in_(set(ids)))
    return {one.id: one for one in found}


async def _guest_names(uow: UnitOfWork, appointment_ids: Iterable[str]) -> Mapping[str, str]:
    """Real names of the guests of each appointment, joined."""
    ids = set(appointment_ids)
    found = await uow.beyond(_SYSTEM).rows(Seat).where(seats.c.appointment_id.in_(ids), seats.c.staff.is_(False))
    people = await named(uow, [seat.person_id for seat in found])
    return {
        one: ", ".join(sorted(people[seat.person_id].name for seat in found if seat.appointment_id == one))
        for one in ids
    }
