"""DTLS-SRTP of one peer connection (RFC 5764): keys by aiortc's handshake, packets straight through libsrtp, in place.

The only file that touches aiortc and private names of others; `tests/unit/test_dtls_seam.py` says what changed there:

    aiortc      RTCDtlsTransport._set_role, ._rx_srtp, ._tx_srtp; RTCCertificate._create_ssl_context
    its ICE object, which we provide: .role, ._recv(), ._send()
    pylibsrtp   _binding.ffi, _binding.lib, Session._srtp
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import cast

from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport, RTCIceTransport
from aiortc.rtcdtlstransport import SRTPProtectionProfile
from OpenSSL import SSL
from pylibsrtp._binding import ffi, lib

from signaling.media.sfu.client_hello import COOKIE_BYTES, HelloGate, Verdict, is_hello_verify_request, opening
from signaling.media.sfu.sdp import Fingerprint

INBOX = 64  # DTLS records waiting; a ClientHello may come before the SDP answer that allows us to read it
HANDSHAKE_TIMEOUT_S = 15.0
# Forward secrecy and authenticated encryption; the first is what every browser must have (RFC 8827 6.5).
CIPHER_SUITES = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305")
LARGEST_PLAIN_BYTES = 1400  # SRTP adds up to 20 bytes; nothing longer is sent on


def carries_rtcp(datagram: memoryview) -> bool:
    """Whether an SRTP datagram is one of reports, not of media (RFC 5761 section 4)."""
    return 63 < datagram[1] & 0x7F < 96


class DtlsState(StrEnum):
    """How far the keys are."""

    NEW = "new"  # waiting for the other side's fingerprint
    CONNECTING = "connecting"  # the handshake is under way
    CONNECTED = "connected"  # packets can be protected
    FAILED = "failed"  # no keys: wrong certificate, nonsense or timeout
    CLOSED = "closed"  # by either side


class SharedCertificate(RTCCertificate):
    """One certificate and one SSL.Context for the process; stock aiortc makes a context per handshake."""

    _context: SSL.Context | None = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        if self._context is None:
            self._context = super()._create_ssl_context(srtp_profiles)
            self._context.set_cipher_list(":".join(CIPHER_SUITES).encode())
            # The gate has looked at the cookie; OpenSSL is only told to wait for a hello that has one.
            self._context.set_options(cast(int, SSL.OP_COOKIE_EXCHANGE))
            self._context.set_cookie_generate_callback(lambda connection: b"seen by the gate")
            self._context.set_cookie_verify_callback(lambda connection, cookie: True)
            # A shared context would keep 20,480 finished sessions. Nobody resumes one.
            self._context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        return self._context

    @property
    def fingerprint(self) -> Fingerprint:
        """What our SDP says of this certificate."""
        first = self.getFingerprints()[0]
        return Fingerprint(first.algorithm, first.value)


class _Records:
    """What RTCDtlsTransport needs of an ICE transport: DTLS records in, datagrams out."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._write = send
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue(INBOX)
        self._inbox.put_nowait(opening())

    def put(self, record: bytes) -> None:
        """Hand in a record; DTLS repeats what is lost, so a full inbox drops it."""
        if not self._inbox.full():
            self._inbox.put_nowait(record)

    def close(self) -> None:
        """Wake the reader with a ConnectionError: the way RTCDtlsTransport learns that it is over."""
        while not self._inbox.empty():
            self._inbox.get_nowait()
        self._inbox.put_nowait(b"")  # never comes from outside: the port drops empty datagrams

    async def _recv(self) -> bytes:
        record = await self._inbox.get()
        if not record:
            self.close()
            raise ConnectionError
        return record

    async def _send(self, datagram: bytes) -> None:
        if not is_hello_verify_request(datagram):
            self._write(datagram)


class DtlsTransport:
    """One handshake and the packets after it. We are always the DTLS server.

    `send` takes datagrams for the network and must use them up before it returns; `on_rtp` and `on_rtcp` get plain
    packets that were authenticated; `on_state` hears FAILED, CONNECTED and CLOSED, each at most once.
    """

    def __init__(
        self,
        certificate: SharedCertificate,
        send: Callable[[bytes | memoryview], None],
        on_rtp: Callable[[bytes], None],
        on_rtcp: Callable[[bytes], None],
        on_state: Callable[[DtlsState], None],
    ) -> None:
        self.state = DtlsState.NEW
        self._send = send
        self._on_rtp, self._on_rtcp, self._on_state = on_rtp, on_rtcp, on_state
        self._records = _Records(send)
        self._gate = HelloGate(secrets.token_bytes(COOKIE_BYTES))
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, self._records), [certificate])
        self._dtls._set_role("server")
        self._dtls.on("statechange", self._on_statechange)
        self._handshake: asyncio.Task[None] | None = None
        self._size = ffi.new("int *")
        self._out = memoryview(bytearray(LARGEST_PLAIN_BYTES + 64))
        self._out_c = ffi.from_buffer("char[]", self._out)

    def start(self, fingerprint: Fingerprint) -> None:
        """Begin the handshake, once; it ends in CONNECTED or, after `HANDSHAKE_TIMEOUT_S` at the latest, in FAILED."""
        if self._handshake is None and self.state is DtlsState.NEW:
            self.state = DtlsState.CONNECTING
            remote = RTCDtlsParameters([RTCDtlsFingerprint(*fingerprint)])
            self._handshake = asyncio.get_running_loop().create_task(self._shake_hands(remote))

    def on_datagram(self, datagram: memoryview) -> bool:
        """DTLS goes to the handshake; SRTP is decrypted where it lies and handed on. False for SRTP not of the peer."""
        if datagram[0] < 64:
            self._on_records(bytes(datagram))
            return True
        return self.state is DtlsState.CONNECTED and self._unprotect(datagram)

    def send_rtp(self, packet: bytes) -> None:
        """Protect and send one RTP packet; nothing happens before CONNECTED."""
        self._protect(packet, lib.srtp_protect)

    def send_rtcp(self, packet: bytes) -> None:
        """Protect and send one RTCP packet, simple or compound; nothing happens before CONNECTED."""
        self._protect(packet, lib.srtp_protect_rtcp)

    def close(self) -> None:
        """Say close_notify and be done. Idempotent."""
        if self.state in (DtlsState.CLOSED, DtlsState.FAILED):
            return
        self.state = DtlsState.CLOSED
        self._end()
        if self._handshake is not None:
            self._handshake.cancel()

    def _on_records(self, datagram: bytes) -> None:
        verdict = self._gate.judge(datagram)
        if verdict is Verdict.PASS:
            self._records.put(datagram)
        elif verdict is Verdict.ANSWER:
            self._send(self._gate.answer)

    def _unprotect(self, datagram: memoryview) -> bool:
        self._size[0] = len(datagram)
        is_rtcp = carries_rtcp(datagram)
        unprotect = lib.srtp_unprotect_rtcp if is_rtcp else lib.srtp_unprotect
        if unprotect(self._dtls._rx_srtp._srtp[0], ffi.from_buffer("char[]", datagram), self._size):
            return False
        (self._on_rtcp if is_rtcp else self._on_rtp)(bytes(datagram[: self._size[0]]))
        return True

    def _protect(self, packet: bytes, protect: Callable[[object, object, object], int]) -> None:
        size = len(packet)
        if self.state is not DtlsState.CONNECTED or size > LARGEST_PLAIN_BYTES:
            return
        self._out[:size] = packet
        self._size[0] = size
        if not protect(self._dtls._tx_srtp._srtp[0], self._out_c, self._size):
            self._send(self._out[: self._size[0]])

    async def _shake_hands(self, remote: RTCDtlsParameters) -> None:
        try:
            await asyncio.wait_for(self._dtls.start(remote), HANDSHAKE_TIMEOUT_S)
        except TimeoutError:
            self._change(DtlsState.FAILED)

    def _on_statechange(self) -> None:
        if self._dtls.state in ("connected", "failed", "closed"):
            self._change(DtlsState(self._dtls.state))

    def _change(self, state: DtlsState) -> None:
        if self.state in (DtlsState.CLOSED, DtlsState.FAILED) or state is self.state:
            return
        self.state = state
        if state is not DtlsState.CONNECTED:
            self._end()
        self._on_state(state)

    def _end(self) -> None:
        stop = self._dtls.stop()
        with contextlib.suppress(StopIteration):
            stop.send(None)  # nothing in it waits, because `_Records._send` does not
        self._records.close()
