"""Who may see what was said, recorded, noted and judged: stricter than schedules, and closed to administrators.

The rules are conditions over tables, used only by visibility.py. `Mine` is what the asker reaches by their appointments
and seekers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select

from server.domain.appointments import Kind
from server.domain.cases import EntryKind
from server.domain.notes import NoteStatus
from server.domain.people import Role
from server.domain.permissions import StaffScope, sees_whole_tenant
from server.domain.summaries import SummaryStatus
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.cases import (
    attendances,
    case_entries,
    cases,
    documents,
    room_notes,
    session_notes,
    summaries,
)
from server.storage.tables.interviews import applications, postings, scorecards
from server.storage.tables.jobs import jobs
from server.storage.tables.recordings import recordings

Condition = ColumnElement[bool]


@dataclass(frozen=True, kw_only=True)
class Mine:
    """What a member of staff reaches: ids of appointments they may see, and of seekers they are responsible for."""

    scope: StaffScope
    appointment_ids: Select[Any]
    seeker_ids: Select[Any]


def _closed_to_administrators(rule: Callable[[Mine], Condition]) -> Callable[[Mine], Condition]:
    return lambda mine: false() if mine.scope.role is Role.ADMIN else rule(mine)


def _case(mine: Mine) -> Condition:
    """Cases of one's own seekers, and of those one counsels alone; a shared group meeting opens nobody's file."""
    counselled = (
        select(seats.c.person_id)
        .join(appointments, appointments.c.id == seats.c.appointment_id)
        .where(appointments.c.id.in_(mine.appointment_ids), appointments.c.kind == Kind.COUNSELLING)
    )
    return (cases.c.tenant_id == mine.scope.tenant_id) & or_(
        cases.c.seeker_id.in_(mine.seeker_ids), cases.c.seeker_id.in_(counselled)
    )


def _case_ids(mine: Mine) -> Select[Any]:
    return select(cases.c.id).where(_case(mine))


def _entered(mine: Mine, kind: EntryKind) -> Select[Any]:
    """What was entered in those cases; another tenant's only ever gets there with the seeker's consent."""
    return select(case_entries.c.object_id).where(
        case_entries.c.kind == kind, case_entries.c.case_id.in_(_case_ids(mine))
    )


def _recording(mine: Mine) -> Condition:
    own = (recordings.c.tenant_id == mine.scope.tenant_id) & recordings.c.appointment_id.in_(mine.appointment_ids)
    return own | recordings.c.id.in_(_entered(mine, EntryKind.RECORDING))


def _summary(mine: Mine) -> Condition:
    """Another tenant's draft is not for the eyes of a centre: only what a person there has approved."""
    own_tenant = summaries.c.tenant_id == mine.scope.tenant_id
    finished = summaries.c.status.in_((SummaryStatus.APPROVED, SummaryStatus.SHARED))
    entered = summaries.c.id.in_(_entered(mine, EntryKind.SUMMARY)) & (own_tenant | finished)
    return (own_tenant & summaries.c.appointment_id.in_(mine.appointment_ids)) | entered


def _note(mine: Mine) -> Condition:
    """One's own notes, and the signed ones on one's own seekers."""
    of_my_seeker = session_notes.c.seeker_id.in_(mine.seeker_ids) & (session_notes.c.status != NoteStatus.DRAFT)
    return (session_notes.c.tenant_id == mine.scope.tenant_id) & or_(
        session_notes.c.author_id == mine.scope.person_id, of_my_seeker
    )


def _application(mine: Mine) -> Condition:
    """All of the employer's for those who plan its interviews, for others those they interview."""
    own_tenant = applications.c.tenant_id == mine.scope.tenant_id
    if sees_whole_tenant(mine.scope.role):
        return own_tenant
    interviewed = select(appointments.c.application_id).where(appointments.c.id.in_(mine.appointment_ids))
    return own_tenant & applications.c.id.in_(interviewed)


def _document(mine: Mine) -> Condition:
    of_application = documents.c.application_id.in_(select(applications.c.id).where(_application(mine)))
    return (documents.c.tenant_id == mine.scope.tenant_id) & or_(
        documents.c.appointment_id.in_(mine.appointment_ids), of_application
    )


CONTENT: Mapping[str, Callable[[Mine], Condition]] = {
    "cases": _closed_to_administrators(_case),
    "case_entries": _closed_to_administrators(lambda mine: case_entries.c.case_id.in_(_case_ids(mine))),
    "recordings": _closed_to_administrators(_recording),
    "summaries": _closed_to_administrators(_summary),
    "session_notes": _closed_to_administrators(_note),
    "documents": _closed_to_administrators(_document),
    "scorecards": _closed_to_administrators(lambda mine: scorecards.c.appointment_id.in_(mine.appointment_ids)),
    "room_notes": lambda mine: room_notes.c.person_id == mine.scope.person_id,
    # Who applied for what, attendance and progress are about planning, not content: administrators see them too.
    "postings": lambda mine: postings.c.tenant_id == mine.scope.tenant_id,
    "applications": _application,
    "attendances": lambda mine: or_(
        attendances.c.appointment_id.in_(mine.appointment_ids), attendances.c.person_id.in_(mine.seeker_ids)
    ),
    "jobs": lambda mine: jobs.c.tenant_id == mine.scope.tenant_id,
}
