"""What presence proposes and how a person confirms it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.attendance import (
    AttendanceRules,
    AttendanceStatus,
    Correction,
    Proposal,
    ReasonMissing,
    Stay,
    UnknownAttendee,
    confirm,
    propose,
    stays,
)

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
END = START + timedelta(minutes=60)
RULES = AttendanceRules()


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def proposed(*presence: tuple[float, str]) -> Proposal:
    attended = stays([(at(minutes), state) for minutes, state in presence], END)
    return propose("p1", attended, START, END, RULES)


def test_someone_there_from_start_to_end_was_present() -> None:
    found = proposed((-5, "waiting"), (0, "admitted"), (0, "connected"), (60, "left"))
    assert (found.status, found.minutes, found.joins) == (AttendanceStatus.PRESENT, 60, 1)


def test_waiting_in_the_lobby_is_not_attendance() -> None:
    assert proposed((-10, "checking"), (0, "waiting"), (60, "left")).status is AttendanceStatus.ABSENT_UNEXCUSED


def test_a_short_reconnection_does_not_break_the_stay() -> None:
    found = proposed((0, "connected"), (20, "reconnecting"), (21, "connected"), (60, "left"))
    assert (found.status, found.minutes, found.joins) == (AttendanceStatus.PRESENT, 60, 1)


def test_a_dropped_seat_breaks_it_and_its_minutes_are_missing() -> None:
    found = proposed((0, "connected"), (20, "reconnecting"), (25, "dropped"), (30, "connected"), (60, "left"))
    assert (found.minutes, found.joins) == (55, 2)


@pytest.mark.parametrize(
    ("joined", "left", "status"),
    [
        (10, 60, AttendanceStatus.PRESENT),
        (11, 60, AttendanceStatus.LATE),
        (0, 50, AttendanceStatus.PRESENT),
        (0, 49, AttendanceStatus.LEFT_EARLY),
        (11, 49, AttendanceStatus.PARTIAL),
        (0, 29, AttendanceStatus.PARTIAL),
        (31, 60, AttendanceStatus.PARTIAL),
    ],
)
def test_coming_late_and_going_early_are_told_apart(joined: float, left: float, status: AttendanceStatus) -> None:
    assert proposed((joined, "connected"), (left, "left")).status is status


def test_long_absences_in_between_make_it_partial() -> None:
    found = proposed((0, "connected"), (20, "dropped"), (40, "connected"), (60, "left"))
    assert (found.status, found.minutes) == (AttendanceStatus.PARTIAL, 40)


def test_being_moved_to_another_device_and_back_is_one_attendance() -> None:
    found = proposed((0, "connected"), (30, "moved"), (30, "connected"), (60, "left"))
    assert (found.status, found.minutes) == (AttendanceStatus.PRESENT, 60)


def test_someone_still_there_at_the_end_is_counted_to_the_end() -> None:
    assert proposed((0, "connected")).minutes == 60


def test_minutes_before_the_start_do_not_count() -> None:
    assert proposed((-30, "connected"), (60, "left")).minutes == 60


@given(
    marks=st.lists(
        st.tuples(st.integers(-30, 90), st.sampled_from(["waiting", "connected", "reconnecting", "dropped", "left"]))
    )
)
def test_minutes_never_exceed_the_meeting(marks: list[tuple[int, str]]) -> None:
    found = proposed(*sorted(marks))
    assert 0 <= found.minutes <= 60
    assert (found.joins == 0) is (found.status is AttendanceStatus.ABSENT_UNEXCUSED)


def a_proposal(person_id: str, status: AttendanceStatus = AttendanceStatus.PRESENT) -> Proposal:
    return Proposal(person_id, status, 60, 1, START, END)


def test_confirming_without_exceptions_takes_every_proposal() -> None:
    confirmed = confirm("a1", [a_proposal("a"), a_proposal("b", AttendanceStatus.LATE)], {}, "staff", END)
    assert [(a.person_id, a.status, a.reason) for a in confirmed] == [
        ("a", AttendanceStatus.PRESENT, ""),
        ("b", AttendanceStatus.LATE, ""),
    ]


def test_an_exception_keeps_what_was_proposed_beside_it() -> None:
    correction = {"a": Correction(AttendanceStatus.TECHNICAL_EXCUSED, " 회선 장애 ")}
    (confirmed,) = confirm("a1", [a_proposal("a", AttendanceStatus.PARTIAL)], correction, "staff", END)
    assert (confirmed.status, confirmed.proposed) == (AttendanceStatus.TECHNICAL_EXCUSED, AttendanceStatus.PARTIAL)
    assert (confirmed.reason, confirmed.confirmed_by) == ("회선 장애", "staff")


def test_an_exception_without_a_reason_is_refused() -> None:
    with pytest.raises(ReasonMissing):
        confirm("a1", [a_proposal("a")], {"a": Correction(AttendanceStatus.ABSENT_EXCUSED, "  ")}, "staff", END)


def test_nobody_outside_the_appointment_can_be_given_attendance() -> None:
    with pytest.raises(UnknownAttendee):
        confirm("a1", [a_proposal("a")], {"stranger": Correction(AttendanceStatus.PRESENT, "왔음")}, "staff", END)


def test_stays_are_closed_by_the_end_of_the_call() -> None:
    assert stays([(at(5), "connected")], at(30)) == [Stay(at(5), at(30))]
