"""Processor time of one process beside that of everything else on the machine, over a stretch of time."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Self


@dataclass(frozen=True)
class Stretch:
    """What was used between two moments."""

    seconds: float
    cpu_s: float  # by the process that is measured
    foreign_percent: float  # by programs that are not ours, in percent of one core

    @property
    def percent(self) -> float:
        """Of one core."""
        return 100 * self.cpu_s / self.seconds


class Stopwatch:
    """Started when made. `cpu_s` gives the processor time of what is measured; the load is this very process."""

    def __init__(self, cpu_s: Callable[[], float]) -> None:
        self._cpu_s = cpu_s
        self._before = self._now()

    def _now(self) -> tuple[float, float, float, float]:
        return time.monotonic(), self._cpu_s(), time.process_time(), _machine_s()

    def stop(self) -> Stretch:
        """What was used since the start."""
        seconds, cpu_s, own_s, machine_s = (now - before for now, before in zip(self._now(), self._before, strict=True))
        return Stretch(seconds, cpu_s, max(0.0, 100 * (machine_s - cpu_s - own_s) / seconds))


def cpu_s_of(pid: int) -> float:
    """User and system time of all threads, in steps of a clock tick (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _machine_s() -> float:
    """Busy time of all cores so far: user, nice, system, irq, softirq (proc(5))."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]]
    return (sum(fields[:3]) + sum(fields[5:7])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spread:
    """The middle of several figures and how far they lie apart."""

    low: float  # a quarter lies below
    middle: float
    high: float  # a quarter lies above

    @classmethod
    def of(cls, figures: list[float]) -> Self:
        """At least one figure."""
        several = figures if len(figures) > 1 else 2 * figures
        low, _, high = quantiles(several, n=4, method="inclusive")
        return cls(low, median(figures), high)

    def __str__(self) -> str:
        return f"{self.middle:.1f} ({self.low:.1f} to {self.high:.1f})"

    @property
    def in_hundredths(self) -> str:
        """For what is about one."""
        return f"{self.middle:.2f} ({self.low:.2f} to {self.high:.2f})"


def percentile(figures: list[float], percent: int) -> float:
    """The figure that so many percent do not exceed."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, round(percent / 100 * len(ordered)))]
