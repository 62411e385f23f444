"""When a down-offer is made and what stands in it. Pure: time and new numbers are arguments.

One offer at a time; changes that come close together share one; an m-line is never removed but becomes inactive and is
used again for a track of its kind. An answer that does not come in time needs a new peer connection.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from signaling.media.port import Source, TrackId
from signaling.media.sfu.forwarding import OutgoingStream
from signaling.media.sfu.sdp_gate import MAX_DOWN_SECTIONS

COALESCE_S = 0.1
ANSWER_TIMEOUT_S = 8.0


class Stage(StrEnum):
    """Where a down connection is between offer and answer."""

    IDLE = "idle"  # nothing to tell, or waiting for more changes
    OFFERED = "offered"  # waiting for the answer
    OVERDUE = "overdue"  # the answer did not come: this peer connection is given up


@dataclass(frozen=True, slots=True)
class Carried:
    """A track on an m-line, under the numbers it has there."""

    track: TrackId
    source: Source
    stream: OutgoingStream


@dataclass(frozen=True, slots=True)
class Section:
    """One m-line; without a track it is inactive."""

    mid: str
    kind: str
    carried: Carried | None


@dataclass(frozen=True, slots=True)
class Offer:
    """One down-offer; `neg` grows with each."""

    neg: int
    sections: tuple[Section, ...]


class DownNegotiation:
    """Offers and answers of one down connection. `new_stream` gives the numbers for a track put on an m-line."""

    def __init__(self, last_neg: int, new_stream: Callable[[Source], OutgoingStream]) -> None:
        self.neg = last_neg
        self.stage = Stage.IDLE
        self._new_stream = new_stream
        self._sections: tuple[Section, ...] = ()
        self._wanted: dict[TrackId, Source] = {}
        self._offered: Offer | None = None
        self._answer_due_s = 0.0
        self._offer_due_s: float | None = None
        self._restart = False

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to offer, as soon as it may be."""
        return self._offer_due_s is not None and self.stage is Stage.IDLE

    def want(self, tracks: Iterable[tuple[TrackId, Source]], now_s: float) -> None:
        """The whole set of tracks to carry, the more important first: what does not fit is left out."""
        wanted = dict(tracks)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        # The first offer has nothing to wait for; later changes seldom come alone.
        self._schedule(now_s if self._offered is None and not self._sections else now_s + COALESCE_S)

    def restart(self, now_s: float) -> None:
        """Offer again even if the tracks are the same: the ICE credentials have changed."""
        self._restart = True
        self._schedule(now_s)

    def next_offer(self, now_s: float) -> Offer | None:
        """The offer to make now, if one is due; it is then outstanding."""
        if self.stage is not Stage.IDLE or self._offer_due_s is None or now_s < self._offer_due_s:
            return None
        self._offer_due_s = None
        sections = self._plan()
        if not sections or (sections == self._sections and not self._restart):
            return None
        self._restart = False
        self.neg += 1
        self._offered = Offer(self.neg, sections)
        self.stage, self._answer_due_s = Stage.OFFERED, now_s + ANSWER_TIMEOUT_S
        return self._offered

    def outstanding(self, neg: int) -> Offer | None:
        """The offer that an answer to `neg` belongs to; None for a late or unknown one."""
        return self._offered if self.stage is Stage.OFFERED and neg == self.neg else None

    def answered(self) -> None:
        """The outstanding offer was answered and holds now."""
        if self._offered is not None:
            self._sections = self._offered.sections
            self.stage = Stage.IDLE

    def overdue(self, now_s: float) -> bool:
        """True once, when an answer failed to come in time."""
        if self.stage is not Stage.OFFERED or now_s < self._answer_due_s:
            return False
        self.stage = Stage.OVERDUE
        return True

    def _schedule(self, due_s: float) -> None:
        self._offer_due_s = due_s if self._offer_due_s is None else min(self._offer_due_s, due_s)

    def _plan(self) -> tuple[Section, ...]:
        """The m-lines as they should be: kept where wanted, freed where not, filled again by kind, added at the end."""
        sections = [
            section if section.carried and section.carried.track in self._wanted else replace(section, carried=None)
            for section in self._sections
        ]
        carried = {section.carried.track for section in sections if section.carried}
        for track, source in self._wanted.items():
            if track not in carried:
                self._place(sections, track, source)
        return tuple(sections)

    def _place(self, sections: list[Section], track: TrackId, source: Source) -> None:
        free = next((n for n, s in enumerate(sections) if s.carried is None and s.kind == source.kind), None)
        if free is None and len(sections) == MAX_DOWN_SECTIONS:
            return
        carried = Carried(track, source, self._new_stream(source))
        if free is None:
            sections.append(Section(str(len(sections)), source.kind, carried))
        else:
            sections[free] = replace(sections[free], carried=carried)
