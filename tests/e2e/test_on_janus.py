"""The same product, pages and people with a Janus behind them: they meet, are recorded, and survive what dies."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from server.app import administration
from server.config import Settings
from server.domain.engines import Engine
from tests.browsers import chromium
from tests.e2e.desk import Desk, at_the_desk
from tests.e2e.people import moves
from tests.e2e.product import Product, another_node, serving
from tests.e2e.rooms import Meeting, meeting, together_again
from tests.janus import PORTS
from tests.waiting import until
from tools.programs import JANUS, Program


@pytest.fixture
def settings(needs: Callable[[Program], str], janus_address: str) -> dict[str, str]:
    """What puts every room on Janus."""
    return {
        "engine": "janus",
        "janus_command": needs(JANUS),
        "janus_ports": "-".join(map(str, PORTS)),
        "media_hosts": f'["{janus_address}"]',
    }


def janus_of(product: Product) -> int:
    """The process id of the node's Janus."""
    node = product.pid_of("node")
    children = Path(f"/proc/{node}/task/{node}/children").read_text().split()
    return next(int(child) for child in children if "janus" in Path(f"/proc/{child}/comm").read_text())


async def test_two_people_meet_and_stay_together_whatever_dies(
    tmp_path: Path, settings: dict[str, str], chromium_path: str
) -> None:
    async with (
        serving(tmp_path / "var", **settings) as on_janus,
        chromium(chromium_path) as people,
        at_the_desk(on_janus, "김서연") as desk,
    ):
        room = await meeting(on_janus, people, desk, "김서연", "오민석")
        await room.seeker.page.reload()
        await together_again(room, "김서연", "오민석")
        os.kill(janus_of(on_janus), signal.SIGKILL)
        await together_again(room, "김서연", "오민석")
        await on_janus.kill("node")
        await together_again(room, "김서연", "오민석")
        await room.counsellor.leave_room("모두 끝내기")


async def test_what_was_recorded_on_janus_is_played(
    tmp_path: Path, settings: dict[str, str], chromium_path: str
) -> None:
    async with (
        serving(tmp_path / "var", **settings) as on_janus,
        chromium(chromium_path) as people,
        at_the_desk(on_janus, "박준호") as desk,
    ):
        room = await meeting(on_janus, people, desk, "박준호", "윤가람", recording=True)
        counsellor, seeker = room.counsellor, room.seeker
        await counsellor.answer_own_consent("동의합니다")
        await counsellor.press("녹화 시작")
        await seeker.sees(re.compile("녹화 중: .*윤가람"))
        await counsellor.bookmark("이력서에서 고칠 곳")
        await counsellor.leave_room("모두 끝내기")
        after = f"/api/appointments/{room.appointment}/after"
        recording = (await desk.when(after, lambda made: made["recording"]))["recording"]["id"]
        await desk.when(f"/api/recordings/{recording}", lambda made: made["status"] in ("available", "partial"))
        await counsellor.page.goto(f"{on_janus.url}/desk/recordings/{recording}")
        await counsellor.press("녹화 재생")
        await moves(counsellor.page.locator("video"))


async def test_both_kinds_of_node_serve_one_installation(
    tmp_path: Path, settings: dict[str, str], chromium_path: str
) -> None:
    async with (
        serving(tmp_path / "var") as product,
        another_node(product, "on-janus", **settings),
        chromium(chromium_path) as people,
    ):

        async def meet_on(engine: Engine, node: str, counsellor: str, name: str) -> Meeting:
            await administration.choose_engine(Settings(data_dir=product.data_dir), "한빛고용센터", "", engine)
            async with at_the_desk(product, counsellor) as desk:
                room = await meeting(product, people, desk, counsellor, name)
                assert desk.node_of(room.appointment) == node
            return room

        first = await meet_on(Engine.JANUS, "on-janus", "김서연", "오민석")
        second = await meet_on(Engine.SFU, "node-0", "박준호", "윤가람")
        await together_again(first, "김서연", "오민석")
        await together_again(second, "박준호", "윤가람")


async def until_on(desk: Desk, room: Meeting, node: str) -> None:
    await until(lambda: desk.node_of(room.appointment) == node, 60)


async def test_two_people_go_on_on_a_node_of_the_other_kind_and_back_when_theirs_is_drained(
    tmp_path: Path, settings: dict[str, str], chromium_path: str
) -> None:
    async with (
        serving(tmp_path / "var") as product,
        another_node(product, "on-janus", **settings),
        chromium(chromium_path) as people,
        at_the_desk(product, "김서연") as desk,
    ):
        installation = Settings(data_dir=product.data_dir)
        await administration.choose_engine(installation, "한빛고용센터", "", Engine.SFU)
        room = await meeting(product, people, desk, "김서연", "오민석")
        for left, to in (("node-0", "on-janus"), ("on-janus", "node-0")):
            assert desk.node_of(room.appointment) == left
            await administration.drain_node(installation, to, wanted=False)
            await administration.drain_node(installation, left, wanted=True)
            await until_on(desk, room, to)
            await together_again(room, "김서연", "오민석")
        await room.counsellor.leave_room("모두 끝내기")
