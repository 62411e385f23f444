"""Bad days of the whole product, with two people in a live, recorded call: the database goes, the disk is full."""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from server.domain.permissions import SystemScope
from server.storage.tables.scheduling import facts
from server.storage.unit_of_work import Database
from tests.browsers import chromium
from tests.e2e.axe import has_no_fault
from tests.e2e.desk import Desk, at_the_desk
from tests.e2e.people import WITHIN_MS, Host, Person, moves
from tests.e2e.product import Product, serving
from tests.e2e.rooms import Meeting, meeting
from tests.postgresql import Cluster, cluster
from tests.small_disk import a_small_disk
from tests.waiting import until
from tools.programs import POSTGRESQL, Program

AWAY_S = 60.0
PLAYABLE = ("available", "partial")


@pytest.fixture
def postgresql(needs: Callable[[Program], str]) -> Iterator[Cluster]:
    """A cluster of its own, for it is going to be stopped."""
    with cluster(needs(POSTGRESQL)) as found:
        found.create("ieum")
        yield found


@contextmanager
def stopped(database: Cluster) -> Iterator[None]:
    """Away at once, without a word to whoever is connected; and back."""
    database.stop()
    try:
        yield
    finally:
        database.start()


@asynccontextmanager
async def recorded_call(product: Product, browser: Browser, desk: Desk, name: str) -> AsyncIterator[Meeting]:
    """Kim and this seeker in a call that is being recorded; at the end it is over for both."""
    room = await meeting(product, browser, desk, "김서연", name, recording=True)
    await room.counsellor.answer_own_consent("동의합니다")
    await room.counsellor.press("녹화 시작")
    await room.seeker.sees(re.compile(f"녹화 중: .*{name}"))
    yield room
    await room.counsellor.leave_room("모두 끝내기")
    await room.seeker.sees("상담에 참여해 주셔서 고맙습니다")


async def say(person: Person, text: str) -> None:
    """Write to everybody in the call."""
    await open_chat(person)
    await person.page.get_by_label("모두에게 쓰기").fill(text)
    await person.press("보내기")


async def reads(person: Person, text: str) -> None:
    """Wait until this was said."""
    await open_chat(person)
    await person.sees(text)


async def open_chat(person: Person) -> None:
    """With the chat beside the faces."""
    if await person.page.get_by_label("모두에게 쓰기").count() == 0:
        await person.press(re.compile("^채팅"))
        await person.page.get_by_label("모두에게 쓰기").wait_for(timeout=WITHIN_MS)


async def play(room: Meeting, product: Product, desk: Desk) -> str:
    """The status of the recording once it is made; its picture has moved in the counsellor's browser."""
    after = await desk.when(f"/api/appointments/{room.appointment}/after", lambda made: made["recording"])
    path = f"/api/recordings/{after['recording']['id']}"
    made = await desk.when(path, lambda made: made["status"] in PLAYABLE, within_s=300)
    await room.counsellor.page.goto(f"{product.url}/desk/recordings/{after['recording']['id']}")
    await room.counsellor.press("녹화 재생")
    await moves(room.counsellor.page.locator("video"))
    return str(made["status"])


async def kept_facts(url: str) -> list[tuple[str, int, int, int, str]]:
    """Every fact in the database."""
    database = Database(url)
    async with database.read(SystemScope("test")) as uow:
        rows = (await uow.execute(facts.select())).all()
    await database.close()
    return sorted((row.call_id, row.epoch, row.run, row.seq, row.kind) for row in rows)


def journalled(data_dir: Path) -> list[tuple[str, int, int, int, str]]:
    """Every fact that nodes have written down to be told, from the lines of their journals."""
    told = []
    for path in (data_dir / "journals").glob("*/*.journal"):
        call, epoch = path.stem.rsplit(".", 1)
        for line in path.read_text().splitlines():
            said = json.loads(line.partition(" ")[2])
            if "seq" in said:
                told.append((call, int(epoch), said["run"], said["seq"], said["fact"]["kind"]))
    return sorted(told)


async def status_of(product: Product, path: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{product.url}{path}") as answer:
        return answer.status


async def test_a_call_goes_on_while_the_database_is_away_and_every_fact_is_kept_once(
    tmp_path: Path, chromium_path: str, postgresql: Cluster
) -> None:
    url = postgresql.url("ieum")
    async with (
        serving(tmp_path / "var", database_url=url) as product,
        chromium(chromium_path) as browser,
        at_the_desk(product, "김서연") as desk,
    ):
        async with recorded_call(product, browser, desk, "강하루") as room:
            kim, kang = room.counsellor, room.seeker
            with stopped(postgresql):
                away_since = time.monotonic()
                await say(kang, "들리세요")
                await reads(kim, "들리세요")
                await the_desk_says_so(kim, product)
                await kang.page.reload()
                await kang.sees_moving("김서연")
                await kim.page.reload()
                await kim.sees_moving("강하루")
                await say(kim, "계속합니다")
                await reads(kang, "계속합니다")
                await expect(kim.page.get_by_text("님이 기다리고 있습니다")).to_have_count(0)
                await until(lambda: time.monotonic() - away_since > AWAY_S, within_s=2 * AWAY_S)  # how long it is away
                await kim.sees_moving("강하루")
                await kang.sees_moving("김서연")
            told = await told_everything(product, url)
            assert [fact[4] for fact in told].count("chat_said") == 2
            assert [fact[4] for fact in told].count("admitted") == 2  # each of them once, before the database went
            log = (tmp_path / "log.jsonl").read_text()
            assert log.count("facts and keys wait: storage_away") == log.count("facts and keys wait no longer") == 1
            assert "a node's frame was not handled" not in log
        assert await play(room, product, desk) == "available"


STOPPED = "녹화에 문제가 생겨 멈췄습니다. 대화는 계속됩니다."
MB = 1_000_000
TOLD_WITHIN_S = 10.0


def fill(disk: Path, leave_bytes: int) -> Path:
    """Take all space of this disk but so much."""
    found = os.statvfs(disk)
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, found.f_bavail * found.f_frsize - leave_bytes)
    return ballast


async def test_a_full_disk_stops_the_recording_with_a_notice_to_all_and_never_the_call(
    tmp_path: Path, chromium_path: str
) -> None:
    data_dir = tmp_path / "var"
    data_dir.mkdir(mode=0o700)
    with a_small_disk(data_dir / "spool", "size=64m,mode=0700") as disk:
        limits = {"spool_refuse_below_mb": "16", "spool_stop_below_mb": "8"}
        async with (
            serving(data_dir, **limits) as product,
            chromium(chromium_path) as browser,
            at_the_desk(product, "김서연") as desk,
        ):
            async with recorded_call(product, browser, desk, "서이든") as room:
                kim, seo = room.counsellor, room.seeker
                await until(lambda: sum(path.stat().st_size for path in disk.glob("*/*.spool")) > MB)
                ballast = fill(disk, 4 * MB)
                filled_at = time.monotonic()
                await asyncio.gather(kim.sees(STOPPED), seo.sees(STOPPED))
                assert time.monotonic() - filled_at < TOLD_WITHIN_S
                await until(lambda: not list(disk.glob("*/*.spool")))  # nothing is written, what was is handed over
                await kim.sees_moving("서이든")
                await seo.sees_moving("김서연")
                await say(seo, "아직 들려요")
                await reads(kim, "아직 들려요")
                ballast.unlink()
            assert await play(room, product, desk) == "partial"
            await room.counsellor.sees("저장 공간에 문제가 생겨 녹화가 중간에 멈췄습니다.")


async def the_desk_says_so(kim: Host, product: Product) -> None:
    """A page that was open in another tab, loaded now; and what machines are answered."""
    tab = Host(await kim.page.context.new_page())
    await tab.page.goto(f"{product.url}/desk")
    await tab.sees("지금 저장소에 연결할 수 없습니다. 진행 중인 상담은 계속됩니다.")
    await has_no_fault(tab.page)
    await tab.page.close()
    assert await status_of(product, "/api/session") in (401, 503)
    assert await status_of(product, "/health/ready") == 503
    assert await status_of(product, "/health/live") == 200


async def told_everything(product: Product, url: str) -> list[tuple[str, int, int, int, str]]:
    """The facts of the live call once all that was journalled is in the database: the same, and none twice."""
    async with asyncio.timeout(90):
        while await kept_facts(url) != journalled(product.data_dir):
            await asyncio.sleep(0.5)
    return journalled(product.data_dir)
