"""A bot whose camera sends three layers, as browsers do: named by RID (RFC 8852), their SSRCs in no description."""

import itertools
from collections.abc import Sequence

from recordings.packetise import RtpStream
from recordings.synthetic import picture
from signaling.media.port import CallId, MediaEngine, SeatId, Source, TrackId, Wanted
from tests.bots import VP8, Bot, EngineDoor, Sent

RIDS = ("q", "h", "f")
SIZES = ((320, 180), (640, 360), (1280, 720))
MID_ID, RID_ID = 4, 10
RID_URI = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
WITHIN_FRAME = slice(20, 60)  # enough of a picture to know it again


class LayeredBot(Bot):
    """`show_layers()` sends one key frame in each of `sending`; `layers_of` tells which of them another bot got."""

    def __init__(self, engine: MediaEngine, call: CallId, seat: SeatId) -> None:
        super().__init__(EngineDoor(engine, call, seat))
        self.sending: Sequence[str] = RIDS
        self.frames = [picture(1, *size, 15, seed=1)[0] for size in SIZES]
        self._layers = [RtpStream(0x7000_0000 + number, VP8) for number in range(len(RIDS))]
        self._times = itertools.count(0, 6000)

    def show_layers(self) -> None:
        """One moment of the camera, as one frame of each layer."""
        rtp_time = next(self._times)
        for rid, stream, frame in zip(RIDS, self._layers, self.frames, strict=True):
            for packet in stream.vp8(frame, rtp_time) if rid in self.sending else ():
                self.up.send_rtp(self._named(packet, rid))

    def layers_of(self, packets: Sequence[bytes]) -> list[str]:
        """The layers of which these packets begin a frame, in their order."""
        found = []
        for packet in packets:
            found += [rid for rid, frame in zip(RIDS, self.frames, strict=True) if frame[WITHIN_FRAME] in packet]
        return found

    def _named(self, packet: bytes, rid: str) -> bytes:
        return named_layer(packet, self.sent[Source.CAMERA].mid, rid)

    def _section(self, sent: Sent, direction: str) -> str:
        text = super()._section(sent, direction)
        return layered_section(text) if sent.source is Source.CAMERA else text


def named_layer(packet: bytes, mid: str, rid: str) -> bytes:
    """A plain packet as one of this layer: its mid and RID in header extensions."""
    elements = bytes([MID_ID << 4]) + mid.encode() + bytes([RID_ID << 4]) + rid.encode()
    return bytes([packet[0] | 0x10]) + packet[1:12] + b"\xbe\xde\x00\x01" + elements + packet[12:]


def layered_section(text: str) -> str:
    """The offer of one camera as one of three layers."""
    kept = [line for line in text.split("\r\n") if line and not line.startswith("a=ssrc")]
    kept += [f"a=extmap:{RID_ID} {RID_URI}", *(f"a=rid:{rid} send" for rid in RIDS)]
    return "\r\n".join([*kept, f"a=simulcast:send {';'.join(RIDS)}"]) + "\r\n"


async def show(viewer: Bot, track: TrackId, height: int, *, visible: bool = True) -> None:
    """Have the viewer show a track so high."""
    await viewer.door.want([Wanted(track, height, visible, 1)])
