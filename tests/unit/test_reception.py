"""What a publisher's packets tell about losses."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.media.sfu.reception import (
    CUT_AFTER_S,
    FIRST_NACK_AFTER_S,
    MAX_GAP,
    MAX_NACKS,
    NACK_INTERVAL_S,
    Reception,
)

RATE = 90_000


def video(*sequences: int) -> Reception:
    reception = Reception(RATE, repairable=True)
    for sequence in sequences:
        reception.accept(sequence & 0xFFFF, 0, 0.0)
    return reception


def test_a_missing_packet_is_asked_for_once_it_is_more_than_out_of_order() -> None:
    reception = video(0xFFFE, 1)
    assert reception.nacks(FIRST_NACK_AFTER_S / 2) == []
    assert reception.nacks(FIRST_NACK_AFTER_S) == [0xFFFF, 0]


def test_a_packet_that_only_changed_places_is_not_asked_for() -> None:
    reception = video(1, 3)
    assert reception.accept(2, 0, 0.001)
    assert reception.nacks(1.0) == []


def test_the_same_packet_is_not_asked_for_again_at_once() -> None:
    reception = video(1, 3)
    assert reception.nacks(1.0) == [2]
    assert reception.nacks(1.0 + NACK_INTERVAL_S / 2) == []
    assert reception.nacks(1.0 + NACK_INTERVAL_S) == [2]


def repaired_after(round_trip_s: float, times: int = 50) -> Reception:
    """A publisher whose repairs take so long, each at the first request."""
    reception = video(0)
    for number in range(times):
        now_s = 0.4 * number
        reception.accept(2 * number + 2, 0, now_s)
        assert reception.nacks(now_s + FIRST_NACK_AFTER_S) == [2 * number + 1]
        assert reception.accept_repair(2 * number + 1, now_s + FIRST_NACK_AFTER_S + round_trip_s)
    return reception


def test_who_is_near_is_asked_again_sooner_than_who_is_far() -> None:
    for round_trip_s in (0.04, 0.2):
        reception, now_s = repaired_after(round_trip_s), 20.0
        reception.accept(103, 0, now_s)
        asked_s = now_s + FIRST_NACK_AFTER_S
        assert reception.nacks(asked_s) == [101, 102]
        assert reception.nacks(asked_s + round_trip_s) == [], "the answer may still be under way"
        assert reception.nacks(asked_s + 1.5 * round_trip_s) == [101, 102]


def test_after_a_cut_a_key_frame_is_wanted_instead_of_all_that_is_missing() -> None:
    reception = video(1)
    assert reception.accept(60, 0, CUT_AFTER_S + 0.1)
    assert reception.needs_key_frame
    assert reception.nacks(9.0) == []
    paused = video(1)
    assert paused.accept(2, 0, 60.0)
    assert not paused.needs_key_frame, "nothing is missing"


def test_it_is_known_when_something_will_be_asked_for() -> None:
    reception = video(1, 2)
    assert reception.nacks_due_s == float("inf")
    reception.accept(4, 0, 0.1)
    assert reception.nacks_due_s == 0.1 + FIRST_NACK_AFTER_S
    assert reception.nacks(reception.nacks_due_s) == [3]
    assert reception.nacks_due_s == 0.1 + FIRST_NACK_AFTER_S + NACK_INTERVAL_S
    assert reception.accept_repair(3, 0.2)
    assert reception.nacks(reception.nacks_due_s) == []
    assert reception.nacks_due_s == float("inf")


def test_a_packet_that_never_comes_is_given_up_and_a_key_frame_is_needed() -> None:
    reception = video(1, 3)
    asked = sum(len(reception.nacks(number * NACK_INTERVAL_S * 1.01)) for number in range(1, 30))
    assert asked == MAX_NACKS
    assert reception.needs_key_frame
    assert not reception.accept(2, 0, 9.0), "too late to be of use"


def test_a_repair_is_taken_once_and_a_probe_never() -> None:
    reception = video(1, 3)
    assert reception.accept_repair(2, 0.1)
    assert not reception.accept_repair(2, 0.1)
    assert not reception.accept_repair(1, 0.1)
    assert not reception.accept(2, 0, 0.1), "the packet itself came after its repair"


def test_a_jump_is_a_new_beginning_and_nobody_asks_for_thousands() -> None:
    reception = video(1, 1 + MAX_GAP + 1)
    assert reception.needs_key_frame
    assert reception.nacks(1.0) == []


def test_sound_is_never_asked_for_again_but_its_loss_is_reported() -> None:
    reception = Reception(48_000, repairable=False)
    for sequence in (1, 2, 4):
        assert reception.accept(sequence, sequence * 960, sequence * 0.02)
    assert reception.nacks(1.0) == []
    block = reception.report(7, 1.0)
    assert block is not None
    assert (block.ssrc, block.packets_lost, block.fraction_lost, block.highest_sequence) == (7, 1, 64, 4)


def test_a_report_counts_only_what_was_lost_since_the_last_one() -> None:
    reception = video(1, 3)
    first = reception.report(7, 1.0)
    reception.accept(4, 0, 1.5)
    second = reception.report(7, 2.0)
    assert first is not None
    assert second is not None
    assert (first.fraction_lost, second.fraction_lost) == (256 // 3, 0)
    assert second.packets_lost == 1


def test_a_stream_of_which_nothing_came_is_not_reported() -> None:
    reception = video(1, 3)
    assert reception.report(7, 1.0) is not None
    assert reception.report(7, 2.0) is None
    assert reception.loss == 0.0


def test_a_report_lets_the_publisher_measure_the_round_trip() -> None:
    reception = video(1)
    reception.on_sender_report(0x1122_3344_5566_7788, 10.0)
    block = reception.report(7, 10.5)
    assert block is not None
    assert (block.last_sr, block.delay_since_last_sr) == (0x3344_5566, 32_768)


def test_evenly_paced_packets_have_no_jitter_and_uneven_ones_have() -> None:
    even, uneven = Reception(RATE, False), Reception(RATE, False)
    for number in range(100):
        even.accept(number, number * 1800, number * 0.02)
        uneven.accept(number, number * 1800, number * 0.02 + (number % 2) * 0.01)
    even_block, uneven_block = even.report(1, 2.0), uneven.report(1, 2.0)
    assert even_block is not None
    assert uneven_block is not None
    assert even_block.jitter == 0
    assert 800 < uneven_block.jitter <= 900


@settings(deadline=None)
@given(st.integers(0, 0xFFFF), st.lists(st.booleans(), min_size=2, max_size=200), st.randoms(use_true_random=False))
def test_every_loss_is_repaired_exactly_once_whatever_the_order(
    first: int, arrives: list[bool], random: Random
) -> None:
    arrives[0] = arrives[-1] = True
    reception = Reception(RATE, repairable=True)
    taken = [n for n, came in enumerate(arrives) if came and reception.accept((first + n) & 0xFFFF, 0, 0.0)]
    lost = [n for n, came in enumerate(arrives) if not came]
    assert taken == [n for n, came in enumerate(arrives) if came]
    assert reception.nacks(1.0) == [(first + n) & 0xFFFF for n in lost]
    random.shuffle(lost)
    assert all(reception.accept_repair((first + n) & 0xFFFF, 1.1) for n in lost)
    assert reception.nacks(9.0) == []
    assert not reception.needs_key_frame
