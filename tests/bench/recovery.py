"""How soon a picture and a sound are as they were before a line was bad, counted from when it is good again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from playwright.async_api import Page

from tests.bad_network.profiles import Way
from tests.bench.conversation import Conversation
from tests.bench.totals import totals

WITHIN_S = 60.0
LOOK_S = 0.25
WELL_S = 3.0  # for so long hardly anything is made up
HARDLY = 0.01  # of the sound


class Look(NamedTuple):
    """Totals at one moment, but for the height, which is the newest picture's."""

    at_s: float
    frames: int
    height: int
    concealed: float  # samples
    samples: float


@dataclass(frozen=True)
class Recovery:
    """Seconds since the line was good; None: not within a minute."""

    height: int  # lines on the bad line
    wanted: int  # lines before it
    picture_s: float | None  # the first new picture
    larger_s: float | None  # the first with more lines than on the bad line
    as_before_s: float | None  # the first with as many lines as before
    sound_s: float | None  # from then on nothing was made up

    @property
    def is_whole(self) -> bool:
        """Nothing more is waited for."""
        return None not in (self.picture_s, self.as_before_s, self.sound_s)

    def __str__(self) -> str:
        sizes = f"{self.wanted} lines {_said(self.as_before_s)}"
        if self.height < self.wanted:
            sizes = f"more than {self.height} lines {_said(self.larger_s)}, {sizes}"
        return f"new picture {_said(self.picture_s)}, {sizes}; sound well {_said(self.sound_s)}"


def _said(seconds: float | None) -> str:
    return f"never in {WITHIN_S:.0f} s" if seconds is None else f"after {seconds:.1f} s"


def recovery(looks: Sequence[Look], wanted: int) -> Recovery:
    """What these looks tell, the first of which is from when the line became good."""
    first = looks[0]

    def since(so: Callable[[Look], bool]) -> float | None:
        return next((look.at_s for look in looks if look.frames > first.frames and so(look)), None)

    return Recovery(
        height=first.height,
        wanted=wanted,
        picture_s=since(lambda look: True),
        larger_s=since(lambda look: look.height > first.height),
        as_before_s=since(lambda look: look.height >= wanted),
        sound_s=next((look.at_s for look in looks if _is_well_from(look, looks)), None),
    )


def _is_well_from(look: Look, looks: Sequence[Look]) -> bool:
    later = next((one for one in looks if one.at_s >= look.at_s + WELL_S), None)
    if later is None or later.samples <= look.samples:
        return False
    return later.concealed - look.concealed <= HARDLY * (later.samples - look.samples)


async def recovered(of: Conversation, wanted: dict[Way, int]) -> dict[Way, Recovery]:
    """Look at both pages from now on until all is as before, or a minute has passed; `wanted` is in lines."""
    found = await asyncio.gather(*(_watch(of.pages[way], wanted[way]) for way in Way))
    return dict(zip(Way, found, strict=True))


async def _watch(page: Page, wanted: int) -> Recovery:
    clock = asyncio.get_running_loop()
    began_s = clock.time()
    looks = [await _look(page, 0.0)]
    while not (now := recovery(looks, wanted)).is_whole and looks[-1].at_s < WITHIN_S + WELL_S:
        await asyncio.sleep(LOOK_S)
        looks.append(await _look(page, clock.time() - began_s))
    return now


async def _look(page: Page, at_s: float) -> Look:
    now = await totals(page)
    return Look(at_s, now["frames"], now["height"], now["concealed"], now["samples"])
