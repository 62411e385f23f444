"""Who was in the room, and which tracks might be written, as intervals of wall time from the facts of a call. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from recordings.facts import Fact, of_kind, over_at_ns, wall_ns
from recordings.intervals import Interval, union
from signaling.media.port import SeatId, Source, TrackId

_IN_ROOM = ("connected", "reconnecting")
_CONSENT_ITEM = {
    Source.MIC: "sound",
    Source.SCREEN_AUDIO: "sound",
    Source.CAMERA: "picture",
    Source.SCREEN: "picture",
}


class History:
    """What the facts leave open ends with the call, or at `end_ns` if that is later."""

    def __init__(self, facts: Sequence[Fact], end_ns: int = 0) -> None:
        self._facts = facts
        self._end_ns = max(end_ns, over_at_ns(facts))
        self._presence: defaultdict[SeatId, list[Fact]] = defaultdict(list)
        for fact in of_kind(facts, "presence"):
            self._presence[SeatId(fact.text("seat"))].append(fact)

    @property
    def seats(self) -> list[SeatId]:
        """Everybody who was in the room at some time, in the order of arrival."""
        arrived = {seat: self.in_room(seat) for seat in self._presence}
        return sorted((seat for seat in arrived if arrived[seat]), key=lambda seat: arrived[seat][0])

    def in_room(self, seat: SeatId) -> list[Interval]:
        """When this seat's person was in the room, the line up or down for a moment."""
        return self._while(self._presence[seat], lambda fact: fact.text("state") in _IN_ROOM)

    def reconnecting(self, seat: SeatId) -> list[Interval]:
        """When this seat's line was down for a moment."""
        return self._while(self._presence[seat], lambda fact: fact.text("state") == "reconnecting")

    def restarting(self, seat: SeatId) -> list[Interval]:
        """When the node was down, or the seat not yet back after that."""
        down = [
            Interval(wall_ns(fact.text("from")), wall_ns(fact.text("to")))
            for fact in of_kind(self._facts, "recording_gap")
        ]
        back = self._while(
            self._presence[seat],
            lambda fact: (fact.text("state"), fact.text("cause")) == ("reconnecting", "node_restarted"),
        )
        return union([*down, *back])

    def permitted(self, track: TrackId) -> list[Interval]:
        """When the call let this track be written."""
        changes = of_kind(
            self._facts, "recording_started", "recording_changed", "recording_stopped", "recording_failed"
        )
        return self._while(changes, lambda fact: track in fact.data.get("tracks", ()))

    def withdrawn(self, seat: SeatId, source: Source) -> list[Interval]:
        """When consent to this source had been given and was taken back."""
        answers = [
            fact
            for fact in of_kind(self._facts, "consent_answered")
            if (fact.text("seat"), fact.text("item")) == (seat, _CONSENT_ITEM[source])
        ]
        return self._while(answers, lambda fact: fact.text("answer") == "withdrawn")

    def _while(self, changes: Iterable[Fact], holds: Callable[[Fact], bool]) -> list[Interval]:
        """From each change after which it holds to the next change."""
        changed = list(changes)
        ends = [*(fact.at_ns for fact in changed[1:]), self._end_ns]
        return union(Interval(fact.at_ns, end) for fact, end in zip(changed, ends, strict=False) if holds(fact))
