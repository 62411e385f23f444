"""When everything is looked through for garbage."""

import asyncio
import gc
import weakref

from server.app.garbage import AT_LAST, QUIET_PACKETS_PER_S, WORTH_IT, collect_when_quiet, is_due


class Ring:
    """Refers to itself: only a collection frees it."""

    def __init__(self) -> None:
        self.self = self


async def until_gone(seen: "weakref.ref[Ring]") -> None:
    async with asyncio.timeout(30):
        while seen() is not None:
            await asyncio.sleep(0)


def test_while_people_talk_it_waits_until_very_much_was_left() -> None:
    assert not is_due(AT_LAST - 1, QUIET_PACKETS_PER_S)
    assert is_due(AT_LAST, 10_000.0)


def test_while_nobody_talks_it_is_done_as_soon_as_it_is_worth_it() -> None:
    assert is_due(WORTH_IT, 0.0)
    assert not is_due(WORTH_IT - 1, 0.0)


async def test_what_grew_old_before_it_was_left_is_freed_on_a_quiet_node_only() -> None:
    thresholds, came = gc.get_threshold(), 0

    def packets() -> int:
        nonlocal came
        came += talk
        return came

    talk = 1_000
    tidying = asyncio.create_task(collect_when_quiet(packets, every_s=0.001))
    await asyncio.sleep(0)
    ring = Ring()
    gc.collect(1)  # now it is old
    seen = weakref.ref(ring)
    del ring
    for _young in range(WORTH_IT):
        gc.collect(1)
    async with asyncio.timeout(30):
        while came < 20 * talk:
            await asyncio.sleep(0)
    assert seen() is not None, "people talk"
    talk = 0
    await until_gone(seen)
    tidying.cancel()
    await asyncio.gather(tidying, return_exceptions=True)
    assert gc.get_threshold() == thresholds
