"""Migrations on both databases: they make exactly the tables the code knows, and a wrong version is refused."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from server.domain.permissions import SystemScope
from server.storage.schema import SchemaWrong, check, current, migrate, newest
from server.storage.tables import metadata
from server.storage.unit_of_work import Database
from tests.postgresql import Cluster

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SCOPE = SystemScope("tests")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/ieum.db"
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"empty_{uuid4().hex}"
    cluster.create(name)
    return cluster.url(name)


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    """A database without any table."""
    found = Database(empty_url)
    yield found
    await found.close()


async def set_version(database: Database, version: str) -> None:
    async with database.write(SCOPE) as uow:
        await uow.execute(sa.text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def differences(connection: sa.Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


async def test_migrations_make_exactly_the_tables_that_the_code_knows(empty: Database) -> None:
    assert await migrate(empty, NOW) is None
    async with empty.read(SCOPE) as uow:
        assert await uow.connection.run_sync(differences) == []


async def test_a_database_without_tables_is_refused_until_it_is_migrated(empty: Database) -> None:
    with pytest.raises(SchemaWrong, match="ieum migrate"):
        await check(empty)
    await migrate(empty, NOW)
    await check(empty)
    assert await current(empty) == newest()
    assert await migrate(empty, NOW) == newest()


async def test_an_older_and_a_newer_database_are_refused(empty: Database) -> None:
    await migrate(empty, NOW)
    await set_version(empty, "0000")
    with pytest.raises(SchemaWrong, match="run `ieum migrate`"):
        await check(empty)
    await set_version(empty, "9999")
    with pytest.raises(SchemaWrong, match="newer than this program"):
        await check(empty)
    with pytest.raises(SchemaWrong, match="newer than this program"):
        await migrate(empty, NOW)


async def test_a_sqlite_file_is_copied_before_it_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/ieum.db")
    await migrate(database, NOW)
    version = newest()
    async with database.write(SCOPE) as uow:
        await uow.execute(
            sa.text("INSERT INTO tenants (id, kind, name, phone, zone) VALUES ('a', 'centre', '견본', '1', 'UTC')")
        )
    monkeypatch.setattr("server.storage.schema.newest", lambda: "9999")  # as a program with one more revision would
    await migrate(database, NOW)
    await database.close()
    copy = tmp_path / f"ieum-{version}-20260302T010000.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT name FROM tenants").fetchall() == [("견본",)]
    connection.close()
