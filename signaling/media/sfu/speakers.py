"""Who speaks, from the level that browsers write beside each packet of sound (RFC 6464). Pure; nothing is decoded."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from signaling.media.port import SeatId

SILENCE_DBOV = 127  # levels count downwards from full scale: 0 is loudest
SPEAKS_BELOW_DBOV = 50
SMOOTHING_S = 0.28
PACKET_S = 0.02
HOLD_S = 2.0  # pauses shorter than this are part of speech
# Pictures are chosen by who is loudest. People who speak at once are that in turn, word by word; so one takes over from
# another only by what nobody would call equally loud (twice the pressure), for longer than a word or two last.
LOUDER_BY_DB = 6
TAKES_OVER_AFTER_S = 1.0

_NEVER_S = float("-inf")


@dataclass(slots=True)
class _Voice:
    """One seat's smoothed level and when it last was loud enough."""

    level_dbov: float = SILENCE_DBOV
    heard_s: float = _NEVER_S
    spoke_s: float = _NEVER_S


class Speakers:
    """The voices of one call."""

    def __init__(self) -> None:
        self._voices: dict[SeatId, _Voice] = {}
        self._told: tuple[SeatId, ...] = ()
        self._louder_s: dict[tuple[SeatId, SeatId], float] = {}  # since when the one is louder than the other
        self.lately: Sequence[SeatId] = ()  # who has ever spoken: who does now, loudest first; then the latest first

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
        self.lately = [each for each in self.lately if each != seat]

    def change(self, now_s: float) -> Sequence[SeatId] | None:
        """Who speaks now, loudest first; None while it is the same people in the same order."""
        speaking = {seat: voice for seat, voice in self._voices.items() if now_s - voice.spoke_s < HOLD_S}
        self._compare(speaking, now_s)
        ranked = tuple(self._ranked(speaking, now_s))
        before = [seat for seat, voice in self._voices.items() if seat not in speaking and voice.spoke_s > _NEVER_S]
        self.lately = [*ranked, *sorted(before, key=lambda seat: -self._voices[seat].spoke_s)]
        if ranked == self._told:
            return None
        self._told = ranked
        return ranked

    def _compare(self, speaking: Mapping[SeatId, _Voice], now_s: float) -> None:
        self._louder_s = {
            (loud, soft): self._louder_s.get((loud, soft), now_s)
            for loud, soft in permutations(speaking, 2)
            if speaking[loud].level_dbov + LOUDER_BY_DB <= speaking[soft].level_dbov
        }

    def _ranked(self, speaking: Mapping[SeatId, _Voice], now_s: float) -> list[SeatId]:
        """As before, but for who has long been louder than those before; who has just begun comes behind them."""
        begun = sorted(speaking.keys() - set(self._told), key=lambda seat: (speaking[seat].level_dbov, seat))
        ranked: list[SeatId] = []
        for seat in [*(seat for seat in self._told if seat in speaking), *begun]:
            place = len(ranked)
            while place and now_s - self._louder_s.get((seat, ranked[place - 1]), now_s) >= TAKES_OVER_AFTER_S:
                place -= 1
            ranked.insert(place, seat)
        return ranked
