"""Silent people who join while others talk: `python -m tests.bench.media_joiners NAME SOCKET COUNT SECONDS`.

A process of its own, so that its handshakes do not delay the load that is measured. Each joiner has both peer
connections and sends nothing; ten share a room, and each wishes to hear the one before, the first of a room the second.
Prints one line of JSON.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from signaling.media.port import CallId, SeatId, Source, Wanted, track_id
from tests.bench.media_bots import LoadBot
from tests.bench.media_side import EngineName, Side
from tests.bench.processor import percentile

IN_A_ROOM = 10
WITHIN_S = 60.0


class Joining:
    """Joiners of one engine, and who of them can be heard by now."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._there: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)

    async def join(self, number: int) -> tuple[LoadBot, float]:
        """One joins; the seconds it took until both connections stood, but for waiting for the one it is to hear."""
        room, place = divmod(number, IN_A_ROOM)
        other = place - 1 if place else 1
        bot, clock = LoadBot(self._side, CallId(f"silent{room}"), SeatId(f"j{place}")), time.monotonic
        async with asyncio.timeout(WITHIN_S):
            began_s = clock()
            await bot.publish(Source.MIC, Source.CAMERA)
            up_s = clock() - began_s
            self._there[number].set()
            await self._there[room * IN_A_ROOM + other].wait()
            began_s = clock()
            await bot.door.want([Wanted(track_id(SeatId(f"j{other}"), Source.MIC), 0, True, 1)])
            await bot.down.connected.wait()
        return bot, up_s + clock() - began_s


async def join_all(side: Side, count: int, seconds: float) -> tuple[list[LoadBot], list[float]]:
    """So many, evenly. One who would be alone in the last room does not count as joined."""
    began_s, joining, joiners = time.monotonic(), [], Joining(side)
    for number in range(count):
        joining.append(asyncio.create_task(joiners.join(number)))
        await asyncio.sleep(max(0.0, began_s + (number + 1) * seconds / count - time.monotonic()))
    done = await asyncio.gather(*joining, return_exceptions=True)
    joined = [one for one in done if not isinstance(one, BaseException)]
    return [bot for bot, _ in joined], [took_s for _, took_s in joined]


async def main(name: EngineName, path: Path, count: int, seconds: float) -> None:
    """Join, and say how it went."""
    side = await Side.connect(name, path)
    began_s = time.monotonic()
    bots, took_s = await join_all(side, count, seconds)
    times_ms = [1000 * one for one in took_s] or [float("nan")]
    report = {
        "asked": count,
        "joined": len(bots),
        "seconds": time.monotonic() - began_s,
        "p50_ms": percentile(times_ms, 50),
        "p95_ms": percentile(times_ms, 95),
        "cpu_s": time.process_time(),
    }
    print(json.dumps(report), flush=True)
    await side.close()


if __name__ == "__main__":
    engine: EngineName = "ours" if sys.argv[1] == "ours" else "janus"
    asyncio.run(main(engine, Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
