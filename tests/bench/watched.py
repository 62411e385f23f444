"""What one page of a group receives of each person in a stretch of time, looked at once a second."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from playwright.async_api import Page

from tests.received import Received

BACK_WITHIN_S = 60.0


@dataclass(frozen=True)
class Second:
    """What came in about a second."""

    lasted_s: float
    shown: dict[str, int]  # lines, by the names of those of whom new frames came
    heard: bool  # a packet of some sound came


@dataclass
class Watched:
    """What one page received."""

    first: Received
    last: Received
    looks: list[Second] = field(default_factory=list)

    @classmethod
    async def on(cls, page: Page, seconds: float) -> Self:
        """From now on for so long."""
        clock = asyncio.get_running_loop()
        began_s = looked_s = clock.time()
        first = await Received.by(page)
        watched = cls(first, first)
        while looked_s - began_s < seconds:
            await asyncio.sleep(1)
            before_s, looked_s = looked_s, clock.time()
            watched.add(await Received.by(page), looked_s - before_s)
        return watched

    def add(self, now: Received, lasted_s: float) -> None:
        """One more look, so long after the one before."""
        heard = now.sound_bytes > self.last.sound_bytes
        self.looks.append(Second(lasted_s, now.shown_since(self.last), heard))
        self.last = now

    @property
    def seconds(self) -> float:
        """All of it."""
        return sum(look.lasted_s for look in self.looks)

    def share(self, so: Callable[[Second], bool]) -> float:
        """Percent of the time."""
        return 100 * sum(look.lasted_s for look in self.looks if so(look)) / self.seconds

    def shown(self, name: str) -> float:
        """Percent of the time in which somebody's picture moved."""
        return self.share(lambda look: name in look.shown)

    def heights(self, name: str) -> dict[int, float]:
        """Seconds by lines of somebody's picture."""
        found: dict[int, float] = defaultdict(float)
        for look in self.looks:
            if name in look.shown:
                found[look.shown[name]] += look.lasted_s
        return dict(sorted(found.items()))

    def usual_height(self, name: str) -> int:
        """Lines for most of the time in which somebody was shown; 0 for who never was."""
        heights = self.heights(name)
        return max(heights, key=lambda height: heights[height], default=0)

    def picture_kbit_s(self, name: str) -> float:
        """What somebody's picture took of the line, headers included."""
        now, before = (received.pictures.get(name) for received in (self.last, self.first))
        return self._kbit_s((now.bytes if now else 0) - (before.bytes if before else 0))

    @property
    def sound_kbit_s(self) -> float:
        """What all voices took of the line, headers included."""
        return self._kbit_s(self.last.sound_bytes - self.first.sound_bytes)

    @property
    def concealed(self) -> float:
        """Percent of the loudest voice.

        At least the time in which no packet came: a browser lets that fade into silence, and counts it as such.
        """
        before, now = self.first.voice, self.last.voice
        samples = now.samples - before.samples
        made_up = 100 * (now.concealed - before.concealed) / samples if samples else 100.0
        return max(made_up, self.share(lambda look: not look.heard))

    def _kbit_s(self, count_bytes: int) -> float:
        return count_bytes * 8 / self.seconds / 1000


async def until_back(page: Page, before: dict[str, int]) -> dict[str, float | None]:
    """By name: seconds until somebody is seen with as many lines as before; None: not within a minute."""
    clock = asyncio.get_running_loop()
    began_s, last = clock.time(), await Received.by(page)
    back: dict[str, float | None] = dict.fromkeys(before)
    while None in back.values() and (passed_s := clock.time() - began_s) < BACK_WITHIN_S:
        await asyncio.sleep(0.25)
        now = await Received.by(page)
        for name, height in now.shown_since(last).items():
            if back.get(name, 0.0) is None and height >= before[name]:
                back[name] = passed_s
        last = now
    return back
