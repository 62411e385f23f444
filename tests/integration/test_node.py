"""A node spoken to over its link: calls opened and replaced, recording with real recorders, keys, sample guests."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from recordings.packetise import RtpStream
from signaling.frames import (
    AnyFrame,
    CallClose,
    CallKeys,
    CallOpen,
    ConnClose,
    ConnEvent,
    ConnKick,
    ConnOpen,
    ConnOpened,
    ConnPush,
    ConnRefused,
    ConnReply,
    Facts,
    FactsAck,
    KeysWanted,
)
from signaling.journal import read
from signaling.link import LinkClient
from signaling.media.loopback_engine import LoopbackEngine
from signaling.media.port import CallId, EngineListener, SeatId, Source, TrackId
from signaling.node import Node
from tests import calls
from tests.recording_node import keys
from tests.signalling import NODE, SECRET, running_node
from tests.waiting import until

GRANTED = {"sound": "granted", "picture": "granted"}


def spec(kind: str = "counselling", **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    seats = [calls.seat("kim", "host", consent=GRANTED), calls.seat("song", "guest")]
    opened = calls.spec(kind, starts_at=now, ends_at=now + timedelta(hours=1), **{"seats": seats, **more})
    return dict(json.loads(opened.model_dump_json()))


def data_keys(count: int) -> list[dict[str, str]]:
    return [
        {"id": key.id, "plain": b64encode(key.plain).decode(), "wrapped": b64encode(key.wrapped).decode()}
        for key in keys(count)
    ]


class Wire:
    """A web's end of a link, played by the test; keeps and acknowledges facts."""

    def __init__(self, url: str) -> None:
        self.frames: list[AnyFrame] = []
        self.facts: list[dict[str, Any]] = []
        self.link = LinkClient(NODE, url, SECRET, "web-t", self)

    def node_said(self, node: str, frame: AnyFrame) -> None:
        self.frames.append(frame)
        if isinstance(frame, Facts):
            self.facts += frame.facts
            last = frame.facts[-1]
            self.link.send(FactsAck(call=frame.call, epoch=frame.epoch, run=last["run"], seq=last["seq"]))

    def node_lost(self, node: str) -> None:
        pass

    async def seen(self, kind: type[AnyFrame], check: Callable[[Any], object] = bool) -> Any:
        await until(lambda: any(isinstance(frame, kind) and check(frame) for frame in self.frames))
        return next(frame for frame in reversed(self.frames) if isinstance(frame, kind) and check(frame))

    async def enter(self, conn: str, seat: str) -> None:
        self.link.send(ConnOpen(conn=conn, call="c1", seat=seat, via="ticket"))
        await self.seen(ConnOpened, lambda frame: frame.conn == conn)

    async def ask(self, conn: str, number: int, event: str, **data: Any) -> dict[str, Any]:
        self.link.send(ConnEvent(conn=conn, id=number, event=event, data=data))
        answered = await self.seen(ConnReply, lambda frame: (frame.conn, frame.id) == (conn, number))
        return dict(answered.reply)

    def kinds(self) -> list[str]:
        return [str(fact["kind"]) for fact in self.facts]


@asynccontextmanager
async def wired(directory: Path) -> AsyncIterator[Wire]:
    wire = Wire(f"unix:{directory / f'{NODE}.sock'}")
    wire.link.start()
    await wire.link.wait_until_up(20)
    yield wire
    await wire.link.close()


@pytest.fixture
async def engine() -> LoopbackEngine:
    return LoopbackEngine()


@pytest.fixture
async def node(tmp_path: Path, engine: LoopbackEngine) -> AsyncIterator[Node]:
    async with running_node(tmp_path, engine) as node:
        yield node


@pytest.fixture
async def wire(tmp_path: Path, node: Node) -> AsyncIterator[Wire]:
    async with wired(tmp_path) as wire:
        yield wire


def speak(engine: LoopbackEngine, seat: str, packets: int = 50) -> None:
    stream = RtpStream(7, 111)
    for number in range(packets):
        engine.client(CallId("c1"), SeatId(seat)).send(Source.MIC, stream.opus(b"voice", number * 960))


async def record_both(wire: Wire, engine: LoopbackEngine) -> None:
    """kim and song in the room and sending; kim has agreed, song has not answered; recording is on."""
    await wire.enter("k", "kim")
    await wire.enter("s", "song")
    assert (await wire.ask("k", 1, "lobby.admit", seat="song"))["ok"]
    for conn in ("k", "s"):
        offer = {"neg": 1, "sdp": "v=0", "tracks": [{"mid": "0", "source": "mic"}]}
        assert (await wire.ask(conn, 2, "up.offer", **offer))["ok"]
    assert (await wire.ask("k", 3, "recording.request", action="start"))["ok"]
    speak(engine, "kim")
    speak(engine, "song")


async def test_a_recorded_call_leaves_exactly_the_parts_of_who_agreed(wire: Wire, engine: LoopbackEngine) -> None:
    wire.link.send(CallOpen(spec=spec(keys=data_keys(8))))
    await record_both(wire, engine)
    assert (await wire.ask("k", 4, "room.end"))["ok"]
    await until(lambda: "recording_sealed" in wire.kinds())
    parts = [fact["part"] for fact in wire.facts if fact["kind"] == "part_stored"]
    assert [part["track"] for part in parts] == ["kim.mic"]
    assert wire.kinds()[-1] == "recording_sealed"
    assert [fact["seq"] for fact in wire.facts] == list(range(1, len(wire.facts) + 1))


async def test_without_keys_writing_begins_when_web_brings_them(wire: Wire, engine: LoopbackEngine) -> None:
    wire.link.send(CallOpen(spec=spec()))
    await record_both(wire, engine)
    wanted = await wire.seen(KeysWanted)
    assert (wanted.call, wanted.count) == ("c1", 48)
    wire.link.send(CallKeys(call="c1", keys=data_keys(4)))
    assert (await wire.ask("k", 4, "state.get"))["recording"]["status"] == "recording"
    speak(engine, "kim")
    assert (await wire.ask("k", 5, "room.end"))["ok"]
    await until(lambda: "recording_sealed" in wire.kinds())
    assert "part_stored" in wire.kinds()


async def test_after_a_restart_the_node_asks_for_keys_and_records_on_with_a_gap(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        engine = LoopbackEngine()
        await stack.enter_async_context(running_node(tmp_path, engine))
        first = await stack.enter_async_context(wired(tmp_path))
        first.link.send(CallOpen(spec=spec(keys=data_keys(8))))
        await record_both(first, engine)
        await until(lambda: "recording_started" in first.kinds())
    engine = LoopbackEngine()
    async with running_node(tmp_path, engine), wired(tmp_path) as wire:
        await wire.seen(KeysWanted)
        wire.link.send(CallKeys(call="c1", keys=data_keys(4)))
        await wire.enter("k", "kim")
        assert (await wire.ask("k", 1, "up.offer", neg=1, sdp="v=0", tracks=[{"mid": "0", "source": "mic"}]))["ok"]
        speak(engine, "kim")
        assert (await wire.ask("k", 2, "room.end"))["ok"]
        await until(lambda: "recording_sealed" in wire.kinds())
        assert {"recording_gap", "part_stored"} <= set(wire.kinds())
        gap = next(fact for fact in wire.facts if fact["kind"] == "recording_gap")
        assert (gap["cause"], gap["run"]) == ("node_restarted", 2)
        assert gap["from"] <= gap["to"]


async def test_withdrawing_stops_the_recorder_within_the_same_breath(wire: Wire, engine: LoopbackEngine) -> None:
    wire.link.send(CallOpen(spec=spec(keys=data_keys(8))))
    await record_both(wire, engine)
    refused = {"item": "sound", "answer": "refused", "text_version": "v1", "lang": "ko"}
    assert (await wire.ask("k", 4, "consent.answer", **refused))["ok"]
    await until(lambda: "recording_changed" in wire.kinds())
    changed = next(fact for fact in wire.facts if fact["kind"] == "recording_changed")
    assert changed["tracks"] == ["kim.camera", "kim.screen"]


async def test_opening_a_call_again_changes_it_and_an_older_epoch_does_not(wire: Wire, node: Node) -> None:
    wire.link.send(CallOpen(spec=spec()))
    await wire.enter("k", "kim")
    wire.link.send(CallOpen(spec=spec(title="새 제목")))
    wire.link.send(CallOpen(spec=spec(title="옛 제목", epoch=0)))
    await wire.seen(ConnPush, lambda frame: frame.event == "room.state" and frame.data["room"]["title"] == "새 제목")
    assert (await wire.ask("k", 1, "state.get"))["room"]["title"] == "새 제목"
    assert node.calls[CallId("c1")].state.spec.epoch == 1


async def test_a_higher_epoch_ends_the_call_before_and_begins_anew(wire: Wire, node: Node, tmp_path: Path) -> None:
    wire.link.send(CallOpen(spec=spec()))
    await wire.enter("k", "kim")
    wire.link.send(CallOpen(spec=spec(epoch=2)))
    kicked = await wire.seen(ConnKick)
    assert (kicked.conn, kicked.bye["code"]) == ("k", "call_ended")
    await until(lambda: CallId("c1") in node.calls and node.calls[CallId("c1")].state.spec.epoch == 2)
    await wire.enter("k2", "kim")
    ended = next(fact for fact in wire.facts if fact["kind"] == "call_ended")
    assert (ended["epoch"], ended["cause"]) == (1, "replaced")
    await until(lambda: [path.name for path in (tmp_path / "journals").glob("*.journal")] == ["c1.2.journal"])


async def test_the_journal_of_another_version_is_read_and_a_broken_spec_is_refused(wire: Wire, node: Node) -> None:
    wire.link.send(CallOpen(spec={**spec(), "from_the_future": 1, "consent": {"items": [{"item": "smell"}]}}))
    await wire.enter("k", "kim")
    wire.link.send(CallOpen(spec={"call": "c2"}))
    wire.link.send(ConnOpen(conn="x", call="c2", seat="kim", via="ticket"))
    refused = await wire.seen(ConnRefused)
    assert refused.code == "unknown_call"
    assert set(node.calls) == {CallId("c1")}


async def test_when_a_web_hangs_up_its_people_are_reconnecting(wire: Wire, node: Node, tmp_path: Path) -> None:
    wire.link.send(CallOpen(spec=spec()))
    async with wired(tmp_path) as other:
        await other.enter("k", "kim")
    await until(lambda: node.calls[CallId("c1")].state.seating[SeatId("kim")].presence == "reconnecting")


async def test_facts_wait_in_the_journal_while_no_web_is_there(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running_node(tmp_path))
        async with wired(tmp_path) as wire:
            wire.link.send(CallOpen(spec=spec()))
            await wire.enter("k", "kim")
            await until(lambda: "presence" in wire.kinds())
        path = tmp_path / "journals" / "c1.1.journal"
        await until(lambda: '"reconnecting"' in path.read_text())
        await asyncio.to_thread(path.read_bytes)
        async with wired(tmp_path) as later:
            await until(lambda: "presence" in later.kinds())
            assert [fact["state"] for fact in later.facts if fact["kind"] == "presence"] == ["reconnecting"]
            await until(lambda: read(path).unacked == [])


class HeardEngine(LoopbackEngine):
    """Through its listener a test says what an engine with a network would."""

    listener: EngineListener

    def listen(self, call: CallId, listener: EngineListener) -> None:
        self.listener = listener
        super().listen(call, listener)


async def test_who_comes_back_is_told_again_what_it_may_send_and_what_it_has_not_answered(tmp_path: Path) -> None:
    engine, song = HeardEngine(), SeatId("song")
    async with running_node(tmp_path, engine), wired(tmp_path) as wire:
        wire.link.send(CallOpen(spec=spec()))
        await record_both(wire, engine)
        state = await wire.seen(ConnPush, lambda push: (push.conn, push.event) == ("s", "state"))
        wire.link.send(ConnClose(conn="s"))
        wanted = {"track": "song.mic", "max_height": 0, "visible": True}
        assert (await wire.ask("k", 8, "down.want", rev=1, tracks=[wanted]))["ok"], "by now the node knows"
        engine.listener.up_limit(CallId("c1"), song, "0", 40_000, 0, ())
        engine.listener.pictures_paused(CallId("c1"), song, [TrackId("kim.camera")])
        engine.listener.down_offer(CallId("c1"), song, 4, "v=0", [])
        token = state.data["resume"].rpartition(".")[2]
        wire.link.send(ConnOpen(conn="s2", call="c1", seat="song", via="resume", token=token))
        await wire.seen(ConnPush, lambda push: (push.conn, push.event) == ("s2", "down.offer"))
        told = [
            (frame.event, frame.data) for frame in wire.frames if isinstance(frame, ConnPush) and frame.conn == "s2"
        ]
        assert [event for event, _ in told] == ["state", "up.limit", "down.paused", "down.offer"]
        assert (told[0][1]["media"]["kept"], told[1][1]["max_bitrate_bps"], told[3][1]["neg"]) == (True, 40_000, 4)


async def test_a_late_opening_does_not_begin_a_finished_call_anew(wire: Wire, node: Node) -> None:
    wire.link.send(CallOpen(spec=spec()))
    await wire.enter("k", "kim")
    assert (await wire.ask("k", 1, "room.end"))["ok"]
    await until(lambda: not node.calls)
    wire.link.send(CallOpen(spec=spec()))
    wire.link.send(ConnOpen(conn="late", call="c1", seat="kim", via="ticket"))
    assert (await wire.seen(ConnRefused)).code == "unknown_call"


async def test_a_frame_that_cannot_be_handled_leaves_the_link_up(wire: Wire) -> None:
    wire.link.send(CallOpen(spec=spec()))
    wire.link.send(CallKeys(call="c1", keys=[{"id": "k", "plain": 7}]))
    await wire.enter("k", "kim")
    assert wire.link.up


async def test_a_cancelled_call_tells_who_waits_and_ends_with_its_recording_when_the_last_one_leaves(
    wire: Wire, node: Node, engine: LoopbackEngine
) -> None:
    seats = [calls.seat("kim", "host", consent=GRANTED), calls.seat("song", "guest"), calls.seat("jung", "guest")]
    wire.link.send(CallOpen(spec=spec(keys=data_keys(8), seats=seats)))
    await record_both(wire, engine)
    await wire.enter("j", "jung")
    wire.link.send(CallClose(call="c1", epoch=1))
    sent_away = await wire.seen(ConnKick, lambda frame: frame.conn == "j")
    assert sent_away.bye["code"] == "call_ended"
    assert (await wire.ask("k", 5, "state.get"))["ok"]
    for number, conn in enumerate(("k", "s"), 6):
        await wire.ask(conn, number, "room.leave")
    await until(lambda: {"call_ended", "recording_sealed"} <= set(wire.kinds()))
    await until(lambda: not node.calls)


async def test_a_close_of_an_older_placement_does_not_close_the_next(wire: Wire, node: Node) -> None:
    wire.link.send(CallClose(call="c1", epoch=1))
    wire.link.send(CallOpen(spec=spec(epoch=2)))
    wire.link.send(CallClose(call="c1", epoch=1))
    await wire.enter("s", "song")
    await wire.enter("k", "kim")
    assert (await wire.ask("k", 1, "lobby.admit", seat="song"))["ok"]


async def test_an_order_to_open_that_comes_after_the_one_to_close_opens_nothing(wire: Wire, node: Node) -> None:
    wire.link.send(CallClose(call="c1", epoch=1))
    wire.link.send(CallOpen(spec=spec()))
    await until(lambda: "call_ended" in wire.kinds())
    await until(lambda: not node.calls)
