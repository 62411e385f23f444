"""A real Janus for tests. It does not use loopback: Firefox and Janus meet on the address that leads outside."""

import asyncio
import os
import socket
from contextlib import AsyncExitStack
from pathlib import Path

from signaling.media.janus.client import JanusClient
from signaling.media.janus.engine import JanusEngine
from signaling.media.janus.process import JanusProcess
from signaling.media.janus.settings import JanusDoor, JanusProgram, JanusSettings
from signaling.media.port import Source
from tests.bots import Bot
from tests.engine_room import ANNA, ANNA_MIC, BERTA, Room
from tests.waiting import until

CABLE = 59  # number of the host at its other end; other tests use smaller ones
PORTS = (20_000 + os.getpid() % 40 * 500, 20_499 + os.getpid() % 40 * 500)  # of parallel runs, few are the same
OPENS_WITHIN_S = 20.0


def outward_address() -> str | None:
    """Our IPv4 address on the way outside, None without such a way. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))  # of RFC 5737: nobody's
        except OSError:
            return None
        address: str = probe.getsockname()[0]
        return address


def program(command: str, directory: Path, address: str) -> JanusProgram:
    """A Janus of its own for one test."""
    return JanusProgram(directory / "janus", command, hosts=(address,), ports=PORTS)


async def janus_engine(janus: JanusProgram | JanusDoor, node: str = "node-0") -> JanusEngine:
    """An engine whose Janus answers. Whoever made it closes it."""
    engine = JanusEngine(JanusSettings(node, janus))
    try:
        await engine.opened(OPENS_WITHIN_S)
    except BaseException:
        await engine.close()
        raise
    return engine


async def running(stack: AsyncExitStack, program: JanusProgram) -> JanusProcess:
    """A Janus that no engine owns."""
    process = JanusProcess(program)
    keeping(stack, process)
    await until(program.socket.exists)
    return process


def keeping(stack: AsyncExitStack, process: JanusProcess) -> "asyncio.Task[None]":
    """What starts it and starts it again, until cancelled."""
    task = asyncio.create_task(process.run())

    async def stop() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(stop)
    return task


async def conversation(stack: AsyncExitStack, engine: JanusEngine) -> tuple[Room, Bot, Bot]:
    """Berta hears Anna."""
    room = Room(engine)
    stack.push_async_callback(room.close)
    anna, berta = await room.enter(ANNA), await room.enter(BERTA)
    assert isinstance(anna, Bot)
    assert isinstance(berta, Bot)
    await anna.publish(Source.MIC)
    await berta.want(ANNA_MIC)
    await room.talk_until_heard(anna, berta)
    return room, anna, berta


async def rooms(door: JanusDoor) -> int:
    """How many rooms a Janus has, asked on a session of its own."""
    asking = JanusClient(door, lambda: None)
    task = asyncio.create_task(asking.run())
    listed, _ = await (await asking.attach()).ask("list")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return len(listed["list"])


async def until_rooms(door: JanusDoor, count: int) -> None:
    """Return as soon as a Janus has so many rooms."""
    async with asyncio.timeout(OPENS_WITHIN_S):
        while await rooms(door) != count:
            await asyncio.sleep(0.05)
