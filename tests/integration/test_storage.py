"""The transaction: what it keeps, what it hides, and what is said when the database is busy or away."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.actions.forget import forget_leftovers
from server.domain.errors import NotFound
from server.domain.organisations import Tenant, TenantKind
from server.domain.people import Person, Role, Session
from server.domain.permissions import StaffScope, VisitScope
from server.storage import unit_of_work
from server.storage.tables import RECORDS, metadata
from server.storage.tables.people import people, tenants
from server.storage.tables.trail import audit, changes
from server.storage.trail import Deed, record_deed, tell
from server.storage.unit_of_work import Database, StorageAway, StorageBusy
from server.storage.visibility import STAFF, VISIT, visible
from server.storage.visibility_of_content import CONTENT
from tests.postgresql import Cluster, cluster
from tests.waiting import database_threads_ended
from tests.world import NOW, SCOPE, World, make_world, new_id
from tools.programs import POSTGRESQL, Program

TENANT = Tenant(id="0" * 32, kind=TenantKind.CENTRE, name="견본", phone="1", zone="Asia/Seoul")


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


async def test_what_raises_inside_leaves_nothing(database: Database) -> None:
    async def half_done() -> None:
        async with database.write(SCOPE) as uow:
            await uow.rows(Tenant).add(TENANT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await half_done()
    async with database.read(SCOPE) as uow:
        assert await uow.rows(Tenant).where() == []


async def test_rows_come_back_as_they_went_in(world: World) -> None:
    async with world.database.read(SCOPE) as uow:
        assert await uow.rows(Person).one(world.seekers["jung"].id) == world.seekers["jung"]
        assert await uow.rows(Tenant).count(tenants.c.kind == TenantKind.CENTRE) == 2
        assert await uow.rows(Tenant).first(tenants.c.name == "nobody") is None


async def test_a_moment_without_a_zone_is_a_bug(database: Database) -> None:
    naive = Person(id=new_id(), name="x", phone=None, lang="ko", created_at=NOW.replace(tzinfo=None))  # type: ignore[arg-type]  # that is the bug
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        async with database.write(SCOPE) as uow:
            await uow.rows(Person).add(naive)


async def test_moments_keep_their_instant_whatever_zone_they_came_in(world: World) -> None:
    query = sa.select(people.c.created_at).where(people.c.id == world.seekers["jung"].id)
    async with world.database.read(SCOPE) as uow:
        found = (await uow.execute(query)).scalar_one()
    assert (found, found.tzinfo) == (NOW, UTC)


async def test_what_is_out_of_sight_can_neither_be_read_nor_saved_nor_deleted(world: World) -> None:
    stranger = world.seekers["far"]
    async with world.database.write(world.scope("kim")) as uow:
        rows = uow.rows(Person)
        assert await rows.get(stranger.id) is None
        with pytest.raises(NotFound):
            await rows.one(stranger.id)
        with pytest.raises(NotFound):
            await rows.save(stranger)
        assert await rows.delete(people.c.id == stranger.id) == 0


def test_every_table_of_records_is_seen_by_rule_or_by_nobody() -> None:
    staff = StaffScope(person_id="p", tenant_id="t", role=Role.COUNSELLOR)
    visit = VisitScope(person_id="p", seat_id="s", appointment_id="a")
    for table in RECORDS.values():
        for_staff, for_visits = (str(visible(table, scope)) != str(sa.false()) for scope in (staff, visit))
        assert for_staff is (table.name in {*STAFF, *CONTENT}), table.name
        assert for_visits is (table.name in VISIT), table.name
    assert {*STAFF, *CONTENT, *VISIT} <= set(metadata.tables)


async def test_the_audit_trail_cannot_be_changed_or_deleted(world: World) -> None:
    deed = Deed(action="x", object_kind="y", object_id="z", tenant_id=None)
    async with world.database.write(SCOPE) as uow:
        await record_deed(uow, deed, NOW)
    for forgery in (audit.update().values(actor_id=None), audit.delete()):
        with pytest.raises(sa.exc.DatabaseError, match="append-only"):
            async with world.database.write(SCOPE) as uow:
                await uow.execute(forgery)


async def test_two_that_insert_the_same_key_at_once_are_told_apart(database: Database) -> None:
    row = {"id": "1" * 32, "kind": TenantKind.CENTRE, "name": "x", "phone": "1", "zone": "UTC"}

    async def insert() -> int:
        async with database.write(SCOPE) as uow:
            return await uow.insert_new(tenants, [row])

    assert sorted(await asyncio.gather(*(insert() for _ in range(5)))) == [0, 0, 0, 0, 1]


async def test_leftovers_go_and_what_counts_stays(world: World) -> None:
    old, later = NOW, NOW.replace(day=9)
    async with world.database.write(SCOPE) as uow:
        for number, expires_at in enumerate((old, later)):
            session = Session(id=str(number), staff_id=world.staff["kim"].id, created_at=old, expires_at=expires_at)
            await uow.rows(Session).add(session)
            await tell(uow, "appointment", str(number), None, expires_at)
        await forget_leftovers(uow, NOW.replace(day=4))
        assert [session.id for session in await uow.rows(Session).where()] == ["1"]
        assert [row.object_id for row in await uow.execute(changes.select())] == ["1"]


async def test_a_writer_that_waits_too_long_is_told_that_the_storage_is_busy(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_of_work, "BUSY_MS", 50)
    database = Database(sqlite_url)
    rival = sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    rival.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageBusy):
        async with database.write(SCOPE):
            pass
    async with database.read(SCOPE) as uow:
        assert await uow.rows(Tenant).where() == []
    rival.close()
    async with database.write(SCOPE) as uow:
        await uow.rows(Tenant).add(TENANT)
    await database.close()


async def test_a_folder_that_is_gone_is_said_plainly(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/gone/ieum.db")
    with pytest.raises(StorageAway):
        async with database.read(SCOPE):
            pass
    await database.close()
    await database_threads_ended()


@pytest.fixture
def own_cluster(needs: Callable[[Program], str]) -> Iterator[Cluster]:
    with cluster(needs(POSTGRESQL)) as found:
        found.create("ieum")
        yield found


async def test_a_database_that_goes_away_is_said_so_and_found_again(own_cluster: Cluster) -> None:
    database = Database(own_cluster.url("ieum"))
    async with database.read(SCOPE) as uow:
        await uow.execute(sa.text("SELECT 1"))
    own_cluster.stop()
    for _ in range(2):
        with pytest.raises(StorageAway):
            async with database.read(SCOPE) as uow:
                await uow.execute(sa.text("SELECT 1"))
    own_cluster.start()
    async with database.read(SCOPE) as uow:
        assert (await uow.execute(sa.text("SELECT 1"))).scalar_one() == 1
    await database.close()
