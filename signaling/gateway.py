"""The door of browsers to calls.

Namespace `/call`. Checks who comes and how much, and relays to the node that carries the call.

Errors become acknowledgements in one place, `trigger_event`; no client is left waiting. The gateway keeps nothing:
what a connection is lives in the node, and when a link breaks its clients are told to resume.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import socketio

from signaling import limited_json
from signaling.client import Allowance, Client
from signaling.errors import Code, ProtocolError, Refused, SignalingError, Unavailable
from signaling.frames import (
    AnyFrame,
    CallFigures,
    CallHandOver,
    CallHistory,
    CallKeys,
    CallOpen,
    CallRefused,
    ConnClose,
    ConnEvent,
    ConnKick,
    ConnMoved,
    ConnOpen,
    ConnOpened,
    ConnPush,
    ConnRefused,
    ConnReply,
    Facts,
    FactsAck,
    KeysWanted,
)
from signaling.link import LinkClient
from signaling.messages.table import REQUESTS, parse_request
from signaling.presented import ResumeToken, read_presented
from signaling.sockets import SocketServer

NAMESPACE = "/call"
JOIN_WITHIN_S = 10.0
LINK_WITHIN_S = 3.0
MOVES_FOLLOWED = 3
ANSWER_WITHIN_S = 8.0

logger = logging.getLogger(__name__)


class Admission(Protocol):
    """What a redeemed ticket is good for: a seat in a call on a node, and the call's specification."""

    @property
    def call(self) -> str:
        """The call."""

    @property
    def seat(self) -> str:
        """The seat in it."""

    @property
    def node(self) -> str:
        """The node that carries it."""

    @property
    def spec(self) -> dict[str, Any]:
        """What the node must know: see `call/spec.py`."""


@dataclass(frozen=True)
class GatewayPorts:
    """What the composition root hands in. `redeem` raises a `SignalingError`; `record` returns when facts are kept.

    `record`, `issue_keys`, `node_of` (which node is to carry a call) and `refused` (a node will not carry it: node,
    call, epoch) raise `Unavailable` for as long as that is not possible, `nodes_full` where no node has place for it.
    """

    redeem: Callable[[str], Awaitable[Admission]]
    link: Callable[[str], LinkClient | None]
    record: Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]
    issue_keys: Callable[[str, int], Awaitable[list[dict[str, Any]]]]
    node_of: Callable[[str], Awaitable[str | None]]
    refused: Callable[[str, str, int], Coroutine[Any, Any, None]]
    figures: Callable[[CallFigures], None]
    new_id: Callable[[], str]


@dataclass(frozen=True)
class _Door:
    """Where a connection wants to go, and by what right."""

    link: LinkClient
    call: str
    seat: str
    via: Literal["ticket", "resume"]
    token: str | None = None  # the secret of the resume token


class Gateway(socketio.AsyncNamespace):  # type: ignore[misc]  # untyped
    """The `/call` namespace of one web. Implements `NodeListener` and `Wire`."""

    def __init__(self, server: SocketServer, ports: GatewayPorts) -> None:
        super().__init__(NAMESPACE)
        self._sockets = server
        self._ports = ports
        self._by_sid: dict[str, Client] = {}
        self._by_conn: dict[str, Client] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._away = False  # facts cannot be kept, or keys issued, just now
        server.register_namespace(self)
        server.when_joined(NAMESPACE, self._begin)

    async def trigger_event(self, event: str, sid: str, *arguments: Any) -> Any:
        """Everything a browser does comes through here; every error becomes an answer here."""
        if event == "connect":
            return await self._connect(sid, arguments[-1])
        if event == "disconnect":
            return self._disconnect(sid)
        try:
            return await self._ask(sid, event, arguments)
        except SignalingError as error:
            return _refusal(error)
        except Exception:  # the border to strangers: they learn nothing and do not wait
            logger.exception("request %s failed", event)
            return _refusal(Unavailable(Code.INTERNAL))

    async def _connect(self, sid: str, auth: object) -> None:
        try:
            async with asyncio.timeout(JOIN_WITHIN_S):
                await self._join(sid, auth)
        except TimeoutError:
            self._disconnect(sid)
            raise _refused_join(Unavailable(Code.NODE_UNAVAILABLE, retry_after_s=1.0)) from None
        except SignalingError as error:
            self._disconnect(sid)
            raise _refused_join(error) from None
        except Exception:  # as above
            logger.exception("joining failed")
            self._disconnect(sid)
            raise _refused_join(Unavailable(Code.INTERNAL, retry_after_s=1.0)) from None

    async def _join(self, sid: str, auth: object) -> None:
        door = await self._door(auth)
        loop = asyncio.get_running_loop()
        client = Client(sid, self._ports.new_id(), door.link, Allowance(at_s=loop.time()), loop.create_future())
        self._by_sid[sid] = self._by_conn[client.conn] = client
        asked = ConnOpen(conn=client.conn, call=door.call, seat=door.seat, via=door.via, token=door.token)
        for _ in range(MOVES_FOLLOWED):
            client.link.send(asked)
            moved_to = await client.opened
            if moved_to is None:
                return
            client.follow(await self._link(moved_to), loop.create_future())
        raise Unavailable(Code.NODE_UNAVAILABLE, retry_after_s=1.0)

    def _begin(self, sid: str) -> None:
        if sid in self._by_sid:
            self._by_sid[sid].start(self)

    async def _door(self, auth: object) -> _Door:
        presented = read_presented(auth)
        if isinstance(presented, ResumeToken):
            link = await self._link_of(presented)
            return _Door(link, presented.call, presented.seat, "resume", presented.secret)
        admission = await self._ports.redeem(presented.secret)
        link = await self._link(admission.node)
        link.send(CallOpen(spec=admission.spec))
        return _Door(link, admission.call, admission.seat, "ticket")

    async def _link(self, node: str) -> LinkClient:
        link = self._ports.link(node)
        if link is None:
            raise Unavailable(Code.NODE_UNAVAILABLE, retry_after_s=1.0)
        await link.wait_until_up(LINK_WITHIN_S)
        return link

    async def _link_of(self, token: ResumeToken) -> LinkClient:
        """To the node of the token, or, if that is gone, to the one that carries the call now."""
        link, node = self._ports.link(token.node), token.node
        if link is None or not link.up:
            try:
                node = await self._ports.node_of(token.call) or token.node
            except Unavailable as error:  # then it is the token that says, unless no node has place for the call
                if error.code == Code.NODES_FULL:
                    raise
        return await self._link(node)

    async def _ask(self, sid: str, event: str, arguments: Sequence[Any]) -> Mapping[str, Any]:
        client = self._by_sid.get(sid)
        if client is None:
            raise Refused(Code.WRONG_STATE)
        client.allowance.spend(asyncio.get_running_loop().time())
        data = _checked(event, arguments)
        number, answer = client.question()
        try:
            client.link.send(ConnEvent(conn=client.conn, id=number, event=event, data=data))
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await answer
        except TimeoutError:
            raise Unavailable(Code.NODE_UNAVAILABLE, retry_after_s=1.0) from None
        finally:
            client.unanswered.pop(number, None)

    def _disconnect(self, sid: str) -> None:
        client = self._by_sid.pop(sid, None)
        if client is None:
            return
        self._by_conn.pop(client.conn, None)
        client.stop()
        if client.link.up:
            client.link.send(ConnClose(conn=client.conn))

    def node_said(self, node: str, frame: AnyFrame) -> None:
        """A frame of a node."""
        match frame:
            case Facts():
                self._beside(self._record(node, frame))
            case KeysWanted():
                self._beside(self._bring_keys(node, frame))
            case CallRefused():
                self._beside(self._ports.refused(node, frame.call, frame.epoch))
            case CallFigures():
                self._ports.figures(frame)
            case CallHandOver():
                self._send(frame.holder, frame)
            case CallHistory():
                self._send(frame.to, frame)
            case ConnPush() | ConnReply() | ConnOpened() | ConnMoved() | ConnRefused() | ConnKick():
                client = self._by_conn.get(frame.conn)
                if client is not None:
                    _tell(client, frame)

    def node_lost(self, node: str) -> None:
        """Whoever came through this link is told to come back."""
        for client in [client for client in self._by_sid.values() if client.link.node == node]:
            client.fail(Unavailable(Code.NODE_UNAVAILABLE, retry_after_s=1.0))
            client.bye({"code": Code.RESTARTING, "resume": True, "reason": None})

    async def _record(self, node: str, frame: Facts) -> None:
        """Keep facts, then acknowledge. Not kept: the node sends them again."""
        await self._ports.record(frame.facts)
        last = frame.facts[-1]
        self._send(node, FactsAck(call=frame.call, epoch=frame.epoch, run=last["run"], seq=last["seq"]))

    async def _bring_keys(self, node: str, frame: KeysWanted) -> None:
        keys = await self._ports.issue_keys(frame.call, frame.count)
        self._send(node, CallKeys(call=frame.call, keys=keys))

    def _send(self, node: str, frame: AnyFrame) -> None:
        link = self._ports.link(node)
        if link is not None and link.up:
            link.send(frame)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """At most one batch of facts of each call is on its way, so this holds as many tasks as there are calls."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None or isinstance(error, Unavailable):
            self._note_outage(error)
        else:
            logger.error("a node's frame was not handled", exc_info=error)

    def _note_outage(self, error: Unavailable | None) -> None:
        """Nodes ask again every two seconds; the log says it once, and when it is over."""
        if error is not None and not self._away:
            logger.warning("facts and keys wait: %s", error.code)
        elif error is None and self._away:
            logger.warning("facts and keys wait no longer")
        self._away = error is not None

    async def deliver(self, sid: str, event: str, data: Mapping[str, Any]) -> None:
        """Send an event."""
        await self._sockets.send(sid, NAMESPACE, event, data)

    async def end(self, sid: str) -> None:
        """Close the connection."""
        await self._sockets.leave(sid, NAMESPACE)

    async def shut_down(self) -> None:
        """The web stops: everybody is told to resume elsewhere. Idempotent."""
        clients = list(self._by_sid.values())
        for client in clients:
            client.bye({"code": Code.RESTARTING, "resume": True, "reason": None})
        writers = [client.writer for client in clients if client.writer is not None]
        if writers:
            await asyncio.wait(writers, timeout=1.0)
        for task in self._work:
            task.cancel()


def _tell(client: Client, frame: ConnPush | ConnReply | ConnOpened | ConnMoved | ConnRefused | ConnKick) -> None:
    match frame:
        case ConnPush():
            client.push(frame.event, frame.data)
        case ConnReply():
            client.answer(frame.id, frame.reply)
        case ConnOpened():
            if not client.opened.done():
                client.opened.set_result(None)
        case ConnMoved():
            if not client.opened.done():
                client.opened.set_result(frame.node)
        case ConnRefused():
            client.fail(Refused(frame.code, frame.message))
        case ConnKick():
            client.bye(frame.bye)


def _checked(event: str, arguments: Sequence[Any]) -> Any:
    """The data of a request, of the documented shape and size. Raises `ProtocolError`."""
    rule = REQUESTS.get(event)
    if rule is None:
        raise ProtocolError(Code.UNKNOWN_EVENT)
    if len(arguments) != 1:
        raise ProtocolError(Code.MALFORMED, "one object, please")
    if len(limited_json.dumps(arguments[0], separators=(",", ":")).encode(errors="replace")) > rule.max_bytes:
        raise ProtocolError(Code.TOO_LARGE)
    parse_request(event, arguments[0])
    return arguments[0]


def _refusal(error: SignalingError) -> dict[str, Any]:
    return {"ok": False, "error": error.as_json()}


def _refused_join(error: SignalingError) -> socketio.exceptions.ConnectionRefusedError:
    return socketio.exceptions.ConnectionRefusedError(error.message, error.as_json())
