"""Where Janus sends what taps hear: one UDP socket of the node, and SRTP with a key that only the two know.

Each forwarded track has an SSRC of its own, which tells it from the others. Arrival is stamped here.
"""

import asyncio
import secrets
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Collection
from typing import Any

from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session

KEY_AND_SALT_BYTES = 30  # RFC 3711 with AES-128
SUITE = 80  # bits of the authentication tag
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

Heard = Callable[[bytes, int], None]


class TapPort(asyncio.DatagramProtocol):
    """Receives forwarded tracks. `open` it once inside a running loop; raises OSError."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.port = 0
        self.dropped = 0  # forged, or of a track that is forwarded no longer
        self._key = secrets.token_bytes(KEY_AND_SALT_BYTES)
        self._session = Session(
            Policy(self._key, Policy.SSRC_ANY_INBOUND, srtp_profile=Policy.SRTP_PROFILE_AES128_CM_SHA1_80)
        )
        self._heard: dict[int, Heard] = {}
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def key(self) -> str:
        """Key and salt, as `srtp_crypto` takes them."""
        return b64encode(self._key).decode()

    @property
    def expected(self) -> Collection[int]:
        """The SSRCs that are heard."""
        return self._heard.keys()

    async def open(self) -> None:
        """Listen. Idempotent."""
        if self._transport is not None:
            return
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        ours = socket.socket(family, socket.SOCK_DGRAM)
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        ours.bind((self.host, 0))
        self.port = ours.getsockname()[1]
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=ours)

    def expect(self, heard: Heard) -> int:
        """The SSRC under which a track is to be forwarded; `heard` gets its plain packets and their arrival."""
        ssrc = secrets.randbelow(2**31 - 2) + 1
        while ssrc in self._heard:
            ssrc = secrets.randbelow(2**31 - 2) + 1
        self._heard[ssrc] = heard
        return ssrc

    def forget(self, ssrc: int) -> None:
        """It is heard no more, at once. Idempotent."""
        self._heard.pop(ssrc, None)

    def close(self) -> None:
        """Listen no more. Idempotent."""
        self._heard.clear()
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, _: tuple[Any, ...]) -> None:
        """One packet."""
        heard = self._heard.get(int.from_bytes(data[8:12])) if len(data) > 12 else None
        try:
            if heard is not None:
                heard(self._session.unprotect(data), time.time_ns())
                return
        except SrtpError:
            pass
        self.dropped += 1
