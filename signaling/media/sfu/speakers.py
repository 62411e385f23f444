"""Who speaks, from the level that browsers write beside each packet of sound (RFC 6464). Pure; nothing is decoded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from signaling.media.port import SeatId

SILENCE_DBOV = 127  # levels count downwards from full scale: 0 is loudest
SPEAKS_BELOW_DBOV = 50
SMOOTHING_S = 0.28
PACKET_S = 0.02
HOLD_S = 2.0  # pauses shorter than this are part of speech


@dataclass(slots=True)
class _Voice:
    """One seat's smoothed level and when it last was loud enough."""

    level_dbov: float = SILENCE_DBOV
    heard_s: float = float("-inf")
    spoke_s: float = float("-inf")


class Speakers:
    """The voices of one call."""

    def __init__(self) -> None:
        self._voices: dict[SeatId, _Voice] = {}
        self._told: tuple[SeatId, ...] = ()

    @property
    def now(self) -> Sequence[SeatId]:
        """Who spoke when it was last asked whether that changed."""
        return self._told

    def heard(self, seat: SeatId, level_dbov: int, now_s: float) -> None:
        """One packet of a seat's microphone; `level_dbov` is 0 (loudest) to 127 (silence)."""
        voice = self._voices.setdefault(seat, _Voice())
        # In silence Opus sends a packet every 400 ms only (DTX), and each then stands for all that time. One after a
        # silence begins something: it counts for itself alone.
        elapsed_s = now_s - voice.heard_s if level_dbov > voice.level_dbov else PACKET_S
        voice.level_dbov += (level_dbov - voice.level_dbov) * -math.expm1(-elapsed_s / SMOOTHING_S)
        voice.heard_s = now_s
        if voice.level_dbov < SPEAKS_BELOW_DBOV:
            voice.spoke_s = now_s

    def forget(self, seat: SeatId) -> None:
        """The seat has no microphone any more."""
        self._voices.pop(seat, None)

    def change(self, now_s: float) -> Sequence[SeatId] | None:
        """Who speaks now, loudest first; None while it is the same people and the same one is loudest."""
        speaking = [seat for seat, voice in self._voices.items() if now_s - voice.spoke_s < HOLD_S]
        speaking.sort(key=lambda seat: self._voices[seat].level_dbov)
        if self._told[:1] == tuple(speaking[:1]) and set(self._told) == set(speaking):
            return None
        self._told = tuple(speaking)
        return self._told
