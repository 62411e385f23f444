"""A bot behind a bad line: it is heard as often as the line lets it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from signaling.media.port import CallId, SeatId, Source, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests.bad_network.line import Line, behind
from tests.bad_network.profiles import Way, one_way
from tests.bots import Bot, Ear, EngineDoor
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("networks")

CALL, ANNA, BERTA = CallId("call1"), SeatId("anna"), SeatId("berta")
ANNA_MIC = track_id(ANNA, Source.MIC)
AT_ONCE = 100  # packets; a device's queue takes 500


@asynccontextmanager
async def two_bots(line: Line) -> AsyncIterator[tuple[Bot, Bot]]:
    """Anna behind the line and Berta beside the server, who hears her."""
    engine, ear = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=(line.server(4),)))), Ear()
    engine.listen(CALL, ear)
    anna, berta = (
        Bot(EngineDoor(engine, CALL, seat), line.server(4), where)
        for seat, where in ((ANNA, line.namespace), (BERTA, None))
    )
    ear.bots |= {ANNA: anna, BERTA: berta}
    try:
        for seat in ear.bots:
            await engine.admit(CALL, seat)
        await anna.publish(Source.MIC)
        await berta.want(ANNA_MIC)
        await until(lambda: anna.say() and berta.heard[ANNA_MIC])
        yield anna, berta
    finally:
        await anna.close()
        await berta.close()
        await engine.close()


async def test_a_bot_behind_a_line_is_heard_as_often_as_the_line_lets_it() -> None:
    with behind(one_way(Way.UP, delay_ms=10)) as line:
        async with two_bots(line) as (anna, berta):
            line.change(one_way(Way.UP, loss=0.2))
            heard, entered = berta.heard[ANNA_MIC], line.counts()[Way.UP]["entered"]

            def all_that_arrived(said: int) -> bool:
                counts = line.counts()[Way.UP]
                heard_now = berta.heard[ANNA_MIC] - heard
                return bool(counts["entered"] - entered >= said and heard_now + counts.get("lost", 0) >= said)

            for said in range(AT_ONCE, 501, AT_ONCE):
                for _ in range(AT_ONCE):
                    anna.say()
                await until(partial(all_that_arrived, said))
            assert 55 <= line.counts()[Way.UP]["lost"] <= 145, "five standard deviations"
