"""The load on an engine: rooms of bots that send evenly and take what comes by the kernel's clock.

Loss is exact: nothing is sent before and after a stretch until nothing is under way any more. Whether all was sent that
was due is told beside it: what the load did not send, no engine carried.
"""

import asyncio
import time
from collections.abc import Awaitable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from signaling.media.port import CallId, SeatId, Source, Wanted, track_id
from tests.bench.media_arrivals import Arrivals
from tests.bench.media_bots import SeatedBot
from tests.bench.media_packets import Outgoing
from tests.bench.media_reports import report_for_ever
from tests.bench.media_side import Side
from tests.bench.media_wheel import Wheel
from tests.load_transport import LoadTransport

WARM_UP_S, DRAIN_S = 1.0, 0.6
SETTLE_S, SETTLED_WITHIN_S = 2.0, 60.0
SMALLEST_PX = 180
SENT_ENOUGH = 0.98  # share of what was due; with less the load was measured, not the engine


@dataclass(frozen=True)
class Shape:
    """Rooms of one kind."""

    name: str
    publishers: int
    viewers: int  # who only watch
    layered: bool = False
    small: bool = False  # pictures of 25 packets a second instead of 150

    @property
    def seats(self) -> int:
        """In each room."""
        return self.publishers + self.viewers

    @property
    def unit(self) -> str:
        """What each of these seats is: a whole one has two connections, who only sends or only watches has one."""
        return "a connection" if self.viewers else "a seat"


TWO = Shape("two people", 2, 0)


@dataclass(frozen=True)
class Taken:
    """What happened to the load in one stretch."""

    sent: int
    forwarded: int
    lost_voice: float  # share (0-1)
    lost_pictures: float
    damaged: int
    checked: int
    delay_ms: tuple[float, float, float]  # median, 99th percentile, most
    longest_gap_ms: float
    voice_delay_ms: tuple[float, float, float]
    load_percent: float = 0.0  # of its own core, which the load took while it sent
    sent_share: float = 1.0  # of what was due
    latest_tick_ms: float = 0.0  # how late the load itself was at most

    @property
    def is_whole(self) -> bool:
        """Whether nothing was lost."""
        return not (self.lost_voice or self.lost_pictures)

    @property
    def is_sent(self) -> bool:
        """Whether the load kept up."""
        return self.sent_share >= SENT_ENOUGH


class Load:
    """Rooms on one engine, and what they send and get."""

    def __init__(self, side: Side, at_once: int = 8) -> None:
        self._side = side
        self._turn = asyncio.Semaphore(at_once)
        self.rooms: list[list[SeatedBot]] = []
        self._wheel = Wheel()
        self.arrivals = Arrivals()
        self._bots: list[SeatedBot] = []
        self._reporting: asyncio.Task[None] | None = None

    async def fill(self, shape: Shape, rooms: int, prefix: str = "room") -> None:
        """Have so many rooms, in which all who are there get what the publishers send, and report from now on."""
        self._reporting = self._reporting or asyncio.create_task(report_for_ever(self._bots))
        made = await asyncio.gather(*(self._fill_room(shape, CallId(f"{prefix}{at}")) for at in range(rooms)))
        self.rooms += made
        self._bots += (bot for room in made for bot in room)

    async def _fill_room(self, shape: Shape, call: CallId) -> list[SeatedBot]:
        bots = [
            SeatedBot(self._side, call, SeatId(f"s{at}"), layered=shape.layered, small=shape.small)
            for at in range(shape.publishers + shape.viewers)
        ]
        publishers = bots[: shape.publishers]
        async with self._turn:
            for bot in publishers:
                await bot.publish(Source.MIC, Source.CAMERA)
                for stream in bot.streams():
                    bot.send(stream)
        async with self._turn:
            for bot in bots:
                await self._watch(bot, [one for one in publishers if one is not bot], shape.layered)
        for bot in publishers:
            streams = bot.outgoing[:2]  # of a camera in three sizes all ask for the smallest
            for stream in streams:
                stream.fan_out = shape.seats - 1
        return bots

    async def _watch(self, bot: SeatedBot, publishers: Collection[SeatedBot], layered: bool) -> None:
        height = SMALLEST_PX if layered else 720
        wanted = [
            Wanted(track_id(one.seat, source), height if source is Source.CAMERA else 0, True, 1)
            for one in publishers
            for source in (Source.MIC, Source.CAMERA)
        ]
        if not wanted:
            return
        await bot.door.want(wanted)
        async with asyncio.timeout(60):
            await bot.down.connected.wait()
            while len(bot.slots) < len(wanted):  # offered one after another
                await asyncio.sleep(0.02)
        assert isinstance(bot.down, LoadTransport)
        by_seat = {one.seat: one for one in publishers}
        for ssrc, slot in bot.slots.items():
            incoming = by_seat[slot.seat].incoming(slot.source)
            bot.hearing.append(self.arrivals.expect(bot.down.session, ssrc, incoming))
        bot.down.on_srtp = self.arrivals.count

    def send_in(self, rooms: int) -> None:
        """From now on the publishers of so many rooms send, each at its own place in time."""
        self._wheel.load(bot for room in self.rooms[:rooms] for bot in room)

    async def settle(self, within_s: float = SETTLED_WITHIN_S) -> None:
        """Send until all comes to everybody, but no longer: an engine may open pictures one after the other.

        One that had too much to do before may take a while to let pictures pass again.
        """
        until_s = time.monotonic() + within_s
        while not (await self.stretch(SETTLE_S)).is_whole and time.monotonic() < until_s:
            pass

    async def stretch(self, seconds: float, warm_up_s: float = WARM_UP_S) -> Taken:
        """Send for so long. What is lost in the warm-up counts as well; its delays do not."""
        return await self.stretch_while(asyncio.sleep(seconds), warm_up_s)

    async def stretch_while(self, doing: Awaitable[object], warm_up_s: float = WARM_UP_S) -> Taken:
        """The same until something is done."""
        before, began_s = self._expected(), time.monotonic()
        self.arrivals.begin(time.time_ns())
        sending = asyncio.create_task(self._wheel.turn())
        try:
            await asyncio.sleep(warm_up_s)
            load_percent = await self._timed(doing)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        due, ended_ns = self._wheel.packets_per_s * (time.monotonic() - began_s), time.time_ns()
        await asyncio.sleep(DRAIN_S)
        self.arrivals.close_gaps(ended_ns, self._wheel.streams)
        return self._taken(before, due, load_percent)

    async def _timed(self, doing: Awaitable[object]) -> float:
        """Look at delays until it is done; the percent of its core that the load used meanwhile."""
        self.arrivals.begin_to_time()
        self._wheel.latest_s = 0.0
        used_s, began_s = time.process_time(), time.monotonic()
        await doing
        return 100 * (time.process_time() - used_s) / (time.monotonic() - began_s)

    def _taken(self, before: dict[Any, int], due: float, load_percent: float) -> Taken:
        after, came = self._expected(), self.arrivals.packets
        expected = {kind: after[kind] - before[kind] for kind in (False, True, "sent")}
        return Taken(
            sent=expected["sent"],
            forwarded=came.total(),
            lost_voice=_share(expected[False] - came[False], expected[False]),
            lost_pictures=_share(expected[True] - came[True], expected[True]),
            damaged=self.arrivals.damaged,
            checked=len(self.arrivals.delays_ms) + self.arrivals.damaged,
            delay_ms=_spread(self.arrivals.delays_ms),
            longest_gap_ms=self.arrivals.longest_gap_ms,
            voice_delay_ms=_spread(self.arrivals.voice_delays_ms),
            load_percent=load_percent,
            sent_share=expected["sent"] / due if due else 1.0,
            latest_tick_ms=1000 * self._wheel.latest_s,
        )

    def _expected(self) -> dict[Any, int]:
        expected: dict[Any, int] = {False: 0, True: 0, "sent": 0}
        for stream in self._streams():
            expected[stream.is_picture] += stream.sent * stream.fan_out
            expected["sent"] += stream.sent
        return expected

    def _streams(self) -> Iterable[Outgoing]:
        return (stream for room in self.rooms for bot in room for stream in bot.outgoing)

    async def close(self) -> None:
        """Everybody vanishes."""
        if self._reporting is not None:
            self._reporting.cancel()
        await asyncio.gather(*(bot.close() for room in self.rooms for bot in room))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _spread(figures: list[float]) -> tuple[float, float, float]:
    if not figures:
        return (float("nan"),) * 3
    ordered = sorted(figures)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], ordered[-1]
