"""A room moves by plan between a node with our engine and one with a Janus, there and back: people go on talking."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signaling import moving
from signaling.errors import Code, Refused
from signaling.frames import CallOpen
from signaling.media.janus.engine import JanusEngine
from signaling.media.janus.settings import JanusProgram
from signaling.media.port import CallId, SeatId, Source, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from signaling.node import Node
from tests import calls
from tests.bots import Bot
from tests.janus import janus_engine
from tests.real_node import ClientDoor, take_offer
from tests.signalling import NODE, Person, Web, kept_facts, running_node, running_web
from tests.waiting import until

ON_JANUS = "node-1"
CALL = CallId("c1")
KIM_MIC, SONG_MIC = (track_id(SeatId(seat), Source.MIC) for seat in ("kim", "song"))


class Talker(Person):
    """A person at a browser that is a bot: another for each node, as a client makes its connections anew."""

    def __init__(self, seat: str) -> None:
        super().__init__(seat)
        self.bot = Bot(ClientDoor(self._asked))
        self._answering: asyncio.Task[None] | None = None

    async def talk(self) -> None:
        """Send a voice from now on."""
        await self.bot.close()
        self.bot = Bot(ClientDoor(self._asked))
        await self.bot.publish(Source.MIC)

    async def leave(self) -> None:
        await self.bot.close()
        await super().leave()

    async def _asked(self, event: str, **data: Any) -> dict[str, Any]:
        answer = await self.ask(event, **data)
        if not answer["ok"]:
            raise Refused(Code(answer["error"]["code"]))
        return answer

    async def _on_event(self, event: str, data: Any) -> None:
        await super()._on_event(event, data)
        if event == "down.offer":
            self._answering = asyncio.create_task(take_offer(self.bot, data))


@dataclass
class Site:
    """A node with each engine, and a web linked to both."""

    directory: Path
    stack: AsyncExitStack
    web: Web
    nodes: dict[str, Node]
    engines: dict[str, SfuEngine | JanusEngine]

    async def person(self, seat: str) -> Talker:
        came = Talker(seat)
        self.stack.push_async_callback(came.leave)
        await came.join(self.web.port)
        return came

    def move(self, to: str, epoch: int) -> None:
        """As the scheduler and a web do it when the node that has the call is drained."""
        self.web.placed = {"epoch": epoch, "moved_from": self.web.node}
        self.web.node = to
        self.web.links[to].send(CallOpen(spec=self.web.spec()))


@pytest.fixture
async def site(tmp_path: Path, janus_program: JanusProgram) -> AsyncIterator[Site]:
    now = datetime.now(UTC)
    seats = [calls.seat("kim", "host"), calls.seat("song", "guest")]
    spec = calls.spec("counselling", call=CALL, starts_at=now, ends_at=now + timedelta(hours=1), seats=seats)
    (tmp_path / "spec.json").write_text(spec.model_dump_json())
    async with AsyncExitStack() as stack:
        ours = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
        engines: dict[str, SfuEngine | JanusEngine] = {NODE: ours, ON_JANUS: await janus_engine(janus_program)}
        nodes = {
            name: await stack.enter_async_context(running_node(tmp_path, engine, name))
            for name, engine in engines.items()
        }
        web = await stack.enter_async_context(running_web(tmp_path))
        web.dial(ON_JANUS)
        web.links[ON_JANUS].start()
        for link in web.links.values():
            await link.wait_until_up(20)
        yield Site(tmp_path, stack, web, nodes, engines)


async def hear_each_other(kim: Talker, song: Talker) -> None:
    """Both send a voice, and each comes to the other."""
    for talker in (kim, song):
        await talker.talk()
    await kim.bot.want(SONG_MIC)
    await song.bot.want(KIM_MIC)
    await until(lambda: kim.bot.say() and song.bot.say() and kim.bot.heard[SONG_MIC] and song.bot.heard[KIM_MIC], 30)


async def go_on(site: Site, kim: Talker, song: Talker, to: str, epoch: int) -> None:
    """Everybody is sent to the other node, has the same seat there, and talks; the first is empty soon."""
    left = site.web.node
    site.move(to, epoch)
    await until(lambda: kim.gone and song.gone, 20)
    for person in (kim, song):
        await person.come_back(site.web.port)
    assert (CALL in site.nodes[to].calls, CALL in site.nodes[left].calls) == (True, False)
    assert song.events[0][1]["you"]["presence"] == "connected"
    assert [line["text"] for line in song.events[0][1]["chat"]] == ["안녕하세요"]
    await hear_each_other(kim, song)
    assert site.engines[to].load().seats == 2
    await until(lambda: site.engines[left].load().seats == 0, moving.LINGERS_S + 20)


async def test_people_of_a_room_go_on_talking_on_a_janus_node_and_back_on_ours(site: Site) -> None:
    kim, song = await site.person("kim"), await site.person("song")
    assert (await kim.ask("lobby.admit", seat="song"))["ok"]
    await hear_each_other(kim, song)
    assert (await song.ask("chat.send", id="a" * 32, to="all", text="안녕하세요"))["ok"]

    await go_on(site, kim, song, ON_JANUS, epoch=2)
    await go_on(site, kim, song, NODE, epoch=3)
    admissions = [fact for fact in kept_facts(site.directory) if fact["kind"] == "admitted" and fact["epoch"] > 1]
    assert admissions == [], "nobody is let in anew"
