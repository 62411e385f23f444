"""A talk of two while strangers flood the port it runs over: `[KPPS [SECONDS]]`, thousands of datagrams a second.

Without a rate: 5, 10, 20, 50, 100 and 200. The engine has one core; the talk, and the strangers in a process of their
own, have the other, which also pays for the way of each datagram through the kernel, as this is one machine. First the
whole crowd (`tests/strangers.py`), without the engine's shield and with it; then each kind alone without it, by what it
costs. A voice counts as concealed where its packet was lost or later than 40 ms. What a datagram costs is what the
engine used beyond the talk alone, for each that came.
"""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.bench.cores import load_on_its_core
from tests.bench.media_load import TWO, Load, Taken
from tests.bench.media_pairs import filled
from tests.bench.media_side import Running
from tests.bench.processor import Stopwatch
from tests.network import own_namespace
from tests.strangers import REASON, flooded

KPPS, SECONDS = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0), 10.0
LATE_MS = 40.0
LONGER_S = 5.0  # than the talk is looked at: warming up and draining have the flood as well
KINDS_KPPS, KINDS_SECONDS = 20.0, 3.0
HEAD = (
    f"{'':18}  kpps  kernel %  overflow   lost %: voice pictures  concealed %   p99 ms  max ms  gap ms  core %"
    "  µs each  KB more"
)


@dataclass(frozen=True)
class Flooded:
    """One stretch of the talk under a flood."""

    name: str
    taken: Taken
    concealed: float  # share of the voices (0-1)
    came: Counter[str]  # datagrams that were dropped, by reason
    engine_s: float
    seconds: float
    grown_kb: int

    @property
    def core(self) -> float:
        """Share of one core that the engine used."""
        return self.engine_s / self.seconds

    def row(self, alone: "Flooded | None" = None) -> str:
        """For the table."""
        came = self.came.total()
        in_kernel = self.came["shielded"] + self.came["port_overflow"]
        each = f"{1e6 * self.seconds * (self.core - alone.core) / came:8.2f}" if alone and came else f"{'-':>8}"
        _, p99, most = self.taken.delay_ms
        return (
            f"{self.name:18} {came / self.seconds / 1000:5.1f} {100 * in_kernel / max(1, came):9.1f}"
            f" {self.came['port_overflow']:9} {100 * self.taken.lost_voice:15.3f} {100 * self.taken.lost_pictures:8.3f}"
            f" {100 * self.concealed:12.3f} {p99:8.1f} {most:7.1f} {self.taken.longest_gap_ms:7.0f}"
            f" {100 * self.core:7.1f} {each} {self.grown_kb:8}"
        )


@asynccontextmanager
async def flood_of(load: Load, kpps: float, seconds: float, kinds: Sequence[str]) -> AsyncIterator[None]:
    """Strangers who send for as long as this lasts."""
    if not kpps:
        yield
        return
    up = load.rooms[0][0].up
    host, port = up.server
    async with flooded(host, port, up._ufrag, int(1000 * kpps), seconds, kinds):
        yield


async def stretch(
    running: Running, load: Load, kpps: float, seconds: float, name: str, kinds: Sequence[str] = ()
) -> Flooded:
    """The talk for so long under so much."""
    async with flood_of(load, kpps, seconds + LONGER_S, kinds):
        before, dropped = await running.side.figures(), Counter(await running.side.ask("drops"))
        stopwatch = Stopwatch(lambda: 0.0)
        taken = await load.stretch(seconds)
        used = (await running.side.figures()).since(before)
        came, passed = Counter(await running.side.ask("drops")), stopwatch.stop()
    delays = load.arrivals.delays_ms
    late = sum(delay > LATE_MS for delay in delays) / max(1, len(delays))
    came.subtract(dropped)
    concealed = taken.lost_voice + (1 - taken.lost_voice) * late
    return Flooded(name, taken, concealed, came, used.cpu_s, passed.seconds, used.resident_kb)


async def measure(rates: Sequence[float], seconds: float) -> None:
    """Print a row for each rate, without and with the shield, and what each kind costs."""
    print(HEAD, flush=True)
    for shielded in (False, True):
        async with filled("ours", TWO, 1) as (running, load, _took):
            if not shielded:
                await running.side.ask("unshield")
            alone = await stretch(running, load, 0, seconds, "no flood")
            print(alone.row(), flush=True)
            for kpps in rates:
                under = await stretch(running, load, kpps, seconds, f"{'shield' if shielded else 'read':6} {kpps:6.0f}")
                print(under.row(alone), flush=True)
            if not shielded:
                for kind in REASON:
                    one = await stretch(running, load, KINDS_KPPS, KINDS_SECONDS, kind, [kind])
                    print(one.row(alone), flush=True)


def main(arguments: Sequence[str]) -> int:
    """Print the figures, measured in a network of its own where that is allowed."""
    with own_namespace() as prefix:
        return subprocess.run([*prefix, sys.executable, "-m", "tests.bench.flood", *arguments], check=False).returncode


if __name__ == "__main__":
    load_on_its_core()
    wanted = [float(argument) for argument in sys.argv[1:3]]
    asyncio.run(measure(wanted[:1] or KPPS, wanted[1] if len(wanted) > 1 else SECONDS))
