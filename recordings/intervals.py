"""Sorted, disjoint intervals of wall time in nanoseconds, half open. Pure."""

from collections.abc import Iterable
from typing import NamedTuple


class Interval(NamedTuple):
    """[start_ns, end_ns)."""

    start_ns: int
    end_ns: int

    @property
    def length_ns(self) -> int:
        """How long it is."""
        return self.end_ns - self.start_ns


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time, sorted and without overlaps or empty pieces."""
    joined: list[Interval] = []
    for interval in sorted(intervals):
        if interval.length_ns <= 0:
            continue
        if joined and interval.start_ns <= joined[-1].end_ns:
            joined[-1] = Interval(joined[-1].start_ns, max(joined[-1].end_ns, interval.end_ns))
        else:
            joined.append(interval)
    return joined


def intersection(one: Iterable[Interval], other: Iterable[Interval]) -> list[Interval]:
    """Time that is in both."""
    others = union(other)
    return union(Interval(max(a.start_ns, b.start_ns), min(a.end_ns, b.end_ns)) for a in union(one) for b in others)


def difference(one: Iterable[Interval], other: Iterable[Interval]) -> list[Interval]:
    """Time that is in `one` and not in `other`."""
    left = union(one)
    for hole in union(other):
        left = [
            piece
            for whole in left
            for piece in (
                Interval(whole.start_ns, min(whole.end_ns, hole.start_ns)),
                Interval(max(whole.start_ns, hole.end_ns), whole.end_ns),
            )
            if piece.length_ns > 0
        ]
    return left
