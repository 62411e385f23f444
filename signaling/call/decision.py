"""What a decision is.

The facts it makes, what else is to be done, and how connections change. Making one changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from signaling.call.effects import Effect
from signaling.call.facts import Fact


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Decision:
    """`change` is called once the decision stands, before the facts are applied."""

    facts: list[Fact] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    change: Callable[[], None] = _nothing
