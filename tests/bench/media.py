"""Our engine and a tuned Janus under the same load, side by side: `[PART ...] [--pairs N] [--seconds S] [--plots DIR]`.

Parts are cost, rooms, joins, idle and overload; without any, all. The engine has one core, the load another. Janus has
as many event loops as cores it may use, and both the same SRTP profile and address. Pairs alternate; one in which other
programs used more than a fifth of a core is thrown away and taken again, up to twice as often as asked. What is printed
are medians with quartiles. A packet that comes damaged or in a wrong stream ends it with a failure. Whoever has fewer
than two cores measures the load as well.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from tests.bench.media_load import Load, Shape, Taken
from tests.bench.media_plots import Curve, draw
from tests.bench.media_side import EngineName, Figures, Running, side
from tests.bench.processor import Spread, Stopwatch, Stretch
from tests.janus import outward_address
from tests.network import own_namespace

ENGINES: tuple[EngineName, ...] = get_args(EngineName)
PAIRS, SECONDS, SETTLE_S = 7, 3.0, 2.0
FOREIGN_PERCENT = 20.0
LATE_MS, LOST = 20.0, 0.001  # where a room is one too many
RAMP, STEP = 10, 1.25
TRIES = 3
JOINS, JOIN_SECONDS, FLOWING = 1000, 60.0, 20
IDLE_SEATS = 200

TWO = Shape("two people", 2, 0)
COSTS = (
    (Shape("1 to 1", 1, 1), 30),
    (Shape("1 to 7", 1, 7), 8),
    (Shape("12 seats, three layers", 12, 0, layered=True), 1),
)


@dataclass(frozen=True)
class Run:
    """One stretch on one engine."""

    engine: EngineName
    taken: Taken
    stretch: Stretch
    used: Figures

    @property
    def is_quiet(self) -> bool:
        """Whether other programs left the machine alone."""
        return self.stretch.foreign_percent <= FOREIGN_PERCENT

    @property
    def us_per_packet(self) -> float:
        """Of processor time, for each packet that a viewer got."""
        return 1e6 * self.used.cpu_s / max(1, self.taken.forwarded)

    @property
    def holds(self) -> bool:
        """Whether nobody would notice the load."""
        lost = max(self.taken.lost_voice, self.taken.lost_pictures)
        return self.taken.delay_ms[1] < LATE_MS and lost < LOST

    def __str__(self) -> str:
        median, p99, most = self.taken.delay_ms
        seconds = self.stretch.seconds
        return (
            f"{self.engine:5} {self.us_per_packet:6.1f} µs a packet  core {100 * self.used.cpu_s / seconds:5.1f} %"
            f"  out {self.taken.forwarded / seconds:7.0f}/s  delay {median:5.2f} / {p99:6.2f} / {most:6.1f} ms"
            f"  lost voice {100 * self.taken.lost_voice:6.3f} % pictures {100 * self.taken.lost_pictures:6.3f} %"
            f"  checked {self.taken.checked} damaged {self.taken.damaged}  others {self.stretch.foreign_percent:4.0f} %"
        )


async def run(running: Running, load: Load, seconds: float) -> Run:
    """One stretch. Its processor time is that of the whole stretch, as are the packets."""
    before = await running.side.figures()
    used_s = 0.0

    def measured_s() -> float:
        return used_s

    stopwatch = Stopwatch(measured_s)
    taken = await load.stretch(seconds)
    used = (await running.side.figures()).since(before)
    used_s = used.cpu_s + used.beside_cpu_s
    return Run(running.side.name, taken, stopwatch.stop(), used)


@asynccontextmanager
async def filled(name: EngineName, shape: Shape, rooms: int) -> AsyncIterator[tuple[Running, Load, Figures]]:
    """An engine with rooms in which nobody sends yet, and what filling it took.

    Raises SystemExit at the end when anything came damaged: figures of such an engine mean nothing.
    """
    async with side(name, cores()[1], address()) as running:
        load = Load(running.side)
        before = await running.side.figures()
        await load.fill(shape, rooms)
        load.send_in(rooms)
        took = (await running.side.figures()).since(before)
        await load.stretch(SETTLE_S)  # every picture has begun with a key frame
        try:
            yield running, load, took
        finally:
            await load.close()
        if damaged := load.arrivals.all_damaged:
            raise SystemExit(f"{damaged} packets came damaged or in a wrong stream from {name}: nothing can be said")


# --- what a packet, a seat and a join cost


async def cost(pairs: int, seconds: float, plots: Path | None) -> None:
    """Processor time for each forwarded packet in rooms of three shapes, and what a seat or a connection takes."""
    curves: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for shape, rooms in COSTS:
        print(f"\n{shape.name}, {rooms} rooms", flush=True)
        runs, seats = await _pairs(shape, rooms, pairs, seconds)
        middles = {}
        for name in ENGINES:
            spread = Spread.of([one.us_per_packet for one in runs[name]])
            middles[name] = spread.middle
            delay = Spread.of([one.taken.delay_ms[1] for one in runs[name]])
            took = seats[name]
            count = rooms * shape.seats
            print(
                f"  {name:5} {spread} µs a packet, delay p99 {delay} ms, joining {1000 * took.cpu_s / count:.1f} ms"
                f" (and beside it {1000 * took.beside_cpu_s / count:.1f}) and {took.resident_kb / count:.0f} KB"
                f" {shape.unit}"
            )
        ratios = Spread.of([a.us_per_packet / b.us_per_packet for a, b in zip(*runs.values(), strict=False)])
        print(f"  ours / Janus {ratios.middle:.2f} ({ratios.low:.2f} to {ratios.high:.2f})", flush=True)
        for name in ENGINES:
            curves[name].append((len(curves[name]), middles[name]))
    if plots:
        labels = [shape.name for shape, _ in COSTS]
        draw(plots / "cost.svg", "Processor time for each forwarded packet", "µs", curves_of(curves), labels=labels)


async def _pairs(
    shape: Shape, rooms: int, pairs: int, seconds: float
) -> tuple[dict[EngineName, list[Run]], dict[EngineName, Figures]]:
    kept: dict[EngineName, list[Run]] = {name: [] for name in ENGINES}
    async with filled("ours", shape, rooms) as ours, filled("janus", shape, rooms) as janus:
        seats: dict[EngineName, Figures] = {"ours": ours[2], "janus": janus[2]}
        for _ in range(2 * pairs):
            pair = [await run(running, load, seconds) for running, load, _ in (ours, janus)]
            for one in pair:
                print(f"  {one}", flush=True)
            if all(one.is_quiet for one in pair):
                for one in pair:
                    kept[one.engine].append(one)
            if len(kept["ours"]) == pairs:
                break
    if len(kept["ours"]) < 2:
        raise SystemExit("other programs use this machine: nothing can be said")
    return kept, seats


# --- how many rooms


async def rooms(_pairs_wanted: int, seconds: float, plots: Path | None) -> None:
    """How many rooms of two a core carries while nobody would notice, and how cost and delay grow up to there."""
    delays: dict[str, list[tuple[float, float]]] = defaultdict(list)
    costs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    held = {}
    for name in ENGINES:
        print(f"\nrooms of two people, {name}", flush=True)
        held[name] = await _ramp(name, seconds, delays[name], costs[name])
        print(f"  {name} holds {held[name]} rooms", flush=True)
    print(f"  ours / Janus {held['ours'] / max(1, held['janus']):.2f}")
    if plots:
        title = "Delay of 99 % of packets, rooms of two"
        draw(plots / "rooms-delay.svg", title, "ms", curves_of(delays), limit=LATE_MS)
        draw(plots / "rooms-cost.svg", "Processor time for each forwarded packet", "µs", curves_of(costs))


async def _ramp(
    name: EngineName, seconds: float, delays: list[tuple[float, float]], costs: list[tuple[float, float]]
) -> int:
    """A level holds if one of some tries does, for other programs disturb; the first that does not ends it."""
    held = 0
    async with filled(name, TWO, 0) as (running, load, _):
        level = RAMP
        while True:
            await load.fill(TWO, level - len(load.rooms), prefix=f"to{level}x")
            load.send_in(level)
            tries = []
            for _ in range(TRIES):
                tries.append(await run(running, load, seconds))
                print(f"  {level:4} rooms  {tries[-1]}", flush=True)
                if tries[-1].holds:
                    break
            best = min(tries, key=lambda one: one.taken.delay_ms[1])
            delays.append((level, best.taken.delay_ms[1]))
            costs.append((level, best.us_per_packet))
            if not tries[-1].holds:
                return held
            held, level = level, round(level * STEP)


# --- joining while others talk, and being there


async def joins(_pairs_wanted: int, _seconds: float, _plots: Path | None) -> None:
    """Whether those who talk notice a thousand people who come in a minute."""
    for name in ENGINES:
        async with filled(name, TWO, FLOWING) as (running, load, _):
            await running.side.ask("watch")
            without = await run(running, load, JOIN_SECONDS)
            joiners = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.bench.media_joiners", name, str(running.path)),
                *(str(JOINS), str(JOIN_SECONDS)),
                stdout=asyncio.subprocess.PIPE,
            )
            within = await run(running, load, JOIN_SECONDS)
            assert joiners.stdout
            report = json.loads(await asyncio.wait_for(joiners.stdout.readline(), 300))
            await joiners.wait()
        print(f"\n{name}: {report['joined']} of {report['asked']} joined in {report['seconds']:.0f} s", flush=True)
        print(f"  a join p50 {report['p50_ms']:.0f} ms, p95 {report['p95_ms']:.0f} ms")
        for what, one in (("without", without), ("with", within)):
            print(
                f"  {what:8} longest gap in a voice {one.taken.longest_gap_ms:6.1f} ms   most delay"
                f" {one.taken.delay_ms[2]:6.1f} ms   slowest turn of the loop {_in_ms(one.used.slowest_turn_s)}"
            )
        beyond_ms = within.taken.longest_gap_ms - without.taken.longest_gap_ms
        print(f"  beyond a minute without: {beyond_ms:.1f} ms", flush=True)


def _in_ms(seconds: float | None) -> str:
    return "not measured" if seconds is None else f"{1000 * seconds:5.1f} ms"


async def idle(_pairs_wanted: int, seconds: float, _plots: Path | None) -> None:
    """What people take who are there and say nothing."""
    for name in ENGINES:
        async with filled(name, TWO, IDLE_SEATS // TWO.seats) as (running, _load, took):
            before = await running.side.figures()
            await asyncio.sleep(max(20.0, seconds))
            used = (await running.side.figures()).since(before)
        percent = 100 * (used.cpu_s + used.beside_cpu_s) / max(20.0, seconds)
        kb = took.resident_kb / IDLE_SEATS
        print(f"{name:5} {IDLE_SEATS} silent seats: {percent:.1f} % of a core, {kb:.0f} KB a seat", flush=True)


async def overload(_pairs_wanted: int, seconds: float, _plots: Path | None) -> None:
    """What happens to voices and pictures with more rooms than a core carries."""
    for name in ENGINES:
        print(f"\nmore than enough, {name}", flush=True)
        async with filled(name, TWO, 0) as (running, load, _):
            for level in (40, 80, 120):
                await load.fill(TWO, level - len(load.rooms), prefix=f"to{level}x")
                load.send_in(level)
                print(f"  {level:4} rooms  {await run(running, load, seconds)}", flush=True)


PARTS = {"cost": cost, "rooms": rooms, "joins": joins, "idle": idle, "overload": overload}


def curves_of(points: dict[str, list[tuple[float, float]]]) -> list[Curve]:
    """By engine, under the names that readers know."""
    return [Curve({"ours": "Ieum", "janus": "Janus"}[name], places) for name, places in points.items()]


def cores() -> tuple[int, int]:
    """Of the load, and of the engine; the same where there is but one."""
    found = sorted(os.sched_getaffinity(0))
    return found[0], found[min(1, len(found) - 1)]


def address() -> str:
    """Of ours, and not loopback, which Janus does not use. Raises SystemExit where there is none."""
    found = outward_address()
    if found is None:
        raise SystemExit("this machine has no address but loopback, and Janus uses none of that")
    return found


async def measure(chosen: argparse.Namespace) -> None:
    """One part after the other."""
    for part in chosen.parts or PARTS:
        print(f"\n== {part}", flush=True)
        await PARTS[part](chosen.pairs, chosen.seconds, chosen.plots)


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """What is asked for; ends the process with a sentence where it is not understood."""
    parser = argparse.ArgumentParser(prog="./run bench media")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--plots", type=Path)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Print the figures, measured in a network of its own where that is allowed."""
    parsed(arguments)
    with own_namespace() as prefix:
        return subprocess.run([*prefix, sys.executable, "-m", "tests.bench.media", *arguments], check=False).returncode


if __name__ == "__main__":
    os.sched_setaffinity(0, {cores()[0]})
    asyncio.run(measure(parsed(sys.argv[1:])))
