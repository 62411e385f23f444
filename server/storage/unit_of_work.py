"""One transaction. Everything in it becomes true together, or nothing does."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from server.domain.errors import Unavailable
from server.domain.permissions import Scope
from server.storage.rows import Rows
from server.storage.tables import RECORDS

Record = TypeVar("Record")
BUSY_MS = 5_000  # how long a writer waits for its turn on SQLite before an honest 503


class StorageBusy(Unavailable):
    """Too many are writing at once; try again shortly."""

    code = "storage_busy"


class StorageAway(Unavailable):
    """The database cannot be reached; live calls go on."""

    code = "storage_away"


class UnitOfWork:
    """What an action works with: rows seen through a scope, in one transaction."""

    def __init__(self, connection: AsyncConnection, scope: Scope, origin: str | None = None) -> None:
        self.connection = connection
        self.scope = scope
        self.origin = origin  # address of the asker, for the audit trail

    def rows(self, kind: type[Record]) -> Rows[Record]:
        """The rows of this class, through the scope of the asker."""
        return Rows(self.connection, RECORDS[kind], kind, self.scope)

    def beyond(self, scope: Scope) -> "UnitOfWork":
        """The same transaction under another scope: for rules that must know more than their asker may see."""
        return UnitOfWork(self.connection, scope, self.origin)

    async def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        """Any other statement. Not scoped: say in the caller why that is right."""
        return await self.connection.execute(statement, parameters)

    async def insert_new(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """Insert the rows whose key is not taken yet; how many those were. Waits for a rival transaction to end."""
        if not rows:
            return 0
        dialect = sqlite if self.connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table).values(list(rows)).on_conflict_do_nothing()
        done = await self.connection.execute(statement, execution_options={"preserve_rowcount": True})
        return done.rowcount


class Database:
    """Engines of one database. On SQLite writers queue for one lock, readers do not wait for them (WAL)."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = self._engine("BEGIN IMMEDIATE")
        self._reader = self._engine("BEGIN") if self.is_sqlite else self._writer

    @asynccontextmanager
    async def write(self, scope: Scope, origin: str | None = None) -> AsyncIterator[UnitOfWork]:
        """A transaction that is committed when the block ends well. Raises StorageBusy or StorageAway."""
        with _said_plainly():
            async with self._writer.begin() as connection:
                yield UnitOfWork(connection, scope, origin)

    @asynccontextmanager
    async def read(self, scope: Scope) -> AsyncIterator[UnitOfWork]:
        """A consistent view that changes nothing. Raises StorageBusy or StorageAway."""
        with _said_plainly():
            async with self._reader.connect() as connection:
                yield UnitOfWork(connection, scope)

    async def close(self) -> None:
        """Close every connection. Idempotent."""
        await self._writer.dispose()
        await self._reader.dispose()

    def _engine(self, begin: str) -> AsyncEngine:
        if not self.is_sqlite:
            return create_async_engine(self.url, pool_size=8, max_overflow=8, pool_timeout=5, pool_pre_ping=True)
        engine = create_async_engine(self.url, pool_timeout=5)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Turn what a driver says about locks and lost connections into our two refusals."""
    try:
        yield
    except exc.TimeoutError as error:
        raise StorageBusy() from error
    except (exc.OperationalError, exc.InterfaceError, OSError) as error:
        text = str(error).lower()
        raise (StorageBusy() if "locked" in text or "deadlock" in text else StorageAway()) from error
