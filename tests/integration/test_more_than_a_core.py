"""More comes than the node's loop can carry: voices go on at once and whole, pictures give way and come back."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from threading import Thread
from typing import Any, TypeVar

from recordings.synthetic import picture
from signaling.media.port import CallId, DownSlot, Published, SeatId, Source, Tap, Track, Wanted, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests.bots import Bot, Ear
from tests.waiting import until

CALL = CallId("call1")
ANNA, BERTA = SeatId("anna"), SeatId("berta")
VOICE, CAMERA = track_id(ANNA, Source.MIC), track_id(ANNA, Source.CAMERA)
VOICES_PER_S, FRAMES_PER_S = 50, 150
PACKET_S = 0.012  # that each packet of a picture holds the loop: twice what it has, and more
FRAMES = picture(1, 160, 90, 15, seed=1)
LATE_S = 10.0  # generous for a busy machine; a queue that nobody looks after grows for as long as more comes
LOOKED_AT = 5  # times

Result = TypeVar("Result")


class SlowTape:
    """A tap that holds the loop for each packet of a picture, as too many rooms do."""

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        if track.source is Source.CAMERA:
            time.sleep(PACKET_S)

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """Not of interest."""


class EngineThread:
    """An engine on a loop of its own, which is late when the loop of its clients is not."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.engine = self.do(self._make())

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Done on its loop, waited for here."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def ask(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The same, while the loop of the clients goes on."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def attach(self, tap: Tap) -> None:
        self._loop.call_soon_threadsafe(self.engine.attach, CALL, tap)

    def detach(self, tap: Tap) -> None:
        self._loop.call_soon_threadsafe(self.engine.detach, CALL, tap)

    async def _make(self) -> SfuEngine:
        return SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))


class ThreadDoor:
    """Of one seat to that engine."""

    def __init__(self, thread: EngineThread, seat: SeatId) -> None:
        self._thread, self._seat = thread, seat

    async def answer_up(self, neg: int, sdp: str, published: Sequence[Published]) -> str:
        return await self._thread.ask(self._thread.engine.answer_up(CALL, self._seat, neg, sdp, published))

    async def want(self, wanted: Collection[Wanted]) -> None:
        await self._thread.ask(self._thread.engine.want(CALL, self._seat, wanted))

    async def answer_down(self, neg: int, sdp: str) -> None:
        await self._thread.ask(self._thread.engine.answer_down(CALL, self._seat, neg, sdp))


class ThreadEar(Ear):
    """Hears on the engine's loop and answers on that of the clients."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()

    def down_offer(self, call: CallId, seat: SeatId, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        self._loop.call_soon_threadsafe(super().down_offer, call, seat, neg, sdp, slots)


class Talk:
    """Anna talks and shows herself by the clock, whatever the node has to do; Berta hears and sees her."""

    def __init__(self, thread: EngineThread) -> None:
        self.thread, self.engine = thread, thread.engine
        self.anna, self.berta = (Bot(ThreadDoor(thread, seat)) for seat in (ANNA, BERTA))
        self.said = 0
        self.before_berta = 0  # what was said before she heard anything

    async def begin(self) -> None:
        self.ear = ThreadEar()
        self.ear.bots[BERTA] = self.berta
        self.engine.listen(CALL, self.ear)
        for seat in (ANNA, BERTA):
            await self.thread.ask(self.engine.admit(CALL, seat))
        await self.anna.publish(Source.MIC, Source.CAMERA)
        await self.berta.want(VOICE, CAMERA)
        self._talking = asyncio.create_task(self._talk_by_the_clock())
        await self.berta.hears(CAMERA)
        await self.berta.hears(VOICE)
        self.before_berta = self.said - self.berta.heard[VOICE]

    async def fall_silent(self) -> None:
        self._talking.cancel()
        await asyncio.gather(self._talking, return_exceptions=True)

    async def end(self) -> None:
        await self.fall_silent()
        for bot in (self.anna, self.berta):
            await bot.close()

    def it_is_told_to_both(self) -> bool:
        """Whether Berta reads why she sees nothing, and Anna need not encode it."""
        paused = self.ear.paused.get(BERTA) == self.ear.busy.get(BERTA) == (CAMERA,)
        return paused and self.ear.resting == {(ANNA, "1")}

    async def drops_pictures_for_a_second(self) -> None:
        drops, before = self.engine.traffic.drops, self.engine.traffic.drops["gave_way"]
        await until(lambda: drops["gave_way"] > before + FRAMES_PER_S, 60)

    async def hears_all_that_is_said_until_now(self) -> float:
        """Seconds until it has come."""
        began_s, said = time.monotonic(), self.said - self.before_berta
        await until(lambda: self.berta.heard[VOICE] >= said, 60)
        return time.monotonic() - began_s

    async def _talk_by_the_clock(self) -> None:
        began_s, shown = time.monotonic(), 0
        while True:
            passed_s = time.monotonic() - began_s
            for _ in range(int(passed_s * VOICES_PER_S) - self.said):
                self.anna.say()
                self.said += 1
            for _ in range(int(passed_s * FRAMES_PER_S) - shown):
                self.anna.show(FRAMES[0])
                shown += 1
            await asyncio.sleep(0.005)


@contextmanager
def engine_thread() -> Iterator[EngineThread]:
    loop = asyncio.new_event_loop()
    running = Thread(target=loop.run_forever, name="engine")
    running.start()
    try:
        thread = EngineThread(loop)
        try:
            yield thread
        finally:
            thread.do(thread.engine.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        running.join(60)
        loop.close()


@asynccontextmanager
async def talk() -> AsyncIterator[Talk]:
    with engine_thread() as thread:
        one = Talk(thread)
        try:
            await one.begin()
            yield one
        finally:
            await one.end()


async def test_voices_stay_prompt_and_whole_while_pictures_are_more_than_the_loop_can_carry() -> None:
    async with talk() as one:
        slow, drops = SlowTape(), one.engine.traffic.drops
        one.thread.attach(slow)
        await until(lambda: drops["gave_way"] > 0, 60)
        for _ in range(LOOKED_AT):
            await one.drops_pictures_for_a_second()
            assert await one.hears_all_that_is_said_until_now() < LATE_S
        assert drops["port_overflow"] == 0
        await until(one.it_is_told_to_both)  # between two trials

        one.thread.detach(slow)
        await until(lambda: one.engine.load().gives_way == 0, 120)
        await one.berta.hears(CAMERA, FRAMES_PER_S)
        assert await one.hears_all_that_is_said_until_now() < LATE_S
        await until(lambda: not one.ear.paused.get(BERTA) and not one.ear.resting)
        assert one.ear.stalls == [], "nobody is told that a camera has failed"
        await one.fall_silent()  # from here on no later voice makes up for one that was lost
        await one.hears_all_that_is_said_until_now()


async def test_a_loop_that_was_held_up_once_takes_no_picture_from_anybody() -> None:
    async with talk() as one:
        one.thread.do(_hold_up(0.4))
        await one.berta.hears(CAMERA, FRAMES_PER_S)
        assert one.engine.load().gives_way == 0
        assert one.engine.traffic.drops["gave_way"] == 0


async def _hold_up(seconds: float) -> None:
    time.sleep(seconds)  # noqa: ASYNC251  what is tested
