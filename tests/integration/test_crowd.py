"""A group of twenty bots: each hears all others, sees nine, and others than before without being negotiated with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from recordings.synthetic import picture
from signaling.media.port import CallId, SeatId, Source, TrackId, Wanted, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import SfuSettings
from signaling.messages.shapes import MAX_DOWN_SDP_CHARS
from tests.bots import Bot, Ear, EngineDoor
from tests.waiting import until

CALL = CallId("call1")
SEATS = [SeatId(f"{number:032x}") for number in range(20)]
VIEWER, OTHERS = SEATS[0], SEATS[1:]
IN_SIGHT = 9
FRAME_S = 0.2
WITHIN_S = 120.0


@asynccontextmanager
async def twenty(engine: SfuEngine, ear: Ear) -> AsyncIterator[dict[SeatId, Bot]]:
    engine.listen(CALL, ear)
    bots = {seat: Bot(EngineDoor(engine, CALL, seat)) for seat in SEATS}
    for seat, bot in bots.items():
        await engine.admit(CALL, seat)
        ear.bots[seat] = bot
        await bot.publish(Source.MIC, Source.CAMERA)
    talking = asyncio.create_task(talk(list(bots.values())))
    try:
        yield bots
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        for bot in bots.values():
            await bot.close()


async def talk(bots: list[Bot]) -> None:
    """Everybody shows a key frame and says something, for ever."""
    (frame,) = picture(0.2, 160, 90, 5, seed=1)
    while True:
        for bot in bots:
            bot.show(frame)
            bot.say()
        await asyncio.sleep(FRAME_S)


def wanted(seat: SeatId, seen: list[SeatId]) -> list[Wanted]:
    others = [other for other in SEATS if other != seat]
    voices = [Wanted(track_id(other, Source.MIC), 0, True, 100) for other in others]
    return [*voices, *(Wanted(track_id(other, Source.CAMERA), 180, other in seen, 40) for other in others)]


def cameras(seats: list[SeatId]) -> list[TrackId]:
    return [track_id(seat, Source.CAMERA) for seat in seats]


async def test_twenty_hear_each_other_and_see_nine_and_then_others_without_an_offer() -> None:
    engine, ear = SfuEngine(SfuSettings()), Ear()
    async with twenty(engine, ear) as bots:
        first, second = OTHERS[:IN_SIGHT], OTHERS[-IN_SIGHT:]
        for seat in SEATS:
            await engine.want(CALL, seat, wanted(seat, first))
        for seat, bot in bots.items():
            voices = [track_id(other, Source.MIC) for other in SEATS if other != seat]
            await until(lambda bot=bot, voices=voices: all(bot.heard[voice] > 3 for voice in voices), WITHIN_S)  # type: ignore[misc]
        viewer = bots[VIEWER]
        await until(lambda: all(viewer.heard[camera] > 3 for camera in cameras(first)), WITHIN_S)
        unseen = [seat for seat in OTHERS if seat not in first]
        assert [camera for camera in cameras(unseen) if viewer.heard[camera]] == []

        offers = len(viewer.offers)
        await engine.want(CALL, VIEWER, wanted(VIEWER, second))
        await until(lambda: all(viewer.heard[camera] > 3 for camera in cameras(second)), WITHIN_S)
        hidden = [camera for camera in cameras(first) if camera not in cameras(second)]
        before = {camera: viewer.heard[camera] for camera in hidden}
        await viewer.hears(cameras(second)[0], 10, WITHIN_S)
        assert {camera: viewer.heard[camera] for camera in hidden} == before
        assert len(viewer.offers) == offers
        assert len(viewer.answer(viewer.offers[-1][1])) < len(viewer.offers[-1][1]) <= MAX_DOWN_SDP_CHARS
        assert ear.resets == []
    await engine.close()
