"""When each packet of a connection arrived, told to its sender, whose congestion control works with it. Pure.

A line that carried nothing for a while was cut. What was lost then is not told, for the sender would take it for a line
that is full, and send next to nothing for seconds after it is back; it takes what it is never told of off its books.

draft-holmer-rmcat-transport-wide-cc-extensions-01: every packet of every m-line carries one common number in a header
extension; our RTCP feedback lists which numbers came and when (`transport_feedback.py`).
"""

from array import array
from collections.abc import Iterator

from signaling.media.sfu.transport_feedback import TICKS_PER_S, FeedbackPart

TRANSPORT_CC_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
SPAN = 1024  # numbers remembered: 2 s of 5 Mbit/s; whatever is further apart is a new beginning

CUT_AFTER_S = 0.5  # without any packet: what is missing then was cut off, and to send less would not mend it

_NOTHING = -1 << 40


class Arrivals:
    """The arrivals of one connection, and the feedback packets they become."""

    def __init__(self) -> None:
        self._numbers = array("q", [_NOTHING] * SPAN)  # unwrapped: cycles above, the 16 bits of the packet below
        self._ticks = array("q", [0] * SPAN)
        self._highest: int | None = None
        self._first = 0  # the next feedback begins here
        self._begun = _NOTHING  # nothing before this is told of any more
        self._newest_s = 0.0
        self._ssrc = 0  # of the newest packet: a browser reads only feedback on a stream that it sends
        self._any = False  # something came since the last feedback
        self._count = 0  # feedback packets so far

    def record(self, sequence: int, ssrc: int, arrived_s: float) -> None:
        """One packet came with this transport-wide number."""
        if self._highest is None:
            self._highest = self._first = sequence
        number = self._highest + ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if number < self._begun or number <= self._highest - SPAN or self._numbers[number % SPAN] == number:
            return  # too old to be of use, or a duplicate
        if number >= self._highest + SPAN or (number > self._first > self._highest and self._is_cut(arrived_s)):
            self._first = self._begun = number
        self._numbers[number % SPAN], self._ticks[number % SPAN] = number, round(arrived_s * TICKS_PER_S)
        self._highest = max(self._highest, number)
        # One that changed places was told missing; it is told again, with all that followed it.
        self._first = max(min(self._first, number), self._highest - SPAN + 1)
        self._ssrc, self._any, self._newest_s = ssrc, True, arrived_s

    def _is_cut(self, arrived_s: float) -> bool:
        return arrived_s - self._newest_s > CUT_AFTER_S

    def feedback(self, sender_ssrc: int) -> list[bytes]:
        """What came since the last call, oldest first; nothing if nothing came. Called every 50 to 100 ms."""
        if self._highest is None or not self._any:
            return []
        parts = list(self._parts(self._first, self._highest))
        first, self._count = self._count, self._count + len(parts)
        self._first, self._any = self._highest + 1, False
        return [part.packet(sender_ssrc, self._ssrc, first + place) for place, part in enumerate(parts)]

    def _parts(self, first: int, last: int) -> Iterator[FeedbackPart]:
        """One part, or several where a packet is full or a pause is too long to be written."""
        part = FeedbackPart(first)
        for number in range(first, last + 1):
            slot = number % SPAN
            if self._numbers[slot] != number:
                part.miss()
            elif not part.add(self._ticks[slot]):
                yield part
                part = FeedbackPart(number)
                part.add(self._ticks[slot])
        yield part
