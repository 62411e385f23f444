"""Booking interviews for applications: one, or several in a row. All of a row is booked, or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.actions.book import Wish, book
from server.domain.appointments import Appointment, Kind, PeopleInvalid
from server.domain.errors import Conflict
from server.domain.interviews import Application, Posting
from server.domain.permissions import StaffScope
from server.domain.postings import agenda_of, require_standing
from server.storage.tables.interviews import applications
from server.storage.trail import tell
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Row:
    """Interviews one after another, with the same panel."""

    application_ids: Sequence[str]  # in the order of the interviews
    host_ids: Sequence[str]  # the first leads
    starts_at: datetime  # of the first
    minutes: int  # of each
    break_minutes: int
    recording: bool | None = None

    def starts(self, position: int) -> datetime:
        """When the interview at this position starts."""
        return self.starts_at + position * timedelta(minutes=self.minutes + self.break_minutes)


async def book_for_application(
    uow: UnitOfWork, wish: Wish, by: StaffScope, now: datetime, new_id: Callable[[], str]
) -> Appointment:
    """Book the interview `wish` describes; without title and agenda it has the posting's title and questions.

    Raises NotFound, ApplicationWithdrawn, and what `book` raises.
    """
    application = await uow.rows(Application).one(wish.application_id or "", lock=True)
    require_standing(application)
    posting = await uow.rows(Posting).one(application.posting_id)
    whole = replace(
        wish,
        seeker_ids=[application.seeker_id],
        title=wish.title or posting.title,
        agenda=wish.agenda or agenda_of(posting.kit, new_id),
    )
    booked = await book(uow, whole, by, now, new_id)
    await tell(uow, "posting", posting.id, posting.tenant_id, now)
    return booked


async def book_in_a_row(
    uow: UnitOfWork, posting_id: str, row: Row, by: StaffScope, now: datetime, new_id: Callable[[], str]
) -> list[Appointment]:
    """Book one interview for each of these applications of the posting.

    Raises NotFound, PeopleInvalid, ApplicationWithdrawn and what `book` raises. A conflict says with `number` which
    interview of the row it is about, from 1; then nothing may be committed.
    """
    posting = await uow.rows(Posting).one(posting_id, lock=True)  # two rows at once go one after the other
    await _require_applicants(uow, posting, row.application_ids)
    booked = []
    for position, application_id in enumerate(row.application_ids):
        try:
            booked.append(await book_for_application(uow, _wish(row, position, application_id), by, now, new_id))
        except Conflict as conflict:
            conflict.details["number"] = position + 1
            raise
    return booked


async def _require_applicants(uow: UnitOfWork, posting: Posting, ids: Sequence[str]) -> None:
    known = await uow.rows(Application).count(applications.c.posting_id == posting.id, applications.c.id.in_(ids))
    if known != len(ids):  # unknown, of another posting, or named twice
        raise PeopleInvalid(unknown_applicants=len(ids) - known)


def _wish(row: Row, position: int, application_id: str) -> Wish:
    return Wish(
        kind=Kind.INTERVIEW,
        seeker_ids=[],
        host_ids=row.host_ids,
        starts_at=row.starts(position),
        minutes=row.minutes,
        recording=row.recording,
        application_id=application_id,
    )
