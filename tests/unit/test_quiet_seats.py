"""Seats that say nothing are looked at seldom, and miss nothing by it that anybody would notice."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from recordings.packetise import RtpStream
from signaling.media.port import CallId, SeatId, Source
from signaling.media.sfu import seat as seats
from signaling.media.sfu.backlog import Backlog
from signaling.media.sfu.call_media import CallMedia
from signaling.media.sfu.feed import NEVER_BEGAN_AFTER_S, STALLED_AFTER_S, Feed
from signaling.media.sfu.numbers import RandomNumbers
from signaling.media.sfu.peer import Ground
from signaling.media.sfu.seat import LOOK_INTERVAL_S, QUIET_AFTER_S, QUIET_LOOK_INTERVAL_S
from signaling.media.sfu.settings import MediaPolicy
from tests.bots import Ear

CALL, ANNA = CallId("call1"), SeatId("anna")
TICK_S = 0.05


class Room:
    """Anna, whose microphone is due, and a clock."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self.ear = Ear()
        ground = cast(
            Ground, cast(Any, SimpleNamespace(clock=lambda: self.now_s, port=SimpleNamespace(backlog=Backlog())))
        )
        self.call = CallMedia(CALL, self.ear, ground, RandomNumbers(), MediaPolicy())
        self.call.admit(ANNA)
        self.microphone: Feed = self.call.seat(ANNA).feed(Source.MIC)
        self.microphone.expect_packets(True, self.now_s)
        self._stream = RtpStream(1, 111)

    def say(self) -> None:
        self.microphone.on_packet(self._stream.opus(b"\xf8\xff\xfe", int(self.now_s * 48_000)), 0, self.now_s)

    async def wait(self, seconds: float) -> None:
        for _ in range(int(seconds / TICK_S)):
            self.now_s += TICK_S
            self.call.tick(self.now_s)
        await asyncio.sleep(0)  # events are told on the next turn of the loop

    async def told_stalled_after(self, stalled: bool) -> float:
        """Seconds until that is told."""
        began_s, told = self.now_s, len(self.ear.stalls)
        while len(self.ear.stalls) == told:
            await self.wait(TICK_S)
            assert self.now_s - began_s < 60
        assert self.ear.stalls[-1][1] is stalled
        return self.now_s - began_s


async def test_what_is_told_of_a_silence_comes_before_a_seat_is_looked_at_seldom() -> None:
    room = Room()
    assert await room.told_stalled_after(True) < NEVER_BEGAN_AFTER_S + 2 * LOOK_INTERVAL_S
    room.say()
    assert await room.told_stalled_after(False) < 2 * LOOK_INTERVAL_S
    assert await room.told_stalled_after(True) < STALLED_AFTER_S[Source.MIC] + 2 * LOOK_INTERVAL_S


async def test_whoever_comes_back_after_a_long_silence_is_noticed_within_a_second() -> None:
    room = Room()
    await room.told_stalled_after(True)
    await room.wait(60)
    room.say()
    assert await room.told_stalled_after(False) <= QUIET_LOOK_INTERVAL_S + TICK_S


async def test_a_quiet_seat_is_looked_at_once_a_second_and_one_that_talks_four_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[float] = []
    room, look = Room(), seats.Seat._look

    def noted(seat: seats.Seat, now_s: float) -> None:
        looks.append(now_s)
        look(seat, now_s)

    monkeypatch.setattr(seats.Seat, "_look", noted)
    for _ in range(20):
        room.say()
        await room.wait(0.5)
    talking = len(looks)
    await room.wait(QUIET_AFTER_S + 2)
    looks.clear()
    await room.wait(10)
    assert talking == pytest.approx(10 / LOOK_INTERVAL_S, rel=0.25)
    assert len(looks) == pytest.approx(10 / QUIET_LOOK_INTERVAL_S, rel=0.25)
