"""When what is kept must go."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.appointments import Kind
from server.domain.retention import RetentionPolicy, delete_on, is_due, policy_for

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(("kind", "days"), [(Kind.COUNSELLING, 90), (Kind.INTERVIEW, 30), (Kind.SMALL_GROUP, 30)])
def test_every_kind_of_appointment_has_a_term_and_says_on_what_basis(kind: Kind, days: int) -> None:
    policy = policy_for(kind)
    assert (policy.days, policy.basis_key) == (days, f"retention.basis.{policy.purpose}")


def test_the_day_is_counted_where_people_live() -> None:
    late_evening_utc = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)  # the second of March in Seoul
    assert delete_on(RetentionPolicy("p", 10, "k"), late_evening_utc, SEOUL) == date(2026, 3, 12)


def test_the_day_has_come_when_it_begins_there() -> None:
    assert not is_due(date(2026, 3, 12), datetime(2026, 3, 11, 14, 59, tzinfo=UTC), SEOUL)
    assert is_due(date(2026, 3, 12), datetime(2026, 3, 11, 15, 0, tzinfo=UTC), SEOUL)


@given(
    hours=st.integers(0, 200_000),
    days=st.integers(1, 4000),
)
def test_nothing_is_due_before_its_term_has_passed(hours: int, days: int) -> None:
    ended = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    day = delete_on(RetentionPolicy("p", days, "k"), ended, SEOUL)
    assert not is_due(day, ended + timedelta(days=days - 1), SEOUL)
    assert is_due(day, ended + timedelta(days=days), SEOUL)
