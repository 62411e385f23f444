"""What a recording holds on one wall clock: when it ran, what each track has, and why something is missing. Pure.

Made from the facts of the call and a survey of each track. The playable file, its chapters and the summary follow it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from recordings.clock import StreamClock
from recordings.facts import Fact, of_kind
from recordings.history import History
from recordings.intervals import Interval, difference, intersection, union
from recordings.survey import LOST_HOLE_NS, SILENT_HOLE_NS, Survey, sender_clock
from signaling.media.port import SeatId, Source, TrackId, track_id

TOLD_GAP_NS = 1_000_000_000  # shorter ones are the time it takes to begin
_SLIVER_NS = LOST_HOLE_NS // 2  # what is left of a gap when another cause has explained the rest
_LAST_NS = 20_000_000  # what the last packet of a span lasts


class Cause(StrEnum):
    """Why nothing was recorded of a track although its person was in the room."""

    NOT_GRANTED = "not_granted"  # the person had not agreed
    WITHDRAWN = "withdrawn"  # the person had taken the agreement back
    NOT_SENT = "not_sent"  # muted, camera off, or nothing to send
    NETWORK = "network"  # packets did not arrive
    NODE_RESTARTED = "node_restarted"  # the node was killed and came back
    DISK = "disk"  # the disk was too slow or full
    PART_MISSING = "part_missing"  # a part of the recording is not there or cannot be read


@dataclass(frozen=True, slots=True)
class Gap:
    """Time in which a track of somebody present was not recorded."""

    track: TrackId
    interval: Interval
    cause: Cause


@dataclass(frozen=True, slots=True)
class Timeline:
    """`takes`: when the recording ran. Positions in the playable file count takes only, one after the other.

    `by_arrival`: tracks that were placed in time by when their packets came, for want of their sender's reports. They
    are less exact: within 150 ms of the others.
    """

    takes: tuple[Interval, ...]
    spans: Mapping[TrackId, tuple[Interval, ...]]
    gaps: tuple[Gap, ...]
    by_arrival: frozenset[TrackId] = frozenset()

    @property
    def duration_s(self) -> float:
        """Of the playable file."""
        return sum(take.length_ns for take in self.takes) / 1e9

    def position_s(self, at_ns: int) -> float | None:
        """Where this moment is in the playable file; None where the recording did not run."""
        passed_ns = 0
        for take in self.takes:
            if take.start_ns <= at_ns <= take.end_ns:
                return (passed_ns + at_ns - take.start_ns) / 1e9
            passed_ns += take.length_ns
        return None

    def to_json(self) -> dict[str, object]:
        """Seconds in the playable file, for players: duration, spans and gaps by track; wall time for `restored`."""
        return {
            "duration_s": round(self.duration_s, 3),
            "tracks": [
                {
                    "track": track,
                    "aligned_by": "arrival" if track in self.by_arrival else "sender",
                    "spans": [self._positions(span) for span in spans],
                }
                for track, spans in self.spans.items()
            ],
            "gaps": [
                {"track": gap.track, "cause": gap.cause.value, **self._positions(gap.interval)} for gap in self.gaps
            ],
            "wall": {
                "takes": [list(take) for take in self.takes],
                "gaps": [[gap.track, *gap.interval, gap.cause.value] for gap in self.gaps],
            },
        }

    @classmethod
    def restored(cls, contents: Mapping[str, Any]) -> "Timeline":
        """From `to_json`: when it ran and what is missing why. The spans are not needed again."""
        wall = contents["wall"]
        gaps = (Gap(TrackId(track), Interval(start, end), Cause(cause)) for track, start, end, cause in wall["gaps"])
        return cls(tuple(Interval(*take) for take in wall["takes"]), {}, tuple(gaps))

    def _positions(self, interval: Interval) -> dict[str, float]:
        start_s, end_s = self.position_s(interval.start_ns), self.position_s(interval.end_ns)
        return {"from_s": round(start_s or 0.0, 3), "to_s": round(self.duration_s if end_s is None else end_s, 3)}


def make_timeline(
    facts: Sequence[Fact],
    surveys: Mapping[TrackId, Survey],
    missing: Mapping[TrackId, Sequence[Interval]],
    seats: Collection[SeatId],
) -> Timeline:
    """`facts`: of the whole call, in order. `missing`: of unreadable parts. `seats`: who may be recorded at all."""
    clocks = {track: stream_clocks(track, surveys) for track in surveys}
    recorded = {track: _recorded(survey, clocks[track]) for track, survey in surveys.items()}
    everything = [span for spans in recorded.values() for span in spans]
    end_ns = max((span.end_ns for span in everything), default=0)
    takes = _takes(facts, end_ns) or _covering(everything)
    history = History(facts, end_ns)
    spans = {track: tuple(intersection(pieces, takes)) for track, pieces in sorted(recorded.items())}
    gaps = [
        gap
        for track in _expected(history, seats, surveys)
        for gap in _gaps(track, difference(takes, spans.get(track, ())), history, surveys.get(track), missing)
    ]
    by_arrival = frozenset(
        track for track, survey in surveys.items() if any(not stretch.reports for stretch in survey.stretches)
    )
    return Timeline(tuple(takes), spans, tuple(sorted(gaps, key=lambda gap: (gap.interval, gap.track))), by_arrival)


def stream_clocks(track: TrackId, surveys: Mapping[TrackId, Survey]) -> dict[int, StreamClock]:
    """The clocks of a track's stretches; all tracks of its seat help to know the sender's clock."""
    own_seat = [survey for other, survey in surveys.items() if seat_of(other) == seat_of(track)]
    return surveys[track].clocks(sender_clock(own_seat))


def _takes(facts: Sequence[Fact], end_ns: int) -> list[Interval]:
    """From each start to the stop, failure or end of the call that follows; a crash may leave the last one open."""
    takes: list[Interval] = []
    started_ns: int | None = None
    for fact in of_kind(facts, "recording_started", "recording_stopped", "recording_failed", "call_ended"):
        if fact.kind == "recording_started":
            started_ns = fact.at_ns if started_ns is None else started_ns
        elif started_ns is not None:
            takes.append(Interval(started_ns, fact.at_ns))
            started_ns = None
    if started_ns is not None:
        takes.append(Interval(started_ns, end_ns))
    return union(takes)


def _covering(spans: Sequence[Interval]) -> list[Interval]:
    if not spans:
        return []
    return [Interval(min(span.start_ns for span in spans), max(span.end_ns for span in spans))]


def _recorded(survey: Survey, clocks: Mapping[int, StreamClock]) -> list[Interval]:
    """When packets of a track were captured, holes left out."""
    spans = []
    for stretch in survey.stretches:
        first = stretch.first
        for hole in stretch.holes:
            spans.append((clocks[stretch.number], first, hole.after))
            first = hole.before
        spans.append((clocks[stretch.number], first, stretch.last))
    return union(
        Interval(
            clock.wall_ns(first.rtp_time, first.arrived_ns), clock.wall_ns(last.rtp_time, last.arrived_ns) + _LAST_NS
        )
        for clock, first, last in spans
    )


def _expected(history: History, seats: Collection[SeatId], surveys: Iterable[TrackId]) -> list[TrackId]:
    """Mic and camera of everybody who was in the room, and whatever else was recorded."""
    here = [seat for seat in history.seats if seat in seats]
    return sorted({track_id(seat, source) for seat in here for source in (Source.MIC, Source.CAMERA)} | set(surveys))


def _gaps(
    track: TrackId,
    silent: Sequence[Interval],
    history: History,
    survey: Survey | None,
    missing: Mapping[TrackId, Sequence[Interval]],
) -> Iterator[Gap]:
    """Each piece of missing time gets the first cause that explains it; while the person was away none is needed."""
    seat, source = seat_of(track), Source(track.rpartition(".")[2])
    in_room = history.in_room(seat)
    is_owed = source in (Source.MIC, Source.CAMERA)  # a screen is shared or not
    refused = difference(in_room, history.permitted(track))
    causes = [
        (Cause.WITHDRAWN, intersection(refused, history.withdrawn(seat, source)), TOLD_GAP_NS),
        (Cause.NOT_GRANTED, refused, TOLD_GAP_NS),
        (Cause.PART_MISSING, missing.get(track, ()), _SLIVER_NS),
        (Cause.NODE_RESTARTED, history.restarting(seat), _SLIVER_NS),
        (Cause.DISK, _dropped(survey), _SLIVER_NS),
        (Cause.NETWORK, [*history.reconnecting(seat), *_lost(survey)], _SLIVER_NS),
        (Cause.NETWORK, _broken_off(survey) if is_owed else (), _SLIVER_NS),
        (Cause.NOT_SENT, in_room if is_owed else (), SILENT_HOLE_NS),
    ]
    left = intersection(silent, in_room)
    for cause, when, shortest_ns in causes:
        yield from (Gap(track, piece, cause) for piece in intersection(left, when) if piece.length_ns >= shortest_ns)
        left = difference(left, when)


def _dropped(survey: Survey | None) -> list[Interval]:
    return [Interval(drop.since_ns, drop.until_ns) for drop in survey.dropped] if survey else []


def _lost(survey: Survey | None) -> list[Interval]:
    """Around holes in which packets are missing, by arrival: exact enough to name a cause."""
    return [
        Interval(hole.after.arrived_ns - TOLD_GAP_NS, hole.before.arrived_ns + TOLD_GAP_NS)
        for stretch in (survey.stretches if survey else ())
        for hole in stretch.holes
        if hole.lost_packets
    ]


def _broken_off(survey: Survey | None) -> list[Interval]:
    """Where a stream ended and began anew at once, as when its connection was built anew: nobody mutes so briefly."""
    ends = pairwise(survey.stretches) if survey else ()
    breaks = [Interval(before.last.arrived_ns, after.first.arrived_ns) for before, after in ends]
    return [
        Interval(each.start_ns - TOLD_GAP_NS, each.end_ns + TOLD_GAP_NS)
        for each in breaks
        if LOST_HOLE_NS <= each.length_ns < SILENT_HOLE_NS
    ]


def seat_of(track: TrackId) -> SeatId:
    """Whose track it is."""
    return SeatId(track.rpartition(".")[0])
