"""What the taps of a call hear of a track: what is published as it is, or of several layers one unbroken stream."""

from signaling.media.port import Track
from signaling.media.sfu.forwarding import Forwarder, MediaPacket, OutgoingStream, Stream
from signaling.media.sfu.rtcp import SenderReport
from signaling.media.taps import Taps

_AS_ONE = OutgoingStream(ssrc=1, rtx_ssrc=0, payload_type=96, rtx_payload_type=0, first_sequence=0)


class TapFeed:
    """Stands between a feed and the taps of its call: like a seat that always wants the best there is."""

    def __init__(self, track: Track, taps: Taps) -> None:
        self._track = track
        self._taps = taps
        self._forwarder: Forwarder | None = None

    @property
    def heard(self) -> bool:
        """Whether anybody listens."""
        return self._taps.attached

    @property
    def layer(self) -> int:
        """The layer they hear or wait for."""
        if self._forwarder is None:
            return 0
        awaited = self._forwarder.awaited_layer
        return awaited if awaited is not None else self._forwarder.layer or 0

    @property
    def awaited_layer(self) -> int | None:
        """The layer of which they need a key frame to go on; None where they need none, or nobody listens."""
        return self._forwarder.awaited_layer if self._forwarder is not None and self.heard else None

    def begin(self, layers: int) -> None:
        """The track has so many layers from now on."""
        if layers == 1:
            self._forwarder = None
        elif self._forwarder is None:
            self._forwarder = Forwarder(_AS_ONE, self._track.clock_rate_hz)

    def choose(self, layer: int) -> None:
        """Go over to this layer with its next key frame."""
        if self._forwarder is not None:
            self._forwarder.choose(layer)

    def on_packet(self, packet: bytes, taken: MediaPacket, arrived_ns: int, now_s: float) -> None:
        """One packet as published, and the same taken apart."""
        if not self._taps.attached:
            return
        heard = packet if self._forwarder is None else self._forwarder.forward(taken, now_s)
        if heard is not None:
            self._taps.packet(self._track, heard, arrived_ns)

    def on_sender_report(self, stream: Stream, report: SenderReport, arrived_ns: int) -> None:
        """A report about a layer; of use if it is the one they hear."""
        if self._forwarder is None:
            self._taps.sender_report(self._track, report.ntp_time, report.rtp_time, arrived_ns)
            return
        shifted = self._forwarder.sender_report(stream, report.ntp_time, report.rtp_time)
        if shifted is not None:
            self._taps.sender_report(self._track, report.ntp_time, shifted.rtp_time, arrived_ns)
