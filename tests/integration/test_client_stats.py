"""A viewer whose browser sends neither estimates nor reports is adapted to by what its client says it counted."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from recordings.synthetic import picture
from signaling.media.port import CallId, ClientStats, SeatId, Source, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import SfuSettings
from tests.bots import Bot, Ear, EngineDoor
from tests.waiting import until

BAD = ClientStats(seconds=0.0, loss=0.6, rtt_s=0.4, freezes=3, jitter_buffer_s=0.5)
GOOD = ClientStats(seconds=4.0, loss=0.01, rtt_s=0.05, freezes=0, jitter_buffer_s=0.04)
CALL, ANNA, BERTA, CARL = CallId("call1"), SeatId("anna"), SeatId("berta"), SeatId("carl")
CAMERAS = [track_id(seat, Source.CAMERA) for seat in (ANNA, CARL)]
VOICE = track_id(ANNA, Source.MIC)


@pytest.fixture
async def room() -> AsyncIterator[tuple[SfuEngine, Ear]]:
    """Anna and Carl talk and show themselves; Berta listens and sends no RTCP at all."""
    engine, ear = SfuEngine(SfuSettings()), Ear()
    engine.listen(CALL, ear)
    bots = {seat: Bot(EngineDoor(engine, CALL, seat)) for seat in (ANNA, BERTA, CARL)}
    for seat in bots:
        await engine.admit(CALL, seat)
    ear.bots[BERTA] = bots[BERTA]
    for seat in (ANNA, CARL):
        await bots[seat].publish(Source.MIC, Source.CAMERA)
    talking = [asyncio.create_task(talk(bots[seat])) for seat in (ANNA, CARL)]
    await bots[BERTA].want(*CAMERAS, VOICE)
    await until(lambda: all(bots[BERTA].heard[track] > 10 for track in (*CAMERAS, VOICE)))
    yield engine, ear
    for task in talking:
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)
    for bot in bots.values():
        await bot.close()
    await engine.close()


async def talk(bot: Bot) -> None:
    """For ever, a key frame every second."""
    frames = picture(1, 320, 180, 10, seed=1)
    while True:
        for frame in frames:
            bot.show(frame)
            for _ in range(5):
                bot.say()
            await asyncio.sleep(0.1)


async def test_pictures_go_when_the_client_counts_grave_loss_and_the_voice_goes_on(room: tuple[SfuEngine, Ear]) -> None:
    engine, ear = room
    berta = ear.bots[BERTA]

    def paused_after_a_bad_reading(pictures: int) -> bool:
        engine.client_counted(CALL, BERTA, BAD)
        return len(ear.paused.get(BERTA, ())) >= pictures

    await until(lambda: paused_after_a_bad_reading(1))
    await until(lambda: paused_after_a_bad_reading(2))
    heard = berta.heard[VOICE]
    await until(lambda: berta.heard[VOICE] > heard + 20)
    assert set(ear.paused[BERTA]) == set(CAMERAS)


async def test_pictures_stay_when_the_client_counts_that_all_is_well(room: tuple[SfuEngine, Ear]) -> None:
    engine, ear = room
    seen = dict(ear.bots[BERTA].heard)
    for _reading in range(5):
        engine.client_counted(CALL, BERTA, GOOD)
    await until(lambda: all(ear.bots[BERTA].heard[track] > seen[track] + 10 for track in CAMERAS))
    assert not ear.paused.get(BERTA)
