"""When everything is looked through for garbage."""

import asyncio
import gc
import weakref
from typing import NamedTuple, cast

import pytest

from server.app.garbage import (
    AT_LAST,
    QUIET_PACKETS_PER_S,
    WORTH_IT,
    collect_when_quiet,
    collect_young,
    is_due,
    is_quiet,
)
from signaling.media.port import Capabilities, EngineLoad, MediaEngine, Traffic
from tests.waiting import until


class Ring:
    """Refers to itself: only a collection frees it."""

    def __init__(self) -> None:
        self.self = self


class Packet(NamedTuple):
    """As one in a ring."""

    number: int


MANY = 20_000


async def until_gone(seen: "weakref.ref[Ring]") -> None:
    async with asyncio.timeout(30):
        while seen() is not None:
            await asyncio.sleep(0)


async def test_packets_that_take_the_place_of_others_are_looked_at_while_they_are_few() -> None:
    collecting = asyncio.create_task(collect_young())
    ring = [Packet(number) for number in range(50_000)]
    gc.collect(1)  # those are old
    for place in range(len(ring)):
        ring[place] = Packet(place)
        if place % 500 == 0:
            await asyncio.sleep(0)
    await until(lambda: len(gc.get_objects(generation=0)) < MANY)
    await until(lambda: len(gc.get_objects(generation=1)) < MANY)
    collecting.cancel()
    await asyncio.gather(collecting, return_exceptions=True)


def test_while_people_talk_it_waits_until_very_much_was_left() -> None:
    talking = is_quiet(QUIET_PACKETS_PER_S, seats=2)
    assert not is_due(AT_LAST - 1, quiet=talking)
    assert is_due(AT_LAST, quiet=talking)


def test_while_nobody_talks_it_is_done_as_soon_as_it_is_worth_it() -> None:
    silent = is_quiet(0.0, seats=2)
    assert is_due(WORTH_IT, quiet=silent)
    assert not is_due(WORTH_IT - 1, quiet=silent)


def test_where_packets_are_not_counted_whoever_is_there_may_talk() -> None:
    assert not is_quiet(None, seats=1)
    assert is_quiet(None, seats=0)


class Talk:
    """An engine of two seats; what they say comes each time somebody looks."""

    def __init__(self, packets: int, *, measures: bool = True) -> None:
        self.packets, self.seats = packets, 2
        self.looks = 0
        self.capabilities = Capabilities(measures=measures)
        self._traffic = Traffic()

    @property
    def traffic(self) -> Traffic:
        self.looks += 1
        self._traffic.packets_received += self.packets
        return self._traffic

    def load(self) -> EngineLoad:
        return EngineLoad(1, self.seats, 0.0, 96)

    def end(self) -> None:
        self.packets = self.seats = 0


@pytest.mark.parametrize("talk", [Talk(1_000), Talk(0, measures=False)], ids=["counted", "not counted"])
async def test_what_grew_old_before_it_was_left_is_freed_on_a_quiet_node_only(talk: Talk) -> None:
    thresholds = gc.get_threshold()
    tidying = asyncio.create_task(collect_when_quiet(cast(MediaEngine, talk), every_s=0.001))
    await asyncio.sleep(0)
    ring = Ring()
    gc.collect(1)  # now it is old
    seen = weakref.ref(ring)
    del ring
    left: list[list[int]] = [[] for _ in range(WORTH_IT)]
    async with asyncio.timeout(30):
        while talk.looks < 20:
            await asyncio.sleep(0)
    assert seen() is not None, "people talk"
    talk.end()
    await until_gone(seen)
    assert left
    tidying.cancel()
    await asyncio.gather(tidying, return_exceptions=True)
    assert gc.get_threshold() == thresholds
