"""A node that writes down what the adaptation of each of its viewers is told and decides.

`python -m tests.telling_node FOLDER` is `ieum node`, and makes a file in the folder for each connection to a viewer.
Numbers are rounded before they are told, not after: who tells them again tells the very same.
"""

import itertools
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from server.app import administration
from server.cli import main
from server.config import Settings
from signaling.media.adaptation.downlink import Decision, Downlink
from signaling.media.adaptation.line import RoundTrip, Sign
from signaling.media.adaptation.shedding import Shown
from signaling.media.port import ClientStats
from signaling.media.sfu import viewing
from tests.e2e.product import Product, another_node
from tests.recorded_line import Decided, Heard, Viewing, events, lines_of

NAME = "node-telling"


class TellingDownlink(Downlink):
    """The product's own, whose time begins with it."""

    folder = Path()
    _numbers = itertools.count()

    def __init__(self, now_s: float) -> None:
        super().__init__(0.0)
        self._began_s = now_s
        self._file = (self.folder / f"{next(self._numbers):03}.jsonl").open("w", buffering=1)
        self._file.write(f"{now_s:.3f}\n")

    def sign(self, sign: Sign, now_s: float) -> bool:
        heard = Heard(self._at_s(now_s), rounded(sign))
        self._write(heard)
        return super().sign(heard.sign, heard.at_s)

    def decide(self, now_s: float, shown: Sequence[Shown], audio_bps: int) -> Decision:
        at_s, told, audio_bps = self._at_s(now_s), tuple(map(measured, shown)), round(audio_bps, -3)
        decision = super().decide(at_s, told, audio_bps)
        self._write(Decided(at_s, told, audio_bps, decision.layers))
        return decision

    def _at_s(self, now_s: float) -> float:
        return round(now_s - self._began_s, 3)

    def _write(self, event: Heard | Decided) -> None:
        self._file.writelines(f"{line}\n" for line in lines_of([event]))


def rounded(sign: Sign) -> Sign:
    """With no more digits than mean something."""
    match sign:
        case RoundTrip(seconds):
            return RoundTrip(round(seconds, 3))
        case ClientStats(seconds, loss, rtt_s, freezes, buffer_s):
            short = [None if each is None else round(each, 3) for each in (loss, rtt_s, buffer_s)]
            return ClientStats(round(seconds, 3), short[0], short[1], freezes, short[2])
        case _:
            return sign


def measured(shown: Shown) -> Shown:
    """With bitrates of whole kilobits."""
    layers = (replace(layer, bitrate_bps=round(layer.bitrate_bps, -3)) for layer in shown.layers)
    return replace(shown, layers=tuple(layers))


@asynccontextmanager
async def telling_node(product: Product, folder: Path) -> AsyncIterator[None]:
    """Such a node takes all rooms of the product that are opened from now on."""
    settings = Settings(data_dir=product.data_dir)
    async with another_node(product, NAME, "-m", "tests.telling_node", str(folder)):
        await administration.drain_node(settings, "node-0", wanted=True)
        yield


def told(folder: Path) -> list[tuple[float, Viewing]]:
    """What such a node wrote, one connection after the other, and when each began by the machine's monotonic clock."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        began_s, *lines = path.read_text().splitlines()
        found.append((float(began_s), Viewing(0.0, list(events(lines)))))
    return found


if __name__ == "__main__":
    TellingDownlink.folder = Path(sys.argv.pop(1))
    sys.argv.append("node")
    with patch.object(viewing, "Downlink", TellingDownlink):
        main()
