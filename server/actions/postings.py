"""An employer's postings, each with the candidates of the day in the order of their interviews."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from server.actions.references import PersonRef, named
from server.domain.appointments import Appointment, Kind, Presence, Seat, Status
from server.domain.documents import Document
from server.domain.interviews import Application, Decision, Kit, Posting, Scorecard, ScorecardStatus
from server.domain.organisations import Tenant
from server.domain.permissions import StaffScope
from server.domain.time_zones import zone_of
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.cases import documents
from server.storage.tables.interviews import applications, postings
from server.storage.unit_of_work import UnitOfWork

LISTED_MAX = 200


@dataclass(frozen=True, kw_only=True)
class PostingLine:
    """A posting in a list."""

    id: str
    title: str
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
    """One application, to be chosen when an interview is booked."""

    id: str
    seeker: PersonRef
    decision: Decision | None


@dataclass(frozen=True, kw_only=True)
class PostingView:
    """A posting, its kit, its applications, and today's candidates in the order of their interviews."""

    id: str
    title: str
    kit: Kit
    applications: tuple[Applicant, ...]
    candidates: tuple[Candidate, ...]


async def list_postings(uow: UnitOfWork, scope: StaffScope, now: datetime) -> list[PostingLine]:
    """The tenant's postings with how many interviews each has today."""
    found = await uow.rows(Posting).where(order_by=[postings.c.created_at, postings.c.id], limit=LISTED_MAX)
    today = await _interviews_today(uow, scope, now)
    counts = [application.posting_id for application, _ in today]
    return [PostingLine(id=one.id, title=one.title, candidates_today=counts.count(one.id)) for one in found]


async def read_posting(uow: UnitOfWork, posting_id: str, scope: StaffScope, now: datetime) -> PostingView:
    """The posting with today's candidates. Raises NotFound."""
    posting = await uow.rows(Posting).one(posting_id)
    today = await _interviews_today(uow, scope, now)
    mine = [(application, appointment) for application, appointment in today if application.posting_id == posting.id]
    return PostingView(
        id=posting.id,
        title=posting.title,
        kit=posting.kit,
        applications=await _applicants(uow, posting),
        candidates=tuple([await _candidate(uow, application, appointment, scope) for application, appointment in mine]),
    )


async def _applicants(uow: UnitOfWork, posting: Posting) -> tuple[Applicant, ...]:
    found = await uow.rows(Application).where(
        applications.c.posting_id == posting.id,
        order_by=[applications.c.applied_at, applications.c.id],
        limit=LISTED_MAX,
    )
    known = await named(uow, [one.seeker_id for one in found])
    return tuple(Applicant(id=one.id, seeker=known[one.seeker_id], decision=one.decision) for one in found)


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
    uow: UnitOfWork, application: Application, appointment: Appointment, scope: StaffScope
) -> Candidate:
    seat = (await uow.rows(Seat).where(seats.c.appointment_id == appointment.id, seats.c.staff.is_(False)))[0]
    card = await uow.rows(Scorecard).get(appointment.id, scope.person_id)
    files = await uow.rows(Document).where(
        documents.c.application_id == application.id, order_by=[documents.c.uploaded_at, documents.c.id]
    )
    return Candidate(
        application_id=application.id,
        appointment_id=appointment.id,
        seeker=(await named(uow, [application.seeker_id]))[application.seeker_id],
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        status=appointment.status,
        presence=seat.presence,
        documents=tuple(DocumentRef(id=one.id, title=one.title, pages=one.pages) for one in files),
        my_scorecard=card.status if card else ScorecardStatus.NOT_STARTED,
        decision=application.decision,
    )
