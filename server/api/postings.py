"""Postings: read, made, edited, closed and reopened by those who plan an employer's interviews."""

from typing import Annotated

from pydantic import Field

from server.actions import make_posting, postings
from server.actions.make_posting import PostingDraft
from server.actions.postings import PostingLine, PostingView
from server.api.adapter import Body, Query
from server.api.ask import StaffAsk
from server.domain.postings import (
    ANCHOR_MAX_CHARACTERS,
    ATTRIBUTE_MAX_CHARACTERS,
    ATTRIBUTES_MAX,
    OPEN_POSTINGS_MAX,
    QUESTION_MAX_CHARACTERS,
    QUESTION_MAX_MINUTES,
    QUESTIONS_MAX,
    TITLE_MAX_CHARACTERS,
    KitDraft,
)
from server.storage.unit_of_work import UnitOfWork

SKIPPED_MAX = 10_000
Anchor = Annotated[str, Field(min_length=1, max_length=ANCHOR_MAX_CHARACTERS)]


class PostingPage(Query):
    """Which postings: the open ones, all on one page, or a page of the closed ones."""

    closed: bool = False
    skip: int = Field(0, ge=0, le=SKIPPED_MAX)
    limit: int = Field(OPEN_POSTINGS_MAX, ge=1, le=OPEN_POSTINGS_MAX)


class QuestionBody(Body):
    """One question of the kit, in order."""

    text: str = Field(min_length=1, max_length=QUESTION_MAX_CHARACTERS)
    minutes: int = Field(ge=0, le=QUESTION_MAX_MINUTES)


class AnchorsBody(Body):
    """What the ratings mean."""

    low: Anchor = Field(alias="1")
    middle: Anchor = Field(alias="3")
    high: Anchor = Field(alias="5")


class AttributeBody(Body):
    """One attribute of the scorecard."""

    name: str = Field(min_length=1, max_length=ATTRIBUTE_MAX_CHARACTERS)
    anchors: AnchorsBody


class PostingBody(Body):
    """The posting as it is to be."""

    title: str = Field(min_length=1, max_length=TITLE_MAX_CHARACTERS)
    questions: list[QuestionBody] = Field(max_length=QUESTIONS_MAX)
    attributes: list[AttributeBody] = Field(max_length=ATTRIBUTES_MAX)

    def draft(self) -> PostingDraft:
        """The same in the words of the domain."""
        return PostingDraft(
            title=self.title,
            kit=KitDraft(
                questions=[(one.text, one.minutes) for one in self.questions],
                attributes=[
                    (one.name, {1: one.anchors.low, 3: one.anchors.middle, 5: one.anchors.high})
                    for one in self.attributes
                ],
            ),
        )


class PostingEdit(PostingBody):
    """The same, by somebody who read this version."""

    version: int


async def list_postings(ask: StaffAsk, uow: UnitOfWork, query: PostingPage) -> list[PostingLine]:
    """The postings with how many interviews each has today."""
    return await postings.list_postings(uow, ask.scope, ask.at, closed=query.closed, skip=query.skip, limit=query.limit)


async def create_posting(ask: StaffAsk, uow: UnitOfWork, body: PostingBody) -> PostingView:
    """Make a posting with its kit."""
    made = await make_posting.make_posting(uow, body.draft(), ask.scope, ask.at, ask.services.new_id)
    return await postings.read_posting(uow, made.id, ask.scope, ask.at)


async def read_posting(ask: StaffAsk, uow: UnitOfWork, posting_id: str) -> PostingView:
    """A posting: its kit, its applicants, and today's candidates in order."""
    return await postings.read_posting(uow, posting_id, ask.scope, ask.at)


async def edit_posting(ask: StaffAsk, uow: UnitOfWork, posting_id: str, body: PostingEdit) -> PostingView:
    """Replace title and kit; scorecards that are begun and interviews that are booked keep what they have."""
    await make_posting.edit_posting(uow, posting_id, body.draft(), body.version, ask.at, ask.services.new_id)
    return await postings.read_posting(uow, posting_id, ask.scope, ask.at)


async def close_posting(ask: StaffAsk, uow: UnitOfWork, posting_id: str) -> PostingView:
    """Take no new applicants; interviews go on."""
    await make_posting.close_posting(uow, posting_id, ask.at)
    return await postings.read_posting(uow, posting_id, ask.scope, ask.at)


async def reopen_posting(ask: StaffAsk, uow: UnitOfWork, posting_id: str) -> PostingView:
    """Take applicants again."""
    await make_posting.reopen_posting(uow, posting_id, ask.scope, ask.at)
    return await postings.read_posting(uow, posting_id, ask.scope, ask.at)
