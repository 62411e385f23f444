"""A Janus that does not answer for a moment: nothing is heard that should not be, and no forward is left running."""

from collections.abc import AsyncIterator
from typing import cast

import pytest

from signaling.errors import Code, Unavailable
from signaling.media.janus import forwards
from signaling.media.janus.desk import Desk
from signaling.media.janus.down import Stream
from signaling.media.janus.forwards import Forwards
from signaling.media.janus.tap_port import TapPort
from signaling.media.port import CallId, SeatId, Source, track_id
from signaling.media.taps import Taps
from tests.engine_room import Heard
from tests.waiting import until

ANNA = SeatId("anna")
STREAM = Stream(track_id(ANNA, Source.MIC), ANNA, Source.MIC, feed=7, mid="0", heights=())


class SilentDesk:
    """A Janus that forwards, and does not answer while `silent`."""

    def __init__(self) -> None:
        self.silent = False
        self.asked = 0
        self.forwarded: dict[int, int] = {}  # SSRC of each forward

    async def forward(self, _room: int, _feed: int, _mid: str, ssrc: int, **_: object) -> int:
        self._answer()
        self.forwarded[self.asked] = ssrc
        return self.asked

    async def stop_forward(self, _room: int, _feed: int, forward: int) -> None:
        self._answer()
        self.forwarded.pop(forward, None)

    def _answer(self) -> None:
        self.asked += 1
        if self.silent:
            raise Unavailable(Code.BUSY)


@pytest.fixture
async def port() -> AsyncIterator[TapPort]:
    made = TapPort("127.0.0.1")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _asks_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwards, "RETRY_S", 0.01)


async def test_a_forward_that_could_not_be_ended_is_heard_no_more_and_ended_as_soon_as_janus_answers(
    port: TapPort,
) -> None:
    desk, taps, tap = SilentDesk(), Taps(), Heard()
    kept = Forwards(CallId("call1"), taps, port, lambda: [STREAM])
    kept.use((1, cast(Desk, desk)))
    taps.attach(tap)
    kept.refresh()
    await until(lambda: kept.watches(STREAM.feed, STREAM.mid))
    desk.silent, asked = True, desk.asked
    taps.detach(tap)
    kept.refresh()
    await until(lambda: desk.asked > asked + 1)
    assert not port.expected
    assert not kept.watches(STREAM.feed, STREAM.mid)
    desk.silent = False
    await until(lambda: not desk.forwarded)
    await kept.close()


async def test_who_listens_again_before_that_hears_by_a_new_forward(port: TapPort) -> None:
    desk, taps, tap = SilentDesk(), Taps(), Heard()
    kept = Forwards(CallId("call1"), taps, port, lambda: [STREAM])
    kept.use((1, cast(Desk, desk)))
    taps.attach(tap)
    kept.refresh()
    await until(lambda: desk.forwarded)
    [before] = desk.forwarded.values()
    desk.silent, asked = True, desk.asked
    taps.detach(tap)
    kept.refresh()
    await until(lambda: desk.asked > asked)
    taps.attach(tap)
    kept.refresh()
    desk.silent = False
    await until(lambda: set(desk.forwarded.values()) == set(port.expected) != {before})
    await kept.close()
