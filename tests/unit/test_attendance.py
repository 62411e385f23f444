"""What presence proposes and how a person confirms it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.attendance import (
    AttendanceRules,
    AttendanceStatus,
    Correction,
    Meeting,
    Proposal,
    ReasonMissing,
    Stay,
    UnknownAttendee,
    confirm,
    held,
    propose,
    stays,
)

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
END = START + timedelta(minutes=60)
RULES = AttendanceRules()


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def proposed(*presence: tuple[float, str], begun: float = 0, ended: float = 60) -> Proposal:
    attended = stays([(at(minutes), state) for minutes, state in presence], at(ended))
    return propose("p1", attended, Meeting(starts_at=START, begun_at=at(begun), ended_at=at(ended)), RULES)


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


def test_whoever_was_let_in_early_has_those_minutes_counted() -> None:
    found = proposed((-20, "connected"), (60, "left"), begun=-20)
    assert (found.status, found.minutes) == (AttendanceStatus.PRESENT, 80)


@pytest.mark.parametrize("ended", [-5, 0, 1])
def test_people_of_a_meeting_that_ended_by_its_booked_start_were_present(ended: float) -> None:
    found = proposed((-20, "connected"), (ended, "left"), begun=-20, ended=ended)
    assert (found.status, found.minutes, found.joined_at) == (AttendanceStatus.PRESENT, 20 + ended, at(-20))


def test_whoever_came_at_the_booked_start_owes_nothing_of_what_began_early() -> None:
    assert proposed((0, "connected"), (60, "left"), begun=-30).status is AttendanceStatus.PRESENT


def test_early_minutes_do_not_make_up_for_those_missed_in_the_middle() -> None:
    found = proposed((-30, "connected"), (10, "dropped"), (45, "connected"), (60, "left"), begun=-30)
    assert found.status is AttendanceStatus.PARTIAL


def test_going_early_from_a_meeting_held_early_is_seen() -> None:
    found = proposed((-25, "connected"), (-15, "left"), begun=-25, ended=-4)
    assert found.status is AttendanceStatus.PARTIAL


def test_a_meeting_is_held_from_the_first_guest_let_in_to_the_last_person_gone() -> None:
    guests, hosts = [[Stay(at(-20), at(-6))], []], [[Stay(at(-25), at(-5))]]
    assert held(guests, hosts, START, closed_at=at(10)) == Meeting(starts_at=START, begun_at=at(-20), ended_at=at(-5))


def test_a_meeting_that_nobody_came_to_is_held_as_booked() -> None:
    assert held([[]], [], START, closed_at=END) == Meeting(starts_at=START, begun_at=START, ended_at=END)


PRESENCE = st.lists(
    st.tuples(st.integers(-30, 90), st.sampled_from(["waiting", "connected", "reconnecting", "dropped", "left"]))
)


@given(marks=PRESENCE, begun=st.integers(-30, 0))
def test_minutes_never_exceed_the_meeting(marks: list[tuple[int, str]], begun: int) -> None:
    found = proposed(*sorted(marks), begun=begun)
    assert 0 <= found.minutes <= 60 - begun
    assert (found.joins == 0) is (found.status is AttendanceStatus.ABSENT_UNEXCUSED)


@given(guests=st.lists(PRESENCE, min_size=1, max_size=3), ended=st.integers(-29, 60))
def test_nobody_who_was_in_the_room_is_proposed_as_absent(guests: list[list[tuple[int, str]]], ended: int) -> None:
    """Whenever the meeting was held: only who has no stay before its end did not come."""
    attended = [stays([(at(m), state) for m, state in sorted(marks) if m < ended], at(ended)) for marks in guests]
    meeting = held(attended, [], START, closed_at=at(ended))
    for found in attended:
        absent = propose("p", found, meeting, RULES).status is AttendanceStatus.ABSENT_UNEXCUSED
        assert absent is not any(stay.left_at > stay.joined_at for stay in found)


@given(marks=PRESENCE, begun=st.integers(-30, 0), ended=st.integers(1, 60))
def test_nobody_loses_by_a_meeting_that_began_early(marks: list[tuple[int, str]], begun: int, ended: int) -> None:
    """Whoever was present at the meeting as booked was present at the one that began before."""
    after = [mark for mark in sorted(marks) if mark[0] >= 0]
    if proposed(*after, ended=ended).status is AttendanceStatus.PRESENT:
        assert proposed(*after, begun=begun, ended=ended).status is AttendanceStatus.PRESENT


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
