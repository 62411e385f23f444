"""How the media bench tells for how long a request holds the loop."""

import asyncio
from typing import Any

import pytest
from aiortc import RTCDtlsTransport

from tests.bench.media_engine import time_handshakes
from tests.bench.media_side import Figures
from tests.bench.media_steps import Steps, holding


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


async def test_a_handshake_is_timed_where_openssl_works_and_not_while_it_waits_for_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    steps, record = Steps(clock), asyncio.get_running_loop().create_future()

    async def start(_transport: object, remote: float) -> None:
        clock.now_s += remote
        await record
        clock.now_s += 0.001

    monkeypatch.setattr(RTCDtlsTransport, "start", start)
    time_handshakes(steps)
    transport: Any = RTCDtlsTransport
    handshake = asyncio.ensure_future(transport.start(None, 0.004))
    await asyncio.sleep(0)
    clock.now_s += 3.0
    record.set_result(None)
    await handshake
    assert steps.look() == pytest.approx((0.004, 0.004))


def test_for_how_long_requests_hold_the_loop_is_told_where_it_is_measured() -> None:
    ours, janus = Figures(1.0, 0.0, 0, 0.02, 0.0041, 0.0123, 0.0021, 0.0234), Figures(1.0, 0.5, 0, None)
    request, handshake = holding(ours).split(";")
    assert request == "a request holds the loop p99   4.1 ms, longest  12.3 ms"
    assert handshake == " a handshake p99   2.1 ms, longest  23.4 ms"
    assert holding(janus).count("not measured") == 4
    assert ours.since(Figures(0.5, 0.0, 0, 0.5, 0.5, 0.5)).longest_step_s == 0.0123
