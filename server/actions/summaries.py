"""The summary of an appointment: read with an audit row, edited, approved by a named person, shared on its own link."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from server.actions.change_appointment import assignment_of
from server.actions.content_keys import only_seeker_of
from server.actions.references import AppointmentRef, PersonRef, appointment_ref, named
from server.domain import summaries as rules
from server.domain.errors import NotAllowed, NotFound
from server.domain.links import LinkExpired, LinkRevoked, LinkUnknown, check_secret, contact_of, hash_of
from server.domain.organisations import Tenant
from server.domain.permissions import StaffScope, SystemScope
from server.domain.recordings import PLAYABLE, Recording
from server.domain.summaries import MACHINE, LineEdit, Summary, SummaryLink, SummaryStatus
from server.storage.tables.cases import summary_links
from server.storage.trail import Deed, record_deed, tell
from server.storage.unit_of_work import UnitOfWork

SHARED_FOR = timedelta(days=30)
_SYSTEM = SystemScope("shared summary")


@dataclass(frozen=True, kw_only=True)
class SummaryLine:
    """One line with its moments, its evidence and its author; no author: drafted by the machine."""

    id: str
    kind: str
    text_ko: str
    text_en: str
    at: datetime | None  # when that was; none for a person's own line
    at_s: float | None  # that moment in the recording
    evidence: tuple[str, ...]
    author: PersonRef | None
    by: PersonRef | None  # whose words or deed a drafted line tells


@dataclass(frozen=True, kw_only=True)
class SummaryView:
    """A summary as those read it who may."""

    id: str
    appointment: AppointmentRef
    recording_id: str | None  # if it can be played
    lines: tuple[SummaryLine, ...]
    version: int
    status: SummaryStatus
    drafted_at: datetime
    approved_by: PersonRef | None
    approved_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SharedLine:
    """One line as the seeker reads it."""

    text_ko: str
    text_en: str


@dataclass(frozen=True, kw_only=True)
class CentreRef:
    """Whom to ring."""

    name: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class SharedSummary:
    """An approved summary as the seeker reads it."""

    title: str
    starts_at: datetime
    tz: str
    centre: CentreRef
    approved_by: str
    lines: tuple[SharedLine, ...]


async def read_summary(uow: UnitOfWork, summary_id: str, now: datetime, origin: str) -> SummaryView:
    """The summary; that it was read is written down in the same transaction. Raises NotFound."""
    summary = await uow.rows(Summary).one(summary_id)
    await record_deed(uow, await _deed(uow, "summary.read", summary), now, origin)
    return await view_of(uow, summary)


async def edit_summary(
    uow: UnitOfWork,
    summary_id: str,
    edits: Sequence[LineEdit],
    version: int,
    by: StaffScope,
    new_id: Callable[[], str],
    now: datetime,
) -> SummaryView:
    """Give it these lines. Raises NotFound, SummaryIsShared, SummaryChanged, LineUnknown."""
    summary = await _own(uow, summary_id, by)
    new_ids = [new_id() for edit in edits if edit.id is None]
    return await _save(uow, rules.edit(summary, edits, new_ids, version, by.person_id), now)


async def approve_summary(uow: UnitOfWork, summary_id: str, version: int, by: StaffScope, now: datetime) -> SummaryView:
    """Stand for it (승인). Raises NotFound, SummaryApproved, SummaryChanged, SummaryEmpty."""
    summary = rules.approve(await _own(uow, summary_id, by), version, by.person_id, now)
    await record_deed(uow, await _deed(uow, "summary.approved", summary), now)
    return await _save(uow, summary, now)


async def share_summary(
    uow: UnitOfWork, summary_id: str, by: StaffScope, new_secret: Callable[[], str], now: datetime
) -> str:
    """Open it to the seeker (구직자에게 공개): the secret of a fresh link; the earlier one dies.

    Raises NotFound, SummaryNotShareable, SummaryNotApproved.
    """
    summary = await _own(uow, summary_id, by)
    kind = (await appointment_ref(uow, summary.appointment_id)).kind
    shared = rules.share(summary, kind)
    await _revoke_links(uow, summary.id, now)
    secret = new_secret()
    link = SummaryLink(
        secret_hash=hash_of(secret),
        summary_id=summary.id,
        issued_by=by.person_id,
        issued_at=now,
        expires_at=now + SHARED_FOR,
        revoked_at=None,
    )
    await uow.beyond(_SYSTEM).rows(SummaryLink).add(link)
    await record_deed(uow, await _deed(uow, "summary.shared", shared), now)
    await _save(uow, shared, now)
    return secret


async def unshare_summary(uow: UnitOfWork, summary_id: str, by: StaffScope, now: datetime) -> None:
    """Take the link back. Raises NotFound."""
    summary = await _own(uow, summary_id, by)
    await _revoke_links(uow, summary.id, now)
    await record_deed(uow, await _deed(uow, "summary.unshared", summary), now)
    await _save(uow, rules.unshare(summary), now)


async def open_shared(uow: UnitOfWork, secret: str, now: datetime, origin: str) -> SharedSummary:
    """What the seeker reads on the link. Raises LinkGarbled, LinkUnknown, LinkRevoked, LinkExpired."""
    everything = uow.beyond(_SYSTEM)
    link = await everything.rows(SummaryLink).get(hash_of(check_secret(secret)))
    if link is None:
        raise LinkUnknown()
    summary = await everything.rows(Summary).one(link.summary_id)
    tenant = await everything.rows(Tenant).one(summary.tenant_id)
    if link.revoked_at is not None:
        raise LinkRevoked(**contact_of(tenant))
    if now >= link.expires_at:
        raise LinkExpired(**contact_of(tenant))
    if summary.approved_by is None:
        raise NotFound(kind="summary")
    await record_deed(everything, await _deed(everything, "summary.read_on_link", summary), now, origin)
    appointment = await appointment_ref(everything, summary.appointment_id)
    return SharedSummary(
        title=appointment.title,
        starts_at=appointment.starts_at,
        tz=tenant.zone,
        centre=CentreRef(name=tenant.name, phone=tenant.phone),
        approved_by=(await named(everything, [summary.approved_by]))[summary.approved_by].name,
        lines=tuple(SharedLine(text_ko=line.text_ko, text_en=line.text_en) for line in summary.lines),
    )


async def view_of(uow: UnitOfWork, summary: Summary) -> SummaryView:
    """The summary with the names of its authors."""
    authors = [line.author for line in summary.lines if line.author != MACHINE]
    known = await named(uow, [*authors, *(line.by for line in summary.lines), summary.approved_by])
    call_id = (await assignment_of(uow, summary.appointment_id)).call_id
    recording = await uow.rows(Recording).get(call_id)
    return SummaryView(
        id=summary.id,
        appointment=await appointment_ref(uow, summary.appointment_id),
        recording_id=call_id if recording is not None and recording.status in PLAYABLE else None,
        lines=tuple(
            SummaryLine(
                id=line.id,
                kind=line.kind,
                text_ko=line.text_ko,
                text_en=line.text_en,
                at=line.at,
                at_s=line.at_s,
                evidence=line.evidence,
                author=known.get(line.author),
                by=known.get(line.by or ""),
            )
            for line in summary.lines
        ),
        version=summary.version,
        status=summary.status,
        drafted_at=summary.drafted_at,
        approved_by=known.get(summary.approved_by or ""),
        approved_at=summary.approved_at,
    )


async def _own(uow: UnitOfWork, summary_id: str, by: StaffScope) -> Summary:
    """A summary of one's own tenant, to be changed. Raises NotFound, and NotAllowed for one that was only shared."""
    summary = await uow.rows(Summary).one(summary_id, lock=True)
    if summary.tenant_id != by.tenant_id:
        raise NotAllowed()
    return summary


async def _save(uow: UnitOfWork, summary: Summary, now: datetime) -> SummaryView:
    await uow.rows(Summary).save(summary)
    await tell(uow, "summary", summary.id, summary.tenant_id, now)
    return await view_of(uow, summary)


async def _revoke_links(uow: UnitOfWork, summary_id: str, now: datetime) -> None:
    live = (summary_links.c.summary_id == summary_id) & summary_links.c.revoked_at.is_(None)
    await uow.execute(update(summary_links).where(live).values(revoked_at=now))


async def _deed(uow: UnitOfWork, action: str, summary: Summary) -> Deed:
    return Deed(
        action=action,
        object_kind="summary",
        object_id=summary.id,
        tenant_id=summary.tenant_id,
        subject_id=await only_seeker_of(uow, summary.appointment_id),
    )
