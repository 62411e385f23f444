"""How much of a sound its listeners lose, so that its encoder protects it as the worst of them needs. Pure.

An Opus encoder writes forward error correction (RFC 6716 2.1.7) only when its receiver reports loss, and its receiver
is this node, whose own line may be perfect. What is reported here never hides a loss: it only adds what listeners said.
"""

MAX_FRACTION = 51  # of 256, 20 %: above it error correction costs more than it saves
KEPT_S = 12.0  # browsers report on sound every 5 s; two reports may be lost


class ViewersLoss:
    """The newest reports on one track."""

    def __init__(self) -> None:
        self._reports: dict[int, tuple[float, int]] = {}  # viewer -> when, fraction

    def report(self, viewer: int, fraction_lost: int, now_s: float) -> None:
        """A viewer lost this much, of 256, since its last report."""
        self._reports[viewer] = (now_s, fraction_lost)
        self._reports = {v: told for v, told in self._reports.items() if now_s - told[0] < KEPT_S}

    def of(self, viewer: int, now_s: float) -> float | None:
        """The share that one viewer lost by its newest report; None if that is old, or there is none."""
        told_s, fraction = self._reports.get(viewer, (float("-inf"), 0))
        return fraction / 256 if now_s - told_s < KEPT_S else None

    def worst(self, own_fraction: int, now_s: float) -> int:
        """What to report to the publisher: our own loss, or up to `MAX_FRACTION` that of the worst viewer."""
        viewers = [fraction for told_s, fraction in self._reports.values() if now_s - told_s < KEPT_S]
        return max(own_fraction, min(MAX_FRACTION, max(viewers, default=0)))
