"""A seeker's case file at a centre, and what is entered in it: each thing exactly once."""

from collections.abc import Callable
from datetime import datetime

from server.domain.cases import Case, EntryKind
from server.domain.permissions import SystemScope
from server.storage.tables.cases import case_entries, cases
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("case file")


async def case_of(uow: UnitOfWork, tenant_id: str, seeker_id: str, new_id: Callable[[], str], now: datetime) -> Case:
    """The seeker's case, opened if there is none. Two openers at once end with the same one."""
    await uow.insert_new(cases, [{"id": new_id(), "tenant_id": tenant_id, "seeker_id": seeker_id, "opened_at": now}])
    return (await uow.beyond(_SYSTEM).rows(Case).where(cases.c.tenant_id == tenant_id, cases.c.seeker_id == seeker_id))[
        0
    ]


async def enter(
    uow: UnitOfWork,
    case: Case,
    kind: EntryKind,
    object_id: str,
    appointment_id: str,
    new_id: Callable[[], str],
    now: datetime,
) -> bool:
    """Put it on the timeline; False when it was there already."""
    row = {
        "id": new_id(),
        "case_id": case.id,
        "kind": kind,
        "object_id": object_id,
        "appointment_id": appointment_id,
        "at": now,
    }
    return await uow.insert_new(case_entries, [row]) == 1
