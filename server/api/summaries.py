"""Summaries: review, approval, and sharing with the seeker on a link of its own."""

from pydantic import Field

from server.actions import draft_summary, summaries
from server.actions.progress import JobView
from server.actions.summaries import SharedSummary, SummaryView
from server.api.adapter import Answer, Body
from server.api.appointments import Id
from server.api.ask import Ask, StaffAsk
from server.api.attempts import LINKS_PER_ADDRESS
from server.api.fields import LongText
from server.api.notes import ReadVersion
from server.api.visits import LinkSecret
from server.domain.errors import Refused
from server.domain.permissions import SystemScope
from server.domain.summaries import MAX_LINES, LineEdit
from server.storage.unit_of_work import UnitOfWork

BODY_MAX_BYTES = 512 * 1024


class LineBody(Body):
    """What a line says; without an id it is a new one of one's own."""

    id: Id | None = None
    text_ko: LongText
    text_en: LongText


class SummaryBody(Body):
    """All lines in their order, made from `version`; a line left out is taken out."""

    version: int = Field(ge=1)
    lines: list[LineBody] = Field(max_length=MAX_LINES)


class SharedLinkAnswer(Answer):
    """The link for the seeker. It is shown this once."""

    url: str


async def read_summary(ask: StaffAsk, uow: UnitOfWork, summary_id: str) -> SummaryView:
    """A summary. Reading it is written down."""
    return await summaries.read_summary(uow, summary_id, ask.at, ask.origin)


async def retry_summary(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> JobView:
    """Have the draft that could not be made tried again."""
    return await draft_summary.retry_draft(uow, appointment_id, ask.at)


async def edit_summary(ask: StaffAsk, uow: UnitOfWork, summary_id: str, body: SummaryBody) -> SummaryView:
    """Change its lines; an approval does not outlive a change."""
    edits = [LineEdit(line.id, line.text_ko, line.text_en) for line in body.lines]
    new_id = ask.services.new_id
    return await summaries.edit_summary(uow, summary_id, edits, body.version, ask.scope, new_id, ask.at)


async def approve_summary(ask: StaffAsk, uow: UnitOfWork, summary_id: str, body: ReadVersion) -> SummaryView:
    """Approve it as it was read (승인)."""
    return await summaries.approve_summary(uow, summary_id, body.version, ask.scope, ask.at)


async def share_summary(ask: StaffAsk, uow: UnitOfWork, summary_id: str) -> SharedLinkAnswer:
    """A link on which the seeker reads it (구직자에게 공개); an earlier link dies."""
    secret = await summaries.share_summary(uow, summary_id, ask.scope, ask.services.new_secret, ask.at)
    return SharedLinkAnswer(url=f"{ask.services.public_url}/shared#{secret}")


async def unshare_summary(ask: StaffAsk, uow: UnitOfWork, summary_id: str) -> None:
    """Take the link back."""
    await summaries.unshare_summary(uow, summary_id, ask.scope, ask.at)


async def open_shared_summary(ask: Ask, body: LinkSecret) -> SharedSummary:
    """What the seeker reads on the link."""
    services = ask.services
    await services.attempts.check(LINKS_PER_ADDRESS, ask.origin)
    try:
        async with services.database.write(SystemScope("shared summary")) as uow:
            return await summaries.open_shared(uow, body.secret, ask.at, ask.origin)
    except Refused:
        await services.attempts.failed(LINKS_PER_ADDRESS, ask.origin)
        raise
