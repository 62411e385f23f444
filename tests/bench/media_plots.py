"""Curves as SVG, for the documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Curve:
    """One engine's figures."""

    name: str
    places: Sequence[tuple[float, float]]


def draw(
    path: Path,
    title: str,
    unit: str,
    curves: Sequence[Curve],
    *,
    labels: Sequence[str] | None = None,
    limit: float | None = None,
    across: str = "rooms",
) -> None:
    """Write one picture. With `labels` the places are bars under these names; else numbers of what `across` says."""
    import matplotlib as mpl  # only benches have it, and only where they draw
    from matplotlib import pyplot as plt

    mpl.use("svg")
    path.parent.mkdir(parents=True, exist_ok=True)
    mpl.rcParams.update({"svg.hashsalt": "ieum", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    for at, curve in enumerate(curves):
        at_x, up = zip(*curve.places, strict=True)
        if labels is None:
            axes.plot(at_x, up, marker="o", label=curve.name)
        else:
            axes.bar([place + 0.4 * at - 0.2 for place in at_x], up, width=0.38, label=curve.name)
    if labels is not None:
        axes.set_xticks(range(len(labels)), labels)
    else:
        axes.set_xlabel(across)
    if limit is not None:
        axes.axhline(limit, linestyle="--", linewidth=1, color="grey")
    axes.set(title=title, ylabel=unit, ylim=(0, None))
    axes.legend(frameon=False)
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
