"""Scorecards (면접평가표): one's own, and the others' once one's own is submitted."""

from typing import Annotated

from pydantic import Field

from server.actions import score_interview
from server.actions.score_interview import OtherScorecard, ScorecardView
from server.api.adapter import Body
from server.api.ask import StaffAsk
from server.api.fields import LongText
from server.domain.interviews import HIGHEST_RATING, LOWEST_RATING, Recommendation
from server.storage.unit_of_work import UnitOfWork

AttributeId = Annotated[str, Field(max_length=64)]
Rating = Annotated[int, Field(ge=LOWEST_RATING, le=HIGHEST_RATING)]


class ScorecardBody(Body):
    """The whole card as it is so far; ratings by attribute of the kit."""

    ratings: dict[AttributeId, Rating] = Field(max_length=50)
    recommendation: Recommendation | None = Field(None, strict=False)
    comment: LongText = ""


async def read_my_scorecard(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> ScorecardView:
    """One's own card for this interview."""
    return await score_interview.read_scorecard(uow, appointment_id, ask.scope)


async def write_my_scorecard(ask: StaffAsk, uow: UnitOfWork, appointment_id: str, body: ScorecardBody) -> ScorecardView:
    """Save one's own card as a draft."""
    return await score_interview.fill_scorecard(
        uow, appointment_id, body.ratings, body.recommendation, body.comment, ask.scope
    )


async def submit_my_scorecard(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> ScorecardView:
    """Submit it; it is locked from then on."""
    return await score_interview.submit_scorecard(uow, appointment_id, ask.scope, ask.at)


async def read_other_scorecards(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> list[OtherScorecard]:
    """The others' submitted cards; refused until one's own is submitted."""
    return await score_interview.read_other_scorecards(uow, appointment_id, ask.scope, ask.at)
