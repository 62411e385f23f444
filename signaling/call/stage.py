"""Whose face is shown where a screen has no room for all: who interprets, who hosts, and who has spoken lately. Pure.

The same for everybody in the room, so that people see each other in one order, and as calm as can be: only somebody who
speaks takes a place, only of somebody who has long been silent, and nobody else moves. A host is looked for at any
moment, so that one has a place as soon as one is there. Not journalled: after a restart
the roster's order stands until somebody speaks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from signaling.call.spec import StageSpec
from signaling.media.port import SeatId

KEEPS_PLACE = timedelta(seconds=8)  # after the last word: those who talk with each other stay in sight


@dataclass
class Stage:
    """The seats shown on a narrow screen and on a wide one."""

    narrow: tuple[SeatId, ...] = ()
    wide: tuple[SeatId, ...] = ()
    speaking: tuple[SeatId, ...] = ()  # loudest first
    _spoke: dict[SeatId, datetime] = field(default_factory=dict)

    def heard(self, speaking: Sequence[SeatId], now: datetime) -> None:
        """These speak from now on, loudest first."""
        self._note(now)
        self.speaking = tuple(speaking)

    def fill(
        self, sizes: StageSpec, present: Sequence[SeatId], always: Sequence[Collection[SeatId]], now: datetime
    ) -> None:
        """Look again at who is to be shown. `present`: who is in the room, in the roster's order.

        `always`: who has a place whoever speaks, the most important first.
        """
        self._note(now)
        self.narrow = self._filled(self.narrow, sizes.narrow, present, always, now)
        self.wide = self._filled(self.wide, sizes.wide, present, always, now)

    def _note(self, now: datetime) -> None:
        self._spoke |= dict.fromkeys(self.speaking, now)

    def _filled(
        self,
        before: Sequence[SeatId],
        size: int,
        present: Sequence[SeatId],
        always: Sequence[Collection[SeatId]],
        now: datetime,
    ) -> tuple[SeatId, ...]:
        def less_important(seat: SeatId) -> tuple[int, bool, bool, bool, timedelta]:
            silent = now - self._spoke.get(seat, datetime.min.replace(tzinfo=now.tzinfo))
            has = seat in before
            keeps = has and silent < KEEPS_PLACE
            rank = next((rank for rank, seats in enumerate(always) if seat in seats), len(always))
            return rank, not keeps, has or seat not in self.speaking, not has, silent

        return placed(before, sorted(present, key=less_important)[:size])


def placed(before: Sequence[SeatId], chosen: Sequence[SeatId]) -> tuple[SeatId, ...]:
    """`chosen` in order of their places: of `before` where they had one, else that of who goes, else at the end."""
    coming = iter([seat for seat in chosen if seat not in before])
    places = [seat if seat in chosen else next(coming, None) for seat in before]
    return (*(seat for seat in places if seat is not None), *coming)
