"""When more comes than is carried, pictures give way step by step; a moment's burst costs nobody a picture."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.capacity import Load, Reading, next_load, stays_open
from signaling.media.port import Source
from signaling.media.sfu.backlog import INTERVAL_S, LONG_S, PATIENCE_S, STANDS_S, Backlog, GivesWay, gives_way_from
from signaling.media.sfu.settings import MediaPolicy

SOCKET, OTHER_SOCKET = 3, 4
QUICK, STANDING, LONG = 0.001, (STANDS_S + LONG_S) / 2, 2 * LONG_S


class Node:
    """A backlog and a clock."""

    def __init__(self) -> None:
        self.backlog = Backlog()
        self.now_s = 0.0
        self.overflows = 0
        self.backlog.look(self.now_s, self.overflows)

    def interval(self, *waits_s: float, overflows: int = 0) -> GivesWay:
        """What gives way after an interval in which datagrams waited so long."""
        for waited_s in waits_s:
            self.backlog.waited(SOCKET, waited_s)
        self.now_s += 1.01 * INTERVAL_S
        self.backlog.look(self.now_s - INTERVAL_S / 2, self.overflows)  # too soon
        self.overflows += overflows
        self.backlog.look(self.now_s, self.overflows)
        return self.backlog.gives_way

    def quiet_until_less(self) -> float:
        """Seconds without a queue until less gives way."""
        began_s, before = self.now_s, self.backlog.gives_way
        while self.interval(QUICK) is before:
            assert self.now_s - began_s < 2 * PATIENCE_S[1]
        return self.now_s - began_s


def test_a_burst_that_empties_by_itself_costs_nobody_a_picture() -> None:
    node = Node()
    assert node.interval(5.0, 3.0, LONG, QUICK) is GivesWay.NOTHING
    assert node.interval() is GivesWay.NOTHING


def test_a_queue_that_stands_takes_pictures_step_by_step_and_a_long_one_all_at_once() -> None:
    node = Node()
    assert [node.interval(STANDING, LONG) for _ in range(9)] == [1, 2, 3, 4, 5, 6, 7, 7, 7]
    assert Node().interval(LONG) is GivesWay.ALL


def test_a_queue_that_shrinks_is_given_time() -> None:
    node = Node()
    waits_s = [STANDING, *(STANDING * 0.9**n for n in range(1, 5))]
    assert [node.interval(waited_s) for waited_s in waits_s] == [1, 1, 1, 1, 1]
    assert node.interval(STANDING) is GivesWay.MEDIUM


def test_a_buffer_too_small_for_a_queue_takes_pictures_as_one_does() -> None:
    node = Node()
    assert [node.interval(QUICK, overflows=1) for _ in range(3)] == [1, 2, 3]
    assert node.quiet_until_less() == pytest.approx(PATIENCE_S[0], abs=3 * INTERVAL_S)


def test_a_step_that_was_tried_in_vain_puts_off_no_other() -> None:
    node = Node()
    for _ in range(3):
        node.interval(STANDING)
    for _ in range(3):
        node.quiet_until_less()
        node.interval(STANDING)
    assert node.backlog.gives_way is GivesWay.QUARTER
    node.interval(LONG)
    waits_s = [node.quiet_until_less() for _ in range(5)]
    assert waits_s == pytest.approx([1.0, 1.0, 1.0, 1.0, 8.0], abs=3 * INTERVAL_S)


def test_a_socket_with_a_queue_is_not_hidden_by_one_without() -> None:
    node = Node()
    node.backlog.waited(OTHER_SOCKET, QUICK)
    assert node.interval(STANDING) is GivesWay.LARGE


def test_pictures_come_back_one_step_at_a_time_and_later_when_that_was_too_soon() -> None:
    node = Node()
    node.interval(STANDING)
    node.interval(STANDING)
    first_s = node.quiet_until_less()
    assert node.backlog.gives_way is GivesWay.LARGE
    assert first_s == pytest.approx(PATIENCE_S[0], abs=3 * INTERVAL_S)
    waits_s = []
    for _ in range(8):
        node.interval(STANDING)
        waits_s.append(node.quiet_until_less())
    assert waits_s[:4] == pytest.approx([2.0, 4.0, 8.0, 16.0], abs=3 * INTERVAL_S)
    assert max(waits_s) <= PATIENCE_S[1] + 3 * INTERVAL_S


def test_after_a_long_time_without_a_queue_the_next_one_is_a_first_one() -> None:
    node = Node()
    node.interval(STANDING)
    node.quiet_until_less()
    node.interval(STANDING)
    node.quiet_until_less()
    for _ in range(int(PATIENCE_S[1] / INTERVAL_S)):
        assert node.interval(QUICK) is GivesWay.NOTHING
    node.interval(STANDING)
    assert node.quiet_until_less() == pytest.approx(PATIENCE_S[0], abs=3 * INTERVAL_S)


@given(st.lists(st.lists(st.floats(0, 1), max_size=3), max_size=60))
def test_whatever_waits_a_step_is_taken_only_for_a_queue_and_given_back_one_by_one(
    waits: Iterable[list[float]],
) -> None:
    node = Node()
    for interval in waits:
        before, after = node.backlog.gives_way, node.interval(*interval)
        stands = min(interval, default=0.0) > STANDS_S
        assert after >= before if stands else before - 1 <= after <= before
    while node.backlog.gives_way:
        node.quiet_until_less()


@pytest.mark.parametrize(
    ("picture", "step"),
    [
        ((2, ""), GivesWay.LARGE),
        ((2, "signs"), GivesWay.LARGE),
        ((1, "recorded"), GivesWay.MEDIUM),
        ((1, "signs"), GivesWay.ALL),
        ((0, ""), GivesWay.QUARTER),
        ((0, "last"), GivesWay.MOST),
        ((0, "recorded"), GivesWay.ALL),
        ((0, "signs"), GivesWay.ALL),
    ],
)
def test_whose_picture_is_needed_most_gives_way_last(picture: tuple[int, str], step: GivesWay) -> None:
    layer, said = picture
    quarter = 3 if said == "last" else 0
    assert gives_way_from(layer, signs=said == "signs", recorded=said == "recorded", quarter=quarter) is step


def test_a_camera_is_told_to_send_no_more_than_is_forwarded() -> None:
    policy = MediaPolicy()
    heights = [policy.limit(Source.CAMERA, 2, step).max_height for step in GivesWay]
    assert heights == [720, 360, *[180] * 6]
    assert policy.limit(Source.MIC, 2, GivesWay.ALL) == policy.microphone


def test_a_node_that_drops_pictures_is_full_however_idle_that_makes_it() -> None:
    readings = [Reading(at_s, at_s / 10, None, None, 0.0, None, gives_way=at_s == 1) for at_s in (0.0, 1.0, 2.0)]
    dropping = next_load(Load(), readings[0], readings[1], reserve_bytes=0)
    assert not stays_open(True, dropping.fullness)
    assert stays_open(False, next_load(dropping, readings[1], readings[2], reserve_bytes=0).fullness)
