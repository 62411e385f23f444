"""Bots that carry much: a seat on an engine that is reached as `media_side.py` says."""

import time
from typing import Any

from recordings.packetise import RtpStream
from signaling.media.port import CallId, SeatId, Source
from tests.bench.media_packets import Incoming, Outgoing
from tests.bench.media_side import Side, SideDoor
from tests.bot_transport import BotTransport
from tests.bots import VP8, Bot
from tests.layered_bot import RIDS, layered_section, named_layer
from tests.load_transport import LoadTransport


class LoadBot(Bot):
    """A seat of the load; `layered` sends its camera in three sizes, `small` as a thumbnail."""

    def __init__(self, side: Side, call: CallId, seat: SeatId, *, layered: bool = False, small: bool = False) -> None:
        super().__init__(SideDoor(side, call, seat))
        self.call, self.seat, self._layered, self._small = call, seat, layered, small
        self.outgoing: list[Outgoing] = []
        side.bots[call, seat] = self

    def _transport(self) -> BotTransport:
        return LoadTransport()

    def _section(self, sent: Any, direction: str) -> str:
        text = super()._section(sent, direction)
        return layered_section(text) if self._layered and sent.source is Source.CAMERA else text

    def streams(self) -> list[Outgoing]:
        """What it sends: a voice, and a camera in one size or in three."""
        voice = self.sent[Source.MIC]
        self.outgoing = [Outgoing(voice.stream, False, 100, 1, 960, 1, per_turn=2)]
        if self._layered:
            self.outgoing += [
                Outgoing(RtpStream(self.sent[Source.CAMERA].ssrc + 2 + at, VP8), True, size, packets, 3600, 25, height)
                for at, (size, packets, height) in enumerate(((700, 1, 180), (1000, 2, 360), (1090, 6, 720)))
            ]
        else:
            per_turn, key_every = (1, 25) if self._small else (6, 150)
            camera = self.sent[Source.CAMERA].stream
            self.outgoing.append(Outgoing(camera, True, 1090, 1, 3600 // per_turn, key_every, per_turn=per_turn))
        return self.outgoing

    def incoming(self, source: Source) -> Incoming:
        """What others get of it from this source."""
        is_picture = source is Source.CAMERA
        streams = [stream for stream in self.outgoing if stream.is_picture == is_picture]
        return Incoming(is_picture, {stream.stream.ssrc: stream for stream in streams})

    def send(self, stream: Outgoing) -> None:
        """The packets of its next frame, now."""
        layer = self.outgoing.index(stream) - 1 if self._layered else -1
        for packet in stream.packets(time.time_ns()):
            self.up.send_rtp(packet if layer < 0 else named_layer(packet, self.sent[Source.CAMERA].mid, RIDS[layer]))
