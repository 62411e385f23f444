"""A seeker's case file at a centre, and what is entered in it: each thing exactly once."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from server.domain.cases import Case, CaseEntry, EntryKind
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


async def take_out_shared(uow: UnitOfWork, appointment_id: str, seeker_id: str) -> None:
    """What the seeker shared of this interview leaves their cases, and with it every view of it."""
    shared = (case_entries.c.appointment_id == appointment_id) & case_entries.c.kind.in_(
        (EntryKind.RECORDING, EntryKind.SUMMARY)
    )
    own_cases = case_entries.c.case_id.in_(select(cases.c.id).where(cases.c.seeker_id == seeker_id))
    await uow.beyond(_SYSTEM).rows(CaseEntry).delete(shared, own_cases)
