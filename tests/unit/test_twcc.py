"""Transport-wide feedback says exactly what came and when, however packets were lost and shuffled."""

import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.media.sfu.transport_feedback import MAX_ARRIVALS, chunks
from signaling.media.sfu.twcc import SPAN, Arrivals
from tests.transport_feedback import Feedback, is_feedback, read

TICK_S = 1 / 4000
SSRC, OURS = 0x43032FA0, 0xFA17FA17


def told(arrivals: Arrivals) -> list[Feedback]:
    packets = arrivals.feedback(OURS)
    assert all(is_feedback(packet) and len(packet) <= 1200 for packet in packets)
    return [read(packet) for packet in packets]


def statuses(feedback: list[Feedback]) -> dict[int, int | None]:
    """By number, the later packets last."""
    return {(each.first + n) & 0xFFFF: ticks for each in feedback for n, ticks in enumerate(each.ticks)}


def test_the_bytes_are_those_of_a_browser_that_reports_one_packet() -> None:
    captured = bytes.fromhex("afcd0005 fa17fa17 43032fa0 0099 0001 3de802 17 2001 94 01")
    arrivals, at_s = Arrivals(), (0x3DE802 * 256 + 0x94) * TICK_S
    for number in range(153 - 0x17, 153):
        arrivals.record(number, SSRC, at_s - 1)
        arrivals.feedback(OURS)
    arrivals.record(153, SSRC, at_s)
    assert arrivals.feedback(OURS) == [captured]


@pytest.mark.parametrize(
    ("symbols", "packed"),
    [
        ([0] * 221, "00dd"),  # draft 3.1.3, first example
        ([2] * 24, "4018"),
        ([0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0], "9f1c"),  # draft 3.1.4, first example
        ([0, 2, 1, 1, 1, 0, 0], "c950"),
        ([1] * 8191 + [1], "3fff 2001"),
        ([0, 1], "9000"),
        ([2, 2, 0, 1, 2], "e860"),
    ],
)
def test_statuses_are_packed_as_the_draft_says(symbols: list[int], packed: str) -> None:
    assert chunks(symbols) == bytes.fromhex(packed)


def test_nothing_is_said_when_nothing_came() -> None:
    arrivals = Arrivals()
    assert arrivals.feedback(OURS) == []
    arrivals.record(1, SSRC, 1.0)
    assert len(arrivals.feedback(OURS)) == 1
    assert arrivals.feedback(OURS) == []
    arrivals.record(1, SSRC, 2.0)
    assert arrivals.feedback(OURS) == [], "a duplicate tells nothing new"


def test_what_is_missing_between_two_reports_is_told_in_the_second() -> None:
    arrivals = Arrivals()
    arrivals.record(10, SSRC, 1.0)
    assert [(f.first, f.ticks) for f in told(arrivals)] == [(10, [4000])]
    arrivals.record(13, SSRC, 1.010)
    assert [(f.first, f.ticks) for f in told(arrivals)] == [(11, [None, None, 4040])]


def test_a_packet_that_changed_places_is_told_after_all() -> None:
    arrivals = Arrivals()
    arrivals.record(0xFFFF, SSRC, 1.0)
    arrivals.record(1, SSRC, 1.001)
    assert [f.ticks for f in told(arrivals)] == [[4000, None, 4004]]
    arrivals.record(0, SSRC, 1.002)
    (late,) = told(arrivals)
    assert (late.first, late.ticks) == (0, [4008, 4004])


def test_the_feedback_counts_itself_and_names_a_stream_of_the_publisher() -> None:
    arrivals = Arrivals()
    counted = []
    for number in range(258):
        arrivals.record(number, 7 + number % 2, number * 0.05)
        (feedback,) = told(arrivals)
        assert (feedback.sender_ssrc, feedback.media_ssrc) == (OURS, 7 + number % 2)
        counted.append(feedback.number)
    assert counted == [n & 0xFF for n in range(258)]


def test_a_pause_of_half_a_minute_between_packets_is_written_in_two() -> None:
    arrivals = Arrivals()
    arrivals.record(1, SSRC, 1.0)
    arrivals.record(3, SSRC, 31.0)
    assert [(f.first, f.ticks) for f in told(arrivals)] == [(1, [4000, None]), (3, [124_000])]


def test_what_comes_late_of_before_the_numbers_began_anew_is_told_at_the_beginning_too() -> None:
    arrivals = Arrivals()
    arrivals.record(1, SSRC, 1.0)
    arrivals.record(0xFFFF, SSRC, 1.001)
    assert [(f.first, f.ticks) for f in told(arrivals)] == [(0xFFFF, [4004, None, 4000])]


def test_what_a_cut_took_is_not_told_as_lost_and_what_comes_late_of_it_not_at_all() -> None:
    arrivals = Arrivals()
    arrivals.record(1, SSRC, 1.0)
    assert len(told(arrivals)) == 1
    arrivals.record(60, SSRC, 2.0)
    arrivals.record(40, SSRC, 2.001)
    arrivals.record(62, SSRC, 2.002)
    assert [(f.first, f.ticks) for f in told(arrivals)] == [(60, [8000, None, 8008])]


def test_what_is_lost_of_packets_that_come_one_after_the_other_is_told() -> None:
    arrivals = Arrivals()
    arrivals.record(1, SSRC, 1.0)
    assert len(told(arrivals)) == 1
    arrivals.record(60, SSRC, 1.4)
    assert [f.ticks for f in told(arrivals)] == [[*[None] * 58, 5600]]


def test_the_reference_time_begins_anew_after_twelve_days() -> None:
    arrivals = Arrivals()
    arrivals.record(1, SSRC, (2**24 * 256 + 5) * TICK_S)
    assert [f.ticks for f in told(arrivals)] == [[5]]


def test_many_packets_at_once_become_several_reports() -> None:
    arrivals = Arrivals()
    for number in range(SPAN):
        arrivals.record(number, SSRC, number * 0.001)
    feedback = told(arrivals)
    assert len(feedback) == -(-SPAN // MAX_ARRIVALS)
    assert statuses(feedback) == {number: number * 4 for number in range(SPAN)}


def test_a_jump_is_a_new_beginning_and_what_is_too_old_is_dropped() -> None:
    arrivals = Arrivals()
    arrivals.record(1, SSRC, 1.0)
    arrivals.record(1 + SPAN, SSRC, 1.1)
    assert [(f.first, f.ticks) for f in told(arrivals)] == [(1 + SPAN, [4400])]
    arrivals.record(1, SSRC, 1.2)
    assert arrivals.feedback(OURS) == []


def test_numbers_chosen_to_cost_the_most_cost_little() -> None:
    """Each packet jumps as far as it may, or comes so late that all is told again."""
    arrivals = Arrivals()
    began, size = time.thread_time(), 0
    for round_ in range(20):
        for number in range(25):
            arrivals.record((round_ * 25 + number) * (SPAN - 1) & 0xFFFF, SSRC, round_ * 0.05)
        arrivals.record((round_ * 25 + 24) * (SPAN - 1) - SPAN + 2 & 0xFFFF, SSRC, round_ * 0.05)
        size += sum(map(len, arrivals.feedback(OURS)))
    assert time.thread_time() - began < 0.2, "a second of it"
    assert size < 20 * 1200


@settings(deadline=None)
@given(
    st.integers(0, 0xFFFF),
    st.lists(st.integers(0, 8), min_size=1, max_size=300),
    st.floats(0, 0.9),
    st.integers(0, 20),
    st.integers(0, 2**32),
)
def test_whatever_the_line_does_each_packet_is_told_as_it_came(
    first: int, gaps_ms: list[int], loss: float, shuffled: int, seed: int
) -> None:
    random, now_s, sent = Random(seed), 100.0, []
    for number, gap_ms in enumerate(gaps_ms):
        now_s += gap_ms / 1000
        if random.random() >= loss:
            sent.append((number + random.uniform(0, shuffled), (first + number) & 0xFFFF, now_s))
    arrivals, feedback, came = Arrivals(), list[Feedback](), dict[int, int]()
    for place, (_order, number, at_s) in enumerate(sorted(sent)):
        arrivals.record(number, SSRC, at_s)
        came[number] = round(at_s * 4000)
        if place % 11 == 0:
            feedback += told(arrivals)
    feedback += told(arrivals)
    said = statuses(feedback)
    assert {number: ticks for number, ticks in said.items() if ticks is not None} == came
    assert [each.number for each in feedback] == [n & 0xFF for n in range(len(feedback))]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.floats(0, 1e6)), max_size=60))
def test_any_numbers_at_any_times_give_readable_feedback_of_bounded_size(came: list[tuple[int, float]]) -> None:
    arrivals = Arrivals()
    for sequence, at_s in came:
        arrivals.record(sequence, SSRC, at_s)
    feedback = told(arrivals)
    assert sum(len(each.ticks) for each in feedback) <= SPAN
    assert bool(feedback) == bool(came)
