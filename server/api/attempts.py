"""How often somebody may fail before they must wait. Only failures count, so a busy centre behind one address is not
locked out by its own guests.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from server.domain.errors import TooMany

SIGN_IN_PER_ACCOUNT = parse("10/15 minutes")
SIGN_IN_PER_ADDRESS = parse("30/15 minutes")
LINKS_PER_ADDRESS = parse("10/minute")


class Attempts:
    """Failed attempts, in the memory of this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # of those who try just now

    async def check(self, limit: RateLimitItem, *who: str) -> None:
        """Raise TooMany when too many attempts have failed already."""
        if not await self._limiter.test(limit, *who):
            raise TooMany(retry_after_s=limit.get_expiry())

    @asynccontextmanager
    async def turn(self, limit: RateLimitItem, *who: str) -> AsyncIterator[None]:
        """Check, and let nobody else under this limit try meanwhile: many sent at once count like one after another."""
        lock = self._turns.setdefault(limit.key_for(*who), asyncio.Lock())
        async with lock:
            await self.check(limit, *who)
            yield

    async def failed(self, limit: RateLimitItem, *who: str) -> None:
        """Count one failed attempt."""
        await self._limiter.hit(limit, *who)
