"""A node is drained while two people talk: they go on on another one, in the same seats, and hardly notice."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from playwright.async_api import expect

from server.app import administration
from server.config import Settings
from server.domain.rooms import Assignment
from server.storage.unit_of_work import Database
from tests.browsers import chromium
from tests.e2e.axe import has_no_fault
from tests.e2e.desk import at_the_desk
from tests.e2e.people import seeker
from tests.e2e.product import ROOT, Product, environment_of, has_announced_itself, serving
from tests.e2e.rooms import Meeting, booked, meeting, together_again
from tests.waiting import until
from tests.world import SCOPE


async def node_of(database: Database, room: Meeting) -> str:
    """Which node the rows say has the call."""
    async with database.read(SCOPE) as uow:
        placed = await uow.rows(Assignment).where()
    return next(str(one.node) for one in placed if one.appointment_id == room.appointment)


async def until_on(database: Database, room: Meeting, node: str) -> None:
    async with asyncio.timeout(60):
        while await node_of(database, room) != node:
            await asyncio.sleep(0.1)


def other(node: str) -> str:
    return {"node-0": "node-1", "node-1": "node-0"}[node]


async def test_two_people_go_on_on_another_node_when_theirs_is_drained(tmp_path: Path, chromium_path: str) -> None:
    async with (
        serving(tmp_path / "var", nodes="2") as product,
        chromium(chromium_path) as browser,
        at_the_desk(product, "김서연") as desk,
    ):
        settings = Settings(data_dir=product.data_dir)
        database = Database(settings.database)
        room = await meeting(product, browser, desk, "김서연", "송다은")
        first = await node_of(database, room)
        said = await administration.drain_node(settings, first, wanted=True)
        assert said.startswith(f"{first} takes no new room; 1 now on it go to other nodes")
        await until_on(database, room, other(first))
        await together_again(room, "김서연", "송다은")

        # It survives a restart of everything that was told of it.
        await product.kill("web")
        await product.kill("work")
        await together_again(room, "김서연", "송다은")
        assert await node_of(database, room) == other(first)

        # And back: it takes rooms again, and the other is drained.
        await administration.drain_node(settings, first, wanted=False)
        await administration.drain_node(settings, other(first), wanted=True)
        await until_on(database, room, first)
        await together_again(room, "김서연", "송다은")
        await expect(room.seeker.page.get_by_text("연결이 끊겼습니다")).to_have_count(0)
        await room.counsellor.leave_room("모두 끝내기")
        await database.close()


async def test_a_node_that_is_told_to_stop_goes_when_its_rooms_have_gone(tmp_path: Path, chromium_path: str) -> None:
    async with (
        serving(tmp_path / "var") as product,
        chromium(chromium_path) as browser,
        at_the_desk(product, "김서연") as desk,
    ):
        database = Database(Settings(data_dir=product.data_dir).database)
        await administration.drain_node(Settings(data_dir=product.data_dir), "node-0", wanted=False)
        second = await by_hand(product, "node-9")
        try:
            await until(lambda: (product.data_dir / "run" / "node-9.sock").exists())
            await has_announced_itself(product, "node-9")
            await administration.drain_node(Settings(data_dir=product.data_dir), "node-0", wanted=True)
            room = await meeting(product, browser, desk, "김서연", "송다은")
            await until_on(database, room, "node-9")
            await administration.drain_node(Settings(data_dir=product.data_dir), "node-0", wanted=False)
            os.kill(second.pid, signal.SIGTERM)
            assert await asyncio.wait_for(second.wait(), 60) == 0
            assert await node_of(database, room) == "node-0"
            await together_again(room, "김서연", "송다은")
            await room.counsellor.leave_room("모두 끝내기")
        finally:
            if second.returncode is None:
                second.kill()
            await database.close()


async def test_whoever_finds_all_rooms_in_use_reads_so_and_is_let_in_when_there_is_a_place(
    tmp_path: Path, chromium_path: str
) -> None:
    async with (
        serving(tmp_path / "var") as product,
        chromium(chromium_path) as browser,
        at_the_desk(product, "김서연") as desk,
    ):
        settings = Settings(data_dir=product.data_dir)
        await administration.drain_node(settings, "node-0", wanted=True)
        song = await seeker(browser)
        await song.open((await booked(desk, "송다은"))[1])
        await song.pass_device_check()
        await song.sees("지금은 대화방이 모두 쓰이고 있습니다")
        await has_no_fault(song.page)
        await administration.drain_node(settings, "node-0", wanted=False)
        await song.waits()


async def by_hand(product: Product, name: str) -> asyncio.subprocess.Process:
    """A further node of this product, as an operator starts one."""
    environment = environment_of(product.data_dir, "http", "localhost", node_name=name, link_url="")
    environment |= {"IEUM_WEB_URLS": f'["{product.private_url}"]'}
    with (product.data_dir.parent / "log.jsonl").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "node", cwd=ROOT, env=environment, stdin=asyncio.subprocess.DEVNULL,
            stderr=log,
        )  # fmt: skip
