"""When a person is told that their line is weak: not for one bad moment, and not by turns. Pure.

A reading of a client covers some seconds and is bad, fine or neither. Two bad ones say "weak"; three fine ones without
a bad one between take it back.
"""

from dataclasses import dataclass

from signaling.messages.requests import MediaStats

WEAK_AFTER = 2  # bad readings one after the other: about eight seconds
GOOD_AFTER = 3  # fine ones
# A reading is bad above the first and fine below the second; between them nothing changes.
UP_LOSS_PERCENT = (5.0, 3.0)
HEARD_LOSS_PERCENT = (5.0, 3.0)
CONCEALED_PERCENT = (10.0, 6.0)
ROUND_TRIP_MS = (500.0, 400.0)
FREEZES_PER_MINUTE = (6.0, 3.0)  # one in a reading is bad


@dataclass(frozen=True, slots=True)
class Reading:
    """What one report says of its sender's own line; None where nothing is known."""

    up_loss_percent: float | None
    heard_loss_percent: float | None  # of what reached us whole
    concealed_percent: float | None  # likewise
    rtt_ms: float | None
    freezes_per_minute: float | None = None  # of the cameras that left whole, the steadiest

    def exceeds(self, level: int) -> bool:
        """Whether any figure is above its bad (0) or its fine (1) limit."""
        figures = (
            (self.up_loss_percent, UP_LOSS_PERCENT),
            (self.heard_loss_percent, HEARD_LOSS_PERCENT),
            (self.concealed_percent, CONCEALED_PERCENT),
            (self.rtt_ms, ROUND_TRIP_MS),
            (self.freezes_per_minute, FREEZES_PER_MINUTE),
        )
        return any(figure is not None and figure > limits[level] for figure, limits in figures)


@dataclass
class LineHint:
    """What one seat's readings have led to so far."""

    weak: bool = False
    reported: MediaStats | None = None  # the last one
    _in_a_row: int = 0  # readings that speak for the other answer

    def read(self, stats: MediaStats, reading: Reading) -> None:
        """One more report, and what it says of this line."""
        self.reported = stats
        bad, fine = reading.exceeds(0), not reading.exceeds(1)
        if self.weak:
            self._in_a_row = self._in_a_row + 1 if fine else 0 if bad else self._in_a_row
            changes = self._in_a_row >= GOOD_AFTER
        else:
            self._in_a_row = self._in_a_row + 1 if bad else 0
            changes = self._in_a_row >= WEAK_AFTER
        if changes:
            self.weak, self._in_a_row = not self.weak, 0
