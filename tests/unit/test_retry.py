"""When a failed job is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.jobs.retry import RetryPolicy, wait_before_next_s


def test_waits_grow_and_then_stay_at_the_longest() -> None:
    policy = RetryPolicy(max_attempts=10, first_wait_s=5, factor=4, longest_wait_s=100)
    assert [wait_before_next_s(policy, n) for n in (1, 2, 3, 4, 5)] == [5, 20, 80, 100, 100]


def test_the_last_permitted_attempt_is_the_last() -> None:
    policy = RetryPolicy(max_attempts=3)
    assert wait_before_next_s(policy, 2) is not None
    assert wait_before_next_s(policy, 3) is None


def test_a_permanent_failure_is_shown_at_once() -> None:
    assert wait_before_next_s(RetryPolicy(), 1, permanent=True) is None


def test_a_job_that_never_ran_did_not_fail() -> None:
    with pytest.raises(ValueError, match="not attempted"):
        wait_before_next_s(RetryPolicy(), 0)


@given(attempts=st.integers(1, 10_000), factor=st.floats(1, 10), first=st.floats(0.1, 60))
def test_a_wait_is_never_shorter_than_the_one_before(attempts: int, factor: float, first: float) -> None:
    policy = RetryPolicy(max_attempts=20_000, first_wait_s=first, factor=factor, longest_wait_s=600)
    earlier, later = wait_before_next_s(policy, attempts), wait_before_next_s(policy, attempts + 1)
    assert earlier is not None
    assert later is not None
    assert 0 < earlier <= later <= 600
