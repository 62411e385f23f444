"""One peer connection: an ICE agent on the shared port, DTLS above it, plain RTP and RTCP out of the top."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from signaling.media.sfu.ceiling import RTCP_RATE, Ceiling
from signaling.media.sfu.dtls import DtlsState, DtlsTransport, SharedCertificate, carries_rtcp
from signaling.media.sfu.ice import Credentials, Path
from signaling.media.sfu.sdp import Fingerprint
from signaling.media.sfu.udp import UdpPort


class PeerOwner(Protocol):
    """Whoever uses a peer connection. Called on the packet path; may not raise."""

    def on_rtp(self, packet: bytes) -> None:
        """One authenticated RTP packet."""

    def gives_way(self, packet: memoryview) -> bool:
        """Whether this packet, not yet authenticated, is dropped for voices; asked while more comes than goes."""

    def on_rtcp(self, packet: bytes) -> None:
        """One authenticated RTCP packet, simple or compound."""

    def on_dtls_state(self, state: DtlsState) -> None:
        """DTLS came up, failed or was closed by the other side."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all peer connections of a node stand on."""

    port: UdpPort
    certificate: SharedCertificate
    clock: Callable[[], float]  # monotonic, in seconds
    wall_clock_ns: Callable[[], int]  # nanoseconds since 1970


class Peer:
    """Sends and receives for one `RTCPeerConnection` on the other side; media of it only if it `takes_media`."""

    def __init__(self, ground: Ground, owner: PeerOwner, *, takes_media: bool = True) -> None:
        self._ground = ground
        self._backlog = ground.port.backlog
        self._owner = owner
        self._agent = ground.port.new_agent(self._on_datagram if takes_media else self._on_datagram_without_media)
        self._dtls = DtlsTransport(ground.certificate, self._send, self._on_rtp, self._on_rtcp, self._on_state)
        self._rtcp_ceiling = Ceiling(RTCP_RATE)
        self.fingerprint: Fingerprint | None = None  # of the other side
        self.send_rtp = self._dtls.send_rtp
        self.send_rtcp = self._dtls.send_rtcp

    @property
    def credentials(self) -> Credentials:
        """Our ICE credentials for the next SDP."""
        return self._agent.local

    @property
    def connected(self) -> bool:
        """Whether packets can be sent."""
        return self._dtls.state is DtlsState.CONNECTED

    @property
    def path(self) -> Path | None:
        """Where we send to now."""
        return self._agent.selected

    def start(self, fingerprint: Fingerprint) -> None:
        """Let the handshake begin with whoever shows this certificate. Later calls change nothing."""
        if self.fingerprint is None:
            self.fingerprint = fingerprint
            self._dtls.start(fingerprint)

    def restart_ice(self) -> None:
        """New credentials; DTLS and the old path live on until a check nominates another."""
        self._agent.restart()

    def silent_s(self, now_s: float) -> float:
        """Seconds since the peer last proved that it is there: a signed check or a decrypted packet."""
        return now_s - self._agent.last_heard_s

    def close(self) -> None:
        """Say goodbye and release every address at once. Idempotent."""
        self._dtls.close()
        self._ground.port.remove(self._agent)

    def _send(self, datagram: bytes | memoryview) -> None:
        self._ground.port.send(self._agent, datagram)

    def _on_datagram(self, datagram: memoryview) -> None:
        if self._backlog.gives_way and self._gives_way(datagram):
            self._ground.port.traffic.drops["gave_way"] += 1
            return
        if not self._dtls.on_datagram(datagram):
            self._ground.port.traffic.drops["srtp_refused"] += 1

    def _on_datagram_without_media(self, datagram: memoryview) -> None:
        if datagram[0] > 127 and not carries_rtcp(datagram):
            self._ground.port.traffic.drops["rtp_unasked"] += 1
        else:
            self._on_datagram(datagram)

    def _gives_way(self, datagram: memoryview) -> bool:
        return datagram[0] > 127 and not carries_rtcp(datagram) and self._owner.gives_way(datagram)

    def _on_rtp(self, packet: bytes) -> None:
        self._agent.last_heard_s = self._ground.clock()
        self._owner.on_rtp(packet)

    def _on_rtcp(self, packet: bytes) -> None:
        now_s = self._agent.last_heard_s = self._ground.clock()
        if not self._rtcp_ceiling.allows(len(packet), now_s):
            self._ground.port.traffic.drops["rtcp_over_ceiling"] += 1
            return
        self._owner.on_rtcp(packet)

    def _on_state(self, state: DtlsState) -> None:
        if state is not DtlsState.CONNECTED:
            self._ground.port.remove(self._agent)  # the address may be another peer's a moment later
        self._owner.on_dtls_state(state)
