"""A node as `ieum node` starts it, in a process of its own, and a web's end of its link, played by the test."""

import asyncio
import itertools
import json
import os
import ssl
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from signaling.frames import (
    AnyFrame,
    CallKeys,
    CallOpen,
    CallRefused,
    ConnEvent,
    ConnOpen,
    ConnOpened,
    ConnPush,
    ConnReply,
    Facts,
    FactsAck,
    KeysWanted,
)
from signaling.link import LinkClient
from signaling.media.port import DownSlot, Published, SeatId, Source, TrackId, Wanted
from tests import calls
from tests.bots import Bot
from tests.e2e.product import ROOT, free_port
from tests.recording_node import keys

NAME = "node-t"
SECRET = "a secret that web and node of a test share"
GRANTED = {"sound": "granted", "picture": "granted"}
Figures = dict[tuple[str, ...], float]  # by name and, if there is one, the value of its label


@dataclass
class RealNode:
    """A running node process."""

    process: asyncio.subprocess.Process
    link_url: str
    metrics_url: str

    def cpu_s(self) -> float:
        """Processor time of the process so far, all its threads, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def loop_cpu_s(self) -> float:
        """The same of its first thread alone, which carries calls and media."""
        # Nanoseconds on the processor come first (Documentation/scheduler/sched-stats.rst).
        first = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/schedstat")
        return int(first.read_text().split()[0]) / 1e9

    async def figures(self) -> Figures:
        """What its `/metrics` say now."""
        async with aiohttp.ClientSession() as session, session.get(self.metrics_url) as answer:
            families = text_string_to_metric_families(await answer.text())
            return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}

    async def seats(self) -> list[dict[str, Any]]:
        """What its `/seats` says now."""
        async with aiohttp.ClientSession() as session, session.get(urljoin(self.metrics_url, "/seats")) as answer:
            return list(await answer.json())


@asynccontextmanager
async def real_node(data_dir: Path, *, prefix: Sequence[str] = (), **settings: str) -> AsyncIterator[RealNode]:
    """Start `ieum node` with these settings on free ports of loopback, and stop it at the end.

    It announces itself to nobody and may not be up yet. What it logs is in `node.jsonl` beside `data_dir`.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    private_port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("IEUM_")},
        "IEUM_DATA_DIR": str(data_dir),
        "IEUM_NODE_NAME": NAME,
        "IEUM_LINK_SECRET": SECRET,
        "IEUM_PRIVATE_PORT": str(private_port),
        "IEUM_MEDIA_PORT": "0",
        "IEUM_DRAIN_WITHIN_S": "0",
        "IEUM_MEDIA_HOSTS": '["127.0.0.1"]',
        "IEUM_WEB_URLS": f'["http://127.0.0.1:{free_port()}"]',
        **{f"IEUM_{name.upper()}": value for name, value in settings.items()},
    }
    with (data_dir.parent / "node.jsonl").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *prefix, sys.executable, "-m", "server", "node",
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
    link_url = settings.get("link_url", f"unix:{data_dir.resolve()}/run/{NAME}.sock")
    try:
        yield RealNode(process, link_url, f"http://127.0.0.1:{private_port}/metrics")
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 60)


class PlayedWeb:
    """Opens calls on a node and relays bots to it, as a web does for browsers. Keeps no facts but acknowledges them."""

    def __init__(self, url: str, secret: str = SECRET, tls: ssl.SSLContext | None = None) -> None:
        self.link = LinkClient(NAME, url, secret, "web-t", self, tls)
        self.bots: dict[str, Bot] = {}  # by connection
        self.refused: list[str] = []  # calls that the node did not take
        self._ids = itertools.count()
        self._opened: dict[str, asyncio.Event] = {}
        self._answers: dict[tuple[str, int], asyncio.Future[dict[str, Any]]] = {}
        self._offers: set[asyncio.Task[None]] = set()

    async def open(self, call: str, seats: Sequence[dict[str, Any]]) -> None:
        """Have the node carry a group of these seats, which may be recorded."""
        now = datetime.now(UTC)
        recording = {"allowed": True, "id": f"recording-{call}"}
        until = now + timedelta(hours=1)
        spec = calls.spec("small_group", seats, call=call, starts_at=now, ends_at=until, recording=recording)
        self.link.send(CallOpen(spec=json.loads(spec.model_dump_json())))

    def _give_keys(self, call: str, count: int) -> None:
        given = [
            {
                "id": f"key-{next(self._ids)}",
                "plain": b64encode(key.plain).decode(),
                "wrapped": b64encode(key.wrapped).decode(),
            }
            for key in keys(count)
        ]
        self.link.send(CallKeys(call=call, keys=given))

    async def enter(self, call: str, seat: str, kind: type[Bot] = Bot) -> Bot:
        """A bot connects to its seat. One that has to wait is admitted by whoever hosts: `ask(…, "lobby.admit")`."""
        conn = f"{call}-{seat}"
        opened = self._opened[conn] = asyncio.Event()
        self.bots[conn] = bot = kind(ClientDoor(partial(self.ask, conn)))
        self.link.send(ConnOpen(conn=conn, call=call, seat=seat, via="ticket"))
        await asyncio.wait_for(opened.wait(), 30)
        return bot

    async def ask(self, conn: str, event: str, **data: Any) -> dict[str, Any]:
        """One request of a client. Raises RuntimeError when it is refused."""
        number = next(self._ids)
        answer = self._answers[conn, number] = asyncio.get_running_loop().create_future()
        self.link.send(ConnEvent(conn=conn, id=number, event=event, data=data))
        answered: dict[str, Any] = await asyncio.wait_for(answer, 30)
        if not answered["ok"]:
            raise RuntimeError(f"{event}: {answered['error']}")
        return answered

    def node_said(self, node: str, frame: AnyFrame) -> None:
        """Hand it to whom it concerns."""
        match frame:
            case ConnOpened():
                self._opened[frame.conn].set()
            case ConnReply():
                self._answers.pop((frame.conn, frame.id)).set_result(dict(frame.reply))
            case KeysWanted():
                self._give_keys(frame.call, frame.count)
            case ConnPush(event="down.offer"):
                task = asyncio.create_task(take_offer(self.bots[frame.conn], frame.data))
                self._offers.add(task)
                task.add_done_callback(self._offers.discard)
            case CallRefused():
                self.refused.append(frame.call)
            case Facts():
                last = frame.facts[-1]
                self.link.send(FactsAck(call=frame.call, epoch=frame.epoch, run=last["run"], seq=last["seq"]))
            case _:
                pass

    def node_lost(self, node: str) -> None:
        """Nothing to repair here."""

    async def close(self) -> None:
        """Bots vanish, the link is hung up."""
        for bot in self.bots.values():
            await bot.close()
        await self.link.close()


async def take_offer(bot: Bot, data: Mapping[str, Any]) -> None:
    """The push `down.offer`, answered as a client does it."""
    slots = [
        DownSlot(slot["mid"], TrackId(slot["track"]), SeatId(slot["seat"]), Source(slot["source"]))
        for slot in data["map"]
    ]
    await bot.on_down_offer(data["neg"], data["sdp"], slots)


class ClientDoor:
    """A bot's messages as those of a client, which `ask` sends; it raises when they are refused."""

    def __init__(self, ask: Callable[..., Awaitable[dict[str, Any]]]) -> None:
        self._ask, self._rev = ask, itertools.count(1)

    async def answer_up(self, neg: int, sdp: str, published: Sequence[Published]) -> str:
        tracks = [{"mid": track.mid, "source": track.source} for track in published]
        return str((await self._ask("up.offer", neg=neg, sdp=sdp, tracks=tracks))["sdp"])

    async def want(self, wanted: Collection[Wanted]) -> None:
        tracks = [
            {"track": want.track, "max_height": want.max_height, "visible": want.visible, "priority": want.priority}
            for want in wanted
        ]
        await self._ask("down.want", rev=next(self._rev), tracks=tracks)

    async def answer_down(self, neg: int, sdp: str) -> None:
        await self._ask("down.answer", neg=neg, sdp=sdp)


@asynccontextmanager
async def played_web(node: RealNode) -> AsyncIterator[PlayedWeb]:
    """A web linked to this node."""
    web = PlayedWeb(node.link_url)
    web.link.start()
    try:
        await web.link.wait_until_up(60)
        yield web
    finally:
        await web.close()


def everybody(guests: int) -> list[dict[str, Any]]:
    """The seats of a group: one host and so many guests, all of whom let themselves be recorded."""
    seats = [calls.seat("host", "host", consent=GRANTED)]
    return seats + [calls.seat(f"g{number}", "guest", consent=GRANTED) for number in range(guests)]


async def admitted(web: PlayedWeb, call: str, seat: str, kind: type[Bot] = Bot) -> Bot:
    """A guest who has come and was let in."""
    bot = await web.enter(call, seat, kind)
    await web.ask(f"{call}-host", "lobby.admit", seat=seat)
    return bot


async def until_figure(node: RealNode, enough: Mapping[tuple[str, ...], float]) -> Figures:
    """The node's figures once each of these has come to so much."""
    figures: Figures = {}

    async def look() -> None:
        nonlocal figures
        while not all(figures.get(name, 0.0) >= least for name, least in enough.items()):
            figures = await node.figures()

    await asyncio.wait_for(look(), 30)
    return figures
