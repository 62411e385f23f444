"""Killing a web or the node (`kill -9`) in a live call: the same seats, and no fact lost or doubled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signaling.journal import read
from tests import calls
from tests.signalling import Child, Person, kept_facts
from tests.waiting import until

GRANTED = {"sound": "granted", "picture": "granted"}


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[AsyncExitStack]:
    now = datetime.now(UTC)
    seats = [calls.seat("kim", "host", consent=GRANTED), calls.seat("song", "guest"), calls.seat("bae", "guest")]
    spec = calls.spec("small_group", starts_at=now, ends_at=now + timedelta(hours=1), seats=seats)
    (tmp_path / "spec.json").write_text(spec.model_dump_json())
    async with AsyncExitStack() as stack:
        yield stack


async def child(stack: AsyncExitStack, what: str, directory: Path, port: int = 0) -> Child:
    started = await Child.start(what, directory, port)
    stack.push_async_callback(started.kill)
    return started


async def person(stack: AsyncExitStack, seat: str, port: int) -> Person:
    came = Person(seat)
    stack.push_async_callback(came.leave)
    await came.join(port)
    return came


async def underway(stack: AsyncExitStack, port: int) -> tuple[Person, Person, Person]:
    """kim and song in the room, bae in the lobby; one line said."""
    kim, song, bae = [await person(stack, seat, port) for seat in ("kim", "song", "bae")]
    assert (await kim.ask("lobby.admit", seat="song"))["ok"]
    assert (await song.ask("chat.send", id="a" * 32, to="all", text="안녕하세요"))["ok"]
    return kim, song, bae


def admissions(directory: Path) -> list[str]:
    return [fact["seat"] for fact in kept_facts(directory) if fact["kind"] == "admitted"]


def journalled(directory: Path) -> list[tuple[int, int, str]]:
    (path,) = (directory / "journals").glob("*.journal")
    return [(run, seq, fact["kind"]) for (run, seq), fact in read(path).shipped]


def kept(directory: Path) -> list[tuple[int, int, str]]:
    return sorted((fact["run"], fact["seq"], fact["kind"]) for fact in kept_facts(directory))


async def test_killing_the_node_brings_everybody_back_to_their_seats(stack: AsyncExitStack, tmp_path: Path) -> None:
    node, web = await child(stack, "node", tmp_path), await child(stack, "web", tmp_path)
    kim, song, bae = await underway(stack, web.port)
    await kim.ask("room.lock", locked=True)
    await node.kill()
    await until(lambda: kim.gone and song.gone and bae.gone)
    assert song.last("bye") == {"code": "restarting", "resume": True, "reason": None}
    await child(stack, "node", tmp_path)
    await asyncio.gather(*(one.come_back(web.port) for one in (kim, song, bae)))

    assert [one.last("state")["you"]["presence"] for one in (kim, song, bae)] == ["connected", "connected", "waiting"]
    assert kim.last("state")["you"]["hosting"] is True
    assert song.last("state")["media"]["kept"] is False
    assert [line["text"] for line in song.last("state")["chat"]] == ["안녕하세요"]
    assert song.last("state")["room"]["locked"] is True
    await until(lambda: kept(tmp_path) == journalled(tmp_path))
    assert admissions(tmp_path) == ["kim", "song"]
    assert {run for run, _, _ in kept(tmp_path)} == {1, 2}


async def test_killing_web_leaves_seats_and_media_and_facts_follow(stack: AsyncExitStack, tmp_path: Path) -> None:
    await child(stack, "node", tmp_path)
    web = await child(stack, "web", tmp_path)
    kim, song, _ = await underway(stack, web.port)
    await web.kill()
    await until(lambda: kim.gone and song.gone)
    second = await child(stack, "web", tmp_path)
    await asyncio.gather(kim.come_back(second.port), song.come_back(second.port))
    assert song.last("state")["media"]["kept"] is True
    assert song.last("state")["you"]["presence"] == "connected"
    assert [line["id"] for line in kim.last("state")["chat"]] == ["a" * 32]
    await until(lambda: kept(tmp_path) == journalled(tmp_path))
    assert admissions(tmp_path) == ["kim", "song"]


async def test_people_of_another_web_notice_nothing_when_one_web_dies(stack: AsyncExitStack, tmp_path: Path) -> None:
    await child(stack, "node", tmp_path)
    first, second = await child(stack, "web", tmp_path), await child(stack, "web", tmp_path)
    kim = await person(stack, "kim", second.port)
    song = await person(stack, "song", first.port)
    await kim.ask("lobby.admit", seat="song")
    await first.kill()
    await until(lambda: kim.presence_of("song") == "reconnecting")
    await song.come_back(second.port)
    await until(lambda: kim.presence_of("song") == "connected")
    assert not kim.gone
    await until(lambda: kept(tmp_path) == journalled(tmp_path))


async def test_a_node_that_is_killed_again_and_again_keeps_everybody(stack: AsyncExitStack, tmp_path: Path) -> None:
    node, web = await child(stack, "node", tmp_path), await child(stack, "web", tmp_path)
    kim, song, _ = await underway(stack, web.port)
    for _ in range(3):
        await node.kill()
        node = await child(stack, "node", tmp_path)
        await asyncio.gather(kim.come_back(web.port), song.come_back(web.port))
        assert song.last("state")["you"]["presence"] == "connected"
    await until(lambda: kept(tmp_path) == journalled(tmp_path))
    assert admissions(tmp_path) == ["kim", "song"]
