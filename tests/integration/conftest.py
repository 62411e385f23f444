"""Databases for tests: a fresh one for each, on SQLite and on PostgreSQL."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from server.storage.schema import migrate
from server.storage.unit_of_work import Database
from signaling.media.janus.settings import JanusProgram
from signaling.media.loopback_engine import LoopbackEngine
from signaling.media.port import MediaEngine
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests.engine_room import Room
from tests.janus import janus_engine, program
from tests.media_conversation import Conversation, talking
from tests.postgresql import TEMPLATE, Cluster, cluster
from tools.programs import JANUS, POSTGRESQL, Program


async def _make_tables(url: str) -> None:
    database = Database(url)
    await migrate(database, datetime.now(UTC))
    await database.close()


@pytest.fixture(scope="session")
def postgresql(needs: Callable[[Program], str]) -> Iterator[Cluster]:
    """A cluster with the prepared database that tests copy."""
    with cluster(needs(POSTGRESQL)) as found:
        found.create(TEMPLATE)
        asyncio.run(_make_tables(found.url(TEMPLATE)))
        yield found


@pytest.fixture(scope="session")
def _prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prepared") / "ieum.db"
    asyncio.run(_make_tables(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(_prepared_sqlite: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with all tables."""
    shutil.copy(_prepared_sqlite, tmp_path / "ieum.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'ieum.db'}"


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """A fresh PostgreSQL database with all tables."""
    name = f"test_{uuid4().hex}"
    postgresql.create(name, TEMPLATE)
    yield postgresql.url(name)
    postgresql.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """One run on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh, empty database with all tables; one run on each kind."""
    found = Database(database_url)
    yield found
    await found.close()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """What a test leaves on it is closed at its end."""
    async with AsyncExitStack() as made:
        yield made


@pytest.fixture
def janus_program(needs: Callable[[Program], str], janus_address: str, tmp_path: Path) -> JanusProgram:
    """A Janus of its own, not started yet."""
    return program(needs(JANUS), tmp_path, janus_address)


@pytest.fixture(params=["loopback", "sfu", "janus"])
async def engine(request: pytest.FixtureRequest) -> MediaEngine:
    """Each engine we ship; whoever takes it closes it."""
    if request.param == "loopback":
        return LoopbackEngine()
    if request.param == "sfu":
        return SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
    ours: JanusProgram = request.getfixturevalue("janus_program")
    return await janus_engine(ours)


@pytest.fixture
async def room(engine: MediaEngine) -> AsyncIterator[Room]:
    """A call on each of them."""
    made = Room(engine)
    yield made
    await made.close()


@pytest.fixture
async def errors() -> list[dict[str, object]]:
    """What the event loop would have complained of."""
    found: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: found.append(context))
    return found


@pytest.fixture
async def conversation(errors: list[dict[str, object]]) -> AsyncIterator[Conversation]:
    """Two bots that talk by way of our engine; at the end nothing went wrong in the loop."""
    async with talking() as made:
        yield made
    assert errors == []


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    """A socket that belongs to nobody's seat."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock
