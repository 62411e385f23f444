"""The load on an engine: rooms of bots that send evenly and take what comes by the kernel's clock.

A tick of a millisecond sends what is due in it; who is late catches up, so the rate holds. Arrival times are the
kernel's, so that the load's own delays are not counted as the engine's. One packet in `SAMPLE` of each stream is
decrypted and every byte of it checked; the others are counted. Loss is exact: nothing is sent before and after a
stretch until nothing is under way any more.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from pylibsrtp import Error as SrtpError

from recordings.packetise import RtpStream
from signaling.media.port import CallId, SeatId, Source, Wanted, track_id
from tests.bench.media_packets import Incoming, Outgoing
from tests.bench.media_side import Side, SideDoor
from tests.bot_transport import BotTransport
from tests.bots import VP8, Bot
from tests.layered_bot import RIDS, layered_section, named_layer
from tests.load_transport import LoadTransport

SAMPLE = 8
TICKS, TICK_S = 40, 0.001  # the wheel: what is sent repeats every 40 ms
DRAIN_S = 0.6
SMALLEST_PX = 180


@dataclass
class Arrivals:
    """What came on all down connections since `begin`; `all_damaged` since it was made."""

    packets: Counter[bool] = field(default_factory=Counter)  # by: is it a picture?
    damaged: int = 0
    all_damaged: int = 0
    delays_ms: list[float] = field(default_factory=list)
    voice_delays_ms: list[float] = field(default_factory=list)  # those of them that voices had
    longest_gap_ms: float = 0.0  # in any stream of voice, which has a packet every 20 ms
    _expected: dict[tuple[int, bytes], Incoming] = field(default_factory=dict)  # by session and SSRC as it arrives
    _seen: Counter[tuple[int, bytes]] = field(default_factory=Counter)
    _last_ns: dict[tuple[int, bytes], int] = field(default_factory=dict)

    def expect(self, session: Any, ssrc: int, incoming: Incoming) -> None:
        """This comes on a connection from now on."""
        self._expected[id(session), ssrc.to_bytes(4)] = incoming

    def begin(self) -> None:
        """Forget what came until now."""
        self.packets.clear()
        self._last_ns.clear()
        self.damaged = 0
        self.begin_to_time()

    def begin_to_time(self) -> None:
        """Forget how long it took until now."""
        self.delays_ms.clear()
        self.voice_delays_ms.clear()
        self.longest_gap_ms = 0.0

    def count(self, data: memoryview, arrived_ns: int, session: Any) -> None:
        """One protected RTP packet; what is not of a track that was offered, as padding in RTX, does not count."""
        place = (id(session), bytes(data[8:12]))
        incoming = self._expected.get(place)
        if incoming is None:
            return
        if not incoming.is_picture:
            gap_ms = (arrived_ns - self._last_ns.get(place, arrived_ns)) / 1e6
            self.longest_gap_ms = max(self.longest_gap_ms, gap_ms)
            self._last_ns[place] = arrived_ns
        self.packets[incoming.is_picture] += 1
        self._seen[place] += 1
        if self._seen[place] % SAMPLE == 0:
            self._check(incoming, bytes(data), arrived_ns, session)

    def _check(self, incoming: Incoming, data: bytes, arrived_ns: int, session: Any) -> None:
        try:
            left_ns = incoming.left_ns(session.unprotect(data))
        except SrtpError:
            left_ns = None
        if left_ns is None:
            self.damaged += 1
            self.all_damaged += 1
            return
        self.delays_ms.append((arrived_ns - left_ns) / 1e6)
        if not incoming.is_picture:
            self.voice_delays_ms.append(self.delays_ms[-1])


class LoadBot(Bot):
    """A seat of the load; `layered` sends its camera in three sizes, `small` as a thumbnail."""

    def __init__(self, side: Side, call: CallId, seat: SeatId, *, layered: bool = False, small: bool = False) -> None:
        super().__init__(SideDoor(side, call, seat))
        self.call, self.seat, self._layered, self._small = call, seat, layered, small
        self.outgoing: list[Outgoing] = []
        side.bots[call, seat] = self

    def _transport(self) -> BotTransport:
        return LoadTransport()

    def _section(self, sent: Any, direction: str) -> str:
        text = super()._section(sent, direction)
        return layered_section(text) if self._layered and sent.source is Source.CAMERA else text

    def streams(self) -> list[Outgoing]:
        """What it sends: a voice, and a camera in one size or in three."""
        voice = self.sent[Source.MIC]
        self.outgoing = [Outgoing(voice.stream, False, 100, 1, 960, 1, per_turn=2)]
        if self._layered:
            self.outgoing += [
                Outgoing(RtpStream(self.sent[Source.CAMERA].ssrc + 2 + at, VP8), True, size, packets, 3600, 25, height)
                for at, (size, packets, height) in enumerate(((700, 1, 180), (1000, 2, 360), (1090, 6, 720)))
            ]
        else:
            per_turn, key_every = (1, 25) if self._small else (6, 150)
            camera = self.sent[Source.CAMERA].stream
            self.outgoing.append(Outgoing(camera, True, 1090, 1, 3600 // per_turn, key_every, per_turn=per_turn))
        return self.outgoing

    def incoming(self, source: Source) -> Incoming:
        """What others get of it from this source."""
        is_picture = source is Source.CAMERA
        streams = [stream for stream in self.outgoing if stream.is_picture == is_picture]
        return Incoming(is_picture, {stream.stream.ssrc: stream for stream in streams})

    def send(self, stream: Outgoing) -> None:
        """The packets of its next frame, now."""
        layer = self.outgoing.index(stream) - 1 if self._layered else -1
        for packet in stream.packets(time.time_ns()):
            self.up.send_rtp(packet if layer < 0 else named_layer(packet, self.sent[Source.CAMERA].mid, RIDS[layer]))


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


class Load:
    """Rooms on one engine, and what they send and get."""

    def __init__(self, side: Side, at_once: int = 8) -> None:
        self._side = side
        self._turn = asyncio.Semaphore(at_once)
        self.rooms: list[list[LoadBot]] = []
        self._wheel: list[list[tuple[LoadBot, Outgoing]]] = [[] for _ in range(TICKS)]
        self._dice = random.Random(1)
        self.arrivals = Arrivals()
        self._sending: asyncio.Task[None] | None = None

    async def fill(self, shape: Shape, rooms: int, prefix: str = "room") -> None:
        """Have so many rooms, in which all who are there get what the publishers send."""
        made = await asyncio.gather(*(self._fill_room(shape, CallId(f"{prefix}{at}")) for at in range(rooms)))
        self.rooms += made

    async def _fill_room(self, shape: Shape, call: CallId) -> list[LoadBot]:
        bots = [
            LoadBot(self._side, call, SeatId(f"s{at}"), layered=shape.layered, small=shape.small)
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

    async def _watch(self, bot: LoadBot, publishers: Collection[LoadBot], layered: bool) -> None:
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
            self.arrivals.expect(bot.down.session, ssrc, by_seat[slot.seat].incoming(slot.source))
        bot.down.on_srtp = self.arrivals.count

    def send_in(self, rooms: int) -> None:
        """From now on the publishers of so many rooms send, each at its own place in time."""
        self._wheel = [[] for _ in range(TICKS)]
        for bot in (bot for room in self.rooms[:rooms] for bot in room if bot.outgoing):
            for stream in bot.outgoing:
                first = self._dice.randrange(TICKS)
                for at in range(stream.per_turn):
                    self._wheel[(first + at * TICKS // stream.per_turn) % TICKS].append((bot, stream))

    async def stretch(self, seconds: float, warm_up_s: float = 1.0) -> Taken:
        """Send for so long. What is lost in the warm-up counts as well; its delays do not."""
        self.arrivals.begin()
        before = self._expected()
        sending = asyncio.create_task(self._send())
        await asyncio.sleep(warm_up_s)
        self.arrivals.begin_to_time()
        used_s, began_s = time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        load_percent = 100 * (time.process_time() - used_s) / (time.monotonic() - began_s)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await asyncio.sleep(DRAIN_S)
        after = self._expected()
        due = {kind: after[kind] - before[kind] for kind in (False, True)}
        came = self.arrivals.packets
        return Taken(
            sent=after["sent"] - before["sent"],
            forwarded=came.total(),
            lost_voice=_share(due[False] - came[False], due[False]),
            lost_pictures=_share(due[True] - came[True], due[True]),
            damaged=self.arrivals.damaged,
            checked=len(self.arrivals.delays_ms) + self.arrivals.damaged,
            delay_ms=_spread(self.arrivals.delays_ms),
            longest_gap_ms=self.arrivals.longest_gap_ms,
            voice_delay_ms=_spread(self.arrivals.voice_delays_ms),
            load_percent=load_percent,
        )

    def _expected(self) -> dict[Any, int]:
        expected: dict[Any, int] = {False: 0, True: 0, "sent": 0}
        for stream in self._streams():
            expected[stream.is_picture] += stream.sent * stream.fan_out
            expected["sent"] += stream.sent
        return expected

    def _streams(self) -> Iterable[Outgoing]:
        return (stream for room in self.rooms for bot in room for stream in bot.outgoing)

    async def _send(self) -> None:
        clock, tick = asyncio.get_running_loop().time, 0
        began_s = clock()
        while True:
            for bot, stream in self._wheel[tick % TICKS]:
                bot.send(stream)
            tick += 1
            await asyncio.sleep(max(0.0, began_s + tick * TICK_S - clock()))

    async def close(self) -> None:
        """Everybody vanishes."""
        await asyncio.gather(*(bot.close() for room in self.rooms for bot in room))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _spread(figures: list[float]) -> tuple[float, float, float]:
    if not figures:
        return (float("nan"),) * 3
    ordered = sorted(figures)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))], ordered[-1]
