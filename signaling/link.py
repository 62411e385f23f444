"""The link between a web and a node.

A WebSocket on a Unix socket of one machine, or over TLS with a secret between machines.

The node listens (`link_application`), each web dials every node it knows (`LinkClient`). A peer that does not read as
fast as it is written to is cut off, not waited for; what it missed it gets again: connections resume, facts are sent
until acknowledged.
"""

import asyncio
import contextlib
import hmac
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from signaling.errors import Code, ProtocolError, SignalingError, Unavailable
from signaling.frames import LINK_VERSION, MAX_LINK_FRAME_BYTES, AnyFrame, Hello, decode, encode
from signaling.media.port import MediaProbe

MAX_WAITING_BYTES = 16 * 1024 * 1024
HEARTBEAT_S = 4.0
HELLO_WITHIN_S = 5.0
REDIAL_S = 0.25
PATH = "/link"

logger = logging.getLogger(__name__)

Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


class DialFault(StrEnum):
    """Why the other end of a link cannot be spoken to, as logs say it. All but `AWAY` need an operator."""

    AWAY = "away"  # not there, or not yet
    PLAIN_HTTP = "plain_http"  # its address is http:// on another machine: the secret would travel in the clear
    NOT_TLS = "not_tls"  # https:// was dialled and something else answered
    CERTIFICATE_REFUSED = "certificate_refused"  # signed by nobody we trust, out of date, or for another host name
    SECRET_REFUSED = "secret_refused"  # noqa: S105  it has another secret than we
    VERSION_MISMATCH = "version_mismatch"  # it speaks another version of the link


class PlainHttpRefused(Exception):
    """The secret is not sent unencrypted to another machine."""


def fault_of(error: Exception) -> DialFault:
    """What is wrong, from how dialling failed."""
    match error:
        case PlainHttpRefused():
            return DialFault.PLAIN_HTTP
        case aiohttp.ClientConnectorCertificateError():
            return DialFault.CERTIFICATE_REFUSED
        case aiohttp.ClientSSLError():
            return DialFault.NOT_TLS
        case aiohttp.ClientResponseError(status=403):
            return DialFault.SECRET_REFUSED
        case SignalingError(code=Code.VERSION_MISMATCH):
            return DialFault.VERSION_MISMATCH
        case _:
            return DialFault.AWAY


def refuse_plain_http(url: str) -> None:
    """Raise `PlainHttpRefused` for an address that is neither https nor an address of this machine."""
    address = urlsplit(url)
    if address.scheme == "http" and not _is_here(address.hostname or ""):
        raise PlainHttpRefused


def _is_here(host: str) -> bool:
    """What can be bound is here; names are not looked up."""
    try:
        family = socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except (ValueError, OSError):
        return host == "localhost"
    return True


class Peer:
    """The other end of one link."""

    def __init__(self, socket: Socket, said: Hello) -> None:
        self.name = said.name
        self.probe = said.probe
        self.calls = said.calls
        self._socket = socket
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue()
        self._waiting_bytes = 0
        self.open = True

    def send(self, frame: AnyFrame) -> None:
        """Queue a frame. When 16 MiB wait, the peer is too slow: it is cut off."""
        if not self.open:
            return
        text = encode(frame)
        self._waiting_bytes += len(text)
        if self._waiting_bytes > MAX_WAITING_BYTES:
            logger.warning("link peer %s reads too slowly: cut off", self.name)
            self.close()
            return
        self._waiting.put_nowait(text)

    def close(self) -> None:
        """Send nothing more and hang up. Idempotent."""
        self.open = False
        self._waiting.put_nowait(None)

    async def frames(self) -> AsyncIterator[AnyFrame]:
        """What the peer sends, until either side hangs up. Raises `ProtocolError` on a frame that is none."""
        writer = asyncio.create_task(self._write(), name=f"link writer {self.name}")
        try:
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    raise ProtocolError(Code.MALFORMED, "link frames are text")
                yield decode(message.data)
        finally:
            self.open = False
            writer.cancel()
            await asyncio.wait([writer])

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            while (text := await self._waiting.get()) is not None:
                self._waiting_bytes -= len(text)
                await self._socket.send_str(text)
        self.open = False
        await self._socket.close()


class LinkListener(Protocol):
    """What happens on a node's end. Called on the loop; must not block."""

    def carried(self) -> Sequence[str]:
        """The calls that are here, for a web that dials to know."""

    def web_joined(self, peer: Peer) -> None:
        """A web has dialled."""

    def web_said(self, peer: Peer, frame: AnyFrame) -> None:
        """A web has sent a frame."""

    def web_left(self, peer: Peer) -> None:
        """The web is gone, with every connection it relayed."""


def link_application(
    listener: LinkListener, node: str, secret: str, probe: MediaProbe | None = None
) -> web.Application:
    """The node's listener, to be served on a Unix socket or over TLS."""

    async def accept(request: web.Request) -> web.StreamResponse:
        presented = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(presented.encode(), secret.encode()):
            raise web.HTTPForbidden
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=MAX_LINK_FRAME_BYTES, compress=False)
        await socket.prepare(request)
        calls = list(listener.carried())
        await _serve(socket, listener, Hello(version=LINK_VERSION, name=node, probe=probe, calls=calls))
        return socket

    application = web.Application()
    application.router.add_get(PATH, accept)
    return application


async def _serve(socket: web.WebSocketResponse, listener: LinkListener, hello: Hello) -> None:
    try:
        peer = await _greet(socket, hello)
    except (SignalingError, TimeoutError) as error:
        logger.warning("link refused: %s", error)
        await socket.close()
        return
    listener.web_joined(peer)
    try:
        async for frame in peer.frames():
            listener.web_said(peer, frame)
    except ProtocolError as error:
        logger.error("link with %s broke: %s", peer.name, error)
        await socket.close()
    finally:
        listener.web_left(peer)


async def _greet(socket: Socket, ours: Hello) -> Peer:
    """Exchange hellos. Raises `ProtocolError` (`version_mismatch`), TimeoutError."""
    await socket.send_str(encode(ours))
    async with asyncio.timeout(HELLO_WITHIN_S):
        message = await socket.receive()
    if message.type is not aiohttp.WSMsgType.TEXT:
        raise ProtocolError(Code.MALFORMED, "no hello")
    hello = decode(message.data)
    if not isinstance(hello, Hello) or hello.version != LINK_VERSION:
        raise ProtocolError(Code.VERSION_MISMATCH)
    return Peer(socket, hello)


class NodeListener(Protocol):
    """What happens on a web's end. Called on the loop; must not block."""

    def node_said(self, node: str, frame: AnyFrame) -> None:
        """The node has sent a frame."""

    def node_lost(self, node: str) -> None:
        """The link broke; every connection through it is gone. It is dialled again."""


class LinkClient:
    """A web's end of the link to one node, dialled again and again until closed.

    `tls` says whose certificates are believed; None: those of the system's authorities.
    """

    def __init__(
        self,
        node: str,
        url: str,
        secret: str,
        web_name: str,
        listener: NodeListener,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.node = node
        self.url = url  # unix:/path, https://host:port, or http:// on this machine
        self.fault: DialFault | None = None  # why it is down; None while it is up or was not tried yet
        self._secret = secret
        self._tls = tls
        self._web_name = web_name
        self._listener = listener
        self._peer: Peer | None = None
        self._up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to dial."""
        self._task = asyncio.create_task(self._keep_dialling(), name=f"link to {self.node}")

    async def close(self) -> None:
        """Hang up. Idempotent."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    @property
    def up(self) -> bool:
        """Whether the node can be spoken to now."""
        return self._peer is not None and self._peer.open

    @property
    def peer(self) -> Peer | None:
        """The node as it answered, another each time it is dialled; None while the link is down."""
        return self._peer if self.up else None

    @property
    def probe(self) -> MediaProbe | None:
        """Where clients may try whether their packets reach the node; None while the link is down."""
        return self._peer.probe if self._peer is not None else None

    def send(self, frame: AnyFrame) -> None:
        """Send to the node. Raises `Unavailable` (`node_unavailable`) while the link is down."""
        if self._peer is None or not self._peer.open:
            raise Unavailable(Code.NODE_UNAVAILABLE, retry_after_s=1.0)
        self._peer.send(frame)

    async def wait_until_up(self, within_s: float) -> None:
        """Return when the node can be spoken to. Raises `Unavailable` (`node_unavailable`)."""
        try:
            async with asyncio.timeout(within_s):
                while not self.up:
                    self._up.clear()
                    await self._up.wait()
        except TimeoutError:
            raise Unavailable(Code.NODE_UNAVAILABLE, retry_after_s=1.0) from None

    async def _keep_dialling(self) -> None:
        while True:
            try:
                await self._dial()
            except (aiohttp.ClientError, OSError, TimeoutError, SignalingError, PlainHttpRefused) as error:
                self._note(fault_of(error), error)
            await asyncio.sleep(REDIAL_S)

    def _note(self, fault: DialFault, error: Exception) -> None:
        """Once for each new fault: it is dialled four times a second."""
        level = logging.DEBUG if fault in (DialFault.AWAY, self.fault) else logging.WARNING
        self.fault = fault
        logger.log(level, "link_down: %s of node %s at %s (%s)", fault, self.node, self.url, error)

    async def _dial(self) -> None:
        refuse_plain_http(self.url)
        path = self.url.removeprefix("unix:") if self.url.startswith("unix:") else None
        connector = aiohttp.UnixConnector(path) if path else aiohttp.TCPConnector(ssl=self._tls or True)
        headers = {"Authorization": f"Bearer {self._secret}"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            address = ("http://node" if path else self.url) + PATH
            async with session.ws_connect(address, heartbeat=HEARTBEAT_S, max_msg_size=MAX_LINK_FRAME_BYTES) as socket:
                await self._talk(await _greet(socket, Hello(version=LINK_VERSION, name=self._web_name)))

    async def _talk(self, peer: Peer) -> None:
        self._peer, self.fault = peer, None
        self._up.set()
        try:
            async for frame in peer.frames():
                self._listener.node_said(self.node, frame)
        finally:
            self._peer = None
            self._listener.node_lost(self.node)
