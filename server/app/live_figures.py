"""What nodes told last of the lines in their calls, kept for the live board and for nothing else."""

import time
from collections.abc import Mapping

from signaling.frames import CallFigures, SeatFigures, SeatTracks

KEPT_FOR_S = 15.0  # nodes tell every three seconds
MAX_CALLS = 5_000


class LiveFigures:
    """In this web's memory only: every web hears every node, and what is lost is told again in a moment."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, CallFigures]] = {}

    def hear(self, frame: CallFigures) -> None:
        """Newer figures of a call. The oldest are forgotten."""
        now_s = time.monotonic()
        self._told.pop(frame.call, None)
        self._told[frame.call] = now_s, frame
        while self._told:
            call, (at_s, _) = next(iter(self._told.items()))
            if now_s - at_s < KEPT_FOR_S and len(self._told) <= MAX_CALLS:
                return
            del self._told[call]

    def of(self, call: str) -> Mapping[str, SeatFigures]:
        """By seat; nothing where nothing was told lately."""
        told = self._lately(call)
        return {figures.seat: figures for figures in told.seats} if told is not None else {}

    def tracks_of(self, call: str, seat: str) -> SeatTracks | None:
        """Of one seat; None where nothing was told lately."""
        told = self._lately(call)
        return next((each for each in told.tracks if each.seat == seat), None) if told is not None else None

    def _lately(self, call: str) -> CallFigures | None:
        at_s, told = self._told.get(call, (0.0, None))
        return told if time.monotonic() - at_s < KEPT_FOR_S else None
