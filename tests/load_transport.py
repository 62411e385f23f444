"""A bot's peer connection that carries much: a socket without asyncio's transport around it, and the kernel's clock."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate

from signaling.media.sfu.udp import ANCILLARY_BYTES, SO_TIMESTAMPNS
from tests.bot_transport import BotTransport

SOCKET_BUFFER_BYTES = 1 << 20
CHECKS_EVERY_S = 2.5  # as Chromium's, once a path stands
AES_128_GCM = [profile for profile in SRTP_PROFILES if profile.openssl_profile == b"SRTP_AEAD_AES_128_GCM"]
CERTIFICATE = RTCCertificate.generateCertificate()  # of all: making one takes longer than a handshake
BATCH = 32
_TIMESPEC = struct.Struct("@ll")

OnSrtp = Callable[[memoryview, int, Any], None]


class LoadTransport(BotTransport):
    """`on_srtp` gets each protected RTP packet, when it arrived (nanoseconds since 1970), and its session."""

    check_interval_s = CHECKS_EVERY_S
    srtp_profiles = AES_128_GCM

    def __init__(self) -> None:
        super().__init__(CERTIFICATE)
        self.on_srtp: OnSrtp | None = None  # None: it is not looked at

    @property
    def session(self) -> Any:
        """What unprotects; there once it is connected."""
        return self._rx

    async def new_socket(self) -> None:
        """Open it; nobody but the engine is heard on it."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.setblocking(False)
        sock.connect(self.server)
        self._transports.append(_OwnSocket(sock, self))  # type: ignore[arg-type]  # what is used of a transport

    def stop_listening(self) -> None:
        """Let the kernel drop what comes: only the sender's side is of interest. The path is still kept open."""
        asyncio.get_running_loop().remove_reader(self._transports[-1].get_extra_info("socket").fileno())

    def take(self, data: memoryview, arrived_ns: int) -> None:
        """One datagram."""
        if data[0] < 128:
            self.datagram_received(bytes(data), self.server)
        elif self.on_srtp is not None and not 63 < data[1] & 0x7F < 96:
            self.on_srtp(data, arrived_ns, self._rx)


class _OwnSocket:
    """What a `BotTransport` uses of an asyncio transport."""

    _view = memoryview(bytearray(2048))  # of all: a datagram is handled before the next is read

    def __init__(self, sock: socket.socket, owner: LoadTransport) -> None:
        self._sock, self._owner = sock, owner
        asyncio.get_running_loop().add_reader(sock.fileno(), self._on_readable)

    def get_extra_info(self, _name: str) -> socket.socket:
        return self._sock

    def sendto(self, data: bytes, _address: object) -> None:
        with suppress(OSError):  # a full buffer is a loss, and counted as one
            self._sock.send(data)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._sock.fileno())
        self._sock.close()

    def _on_readable(self) -> None:
        for _ in range(BATCH):
            try:
                size, ancillary, _flags, _from = self._sock.recvmsg_into([self._view], ANCILLARY_BYTES)
            except OSError:
                return
            seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
            self._owner.take(self._view[:size], seconds * 1_000_000_000 + nanoseconds)
