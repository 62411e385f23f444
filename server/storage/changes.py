"""Reading the `changes` table: every web process sees every new row once, in the order of their ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from server.domain.permissions import SystemScope
from server.storage.tables.trail import changes
from server.storage.unit_of_work import Database, UnitOfWork

READ_AGAIN = 200  # ids are given before the commit, so a lower one may appear after a higher one
KEPT_FOR = timedelta(days=1)
_SCOPE = SystemScope("news")


@dataclass(frozen=True)
class Change:
    """Something of this kind changed; `tenant_id` is None when only the server itself is concerned."""

    id: int
    tenant_id: str | None
    kind: str
    object_id: str


class ChangeReader:
    """Where one process is in the table."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newest: int | None = None
        self._seen: set[int] = set()

    async def read(self) -> Sequence[Change]:
        """What is new since the last call; nothing at the first. Raises StorageAway, StorageBusy: call again later."""
        async with self._database.read(_SCOPE) as uow:
            if self._newest is None:
                self._newest = (await uow.execute(select(func.max(changes.c.id)))).scalar_one_or_none() or 0
                self._seen = {row.id for row in await self._rows(uow)}
                return []
            fresh = [row for row in await self._rows(uow) if row.id not in self._seen]
        self._newest = max([self._newest, *(row.id for row in fresh)])
        self._seen |= {row.id for row in fresh}
        self._seen = {one for one in self._seen if one > self._newest - READ_AGAIN}
        return fresh

    async def _rows(self, uow: UnitOfWork) -> list[Change]:
        floor = (self._newest or 0) - READ_AGAIN
        query = select(changes).where(changes.c.id > floor).order_by(changes.c.id)
        return [Change(row.id, row.tenant_id, row.kind, row.object_id) for row in await uow.execute(query)]


async def forget_changes(uow: UnitOfWork, now: datetime) -> None:
    """Delete news that every process has long read."""
    await uow.execute(delete(changes).where(changes.c.at < now - KEPT_FOR))
