"""The version of a database's tables: is it the one this code knows, and how to bring it there (Alembic).

Revisions are files `NNNN_what.py` in server/migrations/versions; the number is the version. Alembic is imported only to
migrate, so that a check costs one query.
"""

import asyncio
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from server.domain.permissions import SystemScope
from server.storage.unit_of_work import Database, UnitOfWork

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_SCOPE = SystemScope("schema")
_ADVISORY_LOCK = 0x1E0A  # any number; keeps two `ieum migrate` from working at once


class SchemaWrong(Exception):
    """The database cannot be used by this code as it is; the text says what to do."""


def newest() -> str:
    """The version this code works with."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def current(database: Database) -> str | None:
    """The version of this database; None when it has no tables of ours."""
    async with database.read(_SCOPE) as uow:
        return await _current(uow)


async def check(database: Database) -> None:
    """Raise SchemaWrong unless the tables are exactly those this code knows."""
    found = await current(database)
    if found is None:
        raise SchemaWrong("The database has no tables yet: run `ieum migrate` first.")
    if found < newest():
        raise SchemaWrong(f"The database is at version {found}, this program needs {newest()}: run `ieum migrate`.")
    if found > newest():
        raise SchemaWrong(
            f"The database is at version {found}, newer than this program ({newest()}): update the program."
        )


async def migrate(database: Database, now: datetime) -> str | None:
    """Bring the tables to the newest version; a SQLite file is copied first. Returns the version there was before.

    Raises SchemaWrong when the database is newer than this code.
    """
    before = await current(database)
    if before is not None and before > newest():
        await check(database)
    if before == newest():
        return before
    if before is not None and database.is_sqlite:
        await asyncio.to_thread(_back_up, Path(str(database.url.database)), before, now)
    async with database.write(_SCOPE) as uow:
        if not database.is_sqlite:
            await uow.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        await uow.connection.run_sync(_upgrade)
    return before


async def _current(uow: UnitOfWork) -> str | None:
    exists = await uow.connection.run_sync(lambda connection: sa.inspect(connection).has_table("alembic_version"))
    if not exists:
        return None
    found: str | None = (await uow.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    return found


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _back_up(path: Path, version: str, now: datetime) -> None:
    """A consistent copy beside the file, readable by us alone."""
    target = path.with_name(f"{path.stem}-{version}-{now:%Y%m%dT%H%M%S}.db")
    target.touch(mode=0o600, exist_ok=False)
    source: Any
    with sqlite3.connect(path) as source, sqlite3.connect(target) as copy:
        source.backup(copy)
    source.close()
    copy.close()
