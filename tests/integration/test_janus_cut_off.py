"""A node that cannot reach its Janus for a moment: who was to be cut is cut, and what nobody wants is ended."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from signaling.errors import Unavailable
from signaling.media.janus import client
from signaling.media.janus.engine import JanusEngine
from signaling.media.janus.settings import JanusDoor, JanusProgram
from signaling.media.port import CallId
from tests.bots import Bot, Ear
from tests.engine_room import ANNA_MIC, BERTA, CALL, CARLA, Heard, Room
from tests.janus import conversation, janus_engine, rooms, running, until_rooms
from tests.janus_wire import Wire, Wired
from tests.waiting import until

OTHER = CallId("call2")


@pytest.fixture
async def wired(
    stack: AsyncExitStack, janus_program: JanusProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Wired:
    """A node whose link to somebody else's Janus is in our hands, and that gives up soon."""
    monkeypatch.setattr(client, "REQUEST_WITHIN_S", 0.5)
    process = await running(stack, janus_program)
    wire = await stack.enter_async_context(Wire(process.door.socket or Path(), tmp_path / "wire"))
    engine = await janus_engine(JanusDoor(process.door.secret, socket=wire.at))
    return Wired(process, wire, engine)


async def begin(engine: JanusEngine, call: CallId) -> None:
    """Give a call its room on Janus."""
    engine.listen(call, Ear())
    await engine.admit(call, BERTA)
    await engine.want(call, BERTA, [])


async def only_who_is_there_hears(room: Room, speaker: Bot, removed: Bot) -> None:
    """Somebody who comes now hears the speaker well, and who was removed hears nothing of it."""
    carla = await room.enter(CARLA)
    await carla.want(ANNA_MIC)
    await room.talk_until_heard(speaker, carla)
    before = removed.heard[ANNA_MIC]
    await until(lambda: speaker.say() and carla.heard[ANNA_MIC] > 20)
    assert removed.heard[ANNA_MIC] == before


async def test_a_connection_to_janus_that_breaks_is_made_again_and_nobody_notices(
    stack: AsyncExitStack, wired: Wired
) -> None:
    room, anna, berta = await conversation(stack, wired.engine)
    wired.wire.cut()
    await room.talk_until_heard(anna, berta)
    carla = await room.enter(CARLA)
    await carla.want(ANNA_MIC)
    await room.talk_until_heard(anna, carla)
    assert room.ear.resets == []
    assert room.ear.unpublished == []


async def test_who_is_removed_while_janus_cannot_be_reached_hears_nothing_once_it_can(
    stack: AsyncExitStack, wired: Wired
) -> None:
    room, anna, berta = await conversation(stack, wired.engine)
    await wired.while_cut(room.engine.release(CALL, BERTA))
    await only_who_is_there_hears(room, anna, berta)


async def test_who_is_removed_while_the_connection_to_janus_breaks_hears_nothing_once_it_is_made_again(
    stack: AsyncExitStack, wired: Wired
) -> None:
    room, anna, berta = await conversation(stack, wired.engine)
    await wired.while_it_breaks(wired.engine.release(CALL, BERTA))
    await only_who_is_there_hears(room, anna, berta)


async def test_a_room_that_ends_while_janus_cannot_be_reached_is_ended_there_once_it_can_and_no_other(
    stack: AsyncExitStack, wired: Wired
) -> None:
    room, anna, berta = await conversation(stack, wired.engine)
    await begin(wired.engine, OTHER)
    assert await rooms(wired.process.door) == 2
    await wired.while_cut(wired.engine.close_call(OTHER))
    await until_rooms(wired.process.door, 1)
    await room.talk_until_heard(anna, berta)
    assert room.ear.resets == []


async def test_a_room_that_is_made_too_late_for_who_asked_is_ended(stack: AsyncExitStack, wired: Wired) -> None:
    room, anna, berta = await conversation(stack, wired.engine)
    with wired.silent(), pytest.raises(Unavailable):
        await begin(wired.engine, OTHER)
    await until(lambda: wired.wire.heard.count(b'"created"') == 2)
    await until_rooms(wired.process.door, 1)
    await begin(wired.engine, OTHER)
    assert await rooms(wired.process.door) == 2
    await room.talk_until_heard(anna, berta)


async def test_a_handle_that_comes_too_late_for_who_asked_is_detached(stack: AsyncExitStack, wired: Wired) -> None:
    stack.push_async_callback(wired.engine.close)
    with wired.silent(), pytest.raises(Unavailable):
        await wired.engine.attach_handle()
    await until(lambda: b'"detached"' in wired.wire.heard)


async def test_a_tap_hears_from_when_janus_was_reached_and_not_from_when_it_was_attached(
    stack: AsyncExitStack, wired: Wired
) -> None:
    assert not wired.engine.capabilities.taps_at_once
    room, anna, berta = await conversation(stack, wired.engine)
    tap, before = Heard(), berta.heard[ANNA_MIC]
    wired.wire.loses = True
    room.engine.attach(CALL, tap)
    await until(lambda: anna.say() and wired.wire.lost and berta.heard[ANNA_MIC] > before + 20)
    assert tap.packets == []
    wired.wire.loses = False
    wired.wire.cut()
    await until(lambda: anna.say() and tap.packets)
