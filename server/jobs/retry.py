"""Whether a failed job is tried again, and when. Pure: the attempts made so far go in, a wait or nothing comes out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a kind of job is tried."""

    max_attempts: int = 5
    first_wait_s: float = 5.0
    factor: float = 4.0
    longest_wait_s: float = 600.0


def wait_before_next_s(policy: RetryPolicy, attempts: int, permanent: bool = False) -> float | None:
    """Seconds to wait before the next attempt after `attempts` failed ones, or None: give up and let a person see it.

    `permanent` says that trying again cannot help (the input itself is wrong).
    """
    if attempts < 1:
        raise ValueError("a job that was not attempted did not fail")
    if permanent or attempts >= policy.max_attempts:
        return None
    # The exponent is bounded: a float power overflows long before a sensible number of attempts is reached.
    growth = policy.factor ** min(attempts - 1, 32)
    return min(policy.first_wait_s * growth, policy.longest_wait_s)
