"""What a camera may send, where its Janus does not answer for a moment."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signaling.errors import Code, Unavailable
from signaling.media.janus.call import JanusCall
from signaling.media.janus.client import Json
from signaling.media.janus.tap_port import TapPort
from signaling.media.port import Published, Source
from signaling.media.sfu.settings import Limit, MediaPolicy
from tests.bots import Ear
from tests.engine_room import ANNA, CALL
from tests.waiting import until

OFFER = (Path(__file__).parent / "golden" / "chromium-156-up-offer.sdp").read_bytes().decode()
PUBLISHED = [
    Published("0", Source.MIC),
    Published("1", Source.CAMERA),
    Published("2", Source.SCREEN),
    Published("3", Source.SCREEN_AUDIO),
]
FULL, CROWD = MediaPolicy(), MediaPolicy(camera=Limit(400_000, 360))


class SilentHandle:
    """Of a Janus that does not answer while `silent`."""

    def __init__(self) -> None:
        self.id = 1
        self.silent = False
        self.unheard = 0
        self.allowed_bps: list[int] = []

    def on_event(self, event: Json) -> None:
        """Replaced by whoever has the handle."""

    async def ask(self, request: str, jsep: Json | None = None, **body: int) -> tuple[Json, Json]:
        if self.silent:
            self.unheard += 1
            raise Unavailable(Code.BUSY)
        if "bitrate" in body:
            self.allowed_bps.append(body["bitrate"])
        return {}, {"sdp": "an answer"}

    async def detach(self) -> None:
        """Nobody counts."""


class Ground:
    """What the call stands on."""

    def __init__(self) -> None:
        self.policy = FULL
        self.tap_port = TapPort("127.0.0.1")
        self.now_s = 0.0
        self.handle = SilentHandle()

    def clock(self) -> float:
        return self.now_s

    async def attach_handle(self) -> SilentHandle:
        return self.handle

    async def desk(self) -> "Ground":
        return self

    async def create_room(self) -> int:
        return 1

    async def destroy_room(self, room: int) -> None:
        """It is gone."""


@pytest.fixture
def ground() -> Ground:
    return Ground()


@pytest.fixture
async def call(ground: Ground) -> AsyncIterator[JanusCall]:
    made = JanusCall(CALL, Ear(), ground)  # type: ignore[arg-type]  # it has what is asked of it here
    made.admit(ANNA)
    await made.seat(ANNA).answer_up(OFFER, PUBLISHED)
    yield made
    await made.close()


async def test_a_limit_that_janus_did_not_hear_is_told_again_until_it_does(call: JanusCall, ground: Ground) -> None:
    def allowed_bps() -> int:
        ground.now_s += 1
        call.tick(ground.now_s)
        return ground.handle.allowed_bps[-1]

    def of(policy: MediaPolicy) -> int:
        return policy.camera.max_bitrate_bps + policy.screen.max_bitrate_bps

    ground.policy = CROWD
    await until(lambda: allowed_bps() == of(CROWD))
    ground.policy, ground.handle.silent = FULL, True
    await until(lambda: allowed_bps() and ground.handle.unheard)
    ground.handle.silent = False
    await until(lambda: allowed_bps() == of(FULL), 2)
    told = len(ground.handle.allowed_bps)
    await until(lambda: allowed_bps() and ground.now_s > 100)
    assert len(ground.handle.allowed_bps) == told, "once is enough"
