"""One seat's requests to the media engine, one after the other, beside the call's own loop.

Negotiation may take time and must keep its order; releasing a seat must not wait for it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from signaling.errors import Code, Unavailable

MAX_WAITING = 32
STEP_WITHIN_S = 10.0

logger = logging.getLogger(__name__)

Step = Callable[[], Awaitable[None]]


class MediaLane:
    """Runs steps in order. While 32 wait, further requests are refused with `busy`."""

    def __init__(self, call: str, seat: str) -> None:
        self._about = {"call": call, "seat": seat}
        self._waiting: deque[Step] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something waits or runs: what the engine has of the seat is about to change."""
        return bool(self._waiting) or (self._task is not None and not self._task.done())

    def ask(self, step: Step) -> None:
        """Run a client's request when those before it are done. Raises `Unavailable` (`busy`)."""
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable(Code.BUSY, retry_after_s=1.0)
        self.put(step)

    def put(self, step: Step) -> None:
        """Run what the call decided when those before it are done."""
        self._waiting.append(step)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name=f"media of call {self._about['call']}")

    def cut(self, step: Step) -> None:
        """Drop whatever waits or runs, and run this next."""
        self._waiting.clear()
        running, self._task = self._task, None
        if running is not None:
            running.cancel()
        self.put(step)

    async def close(self) -> None:
        """Drop what waits and stop. Idempotent."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while self._waiting:
            step = self._waiting.popleft()
            try:
                async with asyncio.timeout(STEP_WITHIN_S):
                    await step()
            except Exception:  # a border: one failing step must not stop the seat's later ones
                logger.exception("media step failed", extra=self._about)
