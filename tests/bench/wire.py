"""What goes over the wire to a UDP port of this host and back, packet by packet, with the kernel's times.

The headers of SRTP are not encrypted (RFC 3711 3.1), so who may read the interface sees each packet's stream and
number without any key. Needs the right to open packet sockets, as root has.
"""

import asyncio
import socket
import struct
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from signaling.media.sfu.udp import ANCILLARY_BYTES, SO_TIMESTAMPNS

_ALL_PROTOCOLS, _IPV4, _IPV6 = 0x0003, 0x0800, 0x86DD  # of Ethernet
_HEADERS_BYTES = 96  # what is read of a packet: IP, UDP and RTP without extensions
_IPV6_HEADER_BYTES, _UDP_HEADER_BYTES, _RTP_HEADER_BYTES = 40, 8, 12
_TIMESPEC = struct.Struct("@ll")
_WRAP = 1 << 16
_RECEIVE_BUFFER_BYTES = 16 << 20
_SO_RCVBUFFORCE, _SOL_PACKET, _PACKET_STATISTICS = 33, 263, 6  # of Linux, and of no name in Python
_STATISTICS = struct.Struct("@II")  # packets, and those for which there was no room
STEADY_PER_S = 10.0  # packets: what repeats lost packets and what probes a line is sparser


class Stream(NamedTuple):
    """One SSRC between the port and one peer."""

    is_sent: bool  # by the port
    peer_port: int
    ssrc: int


@dataclass
class Passage:
    """The packets of one stream in a stretch of time."""

    at_s: list[float] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)  # sequence numbers without their wrap
    _newest: int | None = None

    def add(self, at_s: float, sequence: int) -> None:
        """One more, which may come after a later one."""
        newest = sequence if self._newest is None else self._newest
        number = newest + (sequence - newest + _WRAP // 2) % _WRAP - _WRAP // 2
        self._newest = max(newest, number)
        self.at_s.append(at_s)
        self.numbers.add(number)

    @property
    def missing(self) -> int:
        """Numbers between the first and the last that did not pass."""
        return max(self.numbers) - min(self.numbers) + 1 - len(self.numbers)

    @property
    def longest_ms(self) -> float:
        """Without a packet, between the first and the last."""
        return max(
            (1000 * (after - before) for before, after in zip(self.at_s, self.at_s[1:], strict=False)), default=0
        )


class NotSeen(Exception):
    """Packets passed for which this program had no room."""


@dataclass
class Wire:
    """What has passed since the last `taken`."""

    sock: socket.socket
    passages: dict[Stream, Passage] = field(default_factory=lambda: defaultdict(Passage))

    def taken(self) -> dict[Stream, Passage]:
        """All of it, or NotSeen; what passes from now on is counted from nothing."""
        passages, self.passages = self.passages, defaultdict(Passage)
        statistics = self.sock.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size)  # counted since last asked
        if dropped := _STATISTICS.unpack(statistics)[1]:
            raise NotSeen(f"{dropped} packets")
        return passages


class Handed(NamedTuple):
    """How a port handed on what it got in a stretch of time."""

    streams: int  # steady ones that it sent
    packets: int  # in these
    missing: int  # numbers left out in these
    got_ms: float  # longest without a packet in any steady stream that it got
    sent_ms: float  # ... that it sent

    @classmethod
    def of(cls, passages: dict[Stream, Passage], seconds: float) -> Self:
        """Of streams that flow all the time: those that stop or begin would be told as one long gap."""
        steady = {stream: one for stream, one in passages.items() if len(one.at_s) > STEADY_PER_S * seconds}
        sent = [one for stream, one in steady.items() if stream.is_sent]
        got = [one for stream, one in steady.items() if not stream.is_sent]
        return cls(
            len(sent),
            sum(len(one.at_s) for one in sent),
            sum(one.missing for one in sent),
            max((one.longest_ms for one in got), default=0.0),
            max((one.longest_ms for one in sent), default=0.0),
        )


def rtp_of(frame: bytes, ethertype: int, port: int) -> tuple[Stream, int] | None:
    """Stream and sequence number, if this IP packet carries RTP to or from the port (RFC 7983 7, RFC 5761 4)."""
    start = {_IPV4: 4 * (frame[0] & 0x0F), _IPV6: _IPV6_HEADER_BYTES}.get(ethertype)
    protocol = frame[9] if ethertype == _IPV4 else frame[6]
    if start is None or protocol != socket.IPPROTO_UDP or len(frame) < start + _UDP_HEADER_BYTES + _RTP_HEADER_BYTES:
        return None
    source, target = (int.from_bytes(frame[at : at + 2]) for at in (start, start + 2))
    rtp = frame[start + _UDP_HEADER_BYTES :]
    is_rtp = rtp[0] >> 6 == 2 and not 64 <= rtp[1] & 0x7F <= 95
    if port not in (source, target) or not is_rtp:
        return None
    is_sent = source == port
    stream = Stream(is_sent, target if is_sent else source, int.from_bytes(rtp[8:12]))
    return stream, int.from_bytes(rtp[2:4])


@asynccontextmanager
async def watched(port: int, interface: str = "lo") -> AsyncIterator[Wire]:
    """What this host sends to itself goes over `lo`, whichever of its addresses is used."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL_PROTOCOLS)) as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind((interface, _ALL_PROTOCOLS))
        wire = Wire(sock)

        def arrived() -> None:
            frame, ancillary, _, address = sock.recvmsg(_HEADERS_BYTES, ANCILLARY_BYTES)
            _, ethertype, direction = address[:3]
            found = rtp_of(frame, ethertype, port) if direction == socket.PACKET_OUTGOING else None  # it comes in too
            if found is not None:
                seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
                wire.passages[found[0]].add(seconds + nanoseconds / 1e9, found[1])

        loop.add_reader(sock, arrived)
        try:
            yield wire
        finally:
            loop.remove_reader(sock)
