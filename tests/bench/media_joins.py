"""Part `joins` of `./run bench media`: whether those who talk notice a thousand people who come in a minute.

Each run is a minute without and a minute with joiners on a fresh engine on which 20 rooms of two talk. The joiners are
a process of their own on the core of the load (`media_joiners.py`).
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.media_load import TWO, Load
from tests.bench.media_pairs import ENGINES, FOREIGN_PERCENT, Pairs, Plan, Run, filled, in_turns, run
from tests.bench.media_side import EngineName, Figures, Running
from tests.bench.processor import cpu_s_of

JOINS, SECONDS, FLOWING = 1000, 60.0, 20
REPORT_WITHIN_S = 300.0


@dataclass(frozen=True)
class Joined:
    """A minute without and one with joiners, and what the joiners say."""

    without: Run
    within: Run
    joiners_s: float  # processor time that they used in the minute with them
    report: dict[str, Any]

    @property
    def foreign_percent(self) -> float:
        """Of other programs; the joiners are none."""
        joiners_percent = 100 * self.joiners_s / self.within.stretch.seconds
        return max(self.without.stretch.foreign_percent, self.within.stretch.foreign_percent - joiners_percent)

    @property
    def is_quiet(self) -> bool:
        """Whether other programs left the machine alone."""
        return self.foreign_percent <= FOREIGN_PERCENT

    @property
    def beyond_ms(self) -> float:
        """By how much the longest gap in a voice is longer than without joiners."""
        return self.within.taken.longest_gap_ms - self.without.taken.longest_gap_ms


async def joins(plan: Plan) -> None:
    """Longest gaps in voices, how long a join takes, and how many joined."""

    async def take(name: EngineName) -> Joined:
        async with filled(name, TWO, FLOWING) as (running, load, _):
            await running.side.ask("watch")
            without = await run(running, load, SECONDS)
            async with _joiners(running) as joiners:
                within, joiners_s, report = await _within(running, load, joiners)
        one = Joined(without, within, joiners_s, report)
        _tell_one(name, one)
        return one

    _tell(await in_turns(plan.pairs, take))


async def _within(
    running: Running, load: Load, joiners: asyncio.subprocess.Process
) -> tuple[Run, float, dict[str, Any]]:
    """The minute with joiners, the processor time that they used in it, and what they say at their end."""
    before_s = cpu_s_of(joiners.pid)
    within = await run(running, load, SECONDS)
    after_s = used_s(joiners.pid)
    report = await _report(joiners)
    return within, (report["cpu_s"] if after_s is None else after_s) - before_s, report


def used_s(pid: int) -> float | None:
    """Processor time of a process until now; None when it is gone. Joiners who are done report all of theirs."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return cpu_s_of(pid)
    return None


@asynccontextmanager
async def _joiners(running: Running) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.media_joiners", running.side.name, str(running.path)),
        *(str(JOINS), str(SECONDS)),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _report(joiners: asyncio.subprocess.Process) -> dict[str, Any]:
    assert joiners.stdout
    report: dict[str, Any] = json.loads(await asyncio.wait_for(joiners.stdout.readline(), REPORT_WITHIN_S))
    return report


def _tell_one(name: EngineName, one: Joined) -> None:
    report = one.report
    print(f"\n{name}: {report['joined']} of {report['asked']} joined in {report['seconds']:.0f} s", flush=True)
    print(f"  a join p50 {report['p50_ms']:.0f} ms, p95 {report['p95_ms']:.0f} ms")
    for what, minute in (("without", one.without), ("with", one.within)):
        print(
            f"  {what:8} longest gap in a voice {minute.taken.longest_gap_ms:6.1f} ms   most delay"
            f" {minute.taken.delay_ms[2]:6.1f} ms   slowest turn of the loop {in_ms(minute.used.slowest_turn_s)}"
            f"   {holding(minute.used)}"
        )
    print(f"  beyond a minute without: {one.beyond_ms:.1f} ms; others {one.foreign_percent:.0f} %", flush=True)


def _tell(pairs: Pairs[Joined]) -> None:
    for name in ENGINES:
        beyond = sorted(pair[name].beyond_ms for pair in pairs.kept)
        joined = sorted(pair[name].report["joined"] for pair in pairs.kept)
        print(
            f"  {name:5} beyond a minute without {median(beyond):.0f} ms ({beyond[0]:.0f} to {beyond[-1]:.0f});"
            f" joined {median(joined):.0f} of {JOINS} ({joined[0]} to {joined[-1]});"
            f" a join p50 {pairs.of(name, lambda one: one.report['p50_ms'])} ms,"
            f" p95 {pairs.of(name, lambda one: one.report['p95_ms'])} ms",
            flush=True,
        )
    longest_s = max(pair["ours"].within.used.longest_step_s or 0.0 for pair in pairs.kept)
    print(f"  ours  a request holds the loop at most {in_ms(longest_s).strip()}, wanted are 5 ms", flush=True)


def holding(used: Figures) -> str:
    """For how long requests held the loop."""
    return f"a request holds the loop p99 {in_ms(used.step_p99_s)}, longest {in_ms(used.longest_step_s)}"


def in_ms(seconds: float | None) -> str:
    """What is not measured is not printed as nothing."""
    return "not measured" if seconds is None else f"{1000 * seconds:5.1f} ms"
