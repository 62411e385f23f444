"""What a recorded room costs a node against an unrecorded one: `[PAIRS ROOMS SECONDS]`.

One `ieum node`; rooms of two bots, each sending real VP8 (640 x 360, 25 frames a second) and Opus over loopback from
this process. The load goes on throughout, only the recording is switched: each pair is one stretch with it and one
without, in turns, so that whatever else the machine does falls on both alike. The processor time is that of the whole
node process, spool thread included; what is beside the loop is nearly all the spool thread, and the steadier figure.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from recordings.synthetic import picture, tone
from signaling.media.port import SeatId, Source, track_id
from tests.bench.processor import Spread, Stopwatch, Stretch
from tests.bots import Bot
from tests.real_node import PlayedWeb, RealNode, admitted, everybody, played_web, real_node

PAIRS, ROOMS, SECONDS = 9, 8, 10.0
SETTLE_S = 2.0
BEAT_S = 0.02  # one packet of sound; every second beat also one picture
FRAMES = picture(2, 640, 360, 25, seed=3)
SOUND = tone(1, 330)


@dataclass(frozen=True)
class Cost:
    """What the node used in one stretch."""

    whole: Stretch
    loop: Stretch

    @property
    def beside_percent(self) -> float:
        """What its threads beside the loop used, of one core."""
        return max(0.0, self.whole.percent - self.loop.percent)


async def fill(web: PlayedWeb, rooms: int) -> list[Bot]:
    """Rooms in which each sees and hears the other."""
    bots = []
    for room in range(rooms):
        call = f"room{room}"
        await web.open(call, everybody(1))
        pair = [await web.enter(call, "host"), await admitted(web, call, "g0")]
        for bot in pair:
            await bot.publish(Source.MIC, Source.CAMERA)
        for bot, other in zip(pair, ("g0", "host"), strict=True):
            await bot.want(*(track_id(SeatId(other), source) for source in (Source.MIC, Source.CAMERA)))
        bots += pair
    for bot in bots:
        await asyncio.wait_for(bot.down.connected.wait(), 30)
        bot.down._on_srtp = _ignore  # type: ignore[method-assign]  # decrypting is not what is measured
    return bots


async def talk(bots: Sequence[Bot]) -> None:
    """Send evenly, for ever."""
    loop = asyncio.get_running_loop()
    due_s = loop.time()
    for beat in count():
        for bot in bots:
            bot.say(sound=SOUND[beat % len(SOUND)])
            if beat % 2 == 0:
                bot.show(FRAMES[beat // 2 % len(FRAMES)])
        due_s += BEAT_S
        await asyncio.sleep(max(0.0, due_s - loop.time()))


async def record(web: PlayedWeb, rooms: int, on: bool) -> None:
    """Start or stop the recording of every room."""
    for room in range(rooms):
        await web.ask(f"room{room}-host", "recording.request", action="start" if on else "stop")


async def stretch(node: RealNode, seconds: float) -> Cost:
    """Let things settle, then measure."""
    await asyncio.sleep(SETTLE_S)
    whole, loop = Stopwatch(node.cpu_s), Stopwatch(node.loop_cpu_s)
    await asyncio.sleep(seconds)
    return Cost(whole.stop(), loop.stop())


async def measure(pairs: int, rooms: int, seconds: float) -> list[tuple[Cost, Cost]]:
    """For each pair: without and with the recording."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "var"
        little = {"spool_refuse_below_mb": "1", "spool_stop_below_mb": "1"}
        async with real_node(data_dir, **little) as node, played_web(node) as web:
            talking = asyncio.create_task(talk(await fill(web, rooms)))
            measured = []
            for number in range(pairs):
                if number % 2 == 0:
                    without = await stretch(node, seconds)
                    await record(web, rooms, on=True)
                    recorded = await stretch(node, seconds)
                else:
                    await record(web, rooms, on=True)
                    recorded = await stretch(node, seconds)
                if not _written(data_dir):
                    raise RuntimeError("nothing was recorded")
                await record(web, rooms, on=False)
                if number % 2 == 1:
                    without = await stretch(node, seconds)
                measured.append((without, recorded))
                print(_line(without, recorded), flush=True)
            talking.cancel()
            return measured


def _written(data_dir: Path) -> int:
    return sum(path.stat().st_size for folder in ("spool", "store") for path in (data_dir / folder).rglob("*.*"))


def _line(without: Cost, recorded: Cost) -> str:
    foreign = max(without.whole.foreign_percent, recorded.whole.foreign_percent)
    return (
        f"unrecorded {without.whole.percent:6.1f} %   recorded {recorded.whole.percent:6.1f} %   "
        f"more {_more(without, recorded):+6.1f} %   other programs {foreign:5.1f} %"
    )


def _more(without: Cost, recorded: Cost) -> float:
    return 100 * (recorded.whole.percent / without.whole.percent - 1)


def _ignore(data: bytes) -> None:
    """Received, and that is all."""


def main(arguments: Sequence[str]) -> None:
    """Print each pair, then medians with their quartiles."""
    pairs, rooms = (int(arguments[at]) if len(arguments) > at else usual for at, usual in ((0, PAIRS), (1, ROOMS)))
    seconds = float(arguments[2]) if len(arguments) > 2 else SECONDS
    measured = asyncio.run(measure(pairs, rooms, seconds))
    print(f"{pairs} pairs, {rooms} rooms of two, percent of one core, median (quartiles):")
    print("  unrecorded      ", Spread.of([without.whole.percent for without, _ in measured]))
    print("    beside loop   ", Spread.of([without.beside_percent for without, _ in measured]))
    print("  recorded        ", Spread.of([recorded.whole.percent for _, recorded in measured]))
    print("    beside loop   ", Spread.of([recorded.beside_percent for _, recorded in measured]))
    print("  recorded, more  ", Spread.of([_more(*pair) for pair in measured]), "%")
    print("  other programs  ", Spread.of([one.whole.foreign_percent for pair in measured for one in pair]))


if __name__ == "__main__":
    main(sys.argv[1:])
