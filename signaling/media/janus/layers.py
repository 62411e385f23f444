"""What Janus has to be told of the layers a seat is sent, and which layers a publisher has to encode. Pure.

Janus goes to a smaller layer by itself when one falls silent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

KEPT_WARM_S = 5.0  # what nobody sees any more


@dataclass(frozen=True, slots=True)
class Choice:
    """How one track is sent to one seat."""

    send: bool
    substream: int | None  # index of the layer, smallest first; None where there is one stream only


@dataclass(slots=True)
class WatchedLayers:
    """Which layers of one simulcast track somebody sees; one is kept for a while after the last viewer left it."""

    _seen_s: dict[int, float] = field(default_factory=dict)

    def of(self, rids: Sequence[str], chosen: Iterable[int], now_s: float) -> tuple[str, ...]:
        """Names of the layers to encode. The smallest always, so that there is a picture at once."""
        self._seen_s.update(dict.fromkeys((0, *chosen), now_s))
        return tuple(rid for index, rid in enumerate(rids) if self._is_warm(index, now_s))

    def _is_warm(self, index: int, now_s: float) -> bool:
        return now_s - self._seen_s.get(index, float("-inf")) <= KEPT_WARM_S


@dataclass(slots=True)
class WatchedPicture:
    """Whether somebody sees a picture in one size; it counts as seen for a while after the last viewer left it."""

    _seen_s: float | None = None

    def rests(self, seen: bool, now_s: float) -> bool:
        """Whether nothing of it need be encoded."""
        if seen or self._seen_s is None:
            self._seen_s = now_s
        return now_s - self._seen_s > KEPT_WARM_S


def changed(before: Mapping[str, Choice], now: Mapping[str, Choice]) -> list[dict[str, object]]:
    """What Janus has to be told, by the m-line that carries it."""
    return [_told(mid, choice) for mid, choice in now.items() if before.get(mid) != choice]


def _told(mid: str, choice: Choice) -> dict[str, object]:
    told: dict[str, object] = {"mid": mid, "send": choice.send}
    return told if choice.substream is None else {**told, "substream": choice.substream}
