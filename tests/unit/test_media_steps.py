"""How the media bench tells for how long a request holds the loop."""

import asyncio

import pytest

from tests.bench.media_joins import holding
from tests.bench.media_side import Figures
from tests.bench.media_steps import Steps


class Refused(Exception):
    """What a request may end with."""


class Clock:
    """Goes on only where a test lets it."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


async def test_a_request_holds_the_loop_as_long_as_its_longest_step_and_not_while_it_waits() -> None:
    clock = Clock()
    steps, answered = Steps(clock), asyncio.get_running_loop().create_future()

    async def request() -> str:
        clock.now_s += 0.002
        found: str = await answered
        clock.now_s += 0.003
        return found

    asked = asyncio.ensure_future(steps.timed(request()))
    await asyncio.sleep(0)
    clock.now_s += 10.0
    answered.set_result("sdp")
    assert await asked == "sdp"
    assert steps.look() == pytest.approx((0.003, 0.003))


async def test_the_99th_percentile_of_requests_is_told_beside_the_longest_and_forgotten_then() -> None:
    clock = Clock()
    steps = Steps(clock)

    async def request(takes_s: float) -> None:
        clock.now_s += takes_s

    for number in range(200):
        await steps.timed(request(number / 1000))
    assert steps.look() == pytest.approx((0.198, 0.199))
    assert steps.look() is None


async def test_a_request_that_is_refused_or_cancelled_ends_as_it_would_and_counts() -> None:
    steps, never = Steps(Clock()), asyncio.get_running_loop().create_future()

    async def refused() -> None:
        raise Refused

    async def waits() -> None:
        await never

    with pytest.raises(Refused):
        await steps.timed(refused())
    waiting = asyncio.ensure_future(steps.timed(waits()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert steps.look() == (0.0, 0.0)


def test_for_how_long_requests_hold_the_loop_is_told_where_it_is_measured() -> None:
    ours, janus = Figures(1.0, 0.0, 0, 0.02, 0.0041, 0.0123), Figures(1.0, 0.5, 0, None)
    assert holding(ours) == "a request holds the loop p99   4.1 ms, longest  12.3 ms"
    assert holding(janus) == "a request holds the loop p99 not measured, longest not measured"
    assert ours.since(Figures(0.5, 0.0, 0, 0.5, 0.5, 0.5)).longest_step_s == 0.0123
