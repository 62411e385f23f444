"""What two pages get of each other while their people talk: getStats, looked at once a second, and the sound itself."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy
from playwright.async_api import Page

from tests.bad_network.profiles import Way
from tests.bench.conversation import Conversation
from tests.bench.speech import Sound, heard
from tests.bench.totals import totals


@dataclass
class Talk:
    """What one page got while they talked."""

    first: dict[str, Any]
    last: dict[str, Any]
    seconds: float
    frozen_s: float = 0.0  # at least
    soundless_s: float = 0.0  # at least
    heights: dict[int, float] = field(default_factory=lambda: defaultdict(float))  # seconds; 0: no new picture
    sound: Sound = field(default_factory=lambda: numpy.zeros(0))

    def more(self, name: str) -> float:
        """How much a total has grown."""
        return float(self.last[name] - self.first[name])

    @property
    def frozen(self) -> float:
        """Percent of the time."""
        return 100 * max(self.frozen_s, self.more("frozen_s")) / self.seconds

    @property
    def concealed(self) -> float:
        """Percent of the sound that should have been heard.

        At least the time in which no packet came: a browser lets that fade into silence, and counts it as such.
        """
        made_up = 100 * self.more("concealed") / self.more("samples") if self.more("samples") else 100.0
        return max(made_up, 100 * self.soundless_s / self.seconds)

    @property
    def usual_height(self) -> int:
        """Lines of the picture for most of the time in which there was one."""
        shown = {height: seconds for height, seconds in self.heights.items() if height}
        return max(shown, key=lambda height: shown[height], default=0)

    @property
    def disconnects(self) -> float:
        """Peer connections and sockets that were made anew."""
        return self.more("peers") + self.more("sockets")

    def __str__(self) -> str:
        heights = ", ".join(
            f"{f'{height} lines' if height else 'no picture'} {100 * spent_s / self.seconds:.0f} %"
            for height, spent_s in sorted(self.heights.items())
        )
        return (
            f"frozen {self.frozen:5.1f} % ({self.more('freezes'):.0f} freezes)   concealed {self.concealed:5.1f} %   "
            f"{self.more('frames') / self.seconds:4.1f} frames/s; {heights}   "
            f"{self._kbit_s('pictures'):.0f} + {self._kbit_s('sound'):.0f} kbit/s   "
            f"asked again {self.more('asked'):.0f}, anew {self.more('begun'):.0f}   "
            f"RTT {self.last['rtt_s'] * 1000:.0f} ms   disconnects {self.disconnects:.0f} "
            f"({self.more('peers'):.0f} of media, {self.more('sockets'):.0f} of the socket)"
        )

    def _kbit_s(self, name: str) -> float:
        return self.more(name) * 8 / self.seconds / 1000


async def listen(page: Page, seconds: float) -> Talk:
    """Look once a second at what the page gets, and hear what it plays."""
    hearing = asyncio.ensure_future(heard(page, seconds))
    clock = asyncio.get_running_loop()
    began_s, before = clock.time(), await totals(page)
    talk = Talk(before, before, seconds)
    while (passed_s := clock.time() - began_s) < seconds:
        await asyncio.sleep(1)
        now = await totals(page)
        step_s = clock.time() - began_s - passed_s
        moved = now["frames"] > talk.last["frames"]
        talk.heights[now["height"] if moved else 0] += step_s
        talk.frozen_s += 0 if moved else step_s
        talk.soundless_s += 0 if now["sound"] > talk.last["sound"] else step_s
        talk.last = now
    talk.seconds, talk.sound = clock.time() - began_s, await hearing
    return talk


async def talked(of: Conversation, seconds: float) -> dict[Way, Talk]:
    """Both pages at once."""
    talks = await asyncio.gather(*(listen(of.pages[way], seconds) for way in Way))
    return dict(zip(Way, talks, strict=True))
