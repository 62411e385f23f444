"""Orders to nodes that nobody gave: the web was killed between a commit and its word, or there was no link then."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.actions.change_appointment import assignment_of, cancel, move
from server.app.installation import secrets_of
from server.app.sites import unix_site
from server.app.web import web
from server.config import Settings
from server.domain.appointments import Appointment
from server.domain.rooms import Assignment
from server.storage.unit_of_work import Database
from signaling.frames import AnyFrame, CallClose, CallOpen
from signaling.link import Peer, link_application
from tests.calls import NOON
from tests.e2e.product import free_port
from tests.waiting import until
from tests.world import SCOPE, World, make_world


class NodeEnd:
    """What a node hears that says it carries these calls."""

    def __init__(self, *calls: str) -> None:
        self.calls, self.heard = calls, list[AnyFrame]()

    def carried(self) -> Sequence[str]:
        return self.calls

    def web_joined(self, peer: Peer) -> None: ...

    def web_said(self, peer: Peer, frame: AnyFrame) -> None:
        self.heard.append(frame)

    def web_left(self, peer: Peer) -> None: ...


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    """A centre of this moment: webs have a clock of their own."""
    database = Database(sqlite_url)
    world = await make_world(database)
    world.clock.now = datetime.now(UTC)
    yield world
    await database.close()


async def opened(world: World) -> tuple[Appointment, Assignment]:
    now = datetime.now(UTC)
    at = now - (now - NOON) % timedelta(minutes=5) + timedelta(minutes=10)
    appointment = await world.book(at=at)
    await world.tick(datetime.now(UTC))
    return appointment, await assigned(world, appointment)


async def assigned(world: World, appointment: Appointment) -> Assignment:
    async with world.database.read(SCOPE) as uow:
        return await assignment_of(uow, appointment.id)


@asynccontextmanager
async def linked(world: World, node: NodeEnd, folder: Path) -> AsyncIterator[None]:
    """A web that starts now, and this node, which it finds in the rows."""
    settings = Settings(
        data_dir=folder,
        database_url=world.database.url.render_as_string(hide_password=False),
        listen_port=free_port(),
        private_port=0,
    )
    link = link_application(node, "node-0", secrets_of(settings).link)
    async with unix_site(link, folder / "node-0"), web(settings):
        await world.announce("node-0", link_url=f"unix:{folder / 'node-0'}")
        yield


async def test_a_call_that_was_called_off_while_no_web_lived_is_closed_by_the_next(
    world: World, tmp_path: Path
) -> None:
    appointment, assignment = await opened(world)
    async with world.database.write(world.scope("kim")) as uow:
        await cancel(uow, appointment.id, "견본", world.clock())
    node = NodeEnd(assignment.call_id)
    async with linked(world, node, tmp_path):
        await until(lambda: node.heard)
    assert node.heard == [CallClose(call=assignment.call_id, epoch=1)]


async def test_a_call_that_was_moved_while_no_web_lived_is_closed_by_the_next(world: World, tmp_path: Path) -> None:
    appointment, assignment = await opened(world)
    later = appointment.starts_at + timedelta(days=1)
    async with world.database.write(world.scope("kim")) as uow:
        await move(uow, appointment.id, later, 30, "", world.clock())
    node = NodeEnd(assignment.call_id)
    async with linked(world, node, tmp_path):
        await until(lambda: node.heard)
    assert node.heard == [CallClose(call=assignment.call_id, epoch=2)]


async def test_a_call_that_was_placed_while_no_web_lived_is_opened_by_the_next(world: World, tmp_path: Path) -> None:
    _, assignment = await opened(world)
    node = NodeEnd()
    async with linked(world, node, tmp_path):
        await until(lambda: node.heard)
    (told,) = node.heard
    assert isinstance(told, CallOpen)
    assert told.spec["call"] == assignment.call_id
