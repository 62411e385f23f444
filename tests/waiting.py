"""Waiting for a condition instead of sleeping for a time."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], within_s: float = 30.0) -> None:
    """Return as soon as `condition()` is true. Raises TimeoutError if it does not become so."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)
