"""The load on a media engine: bots in a process of their own, which speak to it over their standard input and output.

Started by `media_forwarding.py` as `python -m tests.bench.media_load ROOMS SEATS`. One JSON object per line.
"""

import asyncio
import itertools
import json
import sys
from collections.abc import Collection, Sequence
from typing import Any

from signaling.media.port import CallId, DownSlot, Published, SeatId, Source, TrackId, Wanted, track_id
from tests.bots import Bot

PICTURE_PACKETS_PER_S = 150  # beside 50 of sound
PICTURE_BYTES = 1050
KEY, DELTA = b"\x10" + bytes(PICTURE_BYTES), b"\x11" + bytes(PICTURE_BYTES)  # one packet each
PACE_S = 0.02


class PipeDoor:
    """A bot's messages as lines to the process that has the engine."""

    def __init__(self, load: "Load", call: CallId, seat: SeatId) -> None:
        self._load, self._where = load, {"call": call, "seat": seat}

    async def answer_up(self, neg: int, sdp: str, published: Sequence[Published]) -> str:
        tracks = [(track.mid, track.source) for track in published]
        return str(await self._load.ask("answer_up", **self._where, neg=neg, sdp=sdp, tracks=tracks))

    async def want(self, wanted: Collection[Wanted]) -> None:
        await self._load.ask("want", **self._where, tracks=[want.track for want in wanted])

    async def answer_down(self, neg: int, sdp: str) -> None:
        await self._load.ask("answer_down", **self._where, neg=neg, sdp=sdp)


class Load:
    """Rooms full of bots."""

    def __init__(self, rooms: int, seats: int) -> None:
        self.bots: dict[tuple[str, str], Bot] = {}
        self._rooms, self._seats = rooms, seats
        self._ids = itertools.count()
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, method: str, **parameters: Any) -> Any:
        """One request; its answer."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        print(json.dumps({"id": number, "method": method, **parameters}), flush=True)
        return await answer

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Answers and offers, until the other process goes."""
        async for line in reader:
            said = json.loads(line)
            if "offer" in said:
                slots = [DownSlot(mid, TrackId(t), SeatId(s), Source(source)) for mid, t, s, source in said["slots"]]
                bot = self.bots[said["call"], said["seat"]]
                task = asyncio.create_task(bot.on_down_offer(said["offer"], said["sdp"], slots))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            else:
                self._answers.pop(said["id"]).set_result(said["answer"])

    async def fill(self) -> None:
        """Everybody publishes and wants everybody else."""
        for room in range(self._rooms):
            seats = [SeatId(f"seat{number}") for number in range(self._seats)]
            for seat in seats:
                call = CallId(f"call{room}")
                self.bots[call, seat] = bot = Bot(PipeDoor(self, call, seat))
                await bot.publish(Source.MIC, Source.CAMERA)
            for seat in seats:
                others = [
                    track_id(other, source)
                    for other in seats
                    if other != seat
                    for source in (Source.MIC, Source.CAMERA)
                ]
                await self.bots[CallId(f"call{room}"), seat].want(*others)
        for bot in self.bots.values():
            await asyncio.wait_for(bot.down.connected.wait(), 30)
            bot.down._on_srtp = _ignore  # type: ignore[method-assign]  # decrypting is not what is measured

    async def talk(self) -> None:
        """Send evenly, for ever; the first frame is a key frame."""
        clock, due_s = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        for beat in itertools.count():
            for bot in self.bots.values():
                bot.say()
                for _ in range(round(PICTURE_PACKETS_PER_S * PACE_S)):
                    bot.show(KEY if beat % 50 == 0 else DELTA)
            due_s += PACE_S
            await asyncio.sleep(max(0.0, due_s - clock.time()))


def _ignore(data: bytes) -> None:
    """Received, and that is all."""


async def main(rooms: int, seats: int) -> None:
    """Fill the rooms, say so, and talk until the input ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    load = Load(rooms, seats)
    reading = asyncio.create_task(load.read(reader))
    await load.fill()
    print(json.dumps({"method": "ready"}), flush=True)
    talking = asyncio.create_task(load.talk())
    await reading
    talking.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
