"""Our own timer for peer connections, and the clock that a publisher's tracks share."""

from signaling.media.port import PathState
from signaling.media.sfu.liveness import DOWN_UNSTABLE_AFTER_S, LOST_AFTER_S, UP_UNSTABLE_AFTER_S, Liveness
from signaling.media.sfu.rtcp import ntp_from_ns
from signaling.media.sfu.source_clock import SourceClock

SECOND_NS = 1_000_000_000
NOW_NS = 1_800_000_000 * SECOND_NS


def test_a_state_is_told_when_it_changes_and_only_then() -> None:
    liveness = Liveness()
    assert liveness.change(0.0, 4.0) is PathState.CONNECTED
    assert liveness.change(3.9, 4.0) is None
    assert liveness.change(4.0, 4.0) is PathState.UNSTABLE
    assert liveness.change(9.0, 4.0) is None
    assert liveness.change(0.1, 4.0) is PathState.CONNECTED


def test_lost_is_the_last_word() -> None:
    liveness = Liveness()
    liveness.change(0.0, 4.0)
    assert liveness.change(LOST_AFTER_S, 4.0) is PathState.LOST
    assert liveness.change(0.0, 4.0) is None


def test_a_browser_that_only_checks_consent_is_not_called_unstable() -> None:
    firefox_checks_every_s = 5.0
    assert firefox_checks_every_s < UP_UNSTABLE_AFTER_S
    assert DOWN_UNSTABLE_AFTER_S > 2 * 1.0, "two receiver reports may be lost"


def test_rtp_time_is_carried_over_to_our_clock() -> None:
    clock = SourceClock()
    assert clock.rtp_time_at(NOW_NS, 0, 0, 90_000) is None
    theirs_ns = NOW_NS - 3600 * SECOND_NS  # their clock is an hour slow
    clock.on_report(ntp_from_ns(theirs_ns), NOW_NS)
    assert clock.rtp_time_at(NOW_NS + 2 * SECOND_NS, ntp_from_ns(theirs_ns), 1000, 90_000) == 1000 + 180_000


def test_the_quickest_report_decides_and_slow_ones_do_not_move_the_clock() -> None:
    clock, ntp_time = SourceClock(), ntp_from_ns(NOW_NS)
    clock.on_report(ntp_time, NOW_NS + SECOND_NS // 100)
    clock.on_report(ntp_from_ns(NOW_NS + SECOND_NS), NOW_NS + SECOND_NS * 2)
    late = clock.rtp_time_at(NOW_NS + SECOND_NS, ntp_time, 0, 48_000)
    assert late is not None
    assert abs(late - 48_000 * 0.99) < 48  # within a millisecond of the quick report


def test_sound_and_picture_of_one_browser_stay_in_step() -> None:
    clock = SourceClock()
    for number in range(10):
        clock.on_report(ntp_from_ns(NOW_NS + number * SECOND_NS), NOW_NS + number * SECOND_NS + number * 10_000_000)
    at_ns = NOW_NS + 20 * SECOND_NS
    sound = clock.rtp_time_at(at_ns, ntp_from_ns(NOW_NS), 0, 48_000)
    picture = clock.rtp_time_at(at_ns, ntp_from_ns(NOW_NS + SECOND_NS), 90_000, 90_000)
    assert sound is not None
    assert picture is not None
    assert abs(sound / 48_000 - picture / 90_000) < 0.001
