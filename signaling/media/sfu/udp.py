"""One UDP port for every peer: whose datagram is this, and may it pass?

    first byte 0-3           STUN -> a signed check binds the source address to a peer (`ice.py`)
    20-63, 128-191           DTLS, SRTP -> the peer bound to the source address (RFC 7983)
    anything else, unbound   dropped

A drop is counted. It is never logged, never answered and never raises.
"""

import asyncio
import contextlib
import logging
import secrets
import socket
import string
import struct
import time
from collections.abc import Callable, Sequence

from signaling.media.port import MediaProbe, Traffic
from signaling.media.sfu.backlog import Backlog
from signaling.media.sfu.hosts import reachable_hosts
from signaling.media.sfu.ice import ID_CHARS, IceAgent, Path
from signaling.media.sfu.probe import ProbeAgent
from signaling.media.sfu.settings import MediaNetwork
from signaling.media.sfu.shield import Shield
from signaling.media.sfu.stun import Rejected, parse_check

LARGEST_BYTES = 1500  # libsrtp's wrapper raises above this
SMALLEST_BYTES = 12  # an RTP header; a DTLS record header is 13
BATCH = 64  # datagrams per wake-up, so that one busy port leaves the loop to others
SOCKET_BUFFER_BYTES = 4 << 20
# A wildcard socket answers from an address that the kernel picks, so the client may see a stranger: bind each instead.
WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104

SO_TIMESTAMPNS = 35  # of Linux, and of no name in Python
_TIMESPEC = struct.Struct("@ll")
ANCILLARY_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)
_ICE_CHARS = string.ascii_letters + string.digits

logger = logging.getLogger(__name__)


class UdpPort:
    """Sockets on one port number, one per local address. `clock` is monotonic, in seconds."""

    def __init__(self, network: MediaNetwork, clock: Callable[[], float]) -> None:
        self.traffic = Traffic()
        self.backlog = Backlog()
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._probe = ProbeAgent(random_ice_chars)
        self._agents: dict[str, IceAgent] = {}
        self._bindings: dict[Path, IceAgent] = {}
        self._sockets: dict[int, socket.socket] = {}
        self._shield = Shield(self._sockets, self._bindings, self.traffic.drops)
        self._view = memoryview(bytearray(LARGEST_BYTES + 1))  # one datagram is handled before the next is read
        self._ancillary: list[tuple[int, int, bytes]] = []  # what the kernel said beside that datagram
        self.number = network.port
        bind_hosts = network.bind_hosts
        if not bind_hosts or WILDCARDS & set(bind_hosts):
            bind_hosts = reachable_hosts()
        self._open_all(bind_hosts)
        self.announced_hosts = network.announced_hosts or bind_hosts

    @property
    def arrived_s(self) -> float:
        """When the datagram that is being handled reached this host, in seconds since 1970: by the kernel, if it says.

        Congestion control sees the line by these times; a busy loop would look like a line with jitter.
        """
        for level, kind, data in self._ancillary:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS) and len(data) == _TIMESPEC.size:
                seconds, nanoseconds = _TIMESPEC.unpack(data)
                return float(seconds + nanoseconds / 1e9)
        return time.time()

    def tick(self) -> None:
        """Look whether strangers flood the port, or more comes than we carry; called every few tens of milliseconds."""
        self._shield.look(self._clock())
        if self.backlog.look(self._clock(), self.traffic.drops["port_overflow"]):
            logger.warning("how much gives way to voices has changed", extra={"step": self.backlog.gives_way.name})

    def count(self) -> None:
        """Bring `traffic` up to date with what the kernel dropped."""
        self._shield.count()

    @property
    def probe(self) -> MediaProbe:
        """Where checks are answered without a call."""
        return MediaProbe(*self._probe.local, tuple(self.announced_hosts), self.number)

    def new_agent(self, deliver: Callable[[memoryview], None]) -> IceAgent:
        """An ICE agent on this port; `deliver` must use up its datagram before it returns."""
        agent = IceAgent(self._bindings, random_ice_chars, deliver)
        self._agents[agent.id] = agent
        return agent

    def remove(self, agent: IceAgent) -> None:
        """Forget an agent and its addresses. Idempotent."""
        self._agents.pop(agent.id, None)
        agent.close()

    def send(self, agent: IceAgent, datagram: bytes | memoryview) -> None:
        """To the selected path. UDP may lose a datagram, so a failure is a loss and not an error."""
        path = agent.selected
        if path is None:
            self.traffic.drops["send_no_path"] += 1
        else:
            self.traffic.packets_sent += 1
            self.traffic.bytes_sent += len(datagram)
            self._send(path, datagram)

    def close(self) -> None:
        """Close every socket. Idempotent."""
        for descriptor, sock in self._sockets.items():
            self._loop.remove_reader(descriptor)
            sock.close()
        self._sockets.clear()

    def on_datagram(self, datagram: memoryview, path: Path) -> None:
        """Take one datagram as if it had been read from the socket of `path`."""
        try:
            self._dispatch(datagram, path)
        except Rejected as reason:
            self.traffic.drops[str(reason)] += 1

    def _dispatch(self, datagram: memoryview, path: Path) -> None:
        if not SMALLEST_BYTES <= len(datagram) <= LARGEST_BYTES:
            raise Rejected("size")
        first = datagram[0]
        if 127 < first < 192 or 19 < first < 64:
            agent = self._bindings.get(path)
            if agent is None:
                raise Rejected("unbound_address")
            self.traffic.packets_received += 1
            self.traffic.bytes_received += len(datagram)
            agent.deliver(datagram)
        elif first < 4:
            self._on_stun(bytes(datagram), path)
        else:
            raise Rejected("unknown_protocol")

    def _on_stun(self, datagram: bytes, path: Path) -> None:
        check = parse_check(datagram)
        name = check.ufrag[:ID_CHARS]
        agent = self._probe if name == self._probe.id else self._agents.get(name)
        if agent is None:
            raise Rejected("stun_unknown_ufrag")
        answer = agent.on_check(check, path, self._clock())
        if path in self._bindings:
            self._shield.cover(path)
        self._send(path, answer)
        self.traffic.checks_answered += 1

    def _send(self, path: Path, datagram: bytes | memoryview) -> None:
        try:
            self._sockets[path.socket].sendto(datagram, path.address)
        except (KeyError, OSError):  # KeyError: the port was closed meanwhile
            self.traffic.drops["send_failed"] += 1

    def _on_readable(self, sock: socket.socket, descriptor: int) -> None:
        view, on_datagram = self._view, self.on_datagram
        buffers = [view]
        for at in range(BATCH):
            try:
                size, self._ancillary, _flags, address = sock.recvmsg_into(buffers, ANCILLARY_BYTES)
            except OSError:  # nothing left, or the ICMP error of an earlier send
                return
            if not at:
                self.backlog.waited(descriptor, time.time() - self.arrived_s)
            on_datagram(view[:size], Path(descriptor, address))

    def _open_all(self, hosts: Sequence[str]) -> None:
        try:
            for host in hosts:
                sock = _open(host, self.number)
                self._sockets[sock.fileno()] = sock
                self.number = sock.getsockname()[1]  # the first may ask for any: the others follow it
        except OSError:
            self.close()
            raise
        for descriptor, sock in self._sockets.items():
            self._loop.add_reader(descriptor, self._on_readable, sock, descriptor)


def random_ice_chars(count: int) -> str:
    """So many ice-chars (RFC 8839 5.4) from the system's random source."""
    return "".join(secrets.choice(_ICE_CHARS) for _ in range(count))


def _open(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
    with contextlib.suppress(OSError):  # not on every system; then the time is ours
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setblocking(False)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
