"""Whose picture is shown where a screen has no room for all: who interprets, then who spoke last. Pure.

The same for everybody in the room, so that people see each other in one order. Who stays keeps the place: whoever comes
takes the place of who goes. Not journalled: after a restart the roster's order stands until somebody speaks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from signaling.call.spec import StageSpec
from signaling.media.port import SeatId


@dataclass
class Stage:
    """The seats shown on a narrow screen and on a wide one."""

    narrow: tuple[SeatId, ...] = ()
    wide: tuple[SeatId, ...] = ()
    _spoke: dict[SeatId, int] = field(default_factory=dict)  # larger is later
    _turns: int = 0

    def heard(self, speaking: Sequence[SeatId]) -> None:
        """These speak now, loudest first."""
        for seat in reversed(speaking):
            self._turns += 1
            self._spoke[seat] = self._turns

    def fill(self, sizes: StageSpec, present: Sequence[SeatId], interpreting: Collection[SeatId]) -> None:
        """Look again at who is to be shown. `present`: who is in the room, in the roster's order."""
        self.narrow = self._filled(self.narrow, sizes.narrow, present, interpreting)
        self.wide = self._filled(self.wide, sizes.wide, present, interpreting)

    def _filled(
        self, before: Sequence[SeatId], size: int, present: Sequence[SeatId], interpreting: Collection[SeatId]
    ) -> tuple[SeatId, ...]:
        def importance(seat: SeatId) -> tuple[bool, int, bool]:
            return seat not in interpreting, -self._spoke.get(seat, 0), seat not in before

        return placed(before, sorted(present, key=importance)[:size])


def placed(before: Sequence[SeatId], chosen: Sequence[SeatId]) -> tuple[SeatId, ...]:
    """`chosen` in order of their places: of `before` where they had one, else that of who goes, else at the end."""
    coming = iter([seat for seat in chosen if seat not in before])
    places = [seat if seat in chosen else next(coming, None) for seat in before]
    return (*(seat for seat in places if seat is not None), *coming)
