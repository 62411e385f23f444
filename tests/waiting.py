"""Waiting for a condition instead of sleeping for a time."""

import asyncio
import threading
from collections.abc import Callable


async def until(condition: Callable[[], object], within_s: float = 30.0) -> None:
    """Return as soon as `condition()` is true. Raises TimeoutError if it does not become so."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


async def database_threads_ended() -> None:
    """Return once SQLite's driver has no thread any more.

    The one of a connection that failed ends by itself, and must not outlive the loop that it reports to.
    """
    await until(lambda: not any("_connection_worker" in thread.name for thread in threading.enumerate()))
