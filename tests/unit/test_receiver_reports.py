"""What a viewer's reports say of its line."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.media.adaptation.line import Loss, RoundTrip
from signaling.media.sfu.receiver_reports import ReceiverReports
from signaling.media.sfu.rtcp import ReportBlock, ntp_from_ns, parse, receiver_report

OURS = {7: 0, 8: 0}  # SSRC -> numbers that its viewer was never sent
NOON_NS = 1_700_000_000 * 10**9


def block(ssrc: int, highest: int, lost: int, last_sr: int = 0, delay: int = 0) -> ReportBlock:
    return ReportBlock(ssrc, 0, lost, highest, 0, last_sr, delay)


def reports() -> ReceiverReports:
    return ReceiverReports(OURS.get)


def test_loss_is_that_of_all_streams_since_the_last_report() -> None:
    read = reports()
    assert list(read.read([block(7, 1_000, 5), block(8, 70_000, 0)], 0)) == []
    assert list(read.read([block(7, 1_050, 8), block(8, 70_050, 2)], 0)) == [Loss(5, 100)]


def test_what_was_lost_before_it_came_to_us_is_no_loss_of_the_viewers_line() -> None:
    unsent = {7: 100}
    read = ReceiverReports(unsent.get)
    list(read.read([block(7, 1_000, 105)], 0))
    unsent[7] += 20
    assert list(read.read([block(7, 1_100, 128)], 0)) == [Loss(3, 100)]


def test_duplicates_that_outnumber_losses_are_no_loss() -> None:
    read = reports()
    list(read.read([block(7, 1_000, 5)], 0))
    assert list(read.read([block(7, 1_050, -20)], 0)) == [Loss(0, 50)]


def test_streams_that_are_not_ours_are_neither_counted_nor_kept() -> None:
    read = reports()
    for ssrc in range(100, 200):
        assert list(read.read([block(ssrc, 1, 1, 1, 1)], 0)) == []
    assert not read._counted


def test_a_report_that_goes_back_counts_nothing() -> None:
    read = reports()
    list(read.read([block(7, 1_000, 5)], 0))
    assert list(read.read([block(7, 900, 5)], 0)) == []


def test_the_round_trip_is_what_neither_side_waited() -> None:
    sent, arrived = ntp_from_ns(NOON_NS), ntp_from_ns(NOON_NS + 580_000_000)
    delay = int(0.5 * 65_536)
    (sign,) = reports().read([block(7, 1, 0, sent >> 16 & 0xFFFFFFFF, delay)], arrived)
    assert isinstance(sign, RoundTrip)
    assert abs(sign.seconds - 0.08) < 0.001


def test_a_round_trip_below_nothing_is_none() -> None:
    sent = ntp_from_ns(NOON_NS)
    assert list(reports().read([block(7, 1, 0, sent >> 16 & 0xFFFFFFFF, 65_536)], sent)) == [RoundTrip(0.0)]


blocks = st.builds(
    ReportBlock,
    st.sampled_from([7, 8, 9]),
    st.integers(0, 255),
    st.integers(-(2**23), 2**23 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
)


@given(st.lists(st.lists(blocks, max_size=4), max_size=6), st.integers(0, 2**64 - 1))
def test_whatever_is_reported_never_more_is_lost_than_was_due(said: list[list[ReportBlock]], ntp_time: int) -> None:
    read = reports()
    for each in said:
        (message,) = parse(receiver_report(1, each))
        for sign in read.read(message.blocks, ntp_time):  # type: ignore[union-attr]
            if isinstance(sign, Loss):
                assert 0 <= sign.lost <= sign.expected
            else:
                assert sign.seconds >= 0
