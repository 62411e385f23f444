"""One session with a Janus, over one WebSocket. https://janus.conf.meetecho.com/docs/rest.html (the same messages).

A broken connection is dialled again and the session claimed: media went on meanwhile, also on handles that were to end,
which are ended then. A session that is gone, because Janus died or we were away for too long, is told as lost, and a
new one begun. Requests are matched by transaction; whatever else comes is told to the handle that it names.
"""

import asyncio
import contextlib
import itertools
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

import aiohttp

from signaling.errors import Code, Unavailable
from signaling.media.janus.settings import JanusDoor

Json = dict[str, Any]

PLUGIN = "janus.plugin.videoroom"
KEEPALIVE_S = 15.0
REQUEST_WITHIN_S = 4.0  # less than a client waits for its answer
DIAL_WITHIN_S = 2.0
REDIAL_S = 0.1
SLOWEST_REDIAL_S = 2.0
MAX_PENDING = 2_000
MAX_MESSAGE_BYTES = 1_000_000
NO_SUCH_SESSION = 458
GONE = frozenset({426, NO_SUCH_SESSION, 459})  # the room, the session, the handle: asking again is useless

logger = logging.getLogger(__name__)


class JanusRefused(Exception):
    """Janus or its plugin answered with an error."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code

    @property
    def is_gone(self) -> bool:
        """Whether what was spoken to is there no more."""
        return self.code in GONE


def _unavailable(why: str) -> Unavailable:
    return Unavailable(Code.BUSY, why, retry_after_s=1.0)


class _Pending(NamedTuple):
    """A request that waits; an acknowledgement alone answers a keepalive, of other requests it is the beginning."""

    answer: asyncio.Future[Json]
    by_ack: bool


class Handle:
    """One attachment to the VideoRoom plugin: at most one peer connection. `on_event` hears what nobody asked for."""

    def __init__(self, client: "JanusClient", identifier: int) -> None:
        self.id = identifier
        self.on_event: Callable[[Json], None] = lambda event: None
        self._client = client

    async def ask(self, request: str, jsep: Json | None = None, **body: object) -> tuple[Json, Json]:
        """A request of the plugin: its answer and the session description with it. Raises JanusRefused, Unavailable."""
        message: Json = {"janus": "message", "body": {"request": request, **body}}
        if jsep is not None:
            message["jsep"] = jsep
        answer = await self._client.request(message, self.id)
        data: Json = answer.get("plugindata", {}).get("data", {})
        if "error_code" in data:
            raise JanusRefused(int(data["error_code"]), str(data.get("error", "")))
        return data, answer.get("jsep", {})

    async def detach(self) -> None:
        """End it, and its peer connection with it; where Janus is away, as soon as it is back. Idempotent."""
        await self._client.detach(self)


class JanusClient:
    """Keeps a session. `run` is its life; `on_lost` is told when everything that was attached is gone."""

    def __init__(self, door: JanusDoor, on_lost: Callable[[], None]) -> None:
        self.heard = 0  # messages, so that silence can be told
        self._door = door
        self._on_lost = on_lost
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._session_id: int | None = None
        self._open = asyncio.Event()
        self._pending: dict[str, _Pending] = {}
        self._handles: dict[int, Handle] = {}
        self._unwanted: set[int] = set()  # handles that are to end and of which Janus has not said that they did
        self._unwanted_came = asyncio.Event()  # one of which nobody speaks to Janus yet
        self._numbers = itertools.count(1)

    @property
    def connected(self) -> bool:
        """Whether requests can be sent at once."""
        return self._open.is_set()

    async def opened(self) -> None:
        """Wait until there is a session."""
        await self._open.wait()

    async def run(self) -> None:
        """Dial, keep alive, dial again; until cancelled."""
        delay_s = REDIAL_S
        while True:
            try:
                async with self._dialled() as ws:
                    await self._begin_session(ws)
                    delay_s = REDIAL_S
                    await self._serve(ws)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError, JanusRefused) as error:
                logger.debug("no connection to Janus: %s", error)
            self._hang_up()
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, SLOWEST_REDIAL_S)

    async def attach(self) -> Handle:
        """A new handle. Raises JanusRefused, Unavailable."""
        answer = await self.request({"janus": "attach", "plugin": PLUGIN})
        handle = Handle(self, int(answer["data"]["id"]))
        self._handles[handle.id] = handle
        return handle

    async def detach(self, handle: Handle) -> None:
        """Tell it nothing more, and end it; what Janus does not confirm is said again. Idempotent."""
        if self._handles.pop(handle.id, None) is not None:
            self._unwanted.add(handle.id)
            await self._end(handle.id)

    async def request(self, message: Json, handle: int | None = None) -> Json:
        """Send one message and wait for what answers it. Raises JanusRefused, Unavailable."""
        try:
            async with asyncio.timeout(REQUEST_WITHIN_S):
                await self._open.wait()
                return await self._exchange(message | ({} if handle is None else {"handle_id": handle}))
        except TimeoutError:
            raise _unavailable("Janus does not answer") from None

    async def _exchange(self, message: Json) -> Json:
        if self._ws is None or len(self._pending) >= MAX_PENDING:
            raise _unavailable("Janus cannot be reached")
        transaction = str(next(self._numbers))
        pending = _Pending(asyncio.get_running_loop().create_future(), by_ack=message["janus"] == "keepalive")
        self._pending[transaction] = pending
        try:
            await self._send(self._ws, message, transaction)
            return await pending.answer
        except (aiohttp.ClientError, OSError) as error:
            raise _unavailable("the connection to Janus broke") from error
        except asyncio.CancelledError:
            if pending.answer.done() and not pending.answer.cancelled() and not pending.answer.exception():
                self._refuse_late(pending.answer.result())
            raise
        finally:
            self._pending.pop(transaction, None)

    async def _send(self, ws: aiohttp.ClientWebSocketResponse, message: Json, transaction: str) -> None:
        session = {} if self._session_id is None else {"session_id": self._session_id}
        await ws.send_json({**message, **session, "transaction": transaction, "apisecret": self._door.secret})

    @contextlib.asynccontextmanager
    async def _dialled(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        connector = aiohttp.UnixConnector(str(self._door.socket)) if self._door.socket else None
        async with aiohttp.ClientSession(connector=connector) as session:
            async with asyncio.timeout(DIAL_WITHIN_S):
                ws = await session.ws_connect(
                    self._door.url,
                    protocols=("janus-protocol",),
                    max_msg_size=MAX_MESSAGE_BYTES,
                    ssl=self._door.tls or True,
                )
            async with ws:
                yield ws

    async def _begin_session(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """Claim the session that we had; without one, or if it is gone, create one."""
        async with asyncio.timeout(DIAL_WITHIN_S):
            if self._session_id is not None:
                try:
                    await self._first(ws, "claim")
                except JanusRefused as refused:
                    if refused.code != NO_SUCH_SESSION:
                        raise
                    self._lose_session()
            if self._session_id is None:
                self._session_id = int((await self._first(ws, "create"))["data"]["id"])
        self._ws = ws
        self._open.set()

    async def _first(self, ws: aiohttp.ClientWebSocketResponse, kind: str) -> Json:
        await self._send(ws, {"janus": kind}, kind)
        while True:
            message: Json = await ws.receive_json()
            self.heard += 1
            if message.get("transaction") == kind:
                return _checked(message)
            self._hear(message)

    async def _serve(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        tasks = [asyncio.create_task(task, name="Janus") for task in (self._keep_alive(ws), self._end_unwanted())]
        try:
            async for message in ws:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self.heard += 1
                    self._hear(json.loads(message.data))
                if self._session_id is None:  # it timed out: begin another
                    return
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_alive(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """A Janus that hangs does not answer: its connection is given up like a broken one."""
        while True:
            await asyncio.sleep(KEEPALIVE_S)
            try:
                await self.request({"janus": "keepalive"})
            except (Unavailable, JanusRefused):
                self._hang_up()  # at once: who hangs does not answer a close either, and that is waited for
                await ws.close()
                return

    async def _end_unwanted(self) -> None:
        """Until cancelled: what was to end while Janus could not be told, or began when nobody waited any more."""
        while True:
            self._unwanted_came.clear()
            await asyncio.gather(*(self._end(handle) for handle in tuple(self._unwanted)))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEEPALIVE_S):
                    await self._unwanted_came.wait()

    async def _end(self, handle: int) -> None:
        try:
            await self.request({"janus": "detach"}, handle)
        except Unavailable:
            return  # it is said again
        except JanusRefused as refused:
            logger.debug("a handle was gone already: %s", refused)
        self._unwanted.discard(handle)

    def _hear(self, message: Json) -> None:
        kind = message.get("janus")
        pending = self._pending.get(str(message.get("transaction", "")))
        if pending is not None and not pending.answer.done():
            if pending.by_ack or kind != "ack":
                self._answer(pending.answer, message)
        elif kind == "timeout":
            self._lose_session()
        elif kind == "success" and "sender" not in message:
            self._refuse_late(message)
        elif (handle := self._handles.get(message.get("sender", 0))) is not None:
            try:
                handle.on_event(message)
            except Exception:  # a fault in one connection must not end that of all
                logger.exception("an event of Janus could not be handled")

    def _refuse_late(self, answer: Json) -> None:
        """End the handle that this answer brings: whoever asked for it does not wait any more."""
        handle = answer.get("data", {}).get("id")
        if handle is not None:
            self._unwanted.add(int(handle))
            self._unwanted_came.set()

    def _answer(self, answer: asyncio.Future[Json], message: Json) -> None:
        try:
            answer.set_result(_checked(message))
        except JanusRefused as refused:
            answer.set_exception(refused)

    def _hang_up(self) -> None:
        if self._ws is not None:
            logger.warning("the connection to Janus broke; it is made again")
        self._open.clear()
        self._ws = None
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(_unavailable("the connection to Janus broke"))

    def _lose_session(self) -> None:
        self._session_id = None
        self._handles.clear()
        self._unwanted.clear()
        self._on_lost()


def _checked(message: Json) -> Json:
    error = message.get("error")
    if error:
        raise JanusRefused(int(error["code"]), str(error["reason"]))
    return message
