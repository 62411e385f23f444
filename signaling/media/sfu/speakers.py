"""Who speaks, from the level that browsers write beside each packet of sound (RFC 6464). Pure; nothing is decoded."""

from collections.abc import Sequence
from dataclasses import dataclass

from signaling.media.port import SeatId

SILENCE_DBOV = 127  # levels count downwards from full scale: 0 is loudest
SPEAKS_BELOW_DBOV = 50
SMOOTHING = 0.07  # per packet of 20 ms: about 300 ms
HOLD_S = 2.0  # pauses shorter than this are part of speech


@dataclass(slots=True)
class _Voice:
    """One seat's smoothed level and when it last was loud enough."""

    level_dbov: float = SILENCE_DBOV
    spoke_s: float = float("-inf")


class Speakers:
    """The voices of one call."""

    def __init__(self) -> None:
        self._voices: dict[SeatId, _Voice] = {}
        self._told: tuple[SeatId, ...] = ()

    def heard(self, seat: SeatId, level_dbov: int, now_s: float) -> None:
        """One packet of a seat's microphone; `level_dbov` is 0 (loudest) to 127 (silence)."""
        voice = self._voices.setdefault(seat, _Voice())
        voice.level_dbov += (level_dbov - voice.level_dbov) * SMOOTHING
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
