"""Who gets what of a line that is too narrow for all: a ladder of steps, climbed as far as a bitrate reaches. Pure.

Nobody is taken away while somebody else could be made smaller, but for the interpreter: hands need a picture of some
size to be read, so the second step of an interpreter comes before a shared screen and before other cameras.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from signaling.media.port import SeatId, Source, TrackId

ENOUGH_OF_HEIGHT = 0.75  # of the height shown; the layer above would be four times the pixels


class Role(IntEnum):
    """Why a picture is shown; the smaller, the longer it is kept."""

    INTERPRETER = 0  # marked by a host: signs or speaks for others, somebody's only way to follow
    SPEAKER = 1  # who speaks
    SHARE = 2  # a screen or a window
    CAMERA = 3  # everybody else


def role_of(
    seat: SeatId, source: Source, viewer: SeatId, interpreters: Collection[SeatId], lately: Iterable[SeatId]
) -> Role:
    """Why a seat's picture is shown to the viewer; `lately` are those who speak or have spoken, the last first.

    One's own voice makes nobody else's picture less.
    """
    if source is Source.SCREEN:
        return Role.SHARE
    if seat in interpreters:
        return Role.INTERPRETER
    speaker = next((each for each in lately if each != viewer), None)
    return Role.SPEAKER if seat == speaker else Role.CAMERA


@dataclass(frozen=True, slots=True)
class LayerRate:
    """One layer in which a picture can be had, and what it costs."""

    index: int  # the feed's own; larger is better
    bitrate_bps: int  # measured; while it is not sent, what it may be
    height: int  # pixels


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture that a viewer wants, and how it is shown."""

    track: TrackId
    role: Role
    height: int  # pixels it is shown in
    visible: bool
    priority: int  # within the role; larger is kept longer
    layers: tuple[LayerRate, ...]  # what its publisher may send, smallest first; empty while it is not live


class Step(NamedTuple):
    """One picture opened (level 0), or made better by one layer."""

    track: TrackId
    rank: int  # 0 is the picture that is kept longest
    level: int
    layer: int  # its index
    cost_bps: int  # more than the step below
    price_bps: int  # all of it


@dataclass(frozen=True, slots=True)
class Allotment:
    """What fits, and what did not."""

    given: dict[TrackId, Step]
    missed: tuple[Step, ...]  # the most important first
    used_bps: int

    @property
    def layers(self) -> dict[TrackId, int]:
        """The indices of the layers given."""
        return {track: step.layer for track, step in self.given.items()}


def ladder(shown: Sequence[Shown]) -> list[Step]:
    """Every step of every visible picture up to the height it is shown in, the most important first."""
    ranked = sorted(shown, key=lambda each: (each.role, -each.priority, each.track))
    placed = [
        (_place(each.role, step.level), step)
        for rank, each in enumerate(ranked)
        if each.visible
        for step in _steps(each, rank)
    ]
    return [step for _place_of_step, step in sorted(placed)]


def _place(role: Role, level: int) -> tuple[int, int]:
    if role is Role.INTERPRETER and level == 1:
        return 0, 2 * Role.SPEAKER + 1
    return level, 2 * role


def _steps(shown: Shown, rank: int) -> list[Step]:
    steps: list[Step] = []
    below_bps = 0
    for level, layer in enumerate(layers_worth_showing(shown)):
        price_bps = max(layer.bitrate_bps, below_bps)
        steps.append(Step(shown.track, rank, level, layer.index, price_bps - below_bps, price_bps))
        below_bps = price_bps
    return steps


def layers_worth_showing(shown: Shown) -> list[LayerRate]:
    """The layers up to the first height that is enough; frame-rate layers of that height all count."""
    tall_enough = [layer.height for layer in shown.layers if layer.height >= ENOUGH_OF_HEIGHT * shown.height]
    tallest = min(tall_enough, default=max((layer.height for layer in shown.layers), default=0))
    return [layer for layer in shown.layers if layer.height <= tallest]


def allot(steps: Sequence[Step], budget_bps: float, opening_bps: float = 0) -> Allotment:
    """Climb as far as the budget reaches; pictures are opened as far as `opening_bps`, if that is further."""
    limits_bps = max(budget_bps, opening_bps), budget_bps
    return _climb(steps, lambda step, used_bps: used_bps + step.cost_bps <= limits_bps[step.level > 0])


def keep(steps: Sequence[Step], layers: Mapping[TrackId, int]) -> Allotment:
    """What was decided before, as far as it is still there."""
    return _climb(steps, lambda step, _used_bps: step.layer <= layers.get(step.track, -1))


def _climb(steps: Sequence[Step], takes: Callable[[Step, int], bool]) -> Allotment:
    """Below a picture that misses a step, others may still be opened, but not made better."""
    given: dict[TrackId, Step] = {}
    missed: list[Step] = []
    used_bps, no_better_from = 0, len(steps)
    for step in steps:
        if step.level != (given[step.track].level + 1 if step.track in given else 0):
            continue  # the step below is not there
        if step.level > 0 and step.rank > no_better_from:
            continue
        if takes(step, used_bps):
            used_bps += step.cost_bps
            given[step.track] = step
        else:
            missed.append(step)
            no_better_from = min(no_better_from, step.rank)
    return Allotment(given, tuple(missed), used_bps)
