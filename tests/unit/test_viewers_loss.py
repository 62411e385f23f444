"""What a publisher is told of the loss its listeners have."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.media.sfu.viewers_loss import KEPT_S, MAX_FRACTION, ViewersLoss

FRACTIONS = st.integers(0, 255)


def test_the_worst_viewer_counts() -> None:
    viewers = ViewersLoss()
    viewers.report(1, 5, 0.0)
    viewers.report(2, 26, 0.0)
    viewers.report(3, 0, 0.0)
    assert viewers.worst(0, 1.0) == 26


def test_a_viewer_whose_line_is_well_again_does_not_count_any_more() -> None:
    viewers = ViewersLoss()
    viewers.report(1, 26, 0.0)
    viewers.report(1, 0, 5.0)
    assert viewers.worst(0, 5.0) == 0


def test_a_viewer_who_left_is_forgotten() -> None:
    viewers = ViewersLoss()
    viewers.report(1, 26, 0.0)
    assert viewers.worst(0, KEPT_S - 0.1) == 26
    assert viewers.worst(0, KEPT_S) == 0


def test_without_viewers_our_own_loss_is_told_as_it_is() -> None:
    assert ViewersLoss().worst(7, 0.0) == 7


@given(FRACTIONS, st.lists(FRACTIONS))
def test_no_viewer_asks_for_more_than_a_fifth_and_none_hides_our_own_loss(own: int, viewers: list[int]) -> None:
    loss = ViewersLoss()
    for viewer, fraction in enumerate(viewers):
        loss.report(viewer, fraction, 0.0)
    told = loss.worst(own, 1.0)
    assert told >= own
    assert told <= max(own, MAX_FRACTION)
    assert told in {own, MAX_FRACTION, *viewers}
