"""Scorecards of an interview: one's own, submitted once; the others' afterwards; and those that are still due."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from server.actions.content_keys import seekers_of
from server.actions.references import AppointmentRef, PersonRef, appointment_ref, named
from server.domain import interviews
from server.domain.appointments import Appointment, Kind, Seat, SeatRole, Status
from server.domain.errors import NotAllowed, NotFound
from server.domain.interviews import (
    Application,
    Decision,
    Kit,
    Posting,
    Recommendation,
    Scorecard,
    ScorecardStatus,
    blank_scorecard,
    cards_of_others,
    submit,
)
from server.domain.permissions import StaffScope, SystemScope
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.interviews import applications, scorecards
from server.storage.trail import Deed, record_deed, tell
from server.storage.unit_of_work import UnitOfWork

LISTED_MAX = 200
PANEL = (SeatRole.HOST, SeatRole.CO_HOST, SeatRole.PANEL)
NEVER_HELD = (Status.CANCELLED, Status.NO_SHOW, Status.RESCHEDULED)
_SYSTEM = SystemScope("panel of an interview within reach")


class NotOnThePanel(NotAllowed):
    """Only those who interview fill in a scorecard."""

    code = "scorecard_not_on_panel"


@dataclass(frozen=True, kw_only=True)
class StandingDecision:
    """What a person decided on the application, and when."""

    decision: Decision
    decided_by: PersonRef | None
    decided_at: datetime | None
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class ScorecardView:
    """One's own scorecard with what it judges by."""

    appointment: AppointmentRef
    candidate: PersonRef
    application_id: str | None
    kit: Kit
    ratings: Mapping[str, int]
    recommendation: Recommendation | None
    comment: str
    status: ScorecardStatus
    submitted_at: datetime | None
    decision: StandingDecision | None  # like the others' cards: not before one's own is submitted


@dataclass(frozen=True, kw_only=True)
class OtherScorecard:
    """Another interviewer's submitted scorecard."""

    interviewer: PersonRef
    ratings: Mapping[str, int]
    recommendation: Recommendation | None
    comment: str
    submitted_at: datetime | None


async def read_scorecard(uow: UnitOfWork, appointment_id: str, by: StaffScope) -> ScorecardView:
    """One's own card for this interview, begun or not. Raises NotFound, NotOnThePanel."""
    appointment = await _interview(uow, appointment_id)
    await _require_panel(uow, appointment, by)
    return await _view(uow, appointment, await _own_card(uow, appointment, by))


async def fill_scorecard(
    uow: UnitOfWork,
    appointment_id: str,
    ratings: Mapping[str, int],
    recommendation: Recommendation | None,
    comment: str,
    by: StaffScope,
) -> ScorecardView:
    """Save one's own card as a draft. Raises NotFound, NotOnThePanel, ScorecardSubmitted, RatingUnknown."""
    appointment = await _interview(uow, appointment_id, lock=True)  # two first cards at once judge by the same kit
    await _require_panel(uow, appointment, by)
    kit = await _kit(uow, appointment)
    card = interviews.fill(await _own_card(uow, appointment, by, lock=True), kit, ratings, recommendation, comment)
    if not await uow.insert_new(scorecards, [vars(card)]):
        await uow.rows(Scorecard).save(card)
    return await _view(uow, appointment, card)


async def submit_scorecard(uow: UnitOfWork, appointment_id: str, by: StaffScope, now: datetime) -> ScorecardView:
    """Lock one's own card. Raises NotFound, NotOnThePanel, ScorecardSubmitted, ScorecardIncomplete."""
    appointment = await _interview(uow, appointment_id)
    await _require_panel(uow, appointment, by)
    own = await _own_card(uow, appointment, by, lock=True)
    card = submit(own, await _kit(uow, appointment), now)
    if not await uow.insert_new(scorecards, [vars(card)]):
        await uow.rows(Scorecard).save(card)
    await record_deed(uow, await _deed(uow, "scorecard.submitted", appointment), now)
    await tell(uow, "appointment", appointment.id, appointment.tenant_id, now)
    return await _view(uow, appointment, card)


async def read_other_scorecards(
    uow: UnitOfWork, appointment_id: str, by: StaffScope, now: datetime
) -> list[OtherScorecard]:
    """The others' submitted cards. Raises NotFound, OwnScorecardFirst."""
    appointment = await _interview(uow, appointment_id)
    cards = await uow.rows(Scorecard).where(scorecards.c.appointment_id == appointment.id)
    shown = cards_of_others(cards, await _panel(uow, appointment), by.person_id)
    known = await named(uow, [card.interviewer_id for card in shown])
    await record_deed(uow, await _deed(uow, "scorecard.read", appointment), now)
    return [
        OtherScorecard(
            interviewer=known[card.interviewer_id],
            ratings=card.ratings,
            recommendation=card.recommendation,
            comment=card.comment,
            submitted_at=card.submitted_at,
        )
        for card in shown
    ]


async def scorecards_due(uow: UnitOfWork, scope: StaffScope) -> list[Appointment]:
    """Completed interviews in which one sat on the panel and has not submitted a card."""
    submitted = select(scorecards.c.appointment_id).where(
        scorecards.c.interviewer_id == scope.person_id, scorecards.c.status == ScorecardStatus.SUBMITTED
    )
    seated = select(seats.c.appointment_id).where(seats.c.person_id == scope.person_id, seats.c.role.in_(PANEL))
    return await uow.rows(Appointment).where(
        appointments.c.kind == Kind.INTERVIEW,
        appointments.c.status == Status.COMPLETED,
        appointments.c.id.in_(seated),
        appointments.c.id.not_in(submitted),
        order_by=[appointments.c.starts_at],
        limit=LISTED_MAX,
    )


async def check_judged(uow: UnitOfWork, application: Application, by: StaffScope) -> None:
    """Raise `DecisionBeforeScorecard` unless whoever decides on this application has judged first."""
    held = select(appointments.c.id).where(
        appointments.c.application_id == application.id, appointments.c.status.not_in(NEVER_HELD)
    )
    cards = await uow.rows(Scorecard).where(scorecards.c.appointment_id.in_(held))
    panel = await uow.rows(Seat).where(seats.c.appointment_id.in_(held), seats.c.role.in_(PANEL))
    interviews.check_judged(cards, {seat.person_id for seat in panel}, by.person_id)


async def decided_before_own_card(uow: UnitOfWork, scope: StaffScope) -> frozenset[str]:
    """Applications that were decided on although one still owes a card on an interview booked before."""
    submitted = select(scorecards.c.appointment_id).where(
        scorecards.c.interviewer_id == scope.person_id, scorecards.c.status == ScorecardStatus.SUBMITTED
    )
    query = (
        select(applications.c.id)
        .join(appointments, appointments.c.application_id == applications.c.id)
        .join(seats, seats.c.appointment_id == appointments.c.id)
        .where(
            applications.c.tenant_id == scope.tenant_id,
            applications.c.decided_at >= appointments.c.created_at,
            appointments.c.status.not_in(NEVER_HELD),
            appointments.c.id.not_in(submitted),
            seats.c.person_id == scope.person_id,
            seats.c.role.in_(PANEL),
        )
    )
    return frozenset((await uow.execute(query)).scalars())


async def _view(uow: UnitOfWork, appointment: Appointment, card: Scorecard) -> ScorecardView:
    seeker_ids = await seekers_of(uow, appointment.id)
    return ScorecardView(
        appointment=await appointment_ref(uow, appointment.id),
        candidate=(await named(uow, seeker_ids))[seeker_ids[0]],
        application_id=appointment.application_id,
        kit=await _kit(uow, appointment),
        ratings=card.ratings,
        recommendation=card.recommendation,
        comment=card.comment,
        status=card.status,
        submitted_at=card.submitted_at,
        decision=await _decision(uow, appointment) if card.status is ScorecardStatus.SUBMITTED else None,
    )


async def _decision(uow: UnitOfWork, appointment: Appointment) -> StandingDecision | None:
    if appointment.application_id is None:
        return None
    application = await uow.rows(Application).one(appointment.application_id)
    if application.decision is None:
        return None
    by = application.decided_by
    return StandingDecision(
        decision=application.decision,
        decided_by=(await named(uow, [by])).get(by) if by else None,
        decided_at=application.decided_at,
        reason=application.decision_reason,
    )


async def _interview(uow: UnitOfWork, appointment_id: str, lock: bool = False) -> Appointment:
    appointment = await uow.rows(Appointment).one(appointment_id, lock=lock)
    if appointment.kind is not Kind.INTERVIEW:
        raise NotFound(kind="interview")
    return appointment


async def _kit(uow: UnitOfWork, appointment: Appointment) -> Kit:
    """The posting's kit; once a card of this interview is begun, its attributes stay what they were then.

    An interview for no posting is judged by the recommendation alone.
    """
    if appointment.application_id is None:
        return Kit((), ())
    everything = uow.beyond(_SYSTEM)
    application = await everything.rows(Application).one(appointment.application_id)
    kit = (await everything.rows(Posting).one(application.posting_id)).kit
    begun = await everything.rows(Scorecard).first(scorecards.c.appointment_id == appointment.id)
    return kit if begun is None else replace(kit, attributes=begun.attributes)


async def _panel(uow: UnitOfWork, appointment: Appointment) -> list[str]:
    found = await uow.rows(Seat).where(
        seats.c.appointment_id == appointment.id, seats.c.role.in_(PANEL), seats.c.staff.is_(True)
    )
    return [seat.person_id for seat in found]


async def _require_panel(uow: UnitOfWork, appointment: Appointment, by: StaffScope) -> None:
    if by.person_id not in await _panel(uow, appointment):
        raise NotOnThePanel()


async def _own_card(uow: UnitOfWork, appointment: Appointment, by: StaffScope, lock: bool = False) -> Scorecard:
    found = await uow.rows(Scorecard).get(appointment.id, by.person_id, lock=lock)
    return found or blank_scorecard(appointment.id, by.person_id)


async def _deed(uow: UnitOfWork, action: str, appointment: Appointment) -> Deed:
    return Deed(
        action=action,
        object_kind="appointment",
        object_id=appointment.id,
        tenant_id=appointment.tenant_id,
        subject_id=(await seekers_of(uow, appointment.id))[0],
    )
