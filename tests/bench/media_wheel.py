"""When what is sent: a wheel of forty milliseconds that turns evenly.

A tick of a millisecond sends what is due in it. Who is late catches up, so the rate holds as long as there is time
enough; how late the latest tick was tells whether there was.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterable

from tests.bench.media_bots import LoadBot
from tests.bench.media_packets import Outgoing

TICKS, TICK_S = 40, 0.001  # what is sent repeats every 40 ms


class Wheel:
    """What publishers send, each stream at its own place in time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.latest_s = 0.0  # how late a tick was at most since this was last set to nothing
        self._clock = clock
        self._ticks: list[list[tuple[LoadBot, Outgoing]]] = []
        self._dice = random.Random(1)
        self.load(())

    def load(self, bots: Iterable[LoadBot]) -> None:
        """From now on these send."""
        self._ticks = [[] for _ in range(TICKS)]
        for bot in bots:
            for stream in bot.outgoing:
                first = self._dice.randrange(TICKS)
                for at in range(stream.per_turn):
                    self._ticks[(first + at * TICKS // stream.per_turn) % TICKS].append((bot, stream))

    @property
    def streams(self) -> set[Outgoing]:
        """All that are sent."""
        return {stream for tick in self._ticks for _, stream in tick}

    @property
    def packets_per_s(self) -> float:
        """Due while it turns evenly."""
        return sum(stream.packets_per_frame for tick in self._ticks for _, stream in tick) / (TICKS * TICK_S)

    async def turn(self) -> None:
        """Send, for ever."""
        began_s, tick = self._clock(), 0
        while True:
            self.latest_s = max(self.latest_s, self._clock() - began_s - tick * TICK_S)
            for bot, stream in self._ticks[tick % TICKS]:
                bot.send(stream)
            tick += 1
            await asyncio.sleep(max(0.0, began_s + tick * TICK_S - self._clock()))
