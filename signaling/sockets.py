"""The Socket.IO server, hardened.

WebSocket only, no binary, no compression, limits on frames and on sockets that do not join.

The only file that touches private parts of python-socketio and python-engineio (exact pins; a contract test says what
changed). What breaks the protocol closes its socket: nothing is parked in memory, nothing is logged per bad packet.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import socketio
from aiohttp import web
from engineio.async_drivers import aiohttp as engineio_aiohttp
from socketio import packet

from signaling import limited_json
from signaling.messages.shapes import MAX_FRAME_BYTES

_SOCKET = "ieum.websocket"
MAX_UNREAD = 1_024
PING_EVERY_S, PONG_WITHIN_S = 5, 4


@dataclass(frozen=True)
class SocketLimits:
    """How many sockets may be open without having joined a namespace, and for how long."""

    join_within_s: float = 5.0
    unjoined: int = 2_000
    unjoined_per_address: int = 20


class Violation(Exception):
    """The peer sent what Socket.IO text packets cannot be."""


class TextPacket(packet.Packet):  # type: ignore[misc]  # untyped
    """A packet without binary attachments."""

    uses_binary_events = False
    json = limited_json

    def decode(self, encoded_packet: str) -> int:
        """Raises `Violation` for anything but a well-formed text packet that a client may send."""
        try:
            attachments = super().decode(encoded_packet)
        except (ValueError, IndexError) as error:
            raise Violation from error
        if attachments or self.packet_type not in _FROM_CLIENTS:
            raise Violation
        if self.packet_type == packet.EVENT and not _is_event(self.data):
            raise Violation
        return 0


_FROM_CLIENTS = (packet.CONNECT, packet.DISCONNECT, packet.EVENT)
_RESERVED = ("connect", "connect_error", "disconnect")  # the library calls handlers by these names itself


def _is_event(data: object) -> bool:
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in _RESERVED


class _PlainWebSocket(engineio_aiohttp.WebSocket):  # type: ignore[misc]  # untyped
    """The same without permessage-deflate: signalling is small, and a compression bomb is not."""

    async def __call__(self, environ: dict[str, Any]) -> web.WebSocketResponse:
        self._sock = web.WebSocketResponse(max_msg_size=MAX_FRAME_BYTES, compress=False)
        await self._sock.prepare(environ["aiohttp.request"])
        self.environ = environ
        environ[_SOCKET] = self._sock
        await self.handler(self)
        return self._sock


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # untyped
    """All Socket.IO sockets of one web. `address_of` tells whose a request is, behind whatever proxies are trusted."""

    def __init__(
        self, origins: list[str] | None, address_of: Callable[[web.Request], str], limits: SocketLimits = SocketLimits()
    ) -> None:
        """`origins` None: the origin that the page came from."""
        super().__init__(
            async_mode="aiohttp",
            transports=["websocket"],
            cors_allowed_origins=origins,
            ping_interval=PING_EVERY_S,
            ping_timeout=PONG_WITHIN_S,
            max_http_buffer_size=MAX_FRAME_BYTES,
            http_compression=False,
            json=limited_json,
        )
        self.packet_class = TextPacket
        self.eio._async = {**self.eio._async, "websocket": _PlainWebSocket}
        self._address_of = address_of
        self._limits = limits
        self._unjoined: dict[str, tuple[str, asyncio.TimerHandle]] = {}
        self._unjoined_of: Counter[str] = Counter()
        self._when_joined: dict[str, Callable[[str], None]] = {}

    def when_joined(self, namespace: str, tell: Callable[[str], None]) -> None:
        """`tell(sid)` is called once the client has been told that it joined: nothing may be sent to it before."""
        self._when_joined[namespace] = tell

    @property
    def unjoined(self) -> int:
        """How many sockets are open that have joined nothing."""
        return len(self._unjoined)

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> bool | None:
        address = self._address_of(environ["aiohttp.request"])
        of_address = self._unjoined_of[address]
        if len(self._unjoined) >= self._limits.unjoined or of_address >= self._limits.unjoined_per_address:
            return False
        deadline = asyncio.get_running_loop().call_later(self._limits.join_within_s, self._hang_up, eio_sid)
        self._unjoined[eio_sid] = (address, deadline)
        self._unjoined_of[address] += 1
        await super()._handle_eio_connect(eio_sid, environ)
        return None

    def _hang_up(self, eio_sid: str) -> None:
        socket = self.environ.get(eio_sid, {}).get(_SOCKET)
        if socket is not None:
            self.start_background_task(socket.close)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        try:
            if not isinstance(data, str) or not data:
                raise Violation
            await super()._handle_eio_message(eio_sid, data)
        except Violation:
            self._hang_up(eio_sid)

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: object) -> None:
        await super()._handle_connect(eio_sid, namespace, data)
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace or "/")
        if sid is not None:
            self._settle(eio_sid)
            self._when_joined.get(namespace or "/", _ignore)(sid)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._settle(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)

    def _settle(self, eio_sid: str) -> None:
        address, deadline = self._unjoined.pop(eio_sid, (None, None))
        if address is None or deadline is None:
            return
        deadline.cancel()
        self._unjoined_of[address] -= 1
        if not self._unjoined_of[address]:
            del self._unjoined_of[address]

    async def send(self, sid: str, namespace: str, event: str, data: Any) -> None:
        """Send an event. A client that leaves 1,024 packets unread is hung up on."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and socket.queue.qsize() > MAX_UNREAD:
            transport = self.environ[eio_sid]["aiohttp.request"].transport
            if transport is not None:
                transport.abort()  # a polite end would wait in the same line
            return
        await self.emit(event, data, room=sid, namespace=namespace)

    async def leave(self, sid: str, namespace: str) -> None:
        """Send a client away from a namespace; its socket closes soon if it is in no other."""
        eio_sid = self.manager.eio_sid_from_sid(sid, namespace)
        await self.disconnect(sid, namespace=namespace)
        if eio_sid is not None:
            asyncio.get_running_loop().call_later(self._limits.join_within_s, self._close_if_idle, eio_sid)

    def _close_if_idle(self, eio_sid: str) -> None:
        if not any(self.manager.sid_from_eio_sid(eio_sid, name) for name in list(self.manager.get_namespaces())):
            self._hang_up(eio_sid)


def _ignore(sid: str) -> None:
    """Namespaces that wait for nothing."""
