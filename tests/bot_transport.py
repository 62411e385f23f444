"""One peer connection of a bot: aioice's STUN (another reading of the RFC), OpenSSL as DTLS client, libsrtp."""

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable
from typing import Any

from aioice import stun
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate, SRTPProtectionProfile
from OpenSSL import SSL
from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session

from tests.network import open_socket

CHECK_INTERVAL_S = 1.0
OWN_PASSWORD = "p" * 24


class BotTransport(asyncio.DatagramProtocol):
    """One peer connection as a browser has it: ICE controlling, DTLS client."""

    check_interval_s = CHECK_INTERVAL_S
    srtp_profiles = SRTP_PROFILES

    def __init__(self, certificate: RTCCertificate, namespace: str | None = None) -> None:
        self.connected = asyncio.Event()
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.on_rtp: Callable[[bytes], None] = self.rtp.append
        self.answered_checks = 0
        self.drop = False  # pretend that the path is dead, both ways
        self.server: tuple[str, int] = ("", 0)
        self.profile = b""
        self.own_ufrag = "bot0"  # as our description says
        self._certificate = certificate
        self._namespace = namespace
        self._ufrag, self._passwords = "", [""]
        self._ssl: SSL.Connection | None = None
        self._rx: Session | None = None
        self._tx: Session | None = None
        self._transports: list[asyncio.DatagramTransport] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def fingerprint(self) -> str:
        first = self._certificate.getFingerprints()[0]
        return f"{first.algorithm} {first.value}"

    @property
    def address(self) -> tuple[str, int]:
        """Where the server sees us, without any NAT between."""
        return self._transports[-1].get_extra_info("sockname")[:2]  # type: ignore[no-any-return]

    async def connect(self, remote_sdp: str, host: str | None = None) -> None:
        """Begin, or begin again with other credentials after an ICE restart."""
        self._ufrag = re.search(r"a=ice-ufrag:(\S+)", remote_sdp)[1]  # type: ignore[index]
        self._passwords.append(re.search(r"a=ice-pwd:(\S+)", remote_sdp)[1])  # type: ignore[index]
        candidates = re.findall(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", remote_sdp)
        address, port = next((a, p) for a, p in candidates if host in (None, a))
        self.server = (address, int(port))
        if not self._transports:
            await self.new_socket()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def is_restarted_by(self, remote_sdp: str) -> bool:
        """Whether a description has other credentials than the ones in use."""
        return bool(self._ufrag) and f"a=ice-ufrag:{self._ufrag}\r" not in remote_sdp

    async def new_socket(self) -> None:
        """From now on send from another port, as after a change of network."""
        family = socket.AF_INET6 if ":" in self.server[0] else socket.AF_INET
        loop = asyncio.get_running_loop()
        ours = open_socket(self._namespace, family, socket.SOCK_DGRAM)
        ours.setblocking(False)
        ours.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", 0))
        transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=ours)
        self._transports.append(transport)

    def check(self, nominate: bool = True, password: str | None = None, ufrag: str | None = None) -> bytes:
        """A connectivity check."""
        attributes: dict[str, Any] = {
            "USERNAME": f"{ufrag or self._ufrag}:{self.own_ufrag}",
            "PRIORITY": 1,
            "ICE-CONTROLLING": 7,
        }
        if nominate:
            attributes["USE-CANDIDATE"] = None
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
        message.add_message_integrity((password or self._passwords[-1]).encode())
        return bytes(message)

    def send(self, datagram: bytes) -> None:
        """One datagram as it is."""
        if self._transports and not self.drop:
            self._transports[-1].sendto(datagram, self.server)

    def send_rtp(self, packet: bytes) -> None:
        """One plain RTP packet, protected."""
        if self._tx is not None:
            self.send(self._tx.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        """One plain RTCP packet, protected."""
        if self._tx is not None:
            self.send(self._tx.protect_rtcp(packet))

    async def close(self) -> None:
        """Say nothing and go."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for transport in self._transports:
            transport.close()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if self.drop:
            return
        if data[0] < 4:
            self._on_stun(stun.parse_message(data), addr)
        elif data[0] < 64 and self._ssl is not None:
            self._ssl.bio_write(data)
            self._handshake()
        elif data[0] > 127 and self._rx is not None:
            self._on_srtp(data)

    def _on_stun(self, message: stun.Message, addr: tuple[Any, ...]) -> None:
        if message.message_class == stun.Class.REQUEST:  # Janus checks as well, though it says that it is ICE-lite
            assert message.check_message_integrity(OWN_PASSWORD.encode()), "not the server's check"
            seen = {"XOR-MAPPED-ADDRESS": addr[:2]}
            answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, message.transaction_id, seen)
            answer.add_message_integrity(OWN_PASSWORD.encode())
            self.send(bytes(answer))
            return
        if message.message_class == stun.Class.INDICATION:  # it keeps a path open
            return
        passwords = self._passwords[-2:]  # a late answer may be to a check from before an ICE restart
        assert any(message.check_message_integrity(p.encode()) for p in passwords), "not the server's answer"
        self.answered_checks += message.message_class == stun.Class.RESPONSE

    def error_received(self, exc: Exception) -> None:
        """An ICMP error: the port is closed; checks go on."""

    def begin_handshake(self) -> None:
        """Send a ClientHello."""
        context = self._certificate._create_ssl_context(self.srtp_profiles)
        self._ssl = SSL.Connection(context)
        self._ssl.set_connect_state()
        self._handshake()

    async def _run(self) -> None:
        while True:
            self.send(self.check())
            if not self.answered_checks:
                await asyncio.sleep(0.05)
                continue
            if self._ssl is None:
                self.begin_handshake()
            elif not self.connected.is_set():
                self._ssl.DTLSv1_handle_timeout()
                self._flush()
            await asyncio.sleep(self.check_interval_s if self.connected.is_set() else 0.2)

    def _handshake(self) -> None:
        assert self._ssl is not None
        if self.connected.is_set():
            return
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            self._flush()
        except SSL.Error:
            return
        else:
            self._flush()
            self._take_keys(self._ssl)

    def _flush(self) -> None:
        assert self._ssl is not None
        with contextlib.suppress(SSL.Error):
            data = self._ssl.bio_read(65_536)
            while data:  # one record, one datagram
                size = 13 + int.from_bytes(data[11:13])
                self.send(data[:size])
                data = data[size:]

    def _take_keys(self, connection: SSL.Connection) -> None:
        self.profile = connection.get_selected_srtp_profile()
        profile: SRTPProtectionProfile = next(p for p in SRTP_PROFILES if p.openssl_profile == self.profile)
        size = 2 * (profile.key_length + profile.salt_length)
        material = connection.export_keying_material(b"EXTRACTOR-dtls_srtp", size)

        def session(side: int, kind: int) -> Session:
            return Session(Policy(profile.get_key_and_salt(material, side), kind, srtp_profile=profile.libsrtp_profile))

        self._tx, self._rx = session(0, Policy.SSRC_ANY_OUTBOUND), session(1, Policy.SSRC_ANY_INBOUND)
        self.connected.set()

    def _on_srtp(self, data: bytes) -> None:
        assert self._rx is not None
        with contextlib.suppress(SrtpError):
            if 63 < data[1] & 0x7F < 96:
                self.rtcp.append(self._rx.unprotect_rtcp(data))
            else:
                self.on_rtp(self._rx.unprotect(data))
