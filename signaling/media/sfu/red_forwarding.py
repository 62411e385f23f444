"""Sound on its way to a seat that takes RED: with its repetitions where the publisher sent them, else plain. Pure."""

from signaling.media.sfu.forwarding import Forwarder, MediaPacket, OutgoingStream


class RedForwarder(Forwarder):
    """A `Forwarder` whose packets are RED under this payload type. A packet put back from a repetition stays plain."""

    def __init__(self, outgoing: OutgoingStream, clock_rate_hz: int, red_payload_type: int) -> None:
        super().__init__(outgoing, clock_rate_hz)
        self._red_payload_type = red_payload_type

    def forward(self, packet: MediaPacket, now_s: float) -> bytes | None:
        """The packet for this seat, or None if it is not for it."""
        forwarded = super().forward(packet, now_s)
        if forwarded is None or packet.red is None or not self.repeats:
            return forwarded
        self.octets += len(packet.red) - len(packet.payload)
        return forwarded[:1] + bytes([packet.marker | self._red_payload_type]) + forwarded[2:12] + packet.red
