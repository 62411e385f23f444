"""`ieum node --engine janus` as an operator starts it: a room is carried and recorded, or one sentence says why not."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from signaling.media.port import SeatId, Source, track_id
from tests.janus import PORTS
from tests.real_node import admitted, everybody, played_web, real_node
from tests.waiting import until
from tools.programs import JANUS, Program

NO_SUCH_PLUGIN = 460
HOST_MIC = track_id(SeatId("host"), Source.MIC)


async def test_a_janus_node_carries_a_room_and_records_it(
    tmp_path: Path, needs: Callable[[Program], str], janus_address: str
) -> None:
    data_dir = tmp_path / "var"
    settings = {
        "engine": "janus",
        "janus_command": needs(JANUS),
        "janus_ports": "-".join(map(str, PORTS)),
        "media_hosts": f'["{janus_address}"]',
        "spool_refuse_below_mb": "1",
        "spool_stop_below_mb": "1",
    }
    async with real_node(data_dir, **settings) as node, played_web(node) as web:
        await web.open("call1", everybody(1))
        host = await web.enter("call1", "host")
        guest = await admitted(web, "call1", "g0")
        await host.publish(Source.MIC)
        await guest.want(HOST_MIC)
        await until(lambda: host.say() and guest.heard[HOST_MIC])
        await web.ask("call1-host", "recording.request", action="start")
        spool = data_dir / "spool"
        await until(lambda: host.say() and any(path.stat().st_size > 1_000 for path in spool.rglob("*.spool")))
        await web.ask("call1-host", "recording.request", action="stop")
        await until(lambda: list((data_dir / "store").rglob("*.spool")))
        figures = await node.figures()
        assert figures["ieum_node_seats",] == 2
        assert ("ieum_node_packets_per_second",) not in figures, "media do not pass it"


@asynccontextmanager
async def a_janus_without_videoroom() -> AsyncIterator[str]:
    """Where it answers: it begins a session, and knows no plugin."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(protocols=("janus-protocol",))
        await ws.prepare(request)
        async for message in ws:
            asked = message.json()
            begun = {"janus": "success", "data": {"id": 1}}
            unknown = {"janus": "error", "error": {"code": NO_SUCH_PLUGIN, "reason": "No such plugin"}}
            answer = begun if asked["janus"] == "create" else unknown
            await ws.send_json({**answer, "transaction": asked["transaction"]})
        return ws

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield site.name.replace("http", "ws")
    await runner.cleanup()


async def test_a_node_beside_a_janus_without_videoroom_says_so_in_one_sentence(tmp_path: Path) -> None:
    async with a_janus_without_videoroom() as url:
        settings = {"IEUM_DATA_DIR": str(tmp_path), "IEUM_JANUS_URL": url, "IEUM_JANUS_SECRET": 32 * "s"}
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server", "node", "--engine", "janus"),
            env={**os.environ, **settings}, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await asyncio.wait_for(started.communicate(), 60)
    assert started.returncode == 1
    assert b"VideoRoom" in said
    assert said.count(b"\n") == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"IEUM_JANUS_COMMAND": "no-such-janus"}, "apt-get install janus"),
        ({"IEUM_JANUS_URL": "ws://127.0.0.1:9"}, "IEUM_JANUS_SECRET"),
        ({"IEUM_JANUS_URL": "ws://janus.internal:8188"}, "wss://"),
        ({"IEUM_JANUS_URL": "wss://janus.internal:8989"}, "IEUM_JANUS_TAP_HOST"),
    ],
)
def test_a_node_without_a_janus_says_in_one_sentence_what_it_lacks(
    tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    environment = {**os.environ, "IEUM_DATA_DIR": str(tmp_path), **settings}
    started = subprocess.run(
        [sys.executable, "-m", "server", "node", "--engine", "janus"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert started.returncode == 1
    assert said in started.stderr
    assert started.stderr.count("\n") == 1
