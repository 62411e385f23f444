"""Making a posting, editing it, closing and reopening it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from server.domain.errors import NotAllowed
from server.domain.interviews import Kit, Posting
from server.domain.organisations import Tenant, TenantKind
from server.domain.permissions import StaffScope
from server.domain.postings import OPEN_POSTINGS_MAX, KitDraft, PostingsFull, clean_title, edited, kit_of
from server.storage.tables.interviews import postings
from server.storage.trail import Deed, record_deed, tell
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class PostingDraft:
    """What is typed in."""

    title: str
    kit: KitDraft


async def make_posting(
    uow: UnitOfWork, draft: PostingDraft, by: StaffScope, now: datetime, new_id: Callable[[], str]
) -> Posting:
    """An open posting of the asker's employer.

    Raises NotAllowed (only employers have postings), PostingsFull, PostingTitleInvalid, KitInvalid.
    """
    await _require_place(uow, by)
    posting = Posting(
        id=new_id(),
        tenant_id=by.tenant_id,
        title=clean_title(draft.title),
        kit=kit_of(draft.kit, Kit((), ()), new_id),
        created_at=now,
    )
    await uow.rows(Posting).add(posting)
    await _done(uow, posting, "posting.created", now)
    return posting


async def edit_posting(
    uow: UnitOfWork, posting_id: str, draft: PostingDraft, version: int, now: datetime, new_id: Callable[[], str]
) -> Posting:
    """Another title and kit, by somebody who read `version`. Begun scorecards and booked agendas keep what they have.

    Raises NotFound, PostingChangedElsewhere, PostingTitleInvalid, KitInvalid.
    """
    before = await uow.rows(Posting).one(posting_id, lock=True)
    posting = edited(before, clean_title(draft.title), kit_of(draft.kit, before.kit, new_id), version)
    return await _save(uow, posting, "posting.edited", now)


async def close_posting(uow: UnitOfWork, posting_id: str, now: datetime) -> Posting:
    """No new applicants from now on; those who applied are interviewed as before. Raises NotFound."""
    posting = await uow.rows(Posting).one(posting_id, lock=True)
    if posting.closed_at is not None:
        return posting
    return await _save(uow, replace(posting, closed_at=now), "posting.closed", now)


async def reopen_posting(uow: UnitOfWork, posting_id: str, by: StaffScope, now: datetime) -> Posting:
    """It takes applicants again. Raises NotFound, PostingsFull."""
    posting = await uow.rows(Posting).one(posting_id)
    if posting.closed_at is None:
        return posting
    await _require_place(uow, by)
    posting = await uow.rows(Posting).one(posting_id, lock=True)
    return await _save(uow, replace(posting, closed_at=None), "posting.reopened", now)


async def _require_place(uow: UnitOfWork, by: StaffScope) -> None:
    tenant = await uow.rows(Tenant).one(by.tenant_id, lock=True)  # whoever else opens one waits here
    if tenant.kind is not TenantKind.EMPLOYER:
        raise NotAllowed()
    if await uow.rows(Posting).count(postings.c.closed_at.is_(None)) >= OPEN_POSTINGS_MAX:
        raise PostingsFull(max_open=OPEN_POSTINGS_MAX)


async def _save(uow: UnitOfWork, posting: Posting, action: str, now: datetime) -> Posting:
    await uow.rows(Posting).save(posting)
    await _done(uow, posting, action, now)
    return posting


async def _done(uow: UnitOfWork, posting: Posting, action: str, now: datetime) -> None:
    deed = Deed(action=action, object_kind="posting", object_id=posting.id, tenant_id=posting.tenant_id)
    await record_deed(uow, deed, now)
    await tell(uow, "posting", posting.id, posting.tenant_id, now)
