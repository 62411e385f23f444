"""Chat lines and raised hands. Durable part of the state."""

from dataclasses import dataclass, field
from datetime import datetime

from signaling.call.facts import ChatMarked, ChatSaid, Fact, Hand, PresenceChanged
from signaling.call.seating import IN_ROOM
from signaling.media.port import SeatId
from signaling.messages.shapes import Channel

MAX_LINES = 2000


@dataclass
class Line:
    """One chat line."""

    id: str
    seat: SeatId
    to: Channel
    text: str
    at: datetime
    marked: bool = False


@dataclass
class Talk:
    """Chat lines by id in the order said, and since when hands are up."""

    lines: dict[str, Line] = field(default_factory=dict)
    hands: dict[SeatId, datetime] = field(default_factory=dict)

    def apply(self, fact: Fact) -> None:
        """Take in what was said or raised."""
        match fact:
            case ChatSaid():
                self.lines[fact.id] = Line(fact.id, fact.seat, fact.to, fact.text, fact.at)
            case ChatMarked():
                self.lines[fact.id].marked = fact.marked
            case Hand(raised=True):
                self.hands[fact.seat] = fact.at
            case Hand():
                self.hands.pop(fact.seat, None)
            case PresenceChanged() if fact.state not in IN_ROOM:
                self.hands.pop(fact.seat, None)
