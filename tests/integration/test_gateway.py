"""Browsers, web, link and node together: a real Socket.IO client, a real link, a real journal, the loopback engine."""

import asyncio
import importlib.metadata
import inspect
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from signaling.frames import CallClose
from signaling.node import Node
from signaling.sockets import SocketLimits
from tests import calls
from tests.signalling import Person, Web, kept_facts, running_node, running_web
from tests.waiting import until


def write_spec(directory: Path, kind: str = "counselling", **more: Any) -> None:
    now = datetime.now(UTC)
    spec = calls.spec(kind, starts_at=now, ends_at=now + timedelta(hours=1), **more)
    (directory / "spec.json").write_text(spec.model_dump_json())


class Site:
    """One node and one web, and everybody who came."""

    def __init__(self, directory: Path, node: Node, web: Web, stack: AsyncExitStack) -> None:
        self.directory, self.node, self.web, self._stack = directory, node, web, stack

    async def person(self, seat: str, **auth: Any) -> Person:
        person = Person(seat)
        self._stack.push_async_callback(person.leave)
        await person.join(self.web.port, auth or None)
        return person

    async def refused(self, **auth: Any) -> str:
        person = Person("?")
        self._stack.push_async_callback(person.leave)
        with pytest.raises(ConnectionError):
            await person.join(self.web.port, auth)
        assert person.refused is not None
        return str(person.refused["code"])


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    write_spec(tmp_path)
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(running_node(tmp_path))
        web = await stack.enter_async_context(running_web(tmp_path, SocketLimits(join_within_s=0.5)))
        yield Site(tmp_path, node, web, stack)


async def two_in_the_room(site: Site) -> tuple[Person, Person]:
    kim, song = await site.person("kim"), await site.person("song")
    assert (await kim.ask("lobby.admit", seat="song"))["ok"]
    await until(lambda: song.names().count("state") == 2)
    return kim, song


async def test_a_host_admits_a_guest_and_they_talk(site: Site) -> None:
    kim, song = await two_in_the_room(site)
    assert song.names()[0] == "state"
    assert song.last("state")["media"]["policy"] == {"codec": "VP8"}
    said = {"id": "a" * 32, "to": "all", "text": "안녕하세요"}
    assert await song.ask("chat.send", **said) == {"ok": True}
    await until(lambda: "chat.said" in kim.names())
    assert kim.last("chat.said")["line"]["text"] == "안녕하세요"
    await until(lambda: "chat_said" in [fact["kind"] for fact in kept_facts(site.directory)])


async def test_reloading_brings_back_the_same_seat_and_the_token_rotates(site: Site) -> None:
    kim, song = await two_in_the_room(site)
    first = song.resume
    await song.leave()
    await until(lambda: kim.presence_of("song") == "reconnecting")
    await song.join(site.web.port, {"resume": first})
    assert song.last("state")["you"]["presence"] == "connected"
    assert song.resume != first
    assert first is not None
    assert song.resume is not None
    assert first.rsplit(".", 1)[0] == song.resume.rsplit(".", 1)[0] == "node-0.c1.song"


async def test_the_connection_that_is_replaced_is_told_and_closed(site: Site) -> None:
    kim, song = await two_in_the_room(site)
    second = await site.person("song", resume=song.resume)
    await until(lambda: song.gone)
    assert song.last("bye") == {"code": "moved", "resume": False, "reason": None}
    assert second.last("state")["you"]["presence"] == "connected"
    assert (await kim.ask("state.get"))["seats"][1]["presence"] == "connected"


async def test_a_forwarded_link_waits_beside_the_live_seat(site: Site) -> None:
    kim, song = await two_in_the_room(site)
    stranger = await site.person("song")
    assert stranger.last("state")["you"]["claiming"] is True
    await until(lambda: any(entry["claim"] for entry in kim.last("lobby.wait")["lobby"]))
    assert (await stranger.ask("chat.send", id="b" * 32, to="all", text="?"))["error"]["code"] == "wrong_state"
    await kim.ask("seat.takeover", seat="song", agree=False)
    await until(lambda: stranger.gone)
    assert stranger.last("bye")["code"] == "denied"
    assert not song.gone


async def test_media_is_negotiated_through_the_engine_in_order(site: Site) -> None:
    kim, song = await two_in_the_room(site)
    offers = [{"neg": n, "sdp": f"offer {n}", "tracks": [{"mid": "0", "source": "mic"}]} for n in (1, 2)]
    answers = await asyncio.gather(
        *(song.ask("up.offer", **offer) for offer in offers), song.ask("up.state", mid="0", muted=True)
    )
    assert [answer["ok"] for answer in answers] == [True, True, True]
    assert [answer["neg"] for answer in answers[:2]] == [1, 2]
    await kim.ask("down.want", rev=1, tracks=[{"track": "song.mic", "max_height": 0, "visible": True}])
    await until(lambda: kim.last("state") and kim.presence_of("song") == "connected")
    view = (await kim.ask("state.get"))["seats"][1]["tracks"]
    assert view == [{"track": "song.mic", "source": "mic", "muted": True, "stalled": False}]


async def test_joins_are_refused_with_a_code(site: Site) -> None:
    await two_in_the_room(site)
    assert await site.refused(ticket="nobody") == "ticket_invalid"
    assert await site.refused(resume="node-0.c1.song.guessed") == "resume_invalid"
    assert await site.refused(resume="garbled") == "resume_invalid"
    assert await site.refused(resume="node-9.c1.song.x") == "resume_invalid"  # the call is on node-0 now
    assert await site.refused(resume="node-0.c9.song.x") == "resume_invalid"
    assert await site.refused(ticket="kim", extra=1) == "auth_required"
    assert await site.refused(ticket="kim" * 1000) == "auth_required"


async def test_whoever_resumes_on_a_lost_node_while_all_others_are_full_is_told_so(site: Site) -> None:
    site.web.full = True
    assert await site.refused(resume="node-9.c1.song.x") == "nodes_full"
    assert await site.refused(resume="node-0.c1.song.guessed") == "resume_invalid"  # its node is there: nobody is asked


@pytest.mark.parametrize(
    ("event", "data", "code"),
    [
        ("lobby.admit", {"seat": "song"}, "not_allowed"),
        ("no.such.event", {}, "unknown_event"),
        ("on_connect", {}, "unknown_event"),
        ("chat.send", {"id": "a" * 32, "to": "all", "text": "x" * 13_000}, "too_large"),
        ("chat.send", {"id": "a" * 32, "to": "all", "text": "가" * 2001}, "malformed"),
        ("chat.send", {"id": "a" * 32, "to": "all", "text": "x", "extra": 1}, "malformed"),
        ("chat.send", {"id": "a" * 32, "to": "panel", "text": "x"}, "not_allowed"),
        ("up.state", {"mid": "7", "muted": "yes"}, "malformed"),
    ],
)
async def test_a_bad_request_is_answered_with_a_code(site: Site, event: str, data: dict[str, Any], code: str) -> None:
    _, song = await two_in_the_room(site)
    assert (await song.ask(event, **data))["error"]["code"] == code
    assert (await song.ask("state.get"))["ok"]


async def test_too_many_requests_are_slowed_down(site: Site) -> None:
    _, song = await two_in_the_room(site)
    answers = await asyncio.gather(*(song.ask("hand.raise") for _ in range(80)))
    codes = {answer["error"]["code"] for answer in answers if not answer["ok"]}
    assert codes <= {"too_fast", "busy"}
    assert codes


async def test_a_flood_of_one_person_is_refused_before_it_reaches_the_call_and_others_are_answered(site: Site) -> None:
    """Control: `Allowance.spend` in the gateway (ASVS 17.3.1)."""
    kim, song = await two_in_the_room(site)
    flood = asyncio.gather(*(song.ask("chat.send", id=f"{n:032x}", to="all", text="x") for n in range(1_500)))
    slowest_s = 0.0
    while not flood.done():
        began_s = time.monotonic()
        assert (await kim.ask("state.get"))["ok"]
        slowest_s = max(slowest_s, time.monotonic() - began_s)
        await asyncio.sleep(0.1)
    assert slowest_s < 5
    taken = sum(answer["ok"] for answer in await flood)
    assert 0 < taken < 750
    await until(lambda: kim.names().count("chat.said") == taken)


async def test_ending_says_goodbye_and_is_told_to_web(site: Site) -> None:
    kim, song = await two_in_the_room(site)
    assert (await kim.ask("room.end"))["ok"]
    await until(lambda: kim.gone and song.gone)
    assert song.last("bye")["code"] == "call_ended"
    await until(lambda: kept_facts(site.directory)[-1]["kind"] in ("call_ended", "hosting"))
    await until(lambda: not site.node.calls)
    await until(lambda: list((site.directory / "journals").glob("*.journal")) == [])


async def test_the_scheduler_closes_only_an_empty_room(site: Site) -> None:
    kim, song = await two_in_the_room(site)
    site.web.say(CallClose(call="c1", epoch=1))
    assert (await kim.ask("state.get"))["room"]["phase"] == "live"
    await kim.ask("room.leave")
    await song.ask("room.leave")
    await until(lambda: not site.node.calls)


async def test_while_the_database_is_away_the_call_goes_on_and_facts_arrive_later(site: Site) -> None:
    site.web.keeping = False
    kim, song = await two_in_the_room(site)
    await song.ask("chat.send", id="c" * 32, to="all", text="그래도 됩니다")
    await until(lambda: "chat.said" in kim.names())
    assert kept_facts(site.directory) == []
    site.web.keeping = True
    await until(lambda: "chat_said" in [fact["kind"] for fact in kept_facts(site.directory)])
    kept = kept_facts(site.directory)
    assert [fact["seq"] for fact in kept] == list(range(1, len(kept) + 1))


async def test_an_outage_of_the_database_is_one_line_in_the_log_and_one_when_it_is_over(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.web.keeping = False
    await two_in_the_room(site)
    await until(lambda: site.web.refusals >= 2, 30)
    site.web.keeping = True
    await until(lambda: kept_facts(site.directory), 30)
    await until(lambda: "no longer" in caplog.text, 10)
    lines = [record for record in caplog.records if record.name == "signaling.gateway"]
    assert [line.getMessage() for line in lines] == [
        "facts and keys wait: storage_away",
        "facts and keys wait no longer",
    ]
    assert not any(line.exc_info for line in lines)


async def socket_to(web: Web, session: aiohttp.ClientSession, **headers: str) -> aiohttp.ClientWebSocketResponse:
    address = f"http://127.0.0.1:{web.port}/socket.io/?EIO=4&transport=websocket"
    return await session.ws_connect(address, headers=headers, compress=15)


async def closed(socket: aiohttp.ClientWebSocketResponse) -> bool:
    """Pings are answered meanwhile: that nobody does so is not the reason."""
    async with asyncio.timeout(20):
        while not socket.closed:
            message = await socket.receive()
            if message.type is aiohttp.WSMsgType.TEXT and message.data == "2":
                await socket.send_str("3")
    return True


async def test_a_socket_that_does_not_join_is_closed(site: Site) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await socket_to(site.web, session)
        assert await closed(socket)


@pytest.mark.parametrize("limit", [{"unjoined_per_address": 2}, {"unjoined": 2}], ids=lambda limit: min(limit))
async def test_only_so_many_sockets_of_one_address_may_be_joining(tmp_path: Path, limit: dict[str, int]) -> None:
    limits = SocketLimits(join_within_s=60, **limit)
    async with running_web(tmp_path, limits) as web, aiohttp.ClientSession() as session:
        first, _ = await socket_to(web, session), await socket_to(web, session)
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await socket_to(web, session)
        assert refused.value.status == 401
        await first.close()
        await until(lambda: web.sockets.unjoined == 1)
        await (await socket_to(web, session)).close()


async def test_hundreds_who_do_not_join_keep_nobody_out(tmp_path: Path) -> None:
    """Control: what is not joined holds no place but its own (trust row 11); 300 are held here, by one address."""
    write_spec(tmp_path)
    limits = SocketLimits(join_within_s=60, unjoined_per_address=400)
    async with (
        running_node(tmp_path),
        running_web(tmp_path, limits) as web,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        half_open = await asyncio.gather(*(socket_to(web, session) for _ in range(300)))
        assert web.sockets.unjoined == 300
        kim = Person("kim")
        async with asyncio.timeout(10):  # alone it takes a tenth of a second
            await kim.join(web.port, None)
        await kim.leave()
        await asyncio.gather(*(socket.close() for socket in half_open))


async def test_a_page_of_another_origin_cannot_connect(site: Site) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await socket_to(site.web, session, Origin="https://elsewhere.example")


async def test_compression_and_polling_are_refused(site: Site) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await socket_to(site.web, session)
        assert socket.compress == 0
        answer = await session.get(f"http://127.0.0.1:{site.web.port}/socket.io/?EIO=4&transport=polling")
        assert answer.status == 400


DEEP = '42/call,7["chat.send",' + "[" * 17 + "]" * 17 + "]"
LONG_NUMBER = '42/call,7["up.state",{"mid":"0","muted":' + "1" * 21 + "}]"


VIOLATIONS = {
    "deep": DEEP,
    "long number": LONG_NUMBER,
    "binary event": '451-/call,["x",{"_placeholder":true,"num":0}]',
    "binary answer": '461-/call,1["x"]',
    "base64": "bQUJD",
    "no event": "42/call,[]",
    "event is an object": "42/call,{}",
    "event is a number": '42/call,[1,"x"]',
    "posing as a connection": '42/call,1["connect",{"ticket":"kim"}]',
    "posing as a disconnection": '42/call,1["disconnect","x"]',
    "empty": "4",
    "no such type": "49",
    "broken": "42/call,7[",
    "a server's packet": "44/call,{}",
    "an answer never asked for": '43/call,1["x"]',
    "large": "x" * 70_000,
}


@pytest.mark.parametrize("packet", VIOLATIONS.values(), ids=VIOLATIONS)
async def test_what_breaks_the_protocol_closes_its_socket_and_no_other(site: Site, packet: str) -> None:
    kim = await site.person("kim")
    async with aiohttp.ClientSession() as session:
        socket = await socket_to(site.web, session)
        await socket.send_str("40/call," + json.dumps({"ticket": "song"}))
        while "state" not in (await socket.receive()).data:
            pass
        await socket.send_str(packet)
        assert await closed(socket)
    assert (await kim.ask("state.get"))["ok"]


TURNS = 8  # of the loop, in which one push leaves


async def test_a_browser_that_does_not_read_is_hung_up_on(site: Site) -> None:
    kim = await site.person("kim")
    async with aiohttp.ClientSession() as session:
        socket = await socket_to(site.web, session)
        await socket.send_str("40/call," + json.dumps({"ticket": "song"}))
        while "state" not in (await socket.receive()).data:
            pass
        deaf = list(site.web.gateway._by_sid.values())[-1]
        queues = [socket.queue for socket in site.web.sockets.eio.sockets.values()]
        most = 0
        for number in range(3_000 * TURNS):
            if number % TURNS == 0 and deaf.sid in site.web.gateway._by_sid:
                deaf.push("speakers", {"seats": ["x" * 10_000]})
            await asyncio.sleep(0)
            most = max(most, *(queue.qsize() for queue in queues))
        await until(lambda: len(site.web.gateway._by_sid) == 1)
    assert 1_000 < most < 1_100
    assert (await kim.ask("state.get"))["ok"]


def test_the_private_parts_of_socketio_are_those_we_know() -> None:
    changed = "python-socketio or python-engineio changed: read sockets.py again"
    versions = [importlib.metadata.version(name) for name in ("python-socketio", "python-engineio")]
    assert versions == ["5.18.1", "4.15.1"], changed
    for name in ("_handle_eio_connect", "_handle_eio_message", "_handle_connect", "_handle_eio_disconnect"):
        assert inspect.iscoroutinefunction(getattr(socketio.AsyncServer, name)), changed


async def test_binary_attachments_are_never_held(site: Site) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await socket_to(site.web, session)
        await socket.send_str("40/call," + json.dumps({"ticket": "song"}))
        while "state" not in (await socket.receive()).data:
            pass
        await socket.send_bytes(b"\0" * 1000)
        assert await closed(socket)
    assert site.web.sockets._binary_packet == {}
