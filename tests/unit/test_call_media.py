"""What a call says of its seats: how long whose picture is kept."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from signaling.media.adaptation.shedding import Role
from signaling.media.port import CallId, SeatId, Source, Track, track_id
from signaling.media.sfu.call_media import SPEAKERS_INTERVAL_S, CallMedia
from signaling.media.sfu.numbers import RandomNumbers
from signaling.media.sfu.peer import Ground
from signaling.media.sfu.settings import MediaPolicy
from signaling.media.sfu.speakers import HOLD_S
from tests.bots import Ear

CALL = CallId("call1")
ANNA, BERTA, CARLA = (SeatId(name) for name in ("anna", "berta", "carla"))


def picture(seat: SeatId, source: Source = Source.CAMERA) -> Track:
    return Track(track_id(seat, source), CALL, seat, source)


class Talk:
    """Three seats whose voices are heard, and a clock."""

    def __init__(self) -> None:
        self.now_s = 0.0
        ground = cast(Ground, cast(Any, SimpleNamespace(clock=lambda: self.now_s)))
        self.call = CallMedia(CALL, Ear(), ground, RandomNumbers(), MediaPolicy())
        for seat in (ANNA, BERTA, CARLA):
            self.call.admit(seat)

    def speak(self, seconds: float, *seats: SeatId) -> None:
        """The first is the loudest."""
        for _ in range(int(seconds * 50)):
            self.now_s += 0.02
            for place, seat in enumerate(seats):
                self.call.heard(seat, 20 + 10 * place)
            self.call.tick(self.now_s)


@pytest.fixture
async def talk() -> Talk:
    return Talk()


async def test_for_the_loudest_seat_the_next_voice_is_the_speaker_and_kept_before_a_share(talk: Talk) -> None:
    talk.speak(2.0, ANNA, BERTA)
    assert talk.call.role(CARLA, picture(ANNA)) is Role.SPEAKER
    assert talk.call.role(ANNA, picture(BERTA)) is Role.SPEAKER
    assert talk.call.role(ANNA, picture(CARLA)) is Role.CAMERA
    assert talk.call.role(ANNA, picture(BERTA)) < talk.call.role(ANNA, picture(CARLA, Source.SCREEN))


async def test_whoever_listens_to_me_stays_the_speaker_for_me_while_i_talk(talk: Talk) -> None:
    talk.speak(2.0, BERTA)
    talk.speak(HOLD_S + 20, ANNA)
    assert talk.call.role(ANNA, picture(BERTA)) is Role.SPEAKER
    assert talk.call.role(BERTA, picture(ANNA)) is Role.SPEAKER


async def test_a_silence_takes_no_picture_from_anybody(talk: Talk) -> None:
    talk.speak(2.0, ANNA)
    talk.speak(HOLD_S + SPEAKERS_INTERVAL_S + 1)
    assert talk.call.role(CARLA, picture(ANNA)) is Role.SPEAKER


async def test_who_left_is_nobodys_speaker(talk: Talk) -> None:
    talk.speak(2.0, ANNA, BERTA)
    talk.call.release(ANNA)
    assert talk.call.role(CARLA, picture(BERTA)) is Role.SPEAKER
