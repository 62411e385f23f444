"""Two bots that talk through our own engine, and strangers at its port."""

import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from signaling.media.port import CallId, SeatId, Source, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests.bots import Bot, Ear, EngineDoor
from tests.conftest import cannot
from tests.waiting import until

CALL, ANNA, BERTA = CallId("call1"), SeatId("anna"), SeatId("berta")
ANNA_MIC = track_id(ANNA, Source.MIC)


@dataclass
class Conversation:
    """Anna speaks, Berta hears."""

    engine: SfuEngine
    ear: Ear
    anna: Bot
    berta: Bot

    @property
    def server(self) -> tuple[str, int]:
        return ("127.0.0.1", self.engine.port)

    async def goes_on(self) -> bool:
        """Whether what Anna says now is heard."""
        before = self.berta.heard[ANNA_MIC]

        def heard() -> bool:
            self.anna.say()
            return self.berta.heard[ANNA_MIC] >= before + 5

        await until(heard, 10)
        return not self.ear.resets


@contextlib.asynccontextmanager
async def talking() -> AsyncIterator[Conversation]:
    """The two, heard already."""
    engine, ear = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",)))), Ear()
    engine.listen(CALL, ear)
    bots = {}
    for seat in (ANNA, BERTA):
        await engine.admit(CALL, seat)
        bots[seat] = ear.bots[seat] = Bot(EngineDoor(engine, CALL, seat))
    made = Conversation(engine, ear, bots[ANNA], bots[BERTA])
    await made.anna.publish(Source.MIC, Source.CAMERA)
    await made.berta.want(ANNA_MIC)
    assert await made.goes_on()
    yield made
    for bot in bots.values():
        await bot.close()
    await engine.close()


async def unanswered(conversation: Conversation, stranger: socket.socket, datagram: bytes, reason: str) -> None:
    """Send; the server counts it under `reason` and is silent."""
    before = conversation.engine.traffic.drops[reason]
    stranger.sendto(datagram, conversation.server)
    await until(lambda: conversation.engine.traffic.drops[reason] > before)
    with pytest.raises(BlockingIOError):
        stranger.recv(2048)


def forge(source_port: int, target: tuple[str, int], payload: bytes) -> None:
    """Send as if from another's address on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        raw.bind(("127.0.0.1", 0))
        raw.sendto(struct.pack("!HHHH", source_port, target[1], 8 + len(payload), 0) + payload, (target[0], 0))


def as_root() -> None:
    if os.geteuid() != 0:
        cannot("forging a source address needs root")
