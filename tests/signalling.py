"""The live part without a database.

Nodes and webs in this process or as children, and people with a Socket.IO client.

As a child: `python -m tests.signalling node DIRECTORY` or `… web DIRECTORY`; it prints one line when it is ready. A
ticket is the name of its seat; the call's specification is `spec.json` in the directory; a web keeps facts in
`facts.jsonl`.
"""

import asyncio
import json
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import socketio
from aiohttp import web

from recordings.recorder import SpoolRecorders
from recordings.track_spool import SpoolSettings
from signaling.errors import Code, Refused, Unavailable
from signaling.frames import CallFigures
from signaling.gateway import Gateway, GatewayPorts
from signaling.link import LinkClient, link_application
from signaling.media.loopback_engine import LoopbackEngine
from signaling.media.port import MediaEngine
from signaling.node import Node, NodeSettings
from signaling.runner.ports import Ports
from signaling.sockets import SocketLimits, SocketServer
from tests.recording_node import FolderStore
from tests.waiting import until

SECRET = "a secret of the link"
NODE = "node-0"


@asynccontextmanager
async def running_node(
    directory: Path,
    engine: MediaEngine | None = None,
    name: str = NODE,
    takes_room: Callable[[bool], bool] = lambda running: True,
) -> AsyncIterator[Node]:
    """A node with this engine, else a loopback one, and real recorders, listening on `NAME.sock`."""
    engine = engine or LoopbackEngine()
    own = directory / name if name != NODE else directory
    spool = SpoolSettings(own / "spool", refuse_below_bytes=0, stop_below_bytes=0)
    store = FolderStore(directory / "store")
    async with SpoolRecorders(spool, store, request_key_frame=lambda track: None) as recorders:
        ports = Ports(
            engine,
            recorders,
            lambda: datetime.now(UTC),
            lambda: secrets.token_urlsafe(24),
            takes_room=takes_room,
        )
        node = Node(NodeSettings(name, own / "journals", policy={"codec": "VP8"}), ports)
        await node.start()
        socket = directory / f"{name}.sock"
        socket.unlink(missing_ok=True)
        runner = web.AppRunner(link_application(node, name, SECRET), shutdown_timeout=0.1)
        await runner.setup()
        await web.UnixSite(runner, str(socket)).start()
        try:
            yield node
        finally:
            await node.close()
            await runner.cleanup()
            await engine.close()


@dataclass
class Admission:
    """What a ticket is good for."""

    call: str
    seat: str
    node: str
    spec: dict[str, Any]


class Web:
    """A web: the gateway, its link to the node, and where facts are kept."""

    def __init__(self, directory: Path, limits: SocketLimits) -> None:
        self.directory = directory
        self.port = 0
        self.keeping = True  # whether the "database" is there
        self.refusals = 0
        self.sockets = SocketServer(None, lambda request: request.remote or "", limits)
        self.links: dict[str, LinkClient] = {}
        self.keys: list[dict[str, Any]] = []
        self.placed: dict[str, Any] = {}  # what the rows say of the call otherwise than `spec.json`
        self.node = NODE  # that carries it by the rows
        self.full = False  # by the rows its node is lost, and no other has place for it
        self.refused: list[tuple[str, str, int]] = []
        self.figures: list[CallFigures] = []
        ports = GatewayPorts(
            redeem=self.redeem,
            link=self.links.get,
            record=self.record,
            issue_keys=self.issue_keys,
            node_of=self.node_of,
            refused=self.room_refused,
            figures=self.figures.append,
            new_id=lambda: uuid4().hex,
        )
        self.gateway = Gateway(self.sockets, ports)
        self.dial(NODE)

    def dial(self, node: str) -> None:
        """Have a link to this node."""
        url = f"unix:{self.directory / f'{node}.sock'}"
        self.links[node] = LinkClient(node, url, SECRET, f"web-{uuid4().hex[:4]}", self.gateway)

    def spec(self) -> dict[str, Any]:
        """The call's specification as it is now."""
        return {**json.loads((self.directory / "spec.json").read_text()), **self.placed}

    async def node_of(self, call: str) -> str:
        """As the rows say."""
        if self.full:
            raise Unavailable(Code.NODES_FULL, retry_after_s=5.0)
        return self.node

    async def room_refused(self, node: str, call: str, epoch: int) -> None:
        """A node will not have the call."""
        self.refused.append((node, call, epoch))

    async def redeem(self, ticket: str) -> Admission:
        """A ticket is the name of its seat."""
        spec = self.spec()
        if ticket not in {seat["seat"] for seat in spec["seats"]}:
            raise Refused(Code.TICKET_INVALID)
        return Admission(spec["call"], ticket, self.node, spec)

    async def record(self, facts: Sequence[Mapping[str, Any]]) -> None:
        """Append to the file, unless the database is away."""
        if not self.keeping:
            self.refusals += 1
            raise Unavailable("storage_away")
        with (self.directory / "facts.jsonl").open("a") as file:
            file.writelines(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts)

    async def issue_keys(self, call: str, count: int) -> list[dict[str, Any]]:
        """Data keys for tests."""
        return self.keys

    def say(self, frame: Any) -> None:
        """Send the node a frame."""
        self.links[NODE].send(frame)


@asynccontextmanager
async def running_web(directory: Path, limits: SocketLimits | None = None, port: int = 0) -> AsyncIterator[Web]:
    """A web on a port of its own."""
    site = Web(directory, limits or SocketLimits())
    application = web.Application()
    site.sockets.attach(application)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", port)
    await listener.start()
    site.port = runner.addresses[0][1]
    site.links[NODE].start()
    try:
        yield site
    finally:
        await site.gateway.shut_down()
        for link in site.links.values():
            await link.close()
        await runner.cleanup()


def kept_facts(directory: Path) -> list[dict[str, Any]]:
    """What webs kept, each fact once, as the database does it."""
    path = directory / "facts.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return list({(f["call"], f["epoch"], f["run"], f["seq"]): f for f in lines}.values())


class Person:
    """Somebody at a browser: joins by ticket or resume token, keeps what comes, asks."""

    def __init__(self, seat: str) -> None:
        self.seat = seat
        self.resume: str | None = None
        self.events: list[tuple[str, Any]] = []
        self.refused: dict[str, Any] | None = None
        self.gone = False
        self._client: Any = None

    async def join(self, port: int, auth: Mapping[str, Any] | None = None, within_s: float = 20.0) -> None:
        """With a ticket, or with `auth`. Returns when the state is there, or raises ConnectionError: see `refused`."""
        self.events, self.refused, self.gone = [], None, False
        self._client = client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        client.on("*", self._on_event, namespace="/call")
        client.on("connect_error", self._on_refusal, namespace="/call")
        client.on("disconnect", self._on_disconnect, namespace="/call")
        try:
            await client.connect(
                f"http://127.0.0.1:{port}",
                auth=dict(auth) if auth is not None else {"ticket": self.seat},
                namespaces=["/call"],
                transports=["websocket"],
                wait_timeout=within_s,
            )
        except socketio.exceptions.ConnectionError as error:
            raise ConnectionError(str(error)) from None
        await until(lambda: self.events or self.gone, within_s)

    async def come_back(self, port: int) -> None:
        """With the newest resume token, again until it works."""
        async with asyncio.timeout(30):
            while True:
                try:
                    await self.join(port, {"resume": self.resume}, within_s=3)
                    if self.events and self.events[0][0] == "state":
                        return
                except (ConnectionError, TimeoutError):
                    await self.leave()
                await asyncio.sleep(0.05)

    async def _on_event(self, event: str, data: Any) -> None:
        self.events.append((event, data))
        if event == "state" and data["resume"]:
            self.resume = data["resume"]

    async def _on_refusal(self, problem: Any) -> None:
        self.refused = problem["data"] if isinstance(problem, dict) and "data" in problem else {"message": problem}

    async def _on_disconnect(self, *reason: Any) -> None:
        self.gone = True

    async def ask(self, event: str, **data: Any) -> dict[str, Any]:
        """A request, and its acknowledgement."""
        answer: dict[str, Any] = await self._client.call(event, data, namespace="/call", timeout=20)
        return answer

    def names(self) -> list[str]:
        """The events that came, in order."""
        return [name for name, _ in self.events]

    def last(self, event: str) -> dict[str, Any]:
        """The newest of these events."""
        return next(data for name, data in reversed(self.events) if name == event)

    def presence_of(self, seat: str) -> str | None:
        """Where a seat is, as far as this person has been told."""
        for event, data in reversed(self.events):
            views = [data["seat"]] if event == "seat.state" else data["seats"] if event == "state" else []
            for view in views:
                if view["seat"] == seat:
                    return str(view["presence"])
        return None

    async def leave(self) -> None:
        """Close the connection without a word."""
        if self._client is not None:
            await self._client.disconnect()
            await self._client.shutdown()


class Child:
    """A node or a web in a process of its own, to be killed."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.port = port

    @classmethod
    async def start(cls, what: str, directory: Path, port: int = 0) -> "Child":
        """Return when it is ready."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.signalling", what, str(directory), str(port)),
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[1],
        )
        assert process.stdout is not None
        async with asyncio.timeout(60):
            ready = await process.stdout.readline()
        return cls(process, int(ready))

    async def kill(self) -> None:
        """As by `kill -9`. Idempotent."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()


async def _run(what: str, directory: Path, port: int) -> None:
    if what == "node":
        async with running_node(directory):
            print(0, flush=True)
            await asyncio.Event().wait()
    async with running_web(directory, port=port) as site:
        print(site.port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
