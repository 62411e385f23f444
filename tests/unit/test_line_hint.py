"""A weak line is told when it lasts, and taken back when it is over: never for a moment, never by turns."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from signaling.call.line_hint import GOOD_AFTER, ROUND_TRIP_MS, UP_LOSS_PERCENT, WEAK_AFTER, LineHint, Reading
from signaling.messages.requests import MediaStats

BAD, BETWEEN, FINE = (Reading(loss, None, None, 40.0) for loss in (9.0, 4.0, 0.0))
kinds = st.lists(st.sampled_from([BAD, BETWEEN, FINE]), max_size=60)
figures = st.none() | st.floats(0, 100)


def told(readings: list[Reading]) -> list[bool]:
    hint, so_far = LineHint(), []
    for reading in readings:
        hint.read(MediaStats(), reading)
        so_far.append(hint.weak)
    return so_far


@given(kinds)
def test_it_is_told_after_bad_readings_in_a_row_only(readings: list[Reading]) -> None:
    weak = told(readings)
    for place, now in enumerate(weak):
        if now and not (place and weak[place - 1]):
            assert readings[place - WEAK_AFTER + 1 : place + 1] == [BAD] * WEAK_AFTER


@given(kinds)
def test_it_is_taken_back_after_fine_readings_without_a_bad_one_between(readings: list[Reading]) -> None:
    weak = told(readings)
    for place, now in enumerate(weak):
        if place and weak[place - 1] and not now:
            since_bad = readings[: place + 1][::-1].index(BAD)
            assert readings[place + 1 - since_bad : place + 1].count(FINE) >= GOOD_AFTER


@given(kinds)
def test_between_two_changes_at_least_two_readings_pass(readings: list[Reading]) -> None:
    weak = [False, *told(readings)]
    changes = [place for place in range(1, len(weak)) if weak[place] != weak[place - 1]]
    assert all(later - earlier >= WEAK_AFTER for earlier, later in pairwise(changes))


@given(st.lists(st.builds(Reading, figures, figures, figures, st.none() | st.floats(0, 60_000), figures)))
def test_what_is_bad_is_never_fine(readings: list[Reading]) -> None:
    assert all(reading.exceeds(1) for reading in readings if reading.exceeds(0))


def test_a_line_around_the_limit_is_not_told_by_turns() -> None:
    around = [
        Reading(UP_LOSS_PERCENT[0] + sway, None, None, ROUND_TRIP_MS[1] - 1) for sway in (0.5, 0.5, -0.5, 0.5) * 9
    ]
    assert told(around)[1:] == [True] * (len(around) - 1)


def test_one_bad_moment_is_not_told() -> None:
    assert told([FINE, BAD, FINE, BAD, FINE]) == [False] * 5
