"""What is written beside a change, in the same transaction: the audit row and the news for browsers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from server.domain.permissions import Scope, SystemScope
from server.storage.tables.trail import audit, changes
from server.storage.unit_of_work import UnitOfWork

READS_AGAIN = timedelta(minutes=15)  # a page that shows progress is read again and again: that is one reading


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Somebody did something to an object that concerns a person (access log: Safety Measures Standard Art 8)."""

    action: str  # recording.played, summary.read, appointment.cancelled, …
    object_kind: str
    object_id: str
    tenant_id: str | None
    subject_id: str | None = None  # whose data it is
    reason: str | None = None


async def record_deed(uow: UnitOfWork, deed: Deed, now: datetime, origin: str | None = None) -> None:
    """Append one audit row: who, from where, what, whose data. It stands or falls with what it describes.

    `origin` is the asker's address where the transaction was not opened for a request.
    """
    row = {
        "at": now,
        "actor_id": _actor(uow.scope),
        "origin": origin or uow.origin,
        "action": deed.action,
        "object_kind": deed.object_kind,
        "object_id": deed.object_id,
        "tenant_id": deed.tenant_id,
        "subject_id": deed.subject_id,
        "reason": deed.reason,
    }
    await uow.execute(insert(audit), row)


async def record_reading(uow: UnitOfWork, deed: Deed, now: datetime) -> None:
    """Append an audit row, unless the same person has read the same thing within the last quarter of an hour."""
    same = (audit.c.object_id == deed.object_id) & (audit.c.action == deed.action)
    lately = (audit.c.actor_id == _actor(uow.scope)) & (audit.c.at > now - READS_AGAIN)
    if (await uow.execute(select(audit.c.id).where(same, lately).limit(1))).first() is None:
        await record_deed(uow, deed, now)


async def tell(uow: UnitOfWork, kind: str, object_id: str, tenant_id: str | None, now: datetime) -> None:
    """News for the browsers of this tenant: something of this kind changed; they fetch it again."""
    await uow.execute(insert(changes), {"at": now, "tenant_id": tenant_id, "kind": kind, "object_id": object_id})


def _actor(scope: Scope) -> str | None:
    return None if isinstance(scope, SystemScope) else scope.person_id
