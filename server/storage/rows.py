"""One table as a collection of the domain's frozen dataclasses, seen through a scope. The only generic query code."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, Table, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.domain.errors import NotFound
from server.domain.permissions import Scope
from server.storage.visibility import visible

Record = TypeVar("Record")


class Rows(Generic[Record]):
    """Rows of one table that the scope may see, as `kind`."""

    def __init__(self, connection: AsyncConnection, table: Table, kind: type[Record], scope: Scope) -> None:
        self._connection = connection
        self._table = table
        self._kind = kind
        self._visible = visible(table, scope)

    async def get(self, *key: str, lock: bool = False) -> Record | None:
        """The row with this primary key, or None. `lock` keeps others from changing it until the transaction ends."""
        query = self._select().where(self._is(key))
        found = await self._all(query.with_for_update() if lock else query)
        return found[0] if found else None

    async def one(self, *key: str, lock: bool = False) -> Record:
        """The row with this primary key. Raises NotFound, also for what the scope may not see."""
        found = await self.get(*key, lock=lock)
        if found is None:
            raise NotFound(kind=self._kind.__name__.lower())
        return found

    async def where(
        self, *conditions: ColumnElement[bool], order_by: Iterable[Any] = (), limit: int | None = None
    ) -> list[Record]:
        """All visible rows for which the conditions hold."""
        return await self._all(self._select().where(*conditions).order_by(*order_by).limit(limit))

    async def first(self, *conditions: ColumnElement[bool], order_by: Iterable[Any] = ()) -> Record | None:
        """The first visible row for which the conditions hold."""
        found = await self.where(*conditions, order_by=order_by, limit=1)
        return found[0] if found else None

    async def count(self, *conditions: ColumnElement[bool]) -> int:
        """How many visible rows fulfil the conditions."""
        query = select(func.count()).select_from(self._table).where(self._visible, *conditions)
        return (await self._connection.execute(query)).scalar_one()

    async def add(self, *items: Record) -> None:
        """Insert; the database's keys are the last word on duplicates."""
        if items:
            await self._connection.execute(insert(self._table), [self._values(item) for item in items])

    async def save(self, item: Record) -> None:
        """Write every field of an existing row. Raises NotFound when it is gone or out of sight."""
        values = self._values(item)
        key = [values.pop(column.name) for column in self._table.primary_key]
        done = await self._connection.execute(update(self._table).where(self._is(key), self._visible).values(values))
        if done.rowcount != 1:
            raise NotFound(kind=self._kind.__name__.lower())

    async def delete(self, *conditions: ColumnElement[bool]) -> int:
        """Delete the visible rows for which the conditions hold; how many there were."""
        return (await self._connection.execute(delete(self._table).where(self._visible, *conditions))).rowcount

    def _select(self) -> Select[Any]:
        return select(*(self._table.c[field.name] for field in fields(self._kind))).where(self._visible)  # type: ignore[arg-type]  # every kind is a dataclass

    def _is(self, key: Iterable[Any]) -> ColumnElement[bool]:
        return and_(*(column == value for column, value in zip(self._table.primary_key, key, strict=True)))

    async def _all(self, query: Select[Any]) -> list[Record]:
        return [self._kind(**row._mapping) for row in await self._connection.execute(query)]

    def _values(self, item: Record) -> dict[str, Any]:
        return {field.name: getattr(item, field.name) for field in fields(item)}  # type: ignore[arg-type]  # every kind is a dataclass
