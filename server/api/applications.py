"""Applications: taking applicants in, taking them back, booking their interviews, and the decision."""

from datetime import datetime

from pydantic import Field

from server.actions import apply, decide
from server.actions.book_interviews import Row, book_in_a_row
from server.actions.cards import AppointmentCard, cards
from server.actions.postings import Applicant, read_applicant
from server.actions.register_seeker import NewSeeker
from server.api.adapter import Answer, Body
from server.api.appointments import Id, When, moment
from server.api.ask import StaffAsk
from server.api.fields import ShortText
from server.api.seekers import SeekerRegistration
from server.domain.interviews import Decision
from server.domain.postings import BREAK_MAX_MINUTES, IN_A_ROW_MAX, REASON_MAX_CHARACTERS
from server.storage.unit_of_work import UnitOfWork


class Withdrawal(Body):
    """Why the application is taken back; guests of interviews that are called off read it."""

    reason: str = Field(max_length=REASON_MAX_CHARACTERS)


class InterviewRow(When):
    """Interviews one after another from one start on, each of `minutes`, with the same panel; the first of it leads."""

    application_ids: list[Id] = Field(min_length=1, max_length=IN_A_ROW_MAX, description="in order")
    host_ids: list[Id] = Field(min_length=1, max_length=11)
    break_minutes: int = Field(0, ge=0, le=BREAK_MAX_MINUTES, multiple_of=5)
    recording: bool | None = Field(None, description="null: as is usual for interviews")


class DecisionBody(Body):
    """The outcome as a person decides it; a reason is needed when it replaces another."""

    decision: Decision = Field(strict=False)
    reason: ShortText = ""


class DecisionAnswer(Answer):
    """What stands now."""

    application_id: str
    decision: Decision | None
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


async def create_application(ask: StaffAsk, uow: UnitOfWork, posting_id: str, body: SeekerRegistration) -> Applicant:
    """Take in an applicant; whoever is known by this phone number already is the same person."""
    new = NewSeeker(name=body.name, phone=body.phone, lang=body.lang)
    made = await apply.register_applicant(uow, posting_id, new, ask.scope, ask.at, ask.services.new_id)
    return await read_applicant(uow, made.id, ask.scope)


async def withdraw_application(ask: StaffAsk, uow: UnitOfWork, application_id: str, body: Withdrawal) -> Applicant:
    """Take an application back; its interviews that have not begun are called off."""
    await apply.withdraw(uow, application_id, body.reason, ask.at)
    return await read_applicant(uow, application_id, ask.scope)


async def book_interviews(ask: StaffAsk, uow: UnitOfWork, posting_id: str, body: InterviewRow) -> list[AppointmentCard]:
    """Book interviews for one or several applications in a row: all of them, or none."""
    row = Row(
        application_ids=body.application_ids,
        host_ids=body.host_ids,
        starts_at=await moment(uow, ask, body),
        minutes=body.minutes,
        break_minutes=body.break_minutes,
        recording=body.recording,
    )
    return await cards(uow, await book_in_a_row(uow, posting_id, row, ask.scope, ask.at, ask.services.new_id))


async def decide_application(ask: StaffAsk, uow: UnitOfWork, application_id: str, body: DecisionBody) -> DecisionAnswer:
    """Decide on an application. The seeker is told by a person, not from here."""
    decided = await decide.decide(uow, application_id, body.decision, body.reason, ask.scope, ask.at)
    return DecisionAnswer(
        application_id=decided.id,
        decision=decided.decision,
        decided_by=decided.decided_by,
        decided_at=decided.decided_at,
        reason=decided.decision_reason,
    )
