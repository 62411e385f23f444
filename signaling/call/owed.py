"""What the engine said to one seat and still holds: said again when the seat comes back. Pure, never journalled.

The engine says each thing once. What is said while the seat is away goes nowhere, and so does what is said into a
connection that is dying and not yet known to be dead.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from signaling.media.port import PeerConnection
from signaling.messages.pushes import DownOffer, DownPaused, MediaResetNeeded, UpLimit
from signaling.messages.shapes import Message


@dataclass
class Owed:
    """The newest of each kind, as long as it holds."""

    resets: set[PeerConnection] = field(default_factory=set)  # given up by the engine, not yet built anew
    limits: dict[str, UpLimit] = field(default_factory=dict)  # by mid
    paused: DownPaused | None = None
    offer: DownOffer | None = None  # not answered yet

    def note(self, said: Message) -> None:
        """The engine said this."""
        match said:
            case MediaResetNeeded():
                self.forget(said.pc)
                self.resets.add(said.pc)
            case UpLimit():
                self.limits[said.mid] = said
            case DownPaused():
                self.paused = said
            case DownOffer():
                self.offer = said

    def published(self, mids: Collection[str]) -> None:
        """The client offered on `up`: exactly these m-lines send."""
        self.resets.discard(PeerConnection.UP)
        self.limits = {mid: limit for mid, limit in self.limits.items() if mid in mids}

    def answered(self, neg: int) -> None:
        """The client answered a down-offer; whoever has the newest has also heard of the reset before it."""
        if self.offer is not None and self.offer.neg == neg:
            self.offer = None
            self.resets.discard(PeerConnection.DOWN)

    def forget(self, pc: PeerConnection) -> None:
        """This peer connection is built anew: what was said of the one before holds no longer."""
        self.resets.discard(pc)
        if pc is PeerConnection.UP:
            self.limits = {}
        else:
            self.paused = self.offer = None

    def again(self) -> Iterator[tuple[str, Message]]:
        """All of it as pushes: what is to be built anew first."""
        for pc in sorted(self.resets, reverse=True):
            yield "media.reset", MediaResetNeeded(pc=pc)
        for limit in self.limits.values():
            yield "up.limit", limit
        if self.paused is not None:
            yield "down.paused", self.paused
        if self.offer is not None:
            yield "down.offer", self.offer
