"""The commands of an operator, run as an operator runs them."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import create_async_engine

from server.domain.engines import Engine
from server.domain.people import Role
from server.domain.permissions import SystemScope
from server.preparation import SAMPLES_FILE
from server.storage import schema
from server.storage.tables.people import rooms, staff
from server.storage.unit_of_work import Database
from tests.postgresql import Cluster

ACCOUNT = ["--name", "한지민", "--email", "jimin@example.org", "--password", "long enough to be safe"]


def ieum(data_dir: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "IEUM_DATA_DIR": str(data_dir), **more}
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments], env=environment, capture_output=True, text=True, check=False
    )


def roles(data_dir: Path) -> dict[str, str]:
    async def read() -> dict[str, str]:
        database = Database(f"sqlite+aiosqlite:///{data_dir}/ieum.db")
        try:
            async with database.read(SystemScope("test")) as uow:
                return {row.email: row.role for row in await uow.execute(staff.select())}
        finally:
            await database.close()

    return asyncio.run(read())


def test_a_real_site_begins_with_migrate_and_its_first_accounts(tmp_path: Path) -> None:
    assert ieum(tmp_path, "migrate").returncode == 0
    made = ieum(tmp_path, "admin", "create", "--organisation", "강나루고용센터", "--phone", "0212345678", *ACCOUNT)
    assert made.returncode == 0, made.stderr
    added = [*ACCOUNT[:2], "--email", "other@example.org", *ACCOUNT[4:], "--role", "counsellor"]
    assert ieum(tmp_path, "admin", "add", "--organisation", "강나루고용센터", *added).returncode == 0
    assert roles(tmp_path) == {"jimin@example.org": Role.ADMIN, "other@example.org": Role.COUNSELLOR}
    assert stat.S_IMODE((tmp_path / "ieum.db").stat().st_mode) & 0o077 == 0


def engines(data_dir: Path) -> dict[str, str | None]:
    async def read() -> dict[str, str | None]:
        database = Database(f"sqlite+aiosqlite:///{data_dir}/ieum.db")
        try:
            async with database.read(SystemScope("test")) as uow:
                return {row.name: row.engine for row in await uow.execute(rooms.select())}
        finally:
            await database.close()

    return asyncio.run(read())


def test_an_operator_chooses_the_engine_of_a_room_or_of_all(tmp_path: Path) -> None:
    ieum(tmp_path, "migrate")
    ieum(tmp_path, "admin", "create", "--organisation", "강나루고용센터", "--phone", "0212345678", *ACCOUNT)
    choose = ("admin", "engine", "--organisation", "강나루고용센터")
    assert set(engines(tmp_path).values()) == {None}
    assert ieum(tmp_path, *choose, "--room", "2", "--on", "janus").returncode == 0
    assert {name for name, engine in engines(tmp_path).items() if engine == Engine.JANUS} == {"2"}
    assert ieum(tmp_path, *choose).returncode == 0
    assert set(engines(tmp_path).values()) == {None}
    refused = ieum(tmp_path, *choose, "--room", "99", "--on", "janus")
    assert refused.stderr == "ieum: 강나루고용센터 has no room called 99.\n"


def test_a_refusal_is_one_sentence(tmp_path: Path) -> None:
    before = ieum(tmp_path, "admin", "create", "--organisation", "가", "--phone", "0212345678", *ACCOUNT)
    assert before.returncode == 1
    assert before.stderr == "ieum: The database has no tables yet: run `ieum migrate` first.\n"
    ieum(tmp_path, "migrate")
    short = [*ACCOUNT[:-1], "short"]
    refused = ieum(tmp_path, "admin", "create", "--organisation", "가", "--phone", "0212345678", *short)
    assert refused.stderr == "ieum: A password needs at least 10 characters.\n"
    zone = ieum(tmp_path, "admin", "create", "--organisation", "가", "--phone", "02", *ACCOUNT, "--zone", "Seoul")
    assert zone.stderr == "ieum: Seoul is not a time zone; use an IANA name such as Asia/Seoul.\n"


def test_help_names_the_command_as_it_is_installed(tmp_path: Path) -> None:
    assert "Usage: ieum [OPTIONS]" in ieum(tmp_path, "--help", NO_COLOR="1").stdout


def test_a_process_refuses_a_database_of_another_version(tmp_path: Path) -> None:
    ieum(tmp_path, "migrate")
    newest = schema.newest()

    async def pretend(version: str) -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/ieum.db")
        async with database.write(SystemScope("test")) as uow:
            await uow.connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
        await database.close()

    asyncio.run(pretend("9999"))
    for process in ("web", "work", "serve"):
        refused = ieum(tmp_path, process)
        assert refused.returncode == 1
        assert "newer than this program" in refused.stderr
    asyncio.run(pretend("0000"))
    assert f"this program needs {newest}: run `ieum migrate`" in ieum(tmp_path, "work").stderr


def test_a_second_serve_on_one_data_directory_says_so_and_leaves_the_first_alone(tmp_path: Path) -> None:
    ports = {name: "0" for name in ("IEUM_LISTEN_PORT", "IEUM_PRIVATE_PORT", "IEUM_MEDIA_PORT")}
    environment = {**os.environ, **ports, "IEUM_DATA_DIR": str(tmp_path), "IEUM_ENGINE": "loopback"}
    command = [sys.executable, "-m", "server", "serve"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as one:
        assert one.stdout
        try:
            assert any("ready" in line for line in iter(one.stdout.readline, ""))
            other = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            assert other.returncode == 75
            sentence = f"ieum: another ieum already serves from {tmp_path}; stop it or set IEUM_DATA_DIR.\n"
            assert other.stderr == sentence
            assert one.poll() is None
        finally:
            one.send_signal(signal.SIGINT)
            rest = one.stdout.read()
    assert (one.returncode, rest.splitlines()[-1]) == (0, "ieum: stopped.")
    assert not (tmp_path / SAMPLES_FILE).exists()  # sample people are made for whoever asks for them
    assert roles(tmp_path) == {}


def test_check_says_what_is_well_and_what_is_not(tmp_path: Path) -> None:
    assert "no tables yet" in ieum(tmp_path, "check").stderr
    ieum(tmp_path, "migrate")
    well = ieum(tmp_path, "check")
    assert well.returncode == 0, well.stderr
    assert "database: SQLite" in well.stdout


def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    environment = {**os.environ, "IEUM_DATA_DIR": str(tmp_path), "IEUM_LISTEN_PORT": "many"}
    done = subprocess.run(
        [sys.executable, "-m", "server", "check"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("ieum: IEUM_LISTEN_PORT: ")


def test_serve_on_postgresql_changes_no_tables_and_says_what_to_do(tmp_path: Path, postgresql: Cluster) -> None:
    postgresql.create("bare")
    url = postgresql.url("bare")
    environment = {"IEUM_DATABASE_URL": url, "IEUM_LISTEN_PORT": "0", "IEUM_PRIVATE_PORT": "0", "IEUM_MEDIA_PORT": "0"}
    said = ieum(tmp_path, "serve", **environment)
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert "`ieum migrate`" in said.stderr
    assert asyncio.run(tables(url)) == []

    assert ieum(tmp_path, "migrate", **environment).returncode == 0
    assert "appointments" in asyncio.run(tables(url))
    postgresql.drop("bare")


async def tables(url: str) -> list[str]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await engine.dispose()
    return found
