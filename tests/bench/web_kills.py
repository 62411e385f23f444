"""What people notice of each other when web is killed while they talk: `[KILLS]`.

The product as `ieum serve` runs it, two Chromium pages in one room. Media does not pass web. Around `kill -9` of web,
and in as long a stretch without one, two things are taken: the longest time in which a page shows or plays nothing new
(gaps.py), and whether the node hands on every packet, and how long it is without one to hand on (wire.py).
"""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Page

from tests.bench.gaps import WATCHED_S, longest, print_gaps
from tests.bench.node_kills import PAUSE_S, in_one_room
from tests.bench.wire import Handed, Wire, watched
from tests.browsers import chromium
from tests.e2e.product import free_port, serving
from tools.programs import CHROMIUM

KILLS = 5


class Stretch(NamedTuple):
    """What was taken in one."""

    gaps_ms: tuple[float, float]  # sound, picture
    handed: Handed

    def __str__(self) -> str:
        streams, packets, missing, got_ms, sent_ms = self.handed
        return (
            "{:5.0f} {:5.0f} ms; ".format(*self.gaps_ms)
            + f"missing {missing} of {packets} in {streams} streams, "
            + f"{got_ms:3.0f} ms without one from a page, {sent_ms:3.0f} ms to a page"
        )


async def stretch(pages: Sequence[Page], wire: Wire, kill: Callable[[], None] | None = None) -> Stretch:
    """One, with a kill near its beginning or without."""
    wire.taken()
    watching = asyncio.create_task(longest(pages))
    await asyncio.sleep(1)
    if kill is not None:
        kill()
    return Stretch(await watching, Handed.of(wire.taken(), WATCHED_S))


async def measure(kills: int) -> tuple[list[Stretch], list[Stretch]]:
    """Without kills, and with them."""
    still, killed = [], []
    media_port = free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory() as folder:
        served = serving(Path(folder) / "var", media_port=str(media_port))
        async with served as product, chromium(str(CHROMIUM.path())) as browser, watched(media_port) as wire:
            pages = await in_one_room(product, browser)
            for _ in range(kills):
                await asyncio.sleep(PAUSE_S)  # the supervisor restarts at once only what has lived for a while
                still.append(await stretch(pages, wire))
                killed.append(await stretch(pages, wire, lambda: os.kill(product.pid_of("web"), signal.SIGKILL)))
                print(f"still  {still[-1]}\nkilled {killed[-1]}", flush=True)
    return still, killed


def main(arguments: Sequence[str]) -> None:
    """Print each pair, then the figures."""
    still, killed = asyncio.run(measure(int(arguments[0]) if arguments else KILLS))
    for title, stretches in (("still", still), ("killed", killed)):
        print_gaps([(title, [one.gaps_ms for one in stretches])])
        handed = [one.handed for one in stretches]
        missing, packets = sum(one.missing for one in handed), sum(one.packets for one in handed)
        print(
            f"{title:6} packets  missing {missing} of {packets}   longest without one from a page "
            f"{max(one.got_ms for one in handed):.0f} ms, to a page {max(one.sent_ms for one in handed):.0f} ms"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
