"""Silent people who join while others talk: `python -m tests.bench.media_joiners NAME SOCKET COUNT SECONDS`.

A process of its own, so that its handshakes do not delay the load that is measured. Each joiner has both peer
connections and sends nothing; ten share a room, and each wishes to hear the one before, the first of a room the second.
Prints one line of JSON: how many joined, how many of them within the time in which all came, how long it took, and in
which step of joining the others failed.
"""

import asyncio
import json
import sys
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from signaling.media.port import CallId, SeatId, Source, Wanted, track_id
from tests.bench.media_bots import SeatedBot
from tests.bench.media_reports import report_for_ever
from tests.bench.media_side import EngineName, Side
from tests.bench.processor import percentile

IN_A_ROOM = 10
WITHIN_S = 60.0


@dataclass(frozen=True)
class Report:
    """How it went."""

    asked: int
    joined: int
    in_time: int  # joined before the time was over in which all came
    failed: dict[str, int]  # by the step of joining and the error
    seconds: float  # until the last had joined or failed
    p50_ms: float
    p95_ms: float
    cpu_s: float


class Joining:
    """Joiners of one engine, and who of them can be heard by now."""

    def __init__(self, side: Side) -> None:
        self.took_s: list[float] = []
        self.done_s: list[float] = []  # when each had joined
        self.failed: Counter[str] = Counter()
        self.bots: list[SeatedBot] = []
        self._side = side
        self._there: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)
        self._steps: dict[int, str] = {}

    async def join(self, number: int) -> None:
        """One joins, or it is told where that failed."""
        try:
            async with asyncio.timeout(WITHIN_S):
                self.took_s.append(await self._join(number))
        except Exception as error:  # whatever it is, the others go on
            self.failed[f"{self._steps[number]}: {error!r}"] += 1
        else:
            self.done_s.append(time.monotonic())

    async def _join(self, number: int) -> float:
        """The seconds it took until both connections stood, but for waiting for the one it is to hear."""
        room, place = divmod(number, IN_A_ROOM)
        other = place - 1 if place else 1
        bot, clock = SeatedBot(self._side, CallId(f"silent{room}"), SeatId(f"j{place}")), time.monotonic
        self.bots.append(bot)
        self._steps[number] = "sending connection"
        began_s = clock()
        await bot.publish(Source.MIC, Source.CAMERA)
        up_s = clock() - began_s
        self._there[number].set()
        self._steps[number] = "waiting for whom it is to hear"
        await self._there[room * IN_A_ROOM + other].wait()
        self._steps[number] = "receiving connection"
        began_s = clock()
        await bot.door.want([Wanted(track_id(SeatId(f"j{other}"), Source.MIC), 0, True, 1)])
        await bot.down.connected.wait()
        return up_s + clock() - began_s


async def join_all(side: Side, count: int, seconds: float) -> Report:
    """So many, evenly. One who would be alone in the last room does not count as joined."""
    began_s, joining, joiners = time.monotonic(), [], Joining(side)
    reporting = asyncio.create_task(report_for_ever(joiners.bots))
    for number in range(count):
        joining.append(asyncio.create_task(joiners.join(number)))
        await asyncio.sleep(max(0.0, began_s + (number + 1) * seconds / count - time.monotonic()))
    await asyncio.gather(*joining)
    reporting.cancel()
    times_ms = [1000 * one for one in joiners.took_s] or [float("nan")]
    return Report(
        asked=count,
        joined=len(joiners.took_s),
        in_time=sum(done_s <= began_s + seconds for done_s in joiners.done_s),
        failed=dict(joiners.failed),
        seconds=time.monotonic() - began_s,
        p50_ms=percentile(times_ms, 50),
        p95_ms=percentile(times_ms, 95),
        cpu_s=time.process_time(),
    )


async def main(name: EngineName, path: Path, count: int, seconds: float) -> None:
    """Join, and say how it went."""
    side = await Side.connect(name, path)
    print(json.dumps(asdict(await join_all(side, count, seconds))), flush=True)
    await side.close()


if __name__ == "__main__":
    engine: EngineName = "ours" if sys.argv[1] == "ours" else "janus"
    asyncio.run(main(engine, Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
