"""The course of the conversation.

Agenda marks, clock, bookmarks, next steps, the shown page, warnings. Durable part of the state.
"""

from dataclasses import dataclass, field
from datetime import datetime

from signaling.call.facts import (
    AgendaMarked,
    Bookmarked,
    ClockChanged,
    DocumentShown,
    Fact,
    NextStepAdded,
    NextStepRemoved,
    Warned,
)

MAX_BOOKMARKS = 500
MAX_NEXT_STEPS = 100


@dataclass
class Conduct:
    """What was marked, noted and shown, as the facts that said so."""

    marks: dict[str, AgendaMarked] = field(default_factory=dict)
    clock: ClockChanged | None = None
    bookmarks: dict[str, Bookmarked] = field(default_factory=dict)
    next_steps: dict[str, NextStepAdded] = field(default_factory=dict)
    shown: DocumentShown | None = None
    warned: Warned | None = None

    def apply(self, fact: Fact) -> None:
        """Take in what was marked."""
        match fact:
            case AgendaMarked():
                self.marks[fact.item] = fact
            case ClockChanged():
                self.clock = fact
            case Bookmarked():
                self.bookmarks[fact.id] = fact
            case NextStepAdded():
                self.next_steps[fact.id] = fact
            case NextStepRemoved():
                self.next_steps.pop(fact.id, None)
            case DocumentShown():
                self.shown = fact if fact.document else None
            case Warned():
                self.warned = fact

    def elapsed_s(self, now: datetime) -> float:
        """What the clock shows."""
        if self.clock is None:
            return 0.0
        since = (now - self.clock.at).total_seconds() if self.clock.running else 0.0
        return max(0.0, self.clock.elapsed_s + since)
