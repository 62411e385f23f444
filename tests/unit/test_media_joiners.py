"""Who counts as joined in part `joins` of `./run bench media`, and what is told of those who fail."""

import asyncio
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bench import media_joiners
from tests.bench.media_joiners import join_all


@pytest.fixture
def joiners(monkeypatch: pytest.MonkeyPatch) -> Callable[[set[str]], None]:
    """Bots that join at once, but for these seats, whom the engine refuses."""

    def made(refused: set[str]) -> None:
        class Joiner:
            def __init__(self, _side: object, _call: str, seat: str) -> None:
                self._seat, self.door = seat, self
                self.down = SimpleNamespace(connected=asyncio.Event())

            async def publish(self, *_: object) -> None:
                if self._seat in refused:
                    raise RuntimeError("node_full")

            def report(self) -> None:
                pass

            async def want(self, _: object) -> None:
                self.down.connected.set()

        monkeypatch.setattr(media_joiners, "SeatedBot", Joiner)

    return made


@pytest.fixture
def time_passes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """From here on so much with each look at the clock."""

    def set_to(seconds: float) -> None:
        clock = SimpleNamespace(monotonic=itertools.count(0.0, seconds).__next__, process_time=lambda: 0.0)
        monkeypatch.setattr(media_joiners, "time", clock)

    return set_to


async def all_join(count: int, seconds: float) -> Any:
    return await join_all(None, count, seconds)  # type: ignore[arg-type]  # bots that use none


async def test_all_who_stand_before_the_time_is_over_joined_in_time(
    joiners: Callable[[set[str]], None], time_passes: Callable[[float], None]
) -> None:
    joiners(set())
    time_passes(0.0)
    report = await all_join(10, 0.001)
    assert (report.asked, report.joined, report.in_time, report.failed) == (10, 10, 10, {})


async def test_who_joins_after_the_time_is_over_joined_but_not_in_time(
    joiners: Callable[[set[str]], None], time_passes: Callable[[float], None]
) -> None:
    joiners(set())
    time_passes(1.0)
    report = await all_join(10, 0.001)
    assert (report.joined, report.in_time) == (10, 0)


async def test_of_who_fails_it_is_told_where_and_why(
    joiners: Callable[[set[str]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    joiners({"j3"})
    monkeypatch.setattr(media_joiners, "WITHIN_S", 0.05)
    report = await all_join(10, 0.0)
    assert report.joined == 8
    assert report.failed == {
        "sending connection: RuntimeError('node_full')": 1,
        "waiting for whom it is to hear: TimeoutError()": 1,
    }
