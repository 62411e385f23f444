"""For how long one thing holds the loop at a time: all others wait so long. How long it takes in all does not tell."""

import time
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from types import coroutine
from typing import Any, TypeVar

from tests.bench.media_side import Figures
from tests.bench.processor import percentile

Result = TypeVar("Result")


class Steps:
    """The longest step of each request since the last look."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._longest_s: list[float] = []

    @coroutine
    def timed(self, request: Coroutine[Any, Any, Result]) -> Generator[Any, Any, Result]:
        """What it returns. A step goes from where it begins, or goes on, to where it waits or ends."""
        longest_s = 0.0
        step: Callable[[], Any] = partial(request.send, None)
        try:
            while True:
                began_s = self._clock()
                try:
                    waits_for = step()
                except StopIteration as done:
                    result: Result = done.value
                    return result
                finally:
                    longest_s = max(longest_s, self._clock() - began_s)
                step = yield from _waiting(request, waits_for)
        finally:
            self._longest_s.append(longest_s)

    def look(self) -> tuple[float, float] | None:
        """Seconds that 99 % of the longest steps do not exceed, and the longest of all; None where there was none."""
        seen, self._longest_s = self._longest_s, []
        return (percentile(seen, 99), max(seen)) if seen else None


def _waiting(request: Coroutine[Any, Any, Any], waits_for: Any) -> Generator[Any, Any, Callable[[], Any]]:
    """How it goes on: with what it waited for, or with an exception, as when it is cancelled."""
    try:
        yield waits_for
    except BaseException as error:
        return partial(request.throw, error)
    return partial(request.send, None)


def holding(used: Figures) -> str:
    """For how long requests and handshakes held the loop."""
    return (
        f"a request holds the loop p99 {in_ms(used.step_p99_s)}, longest {in_ms(used.longest_step_s)};"
        f" a handshake p99 {in_ms(used.handshake_p99_s)}, longest {in_ms(used.longest_handshake_s)}"
    )


def in_ms(seconds: float | None) -> str:
    """What is not measured is not printed as nothing."""
    return "not measured" if seconds is None else f"{1000 * seconds:5.1f} ms"
