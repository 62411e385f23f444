"""The machine of an appointment's states, when one may enter, and whom a kind seats."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.appointments import (
    NEXT,
    AppointmentCancelled,
    AppointmentEnded,
    Kind,
    KindNotOffered,
    LengthInvalid,
    NotYetOpen,
    PeopleInvalid,
    SeatRole,
    StartsInThePast,
    Status,
    WrongState,
    check_kind,
    check_length,
    check_people,
    host_role,
    recorded_by_default,
)
from server.domain.organisations import TenantKind
from tests.builders import START, appointment

OVER = {Status.COMPLETED, Status.CANCELLED, Status.RESCHEDULED}


@given(st.lists(st.sampled_from(Status), max_size=12))
def test_only_steps_of_the_machine_are_taken_and_a_refused_one_changes_nothing(wishes: list[Status]) -> None:
    now = appointment()
    for wish in wishes:
        before = now
        try:
            now = now.to(wish)
        except WrongState:
            assert wish not in NEXT[before.status]
            assert now is before
        else:
            assert wish in NEXT[before.status]
            assert now.status is wish


def test_nothing_follows_what_is_over() -> None:
    assert {status for status, following in NEXT.items() if not following} == OVER


def test_nobody_who_was_met_can_be_cancelled_or_missed() -> None:
    assert NEXT[Status.IN_PROGRESS] == {Status.COMPLETED, Status.INTERRUPTED}


def test_moving_confirms_again_and_is_refused_once_people_have_met() -> None:
    moved = appointment(Status.OPEN).moved(START + timedelta(days=1), START + timedelta(days=1, minutes=30))
    assert (moved.status, moved.starts_at) == (Status.CONFIRMED, START + timedelta(days=1))
    for status in set(Status) - {Status.CONFIRMED, Status.OPEN}:
        with pytest.raises(WrongState):
            appointment(status).moved(START, START + timedelta(minutes=30))


def test_one_may_enter_from_half_an_hour_before_until_two_hours_after() -> None:
    end = START + timedelta(minutes=50)
    with pytest.raises(NotYetOpen):
        appointment().may_enter(START - timedelta(minutes=30, microseconds=1))
    for minute in (-30, 0, 49, 50 + 119):
        appointment(Status.OPEN).may_enter(START + timedelta(minutes=minute))
    with pytest.raises(AppointmentEnded):
        appointment(Status.OPEN).may_enter(end + timedelta(hours=2))


def test_what_is_cancelled_or_over_says_so_rather_than_not_yet() -> None:
    with pytest.raises(AppointmentCancelled):
        appointment(Status.CANCELLED).may_enter(START - timedelta(days=1))
    for status in (Status.COMPLETED, Status.NO_SHOW, Status.RESCHEDULED):
        with pytest.raises(AppointmentEnded):
            appointment(status).may_enter(START)


@pytest.mark.parametrize("minutes", [-5, 0, 4, 6, 12, 485, 10**9])
def test_lengths_off_the_grid_or_out_of_bounds_are_refused(minutes: int) -> None:
    with pytest.raises(LengthInvalid):
        check_length(START, minutes, START)


def test_the_past_cannot_be_booked_but_five_minutes_of_grace_can() -> None:
    assert check_length(START, 30, START + timedelta(minutes=5)) == START + timedelta(minutes=30)
    with pytest.raises(StartsInThePast):
        check_length(START, 30, START + timedelta(minutes=5, seconds=1))


@pytest.mark.parametrize(
    ("kind", "seekers", "hosts"),
    [
        (Kind.COUNSELLING, [], ["h"]),
        (Kind.COUNSELLING, ["s"], []),
        (Kind.COUNSELLING, ["s", "t"], ["h"]),
        (Kind.INTERVIEW, ["s", "t"], ["h"]),
        (Kind.COUNSELLING, ["s"], ["s"]),
        (Kind.SMALL_GROUP, ["s", "s"], ["h"]),
        (Kind.INTERVIEW, ["s"], [f"h{n}" for n in range(12)]),
        (Kind.SMALL_GROUP, [str(n) for n in range(20)], ["h"]),
    ],
)
def test_people_that_do_not_fit_the_kind_are_refused(kind: Kind, seekers: list[str], hosts: list[str]) -> None:
    with pytest.raises(PeopleInvalid):
        check_people(kind, seekers, hosts)


def test_a_group_of_twenty_seats_fits() -> None:
    check_people(Kind.SMALL_GROUP, [str(n) for n in range(18)], ["h", "i"])


def test_the_first_host_leads_and_the_others_host_a_group_but_only_sit_on_a_panel() -> None:
    assert [host_role(Kind.SMALL_GROUP, n) for n in (0, 1)] == [SeatRole.HOST, SeatRole.CO_HOST]
    assert [host_role(Kind.INTERVIEW, n) for n in (0, 1, 2)] == [SeatRole.HOST, SeatRole.PANEL, SeatRole.PANEL]


def test_only_interviews_are_recorded_unless_somebody_says_so() -> None:
    assert [kind for kind in Kind if recorded_by_default(kind)] == [Kind.INTERVIEW]


def test_employers_hold_interviews_and_nobody_else_does() -> None:
    check_kind(Kind.INTERVIEW, TenantKind.EMPLOYER)
    for tenant in (TenantKind.CENTRE, TenantKind.AGENCY):
        with pytest.raises(KindNotOffered):
            check_kind(Kind.INTERVIEW, tenant)
