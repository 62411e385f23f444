"""From RTP time to the node's wall clock. Pure.

Sender reports (RFC 3550 6.4.1) tie a stream to its sender's clock, which mic and camera of one browser share; the
fastest packets tie that clock to the node's. Between two reports time is stretched, never stepped.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

WINDOW_NS = 30_000_000_000  # delays are compared with those of reports this near
SAME_CLOCK_NS = 300_000_000  # offsets further apart belong to different clocks: the person changed the device
BREAK_NS = 200_000_000  # a stream whose time stood still or jumped by more than this is not stretched


class ReportTime(NamedTuple):
    """A sender report: RTP time, the sender's clock and the time of arrival."""

    rtp_time: int
    sender_ns: int
    arrived_ns: int


class Knot(NamedTuple):
    """At this RTP time it was this wall time."""

    rtp_time: int
    wall_ns: int


def ntp_to_ns(ntp_time: int) -> int:
    """64-bit NTP time as nanoseconds since 1900."""
    return ntp_time * 1_000_000_000 >> 32


class SenderClock:
    """One browser's clock against the node's, from the reports of all its streams."""

    def __init__(self, reports: Iterable[ReportTime]) -> None:
        self._seen = sorted((report.arrived_ns, report.arrived_ns - report.sender_ns) for report in reports)

    def wall_ns(self, report: ReportTime) -> int:
        """When the report was made: its delay beyond the shortest seen nearby is taken off."""
        first = bisect_left(self._seen, (report.arrived_ns - WINDOW_NS,))
        last = bisect_right(self._seen, (report.arrived_ns + WINDOW_NS, 0))
        own = report.arrived_ns - report.sender_ns
        near = (offset for _, offset in self._seen[first:last] if abs(offset - own) <= SAME_CLOCK_NS)
        return report.sender_ns + min(near, default=own)


class StreamClock:
    """Wall time of one stretch of one stream. `knots` are sorted; at least one."""

    def __init__(self, knots: Sequence[Knot], clock_rate_hz: int) -> None:
        self._knots, self._rate_hz = list(knots), clock_rate_hz
        self._rtp_times = [knot.rtp_time for knot in knots]

    def wall_ns(self, rtp_time: int, arrived_ns: int) -> int:
        """When what this RTP time stands for was captured. `arrived_ns` decides where the stream's time broke."""
        after = bisect_right(self._rtp_times, rtp_time)
        if after == 0:
            return self._from(self._knots[0], rtp_time)
        if after == len(self._knots):
            return self._from(self._knots[-1], rtp_time)
        left, right = self._knots[after - 1], self._knots[after]
        nominal = self._from(left, right.rtp_time)
        if abs(nominal - right.wall_ns) > BREAK_NS:
            candidates = (self._from(left, rtp_time), self._from(right, rtp_time))
            return min(candidates, key=lambda wall_ns: abs(arrived_ns - wall_ns))
        share = (rtp_time - left.rtp_time) / (right.rtp_time - left.rtp_time)
        return left.wall_ns + round(share * (right.wall_ns - left.wall_ns))

    def _from(self, knot: Knot, rtp_time: int) -> int:
        return knot.wall_ns + (rtp_time - knot.rtp_time) * 1_000_000_000 // self._rate_hz


def stream_clock(
    reports: Sequence[ReportTime], fastest: Sequence[Knot], sender: SenderClock, clock_rate_hz: int
) -> StreamClock:
    """The clock of one stretch: by its sender reports, or where it has none by the arrival of its fastest packets."""
    knots = [Knot(report.rtp_time, sender.wall_ns(report)) for report in reports] or list(fastest)
    return StreamClock(sorted(knots), clock_rate_hz)
