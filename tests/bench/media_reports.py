"""What browsers say once a second of what comes to them: receiver reports and, with pictures, what their line carries.

Reports tell of the streams of which something came since the last one, and what was lost of them. No sender report is
looked at, so they tell no round trip.
"""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from signaling.media.sfu import rtcp

OWN_SSRC = 1  # as browsers have it where they send nothing
LINE_BPS = 50_000_000  # nobody's line is full: nothing is held back
LATER = 0x7FFF  # a number further on than this is an earlier one (RFC 3550 appendix A.1)
BEATS = 20  # in a second: not all speak at once


@dataclass(slots=True, eq=False)
class Hearing:
    """One stream as it comes to one seat."""

    ssrc: int
    is_picture: bool
    came: int = 0
    sequence: bytes = b"\0\0"  # of the latest packet
    _told: int = 0
    _highest: int = -1  # with cycles; -1: none was told
    _lost: int = 0

    def block(self) -> rtcp.ReportBlock | None:
        """What is to be told of it now; None when nothing came since this was last asked."""
        came, self._told = self.came - self._told, self.came
        if not came:
            return None
        lost = max(0, self._passed(came) - came)
        self._lost += lost
        return rtcp.ReportBlock(self.ssrc, 256 * lost // (came + lost), self._lost, self._highest, 0, 0, 0)

    def _passed(self, came: int) -> int:
        """How many were sent since then, by their numbers; of the first it is taken that all came."""
        latest = int.from_bytes(self.sequence)
        if self._highest < 0:
            self._highest = latest
            return came
        passed = (latest - self._highest) & 0xFFFF
        if passed > LATER:  # the latest packet came out of order
            return came
        self._highest += passed
        return passed


def report(hearing: Sequence[Hearing], *, remb: bool) -> bytes:
    """One compound packet; with `remb` it says how much the line carries where a picture came."""
    blocks = {one: block for one in hearing if (block := one.block())}
    pictures = [one.ssrc for one in blocks if one.is_picture]
    packet = rtcp.receiver_report(OWN_SSRC, list(blocks.values()))
    return packet + rtcp.bandwidth(OWN_SSRC, LINE_BPS, pictures) if remb and pictures else packet


class Reporting(Protocol):
    """Who has a connection on which something may come."""

    def report(self) -> None:
        """Say it once."""


async def report_for_ever(bots: Sequence[Reporting]) -> None:
    """Each of these once a second, also those who are added meanwhile."""
    began_s = time.monotonic()
    for beat in itertools.count():
        for bot in bots[beat % BEATS :: BEATS]:
            bot.report()
        await asyncio.sleep(max(0.0, began_s + (beat + 1) / BEATS - time.monotonic()))
