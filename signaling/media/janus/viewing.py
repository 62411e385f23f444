"""Which layers one seat is sent of what others publish: as large as it shows them, as far as its line carries it. Pure.

Janus tells nothing of a viewer's line. What its client counts does; until it has counted, and for clients that never
do, only what is shown decides. Janus tells no bitrates either: a layer counts for what it may send at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from signaling.media.adaptation.downlink import VOICE_BPS, Downlink
from signaling.media.adaptation.shedding import Shown, layers_worth_showing
from signaling.media.port import ClientStats, TrackId


@dataclass(slots=True)
class Viewing:
    """One down connection's choice of layers."""

    layers: dict[TrackId, int | None] = field(default_factory=dict)  # of each picture, the smallest is 0; None for off
    paused: tuple[TrackId, ...] = ()  # visible pictures that the line does not carry now
    _downlink: Downlink | None = None

    def on_client_stats(self, stats: ClientStats, now_s: float) -> None:
        """What the client counted."""
        if self._downlink is None:
            sent = {track: layer for track, layer in self.layers.items() if layer is not None}
            self._downlink = Downlink(now_s, sent)
        self._downlink.sign(stats, now_s)

    def decide(self, shown: Sequence[Shown], now_s: float) -> bool:
        """Look again at what the seat is to see; whether that has changed."""
        before = self.layers
        if self._downlink is None:
            self.layers = {each.track: _largest(each) for each in shown}
        else:
            self.layers = self._downlink.decide(now_s, shown, VOICE_BPS).layers  # mostly one speaks
            off = tuple(each.track for each in shown if each.visible and self.layers[each.track] is None)
            self.paused = off if self._downlink.fits_bps < float("inf") else ()  # else they are only not opened yet
        return self.layers != before


def _largest(shown: Shown) -> int | None:
    return layers_worth_showing(shown)[-1].index if shown.visible else None
