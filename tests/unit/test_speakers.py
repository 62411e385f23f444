"""Who speaks."""

from collections.abc import Sequence

from signaling.media.port import SeatId
from signaling.media.sfu.speakers import HOLD_S, LOUDER_BY_DB, SILENCE_DBOV, TAKES_OVER_AFTER_S, Speakers

ANNA, BERTA, CARLA = (SeatId(name) for name in ("anna", "berta", "carla"))


def talk(speakers: Speakers, seat: SeatId, level_dbov: int, from_s: float, seconds: float) -> float:
    for number in range(int(seconds * 50)):
        speakers.heard(seat, level_dbov, from_s + number * 0.02)
    return from_s + seconds


def change(speakers: Speakers, now_s: float) -> Sequence[SeatId] | None:
    told = speakers.change(now_s)
    return None if told is None else list(told)


def test_a_voice_is_noticed_within_half_a_second_and_told_once() -> None:
    speakers = Speakers()
    now_s = talk(speakers, ANNA, 25, 0.0, 0.5)
    assert change(speakers, now_s) == [ANNA]
    assert change(speakers, now_s + 0.3) is None


def test_a_cough_is_no_speech() -> None:
    speakers = Speakers()
    talk(speakers, ANNA, 10, 0.0, 0.06)
    assert change(speakers, 0.1) is None


def test_a_quiet_room_is_no_speech() -> None:
    speakers = Speakers()
    talk(speakers, ANNA, 70, 0.0, 5.0)
    assert change(speakers, 5.0) is None


def test_a_pause_for_breath_is_part_of_speech_but_silence_ends_it() -> None:
    speakers = Speakers()
    now_s = talk(speakers, ANNA, 25, 0.0, 1.0)
    assert change(speakers, now_s) == [ANNA]
    talk(speakers, ANNA, SILENCE_DBOV, now_s, HOLD_S + 1)
    assert change(speakers, now_s + HOLD_S / 2) is None
    assert change(speakers, now_s + HOLD_S + 1) == []


def test_silence_that_is_hardly_sent_ends_speech_as_soon_as_silence_that_is() -> None:
    """Opus DTX: after 200 ms of a room's hum one packet every 400 ms."""
    speakers = Speakers()
    now_s = talk(speakers, ANNA, 25, 0.0, 3.0)
    assert change(speakers, now_s) == [ANNA]
    hum_s = talk(speakers, ANNA, 65, now_s, 0.2)
    for number in range(20):
        speakers.heard(ANNA, 65, hum_s + number * 0.4)
    assert change(speakers, now_s + HOLD_S + 0.7) == []


def test_a_click_into_silence_that_is_hardly_sent_is_no_speech() -> None:
    speakers = Speakers()
    for number in range(20):
        speakers.heard(ANNA, 10 if number == 10 else 80, number * 0.4)
        assert change(speakers, number * 0.4) is None


def test_the_loudest_comes_first() -> None:
    speakers = Speakers()
    talk(speakers, ANNA, 40, 0.0, 1.0)
    talk(speakers, BERTA, 20, 0.0, 1.0)
    assert change(speakers, 1.0) == [BERTA, ANNA]


def test_who_left_does_not_speak() -> None:
    speakers = Speakers()
    talk(speakers, ANNA, 25, 0.0, 1.0)
    assert change(speakers, 1.0) == [ANNA]
    speakers.forget(ANNA)
    assert change(speakers, 1.1) == []


def talk_at_once(
    speakers: Speakers, levels_dbov: dict[SeatId, int], from_s: float, seconds: float
) -> list[list[SeatId]]:
    """All of them talk; what was told meanwhile, asked three times a second."""
    told: list[list[SeatId]] = []
    for number in range(int(seconds * 50)):
        now_s = from_s + number * 0.02
        for seat, level_dbov in levels_dbov.items():
            speakers.heard(seat, level_dbov, now_s)
        now = change(speakers, now_s) if number % 15 == 14 else None
        told += [] if now is None else [list(now)]
    return told


def test_two_who_speak_at_once_do_not_change_places_with_every_word() -> None:
    speakers, now_s = Speakers(), 0.0
    told = talk_at_once(speakers, {ANNA: 25, BERTA: 30}, now_s, 2.0)
    for word in range(20):
        now_s = 2.0 + word * 0.6
        loud, soft = (BERTA, ANNA) if word % 2 else (ANNA, BERTA)
        told += talk_at_once(speakers, {loud: 20, soft: 40}, now_s, 0.6)
    assert told == [[ANNA, BERTA]]


def test_a_voice_that_is_hardly_louder_never_takes_over() -> None:
    speakers = Speakers()
    told = talk_at_once(speakers, {ANNA: 30, BERTA: 32}, 0.0, 2.0)
    told += talk_at_once(speakers, {ANNA: 30, BERTA: 30 - LOUDER_BY_DB + 1}, 2.0, 10.0)
    assert told == [[ANNA, BERTA]]


def test_whoever_stays_louder_comes_first_after_a_second() -> None:
    speakers = Speakers()
    talk_at_once(speakers, {ANNA: 25, BERTA: 30, CARLA: 45}, 0.0, 2.0)
    assert talk_at_once(speakers, {ANNA: 25, BERTA: 30, CARLA: 15}, 2.0, TAKES_OVER_AFTER_S) == []
    assert talk_at_once(speakers, {ANNA: 25, BERTA: 30, CARLA: 15}, 2.0 + TAKES_OVER_AFTER_S, 0.9) == [
        [CARLA, ANNA, BERTA]
    ]


def test_who_answers_comes_first_before_the_silence_of_the_other_has_been_noticed() -> None:
    speakers = Speakers()
    talk_at_once(speakers, {ANNA: 25}, 0.0, 3.0)
    told = talk_at_once(speakers, {ANNA: SILENCE_DBOV, BERTA: 25}, 3.0, HOLD_S - 0.1)
    assert told == [[ANNA, BERTA], [BERTA, ANNA]]


def test_who_spoke_lately_is_remembered_through_a_silence() -> None:
    speakers = Speakers()
    talk_at_once(speakers, {CARLA: 30}, 0.0, 1.0)
    talk_at_once(speakers, {ANNA: 25, BERTA: 40}, 1.0, 1.0)
    talk_at_once(speakers, {BERTA: 40, ANNA: SILENCE_DBOV}, 2.0, 1.0)
    assert change(speakers, 3.0 + HOLD_S) == []
    assert list(speakers.lately) == [BERTA, ANNA, CARLA]
