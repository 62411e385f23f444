"""News for the desk: signed-in browsers hear which ids of their own tenant changed, and nobody else hears anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import socketio
from aiohttp.test_utils import TestServer

from server.actions.call_orders import CloseCall, OpenCall, order_for
from server.actions.change_appointment import assignment_of, cancel
from server.actions.sign_in import SESSION_LIVES, set_password
from server.api.application import create
from server.api.ask import Services
from server.api.live import DeskNamespace, follow_changes
from server.domain.appointments import Appointment
from server.domain.people import Staff
from server.storage.changes import ChangeReader
from server.storage.tables.trail import changes
from server.storage.trail import tell
from server.storage.unit_of_work import Database, UnitOfWork
from signaling.media.recorders import DataKey
from signaling.sockets import SocketServer
from tests.waiting import until
from tests.world import NOW, ORIGIN, SCOPE, Browser, World, make_world, served, services_of


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    database = Database(sqlite_url)
    yield await make_world(database)
    await database.close()


class Desk:
    """The sockets of one web, and which calls were said to have changed."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.calls: list[str] = []

    async def __aenter__(self) -> "Desk":
        sockets = SocketServer([ORIGIN], lambda request: request.remote or "")
        namespace = DeskNamespace(self.services)
        sockets.register_namespace(namespace)
        app = create(self.services, sockets=sockets)
        self.server = TestServer(app)
        await self.server.start_server()
        reader = ChangeReader(self.services.database)
        await reader.read()
        self._task = asyncio.create_task(follow_changes(reader, namespace, self._on_call))
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self.server.close()

    async def _on_call(self, call_id: str) -> None:
        self.calls.append(call_id)

    async def listen(self, cookie: str) -> tuple[socketio.AsyncClient, list[dict[str, Any]]]:
        client = socketio.AsyncClient(reconnection=False)
        heard: list[dict[str, Any]] = []
        client.on("changed", heard.append, namespace="/desk")
        await client.connect(
            str(self.server.make_url("/")),
            transports=["websocket"],
            namespaces=["/desk"],
            headers={"Cookie": cookie, "Origin": ORIGIN},
        )
        return client, heard


async def cookie_of(services: Services, name: str) -> str:
    async with served(services) as browsers:
        return cookie_in(await browsers().sign_in(name))


def cookie_in(browser: Browser) -> str:
    """The session that this browser holds."""
    (cookie,) = browser.client.session.cookie_jar
    return f"{cookie.key}={cookie.value}"


async def test_the_desk_hears_of_its_own_tenant_only(world: World, tmp_path: Path) -> None:
    services = services_of(world, tmp_path)
    cookies = {name: await cookie_of(services, name) for name in ("kim", "lead")}
    async with Desk(services) as desk:
        kim, kim_heard = await desk.listen(cookies["kim"])
        lead, lead_heard = await desk.listen(cookies["lead"])
        appointment = await world.book()
        await until(lambda: kim_heard)
        assert kim_heard == [{"kind": "appointment", "ids": [appointment.id]}]
        interview = await world.book("lead", kind=appointment.kind.INTERVIEW, hosts=("lead",), at=NOW.replace(hour=9))
        await until(lambda: lead_heard)
        assert lead_heard == [{"kind": "appointment", "ids": [interview.id]}]
        await kim.disconnect()
        await lead.disconnect()


@asynccontextmanager
async def two_webs(world: World, tmp_path: Path) -> AsyncIterator[tuple[Services, Desk, Desk]]:
    """Two web processes on one database."""
    services = services_of(world, tmp_path)
    async with Desk(services) as one, Desk(services) as another:
        yield services, one, another


async def test_signing_out_at_one_web_ends_the_sessions_sockets_at_every_web(world: World, tmp_path: Path) -> None:
    async with two_webs(world, tmp_path) as (services, one, another), served(services) as browsers:
        leaving, staying = await browsers().sign_in("kim"), await browsers().sign_in("kim")
        here, _ = await one.listen(cookie_in(leaving))
        there, heard_there = await another.listen(cookie_in(leaving))
        other, heard_by_other = await another.listen(cookie_in(staying))
        await leaving.expect("DELETE", "/api/session", None, 204)
        appointment = await world.book()
        await until(lambda: not here.connected and not there.connected)
        await until(lambda: heard_by_other)
        assert heard_by_other == [{"kind": "appointment", "ids": [appointment.id]}]
        assert heard_there == []  # what happened after signing out is no longer told
        await other.disconnect()


async def test_a_session_that_expires_ends_its_sockets(world: World, tmp_path: Path) -> None:
    services = services_of(world, tmp_path)
    cookie = await cookie_of(services, "kim")
    async with Desk(services) as desk:
        kim, _ = await desk.listen(cookie)
        world.clock.now += SESSION_LIVES
        await until(lambda: not kim.connected)


async def test_an_account_that_is_closed_or_gets_another_password_loses_its_sockets(
    world: World, tmp_path: Path
) -> None:
    services = services_of(world, tmp_path)
    cookies = {name: await cookie_of(services, name) for name in ("kim", "park", "lead")}
    async with Desk(services) as desk:
        kim, park, lead = [(await desk.listen(cookies[name]))[0] for name in ("kim", "park", "lead")]
        async with world.database.write(SCOPE) as uow:
            await uow.rows(Staff).save(replace(world.staff["kim"], disabled_at=NOW))
            await set_password(uow, world.passwords, world.staff["park"].id, "another long one")
        await until(lambda: not kim.connected and not park.connected)
        assert lead.connected
        await lead.disconnect()


async def test_without_a_session_nobody_listens(world: World, tmp_path: Path) -> None:
    async with Desk(services_of(world, tmp_path)) as desk:
        for cookie in ("", "ieum=nonsense", "ieum=;;=,\\"):
            with pytest.raises(socketio.exceptions.ConnectionError):
                await desk.listen(cookie)


async def test_a_changed_call_is_brought_to_whoever_tells_the_node(world: World, tmp_path: Path) -> None:
    async with Desk(services_of(world, tmp_path)) as desk:
        appointment = await world.book(at=NOW.replace(hour=2))
        await world.tick(NOW.replace(hour=2))
        async with world.database.read(SCOPE) as uow:
            call = (await assignment_of(uow, appointment.id)).call_id
        await until(lambda: desk.calls)
        assert desk.calls == [call]


async def no_keys(uow: UnitOfWork, appointment: Appointment, count: int) -> list[DataKey]:
    return []


async def test_the_node_is_told_to_open_what_it_carries_and_to_close_what_was_called_off(world: World) -> None:
    appointment = await world.book(at=NOW.replace(hour=2))
    async with world.database.write(SCOPE) as uow:
        call = (await assignment_of(uow, appointment.id)).call_id
        assert await order_for(uow, call, no_keys) is None
    await world.tick(NOW.replace(hour=2))
    async with world.database.write(SCOPE) as uow:
        order = await order_for(uow, call, no_keys)
        assert isinstance(order, OpenCall)
        assert (order.node, order.spec["epoch"]) == ("node-0", 1)
        await cancel(uow, appointment.id, "사유", NOW)
        assert await order_for(uow, call, no_keys) == CloseCall(call, 1)


async def test_news_committed_out_of_order_is_still_read_once(database: Database) -> None:
    reader = ChangeReader(database)
    assert await reader.read() == []
    async with database.write(SCOPE) as uow:
        for number in range(5):
            await tell(uow, "appointment", f"{number}", None, NOW)
        # A transaction that took its id earlier and commits later.
        await uow.execute(changes.update().where(changes.c.object_id == "1").values(id=1000))
    assert {change.object_id for change in await reader.read()} == {"0", "1", "2", "3", "4"}
    async with database.write(SCOPE) as uow:
        await uow.execute(changes.insert(), {"id": 900, "at": NOW, "kind": "appointment", "object_id": "late"})
    assert [change.object_id for change in await reader.read()] == ["late"]
    assert await reader.read() == []
