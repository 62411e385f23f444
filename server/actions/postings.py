"""An employer's postings as staff see them: in a list, and one with its applicants and the candidates of the day."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from server.actions.cards import AppointmentCard, cards
from server.actions.references import PersonRef, named
from server.actions.score_interview import decided_before_own_card
from server.domain.appointments import Appointment, Kind, Presence, Seat, Status
from server.domain.documents import Document
from server.domain.interviews import Application, Decision, Kit, Posting, Scorecard, ScorecardStatus
from server.domain.organisations import Tenant
from server.domain.people import Person, Role
from server.domain.permissions import StaffScope, SystemScope
from server.domain.postings import APPLICANTS_MAX
from server.domain.time_zones import zone_of
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.cases import documents
from server.storage.tables.interviews import applications, postings
from server.storage.tables.people import people
from server.storage.unit_of_work import UnitOfWork

LISTED_MAX = 200
_SYSTEM = SystemScope("applicants within reach")

Decided = Callable[[Application], Decision | None]  # as far as the reader may know


@dataclass(frozen=True, kw_only=True)
class PostingLine:
    """A posting in a list."""

    id: str
    title: str
    closed_at: datetime | None
    candidates_today: int


@dataclass(frozen=True, kw_only=True)
class DocumentRef:
    """A document by its title."""

    id: str
    title: str
    pages: int


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One applicant with an interview today."""

    application_id: str
    appointment_id: str
    seeker: PersonRef
    starts_at: datetime
    ends_at: datetime
    status: Status
    presence: Presence
    documents: tuple[DocumentRef, ...]
    my_scorecard: ScorecardStatus
    decision: Decision | None


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """One application with what was handed in, and its interviews that were not called off."""

    id: str
    seeker: PersonRef
    phone: str | None
    applied_at: datetime
    documents: tuple[DocumentRef, ...]
    interviews: tuple[AppointmentCard, ...]
    decision: Decision | None
    withdrawn_at: datetime | None
    withdrawal_reason: str | None


@dataclass(frozen=True, kw_only=True)
class PostingView:
    """A posting, its kit, its applications, and today's candidates in the order of their interviews."""

    id: str
    title: str
    version: int
    closed_at: datetime | None
    kit: Kit
    applications: tuple[Applicant, ...]
    candidates: tuple[Candidate, ...]


async def list_postings(
    uow: UnitOfWork, scope: StaffScope, now: datetime, *, closed: bool = False, skip: int = 0, limit: int = LISTED_MAX
) -> list[PostingLine]:
    """The tenant's open postings, newest first, or the closed ones, last closed first; with today's interviews."""
    state, newest = (
        (postings.c.closed_at.is_not(None), postings.c.closed_at)
        if closed
        else (postings.c.closed_at.is_(None), postings.c.created_at)
    )
    found = await uow.rows(Posting).where(state, order_by=[newest.desc(), postings.c.id], limit=skip + limit)
    today = await _interviews_today(uow, scope, now)
    counts = Counter(application.posting_id for application, _ in today)
    return [
        PostingLine(id=one.id, title=one.title, closed_at=one.closed_at, candidates_today=counts[one.id])
        for one in found[skip:]
    ]


async def read_posting(uow: UnitOfWork, posting_id: str, scope: StaffScope, now: datetime) -> PostingView:
    """The posting with today's candidates. Raises NotFound."""
    posting = await uow.rows(Posting).one(posting_id)
    today = await _interviews_today(uow, scope, now)
    mine = [(application, appointment) for application, appointment in today if application.posting_id == posting.id]
    seen = await _decisions(uow, scope)
    return PostingView(
        id=posting.id,
        title=posting.title,
        version=posting.version,
        closed_at=posting.closed_at,
        kit=posting.kit,
        applications=await _applicants(uow, await _applied(uow, posting), seen),
        candidates=tuple(
            [await _candidate(uow, application, appointment, scope, seen) for application, appointment in mine]
        ),
    )


async def read_applicant(uow: UnitOfWork, application_id: str, scope: StaffScope) -> Applicant:
    """One application. Raises NotFound."""
    applied = [await uow.rows(Application).one(application_id)]
    return (await _applicants(uow, applied, await _decisions(uow, scope)))[0]


async def _applied(uow: UnitOfWork, posting: Posting) -> list[Application]:
    return await uow.rows(Application).where(
        applications.c.posting_id == posting.id,
        order_by=[applications.c.applied_at, applications.c.id],
        limit=APPLICANTS_MAX,
    )


async def _applicants(uow: UnitOfWork, found: Sequence[Application], seen: Decided) -> tuple[Applicant, ...]:
    ids = [one.id for one in found]
    seekers = await uow.beyond(_SYSTEM).rows(Person).where(people.c.id.in_([one.seeker_id for one in found]))
    known, files, held = {one.id: one for one in seekers}, await _documents(uow, ids), await _interviews(uow, ids)
    return tuple(
        Applicant(
            id=one.id,
            seeker=PersonRef(id=one.seeker_id, name=known[one.seeker_id].name),
            phone=known[one.seeker_id].phone,
            applied_at=one.applied_at,
            documents=tuple(files.get(one.id, ())),
            interviews=tuple(held.get(one.id, ())),
            decision=seen(one),
            withdrawn_at=one.withdrawn_at,
            withdrawal_reason=one.withdrawal_reason,
        )
        for one in found
    )


async def _documents(uow: UnitOfWork, application_ids: Sequence[str]) -> Mapping[str, list[DocumentRef]]:
    files = await uow.rows(Document).where(
        documents.c.application_id.in_(application_ids), order_by=[documents.c.uploaded_at, documents.c.id]
    )
    found: dict[str, list[DocumentRef]] = {}
    for one in files:
        found.setdefault(one.application_id or "", []).append(DocumentRef(id=one.id, title=one.title, pages=one.pages))
    return found


async def _interviews(uow: UnitOfWork, application_ids: Sequence[str]) -> Mapping[str, list[AppointmentCard]]:
    booked = await uow.rows(Appointment).where(
        appointments.c.application_id.in_(application_ids),
        appointments.c.status.not_in((Status.CANCELLED, Status.RESCHEDULED)),
        order_by=[appointments.c.starts_at, appointments.c.id],
    )
    found: dict[str, list[AppointmentCard]] = {}
    for card in await cards(uow, booked):
        found.setdefault(card.application_id or "", []).append(card)
    return found


async def _decisions(uow: UnitOfWork, scope: StaffScope) -> Decided:
    """What was decided is content: administrators plan interviews and do not see how they ended.

    Whoever interviewed sees it once their own card is submitted, so that each judges alone.
    """
    hidden = await decided_before_own_card(uow, scope)
    return lambda one: None if scope.role is Role.ADMIN or one.id in hidden else one.decision


async def _interviews_today(uow: UnitOfWork, scope: StaffScope, now: datetime) -> list[tuple[Application, Appointment]]:
    """Today's interviews within reach, in the order of their time, each with its application."""
    zone = zone_of((await uow.rows(Tenant).one(scope.tenant_id)).zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    day = await uow.rows(Appointment).where(
        appointments.c.kind == Kind.INTERVIEW,
        appointments.c.application_id.is_not(None),
        appointments.c.starts_at >= midnight,
        appointments.c.starts_at < midnight + timedelta(days=1),
        appointments.c.status != Status.CANCELLED,
        order_by=[appointments.c.starts_at, appointments.c.id],
        limit=LISTED_MAX,
    )
    ids = [appointment.application_id for appointment in day]
    known = {one.id: one for one in await uow.rows(Application).where(applications.c.id.in_(ids))}
    return [(known[one.application_id], one) for one in day if one.application_id in known]


async def _candidate(
    uow: UnitOfWork, application: Application, appointment: Appointment, scope: StaffScope, seen: Decided
) -> Candidate:
    seat = (await uow.rows(Seat).where(seats.c.appointment_id == appointment.id, seats.c.staff.is_(False)))[0]
    card = await uow.rows(Scorecard).get(appointment.id, scope.person_id)
    files = await _documents(uow, [application.id])
    return Candidate(
        application_id=application.id,
        appointment_id=appointment.id,
        seeker=(await named(uow, [application.seeker_id]))[application.seeker_id],
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        status=appointment.status,
        presence=seat.presence,
        documents=tuple(files.get(application.id, ())),
        my_scorecard=card.status if card else ScorecardStatus.NOT_STARTED,
        decision=seen(application),
    )
