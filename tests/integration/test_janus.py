"""A Janus that dies, that hangs, or that outlives its node: what becomes of its calls."""

import asyncio
import contextlib
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from server.app.measuring import Meter
from signaling.errors import Unavailable
from signaling.media.janus import client
from signaling.media.janus.client import JanusRefused
from signaling.media.janus.engine import JanusEngine
from signaling.media.janus.process import JanusProcess
from signaling.media.janus.settings import JanusDoor, JanusProgram, JanusSettings
from signaling.media.port import PathState, PeerConnection, Source
from tests.engine_room import ANNA, ANNA_CAMERA, ANNA_MIC, BERTA, CALL
from tests.janus import OPENS_WITHIN_S, conversation, janus_engine, keeping, rooms, running
from tests.waiting import until

TCP_LISTEN = "0A"  # the kernel's number of that state, in hexadecimal


async def test_when_janus_is_killed_it_is_started_again_and_the_seats_come_back(
    stack: AsyncExitStack, janus_program: JanusProgram
) -> None:
    engine = await janus_engine(janus_program)
    room, anna, berta = await conversation(stack, engine)
    assert engine.process is not None
    killed = engine.process.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    lost = {(ANNA, PeerConnection.UP), (BERTA, PeerConnection.DOWN)}
    await until(lambda: lost <= set(room.ear.resets))
    assert {(*each, PathState.LOST) for each in lost} <= set(room.ear.paths)
    assert room.ear.unpublished == [ANNA_MIC]

    await anna.rebuild_up()
    await berta.rebuild_down()
    await room.engine.reset(CALL, BERTA, PeerConnection.DOWN)
    await room.talk_until_heard(anna, berta)
    assert engine.process.pid not in (None, killed)


async def test_a_janus_of_ours_that_hangs_is_started_again_like_one_that_died(
    stack: AsyncExitStack, janus_program: JanusProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "KEEPALIVE_S", 0.2)
    engine = await janus_engine(replace(janus_program, hangs_after_s=2.0))
    room, anna, berta = await conversation(stack, engine)
    assert engine.process is not None
    hung = engine.process.pid
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    await until(lambda: engine.process and engine.process.pid not in (None, hung))
    await until(lambda: (BERTA, PeerConnection.DOWN) in room.ear.resets)
    await anna.rebuild_up()
    await berta.rebuild_down()
    await room.engine.reset(CALL, BERTA, PeerConnection.DOWN)
    await room.talk_until_heard(anna, berta)
    assert engine.process.starts == 2, "one that answers is left alone"


async def test_an_answer_that_reaches_a_janus_that_was_started_again_is_no_bad_description(
    stack: AsyncExitStack, janus_program: JanusProgram
) -> None:
    engine = await janus_engine(janus_program)
    room, anna, berta = await conversation(stack, engine)
    del room.ear.bots[BERTA]  # it does not answer by itself
    await anna.publish(Source.MIC, Source.CAMERA)
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await until(lambda: [seat for seat, *_ in room.ear.offers].count(BERTA) == 2)
    _seat, neg, sdp, _slots = room.ear.offers[-1]
    assert engine.process is not None
    assert engine.process.pid is not None
    os.kill(engine.process.pid, signal.SIGKILL)
    await until(lambda: not engine.available)
    with pytest.raises(Unavailable) as refused:
        await engine.answer_down(CALL, BERTA, neg, berta.answer(sdp))
    assert refused.value.retry_after_s
    assert room.ear.resets.count((BERTA, PeerConnection.DOWN)) == 1


async def test_a_janus_that_is_started_again_counts_its_processor_time_from_its_beginning(
    stack: AsyncExitStack, janus_program: JanusProgram
) -> None:
    engine = await janus_engine(janus_program)
    stack.push_async_callback(engine.close)
    assert engine.process is not None
    await until(lambda: used_s(engine) > 0)
    before, killed = used_s(engine), engine.process.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    await until(lambda: used_s(engine) < before)
    await until(lambda: engine.process and engine.process.pid not in (None, killed) and used_s(engine) > 0)


async def test_what_a_janus_of_somebody_else_uses_is_not_told(
    stack: AsyncExitStack, janus_program: JanusProgram
) -> None:
    engine = await janus_engine((await running(stack, janus_program)).door)
    stack.push_async_callback(engine.close)
    assert engine.processor_time() is None


def used_s(engine: JanusEngine) -> float:
    used = engine.processor_time()
    assert used is not None
    return used.used_s


async def test_while_janus_is_away_a_request_is_answered_that_it_may_be_tried_again(
    stack: AsyncExitStack, janus_program: JanusProgram
) -> None:
    process = await running(stack, janus_program)
    engine = await janus_engine(process.door)
    room, anna, _berta = await conversation(stack, engine)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(Unavailable) as refused:
            await anna.restart_up()
        assert refused.value.retry_after_s
    finally:
        os.kill(process.pid, signal.SIGCONT)
    assert room.ear.resets == []


async def test_a_node_whose_janus_does_not_answer_is_full_until_it_does(
    stack: AsyncExitStack, janus_program: JanusProgram, tmp_path: Path
) -> None:
    process = JanusProcess(janus_program)
    kept = keeping(stack, process)
    await until(janus_program.socket.exists)
    engine = await janus_engine(process.door)
    stack.push_async_callback(engine.close)
    meter = Meter(engine, tmp_path, reserve_bytes=0)
    assert meter.takes(running=False)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    kept.cancel()  # nobody starts it again
    await until(lambda: not meter.takes(running=True))
    assert not meter.takes(running=False)
    keeping(stack, process)
    await until(lambda: meter.takes(running=False))


async def test_a_janus_that_hangs_is_known_to_be_away_as_soon_as_it_does_not_answer(
    stack: AsyncExitStack, janus_program: JanusProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "KEEPALIVE_S", 0.2)
    monkeypatch.setattr(client, "REQUEST_WITHIN_S", 0.5)
    process = await running(stack, janus_program)
    engine = await janus_engine(process.door)
    stack.push_async_callback(engine.close)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        await until(lambda: not engine.available, within_s=5)  # closing takes ten seconds: nobody answers that either
    finally:
        os.kill(process.pid, signal.SIGCONT)
    await until(lambda: engine.available)


async def test_a_node_ends_the_rooms_that_an_earlier_run_of_it_left_and_no_others(
    stack: AsyncExitStack, janus_program: JanusProgram
) -> None:
    process = await running(stack, janus_program)
    other = await janus_engine(process.door, "node-1")
    room, anna, berta = await conversation(stack, other)
    killed = await janus_engine(process.door)
    await conversation(stack, killed)
    for task in killed._tasks:  # it says nothing more, as after a kill
        task.cancel()
    assert await rooms(process.door) == 2
    stack.push_async_callback((await janus_engine(process.door)).close)
    assert await rooms(process.door) == 1
    await room.talk_until_heard(anna, berta)


async def test_a_closed_call_leaves_no_room(stack: AsyncExitStack, janus_program: JanusProgram) -> None:
    engine = await janus_engine(janus_program)
    await conversation(stack, engine)
    assert engine.process is not None
    assert await rooms(engine.process.door) == 1
    await engine.close_call(CALL)
    assert await rooms(engine.process.door) == 0


async def test_who_does_not_know_the_secret_is_refused(stack: AsyncExitStack, janus_program: JanusProgram) -> None:
    process = await running(stack, janus_program)
    engine = JanusEngine(JanusSettings("node-0", JanusDoor("a guess", socket=process.door.socket)))
    stack.push_async_callback(engine.close)
    with pytest.raises((TimeoutError, JanusRefused, Unavailable)):
        await engine.opened(1.0)


async def test_its_files_are_private(stack: AsyncExitStack, janus_program: JanusProgram) -> None:
    process = await running(stack, janus_program)
    folder = janus_program.directory
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o077 for file in folder.glob("*.jcfg")} == {0}
    assert process.door.secret in (folder / "janus.jcfg").read_text()


async def test_it_is_a_janus_of_the_version_that_the_documents_name_or_a_newer_one_like_it(
    stack: AsyncExitStack, janus_program: JanusProgram
) -> None:
    door = (await running(stack, janus_program)).door
    connector = aiohttp.UnixConnector(str(door.socket))
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
    async with session.ws_connect(door.url, protocols=("janus-protocol",)) as ws:
        await ws.send_json({"janus": "info", "transaction": "1", "apisecret": door.secret})
        told = await asyncio.wait_for(ws.receive_json(), OPENS_WITHIN_S)
    assert (1, 1, 2) <= tuple(map(int, told["version_string"].split("."))) < (2,)


async def test_nobody_reaches_it_by_tcp(stack: AsyncExitStack, janus_program: JanusProgram) -> None:
    engine = await janus_engine(janus_program)
    await conversation(stack, engine)
    assert engine.process is not None
    assert engine.process.pid is not None
    assert tcp_listeners(engine.process.pid) == set()
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1"):
        assert len(tcp_listeners(os.getpid())) == 1, "it would have been seen"


def tcp_listeners(pid: int) -> set[str]:
    """Where a process listens, as the kernel writes it (proc_net_tcp)."""
    own = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # of what was closed meanwhile
            own.add(os.readlink(entry))
    tables = [Path(f"/proc/{pid}/net/{name}") for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()]
    return {row[1] for row in rows if row[3] == TCP_LISTEN and f"socket:[{row[9]}]" in own}


OWNER = """
import asyncio, sys
from pathlib import Path
from signaling.media.janus.process import JanusProcess
from signaling.media.janus.settings import JanusProgram

async def own() -> None:
    process = JanusProcess(JanusProgram(Path(sys.argv[1]), sys.argv[2], hosts=(sys.argv[3],)))
    task = asyncio.create_task(process.run())
    while not process.pid:
        await asyncio.sleep(0.01)
    print(process.pid, flush=True)
    await task

asyncio.run(own())
"""


async def test_a_janus_does_not_outlive_a_node_that_is_killed(janus_program: JanusProgram) -> None:
    arguments = (str(janus_program.directory), janus_program.command, *janus_program.hosts)
    node = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OWNER, *arguments), stdout=asyncio.subprocess.PIPE, env=dict(os.environ, PYTHONPATH=".")
    )
    assert node.stdout is not None
    pid = int(await asyncio.wait_for(node.stdout.readline(), OPENS_WITHIN_S))
    node.kill()
    await node.wait()

    def gone() -> bool:
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"

    await until(gone)
