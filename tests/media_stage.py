"""A call on our own engine whose clock a test may put forward, and bots that talk in it."""

import time
from collections.abc import Callable

from recordings.synthetic import picture
from signaling.media.port import CallId, SeatId, Source, track_id
from signaling.media.sfu import rtcp
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests.bots import Bot, Ear, EngineDoor
from tests.waiting import until

CALL, ANNA, BERTA = CallId("call1"), SeatId("anna"), SeatId("berta")
ANNA_MIC, ANNA_CAMERA = track_id(ANNA, Source.MIC), track_id(ANNA, Source.CAMERA)
FRAMES = picture(1, 640, 360, 15, seed=1)


class JumpingClock:
    """A monotonic clock that a test may put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


class Stage:
    """One engine, one call, and the bots in it."""

    def __init__(self) -> None:
        self.clock = JumpingClock()
        self.engine = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1", "::1"))), self.clock)
        self.ear = Ear()
        self.bots: list[Bot] = []
        self.engine.listen(CALL, self.ear)

    async def enter(self, seat: SeatId, host: str = "127.0.0.1") -> Bot:
        await self.engine.admit(CALL, seat)
        bot = self.ear.bots[seat] = Bot(EngineDoor(self.engine, CALL, seat), host)
        self.bots.append(bot)
        return bot

    async def hears(self, speaker: Bot, listener: Bot) -> None:
        """Speak until the listener has heard five more packets."""
        goal = listener.heard[ANNA_MIC] + 5

        def heard() -> bool:
            speaker.say()
            return listener.heard[ANNA_MIC] >= goal

        await until(heard)

    async def sees(self, speaker: Bot, listener: Bot, frames: int = 3) -> None:
        """Show pictures, a key frame whenever asked, until the listener has more."""
        goal = listener.heard[ANNA_CAMERA] + frames
        number = 0

        def seen() -> bool:
            nonlocal number
            number = 0 if self.asked_for_key_frame(speaker) else (number + 1) % len(FRAMES)
            speaker.show(FRAMES[number])
            return listener.heard[ANNA_CAMERA] >= goal

        await until(seen)

    def asked_for_key_frame(self, bot: Bot) -> bool:
        """Whether the server asked since the last time."""
        said = [message for packet in bot.up.rtcp for message in rtcp.parse(packet)]
        bot.up.rtcp.clear()
        return any(isinstance(message, rtcp.KeyFrameRequest) for message in said)

    async def wait(self, condition: Callable[[], object]) -> float:
        """Let the clock run fast until something happens; how many seconds it took by that clock."""
        began_s = self.clock()

        def happened() -> object:
            self.clock.ahead_s += 0.25
            return condition()

        await until(happened)
        return self.clock() - began_s

    async def close(self) -> None:
        for bot in self.bots:
            await bot.close()
        await self.engine.close()


async def a_conversation(stage: Stage, host: str = "127.0.0.1") -> tuple[Bot, Bot]:
    anna, berta = await stage.enter(ANNA, host), await stage.enter(BERTA, host)
    await anna.publish(Source.MIC, Source.CAMERA)
    await berta.want(ANNA_MIC, ANNA_CAMERA)
    await stage.hears(anna, berta)
    await stage.sees(anna, berta)
    return anna, berta
