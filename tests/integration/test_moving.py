"""A call moves to another node by plan: same seats, same talk, same recording, and nobody is let in anew."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recordings.packetise import RtpStream
from signaling import moving
from signaling.frames import CallOpen
from signaling.media.loopback_engine import LoopbackEngine
from signaling.media.port import CallId, SeatId, Source
from signaling.node import Node
from tests import calls
from tests.signalling import NODE, Person, Web, kept_facts, running_node, running_web
from tests.waiting import until

NEXT = "node-1"
GRANTED = {"sound": "granted", "picture": "granted"}
CALL = CallId("c1")


@dataclass
class Site:
    """Two nodes and a web linked to both."""

    directory: Path
    stack: AsyncExitStack
    web: Web
    nodes: dict[str, Node]
    engines: dict[str, LoopbackEngine]
    full: set[str] = field(default_factory=set)

    async def person(self, seat: str) -> Person:
        came = Person(seat)
        self.stack.push_async_callback(came.leave)
        await came.join(self.web.port)
        return came

    def move(self, epoch: int = 2, **more: Any) -> None:
        """As the scheduler and a web do it."""
        self.web.placed = {"epoch": epoch, "moved_from": NODE, **more}
        self.web.node = NEXT
        self.web.links[NEXT].send(CallOpen(spec=self.web.spec()))


def room_at(name: str, full: set[str]) -> Callable[[bool], bool]:
    return lambda running: name not in full


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    now = datetime.now(UTC)
    seats = [calls.seat("kim", "host", consent=GRANTED), calls.seat("song", "guest", consent=GRANTED)]
    recording = {"allowed": True, "id": "c1"}
    spec = calls.spec(
        "counselling", call="c1", starts_at=now, ends_at=now + timedelta(hours=1), seats=seats, recording=recording
    )
    (tmp_path / "spec.json").write_text(spec.model_dump_json())
    async with AsyncExitStack() as stack:
        engines = {name: LoopbackEngine() for name in (NODE, NEXT)}
        full: set[str] = set()
        nodes = {
            name: await stack.enter_async_context(running_node(tmp_path, engine, name, room_at(name, full)))
            for name, engine in engines.items()
        }
        web = await stack.enter_async_context(running_web(tmp_path))
        web.dial(NEXT)
        web.links[NEXT].start()
        for link in web.links.values():
            await link.wait_until_up(20)
        yield Site(tmp_path, stack, web, nodes, engines, full)


async def talking(site: Site) -> tuple[Person, Person]:
    """kim and song in the room; one line said."""
    kim, song = await site.person("kim"), await site.person("song")
    assert (await kim.ask("lobby.admit", seat="song"))["ok"]
    assert (await song.ask("chat.send", id="a" * 32, to="all", text="안녕하세요"))["ok"]
    return kim, song


def facts(site: Site, epoch: int) -> list[dict[str, Any]]:
    return [fact for fact in kept_facts(site.directory) if fact["epoch"] == epoch]


async def test_everybody_is_back_in_the_same_seat_without_a_new_admission(site: Site) -> None:
    kim, song = await talking(site)
    site.move()
    await until(lambda: kim.gone and song.gone)
    assert kim.events[-1] == ("bye", {"code": "restarting", "resume": True, "reason": None})
    for person in (kim, song):
        await person.come_back(site.web.port)  # with a token that names the first node
    assert CALL in site.nodes[NEXT].calls
    assert CALL not in site.nodes[NODE].calls
    state = song.events[0][1]
    assert state["you"]["presence"] == "connected"
    assert [line["text"] for line in state["chat"]] == ["안녕하세요"]
    assert str(song.resume).startswith(NEXT)
    assert [fact for fact in facts(site, 2) if fact["kind"] == "admitted"] == []


async def test_the_history_is_shipped_once_by_the_node_that_decided_it(site: Site) -> None:
    kim, _ = await talking(site)
    site.move()
    await until(lambda: kim.gone)
    await kim.come_back(site.web.port)
    await until(lambda: any(fact["kind"] == "call_ended" for fact in facts(site, 1)))
    await until(lambda: bool(facts(site, 2)))
    assert len([fact for fact in kept_facts(site.directory) if fact["kind"] == "chat_said"]) == 1
    (ended,) = [fact for fact in kept_facts(site.directory) if fact["kind"] == "call_ended"]
    assert (ended["epoch"], ended["goes_on"]) == (1, True)


async def test_a_recording_goes_on_in_the_next_epoch_and_the_first_is_handed_over(site: Site) -> None:
    kim, _ = await talking(site)
    site.web.keys = [{"id": f"k{n}", "plain": "A" * 43 + "=", "wrapped": "d3JhcHBlZA=="} for n in range(8)]
    assert (await kim.ask("up.offer", neg=1, sdp="v=0", tracks=[{"mid": "0", "source": "mic"}]))["ok"]
    assert (await kim.ask("recording.request", action="start"))["ok"]
    stream = RtpStream(7, 111)
    for number in range(50):
        site.engines[NODE].client(CALL, SeatId("kim")).send(Source.MIC, stream.opus(b"voice", number * 960))
    site.move()
    await until(lambda: kim.gone)
    await kim.come_back(site.web.port)
    assert kim.events[0][1]["recording"]["status"] == "recording"
    await until(lambda: any(fact["kind"] == "recording_sealed" for fact in facts(site, 1)))
    assert not [fact for fact in kept_facts(site.directory) if fact["kind"] == "recording_stopped"]
    assert [fact["kind"] for fact in facts(site, 2) if fact["kind"].startswith("recording")] == ["recording_gap"]


async def test_media_flow_on_at_the_first_node_while_people_connect_to_the_next(site: Site) -> None:
    kim, _ = await talking(site)
    site.move()
    await until(lambda: kim.gone)
    assert site.engines[NODE].load().seats == 2
    await until(lambda: site.engines[NODE].load().seats == 0, moving.LINGERS_S + 20)


async def test_a_full_node_refuses_and_the_call_stays_whole_where_it_is(site: Site) -> None:
    _kim, song = await talking(site)
    site.full.add(NEXT)
    site.move()
    await until(lambda: site.web.refused == [(NEXT, "c1", 2)])
    assert CALL in site.nodes[NODE].calls
    assert (await song.ask("chat.send", id="b" * 32, to="all", text="아직 있어요"))["ok"]


async def test_whoever_comes_to_a_full_node_is_told_that_and_to_try_again(site: Site) -> None:
    site.full.add(NODE)
    came = Person("kim")
    with pytest.raises(ConnectionError):
        await came.join(site.web.port)
    assert came.refused is not None
    assert came.refused["code"] == "nodes_full"
    assert site.web.refused == [(NODE, "c1", 1)]
    site.full.clear()
    await site.person("kim")


async def test_a_call_that_nobody_hands_over_begins_anew_after_a_while(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "HISTORY_WITHIN_S", 0.5)
    site.move(moved_from="node-lost")
    await until(lambda: CALL in site.nodes[NEXT].calls)


async def test_whoever_has_a_fresh_ticket_meanwhile_comes_to_the_next_node(site: Site) -> None:
    await talking(site)
    site.move()
    await until(lambda: CALL in site.nodes[NEXT].calls)
    late = await site.person("kim")
    assert late.events[0][1]["you"]["seat"] == "kim"


async def test_a_node_that_is_left_says_when_it_is_empty(site: Site) -> None:
    await talking(site)
    await until(lambda: not site.nodes[NODE]._empty.is_set())
    site.move()
    await site.nodes[NODE].emptied()
    assert CALL in site.nodes[NEXT].calls
