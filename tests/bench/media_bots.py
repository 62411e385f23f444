"""Bots that carry much, and say and ask for what a browser does where it costs an engine something.

On the way up they offer feedback for the whole connection and number the packets that the engine wants numbered, tell
how loud a voice is, and let themselves be asked for packets again; on the way down they accept all feedback that is
offered, and report.
"""

import itertools
import re
import time
from typing import Any

from recordings.packetise import RtpStream
from signaling.media.port import CallId, SeatId, Source
from signaling.media.sfu.twcc import TRANSPORT_CC_URI
from tests.bench.media_packets import Incoming, Outgoing, element, extended
from tests.bench.media_reports import Hearing, report
from tests.bench.media_side import Side, SideDoor
from tests.bot_transport import BotTransport
from tests.bots import OPUS, VP8, Bot, Door
from tests.layered_bot import MID_ID, RID_ID, RIDS, layered_section
from tests.load_transport import LoadTransport

LEVEL_ID, TRANSPORT_CC_ID = 1, 3
SPEAKING = element(LEVEL_ID, b"\x9e")  # a voice, 30 dB below full (RFC 6464)
PICTURE_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")


def numbered(answer: str) -> set[bool]:
    """Whether pictures (True) and sound (False) are to have numbers: Janus wants them of pictures only."""
    sections = re.split(r"(?m)^(?=m=)", answer)[1:]
    return {section.startswith("m=video") for section in sections if TRANSPORT_CC_URI in section}


class LoadBot(Bot):
    """A seat of the load; `layered` sends its camera in three sizes, `small` as a thumbnail."""

    kept_in_answer = (*Bot.kept_in_answer, "a=fmtp", "a=rtcp-fb", "a=extmap")

    def __init__(self, door: Door, *, layered: bool = False, small: bool = False) -> None:
        super().__init__(door)
        self._layered, self._small = layered, small
        self.outgoing: list[Outgoing] = []
        self.hearing: list[Hearing] = []  # what comes to it and is counted
        self.numbered: set[bool] = set()  # whether pictures and sound are: what was negotiated
        self.tells_line = False  # the same
        self._numbers = itertools.count()
        self._elements: dict[Outgoing, bytes] = {}  # of header extensions

    def _transport(self) -> BotTransport:
        return LoadTransport()

    def _section(self, sent: Any, direction: str) -> str:
        text = super()._section(sent, direction)
        is_picture = sent.source is Source.CAMERA
        if self._layered and is_picture:
            text = layered_section(text)
        feedback = (*(PICTURE_FEEDBACK if is_picture else ()), "transport-cc")
        text += f"a=extmap:{TRANSPORT_CC_ID} {TRANSPORT_CC_URI}\r\n"
        return text + "".join(f"a=rtcp-fb:{VP8 if is_picture else OPUS} {kind}\r\n" for kind in feedback)

    async def publish(self, *sources: Source) -> str:
        answer = await super().publish(*sources)
        self.numbered = numbered(answer)
        return answer

    def answer(self, offer: str) -> str:
        self.tells_line = "goog-remb" in offer
        return super().answer(offer)

    def streams(self) -> list[Outgoing]:
        """What it sends: a voice, and a camera in one size or in three."""
        voice = Outgoing(self.sent[Source.MIC].stream, False, 100, 1, 960, 1, per_turn=2)
        layers = self._layers() if self._layered else {}
        self.outgoing = [voice, *(layers or [self._camera()])]
        self._elements = {voice: SPEAKING, **layers}
        return self.outgoing

    def _camera(self) -> Outgoing:
        per_turn, key_every = (1, 25) if self._small else (6, 150)
        camera = self.sent[Source.CAMERA].stream
        return Outgoing(camera, True, 1090, 1, 3600 // per_turn, key_every, per_turn=per_turn)

    def _layers(self) -> dict[Outgoing, bytes]:
        """The camera in three sizes, each with its name in header extensions."""
        camera, layers = self.sent[Source.CAMERA], {}
        for at, (size, packets, height) in enumerate(((700, 1, 180), (1000, 2, 360), (1090, 6, 720))):
            layer = Outgoing(RtpStream(camera.ssrc + 2 + at, VP8), True, size, packets, 3600, 25, height)
            layers[layer] = element(MID_ID, camera.mid.encode()) + element(RID_ID, RIDS[at].encode())
        return layers

    def incoming(self, source: Source) -> Incoming:
        """What others get of it from this source."""
        is_picture = source is Source.CAMERA
        streams = [stream for stream in self.outgoing if stream.is_picture == is_picture]
        return Incoming(is_picture, {stream.stream.ssrc: stream for stream in streams})

    def send(self, stream: Outgoing) -> None:
        """The packets of its next frame, now."""
        named, is_numbered = self._elements.get(stream, b""), stream.is_picture in self.numbered
        for packet in stream.packets(time.time_ns()):
            elements = named + self._number() if is_numbered else named
            self.up.send_rtp(extended(packet, elements) if elements else packet)

    def _number(self) -> bytes:
        """Of the next packet on the connection, whatever its stream."""
        return element(TRANSPORT_CC_ID, (next(self._numbers) & 0xFFFF).to_bytes(2))

    def report(self) -> None:
        """Say what came and what the line carries, as a browser does once a second."""
        self.down.send_rtcp(report(self.hearing, remb=self.tells_line))


class SeatedBot(LoadBot):
    """One on an engine that is reached as `media_side.py` says."""

    def __init__(self, side: Side, call: CallId, seat: SeatId, *, layered: bool = False, small: bool = False) -> None:
        super().__init__(SideDoor(side, call, seat), layered=layered, small=small)
        self.call, self.seat = call, seat
        side.bots[call, seat] = self
