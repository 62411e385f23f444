"""Postings, and the decision on an application."""

from datetime import datetime

from pydantic import Field

from server.actions import decide, postings
from server.actions.postings import PostingLine, PostingView
from server.api.adapter import Answer, Body
from server.api.ask import StaffAsk
from server.api.fields import ShortText
from server.domain.interviews import Decision
from server.storage.unit_of_work import UnitOfWork


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


async def list_postings(ask: StaffAsk, uow: UnitOfWork) -> list[PostingLine]:
    """The postings with how many interviews each has today."""
    return await postings.list_postings(uow, ask.scope, ask.at)


async def read_posting(ask: StaffAsk, uow: UnitOfWork, posting_id: str) -> PostingView:
    """A posting: its kit, and today's candidates in order."""
    return await postings.read_posting(uow, posting_id, ask.scope, ask.at)


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
