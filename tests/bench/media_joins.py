"""Part `joins` of `./run bench media`: whether those who talk notice a thousand people who come in a minute.

Each run is two stretches, each on a fresh engine on which 20 rooms of two talk: one with joiners, until the last has
joined or failed, which may be longer than the minute in which they come, and one without them that is as long. The
joiners are a process of their own on the core of the load (`media_joiners.py`). How late the load itself was is told
beside the gaps: a gap no longer than that says nothing of the engine.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

from tests.bench.media_joiners import Report
from tests.bench.media_load import DRAIN_S, TWO, WARM_UP_S
from tests.bench.media_pairs import ENGINES, FOREIGN_PERCENT, Pairs, Plan, Run, filled, in_turns, run, run_while
from tests.bench.media_side import EngineName, Running
from tests.bench.media_steps import holding, in_ms
from tests.bench.processor import cpu_s_of

JOINS, SECONDS, FLOWING = 1000, 60.0, 20
REPORT_WITHIN_S = 300.0


@dataclass(frozen=True)
class Joined:
    """A stretch with joiners and one as long without, and what the joiners say."""

    without: Run
    within: Run
    joiners_s: float  # processor time that they used meanwhile
    report: Report

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
        within, joiners_s, report = await _with_joiners(name)
        one = Joined(await _without(name, talked_s(within)), within, joiners_s, report)
        _tell_one(name, one)
        return one

    _tell(await in_turns(plan.pairs, take))


async def _with_joiners(name: EngineName) -> tuple[Run, float, Report]:
    """The stretch with joiners, the processor time that they used in it, and what they say at their end."""
    async with filled(name, TWO, FLOWING) as (running, load, _):
        await running.side.ask("watch")
        async with _joiners(running) as joiners:
            before_s, reporting = cpu_s_of(joiners.pid), asyncio.create_task(_report(joiners))
            within = await run_while(running, load, reporting)
            after_s, report = used_s(joiners.pid), reporting.result()
    return within, (report.cpu_s if after_s is None else after_s) - before_s, report


async def _without(name: EngineName, seconds: float) -> Run:
    async with filled(name, TWO, FLOWING) as (running, load, _):
        await running.side.ask("watch")
        return await run(running, load, seconds)


def talked_s(one: Run) -> float:
    """How long gaps were looked for."""
    return one.stretch.seconds - DRAIN_S - WARM_UP_S


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


async def _report(joiners: asyncio.subprocess.Process) -> Report:
    assert joiners.stdout
    return Report(**json.loads(await asyncio.wait_for(joiners.stdout.readline(), REPORT_WITHIN_S)))


def _tell_one(name: EngineName, one: Joined) -> None:
    report = one.report
    print(
        f"\n{name}: {report.joined} of {report.asked} joined in {report.seconds:.0f} s, {report.in_time} within the"
        f" {SECONDS:.0f} s in which they came\n  a join p50 {report.p50_ms:.0f} ms, p95 {report.p95_ms:.0f} ms"
    )
    for why, count in report.failed.items():
        print(f"  {count} failed, {why}")
    for what, stretch in (("without", one.without), ("with", one.within)):
        print(f"  {what:8} {stretch_of_voices(stretch)}")
    print(f"  beyond as long without: {one.beyond_ms:.1f} ms; others {one.foreign_percent:.0f} %", flush=True)


def stretch_of_voices(one: Run) -> str:
    """What those who talk had of it, and whether it was the load."""
    return (
        f"{talked_s(one):4.0f} s  longest gap in a voice {one.taken.longest_gap_ms:6.1f} ms (the load itself was at"
        f" most {one.taken.latest_tick_ms:.1f} ms late and sent {100 * one.taken.sent_share:.1f} %)"
        f"   lost voice {100 * one.taken.lost_voice:.3f} %   most delay {one.taken.delay_ms[2]:6.1f} ms"
        f"   slowest turn of the loop {in_ms(one.used.slowest_turn_s)}   {holding(one.used)}"
    )


def _tell(pairs: Pairs[Joined]) -> None:
    for name in ENGINES:
        runs = [pair[name] for pair in pairs.kept]
        print(
            f"  {name:5} beyond as long without {_range([one.beyond_ms for one in runs])} ms;"
            f" lost voice {_range([100 * one.within.taken.lost_voice for one in runs], 3)} %;"
            f" joined {_range([one.report.joined for one in runs])} of {JOINS},"
            f" within {SECONDS:.0f} s {_range([one.report.in_time for one in runs])};"
            f" a join p50 {pairs.of(name, lambda one: one.report.p50_ms)} ms,"
            f" p95 {pairs.of(name, lambda one: one.report.p95_ms)} ms;"
            f" the load itself at most {_range([one.within.taken.latest_tick_ms for one in runs])} ms late",
            flush=True,
        )
    _tell_loop([pair["ours"] for pair in pairs.kept])


def _tell_loop(runs: list[Joined]) -> None:
    """What holds our loop."""
    without, within = (
        _range([1000 * (one.used.slowest_turn_s or 0.0) for one in stretches])
        for stretches in ([one.without for one in runs], [one.within for one in runs])
    )
    request_s = max(one.within.used.longest_step_s or 0.0 for one in runs)
    handshake_s = max(one.within.used.longest_handshake_s or 0.0 for one in runs)
    print(
        f"  ours  slowest turn of the loop {without} ms without joiners, {within} ms with them;"
        f" a request holds the loop at most {in_ms(request_s).strip()}, a handshake {in_ms(handshake_s).strip()},"
        " wanted are 5 ms",
        flush=True,
    )


def _range(figures: list[float], digits: int = 0) -> str:
    """Median, and from least to most: there are few."""
    return f"{median(figures):.{digits}f} ({min(figures):.{digits}f} to {max(figures):.{digits}f})"
