"""Our engine and a tuned Janus under the same load, side by side: `[PART ...] [--pairs N] [--seconds S] [--plots DIR]`.

The engine has one core, the load another. Janus has as many event loops as cores it may use, and both the same SRTP
profile and address. Runs on one and the other take turns (`media_pairs.py`); a pair in which other programs used more
than a fifth of a core is thrown away and taken again, up to twice as often as asked. What is printed are medians with
quartiles, or with the range where there are few. A packet that comes damaged or in a wrong stream ends it with a
failure; without Janus it only says how to get one. Whoever has fewer than two cores measures the load as well. Without
a part, all; on a quiet machine:

    cost         4 minutes  what a forwarded packet takes, in rooms of three shapes
    subscribers  6 minutes  the same from one to 1, 2, 4, 8 and 16 viewers
    seats        5 minutes  the same in rooms of 2, 4, 8 and 12 who all send, and memory of a seat
    filling      5 minutes  what joining takes and what memory a seat has, over fresh engines
    recording    5 minutes  the same, recorded and not
    rooms       25 minutes  how many rooms of two a core carries
    overload    16 minutes  what happens with more
    joins       35 minutes  a thousand who join in a minute while others talk, and as long without them
    idle         7 minutes  two hundred seats that say nothing, on a whole node

A loud machine can double each. `--pairs` says how many pairs; where it does not, there are seven. Where fewer count, it
says that their median is not to be relied on.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.cores import cores, load_on_its_core
from tests.bench.media_cost import cost, seats, subscribers
from tests.bench.media_filling import filling
from tests.bench.media_idle import idle
from tests.bench.media_joins import joins
from tests.bench.media_overload import overload
from tests.bench.media_pairs import PAIRS, Plan, TooLoud
from tests.bench.media_recording import recording
from tests.bench.media_rooms import rooms
from tests.network import own_namespace
from tools.programs import JANUS

SECONDS = 3.0
PARTS = {
    "cost": cost,
    "subscribers": subscribers,
    "seats": seats,
    "filling": filling,
    "recording": recording,
    "rooms": rooms,
    "overload": overload,
    "joins": joins,
    "idle": idle,
}


async def measure(chosen: argparse.Namespace) -> int:
    """One part after the other; how many other programs left nothing to be said of."""
    unsaid = 0
    print("load on core {}, engine on core {}".format(*cores()), flush=True)
    for part in chosen.parts or PARTS:
        print(f"\n== {part}   load average {os.getloadavg()[0]:.1f}", flush=True)
        try:
            await PARTS[part](Plan(chosen.pairs, chosen.seconds, chosen.plots))
        except TooLoud as loud:
            print(f"  {loud}", flush=True)
            unsaid += 1
    return unsaid


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
    if JANUS.path() is None:
        raise SystemExit(f"Janus is not on this machine, beside which this measures: {JANUS.how_to_install()}")
    with own_namespace() as prefix:
        return subprocess.run([*prefix, sys.executable, "-m", "tests.bench.media", *arguments], check=False).returncode


if __name__ == "__main__":
    load_on_its_core()
    sys.exit(asyncio.run(measure(parsed(sys.argv[1:]))))
