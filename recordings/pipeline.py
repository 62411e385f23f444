"""From parts and facts to what people play: the file and its contents. Steps in order.

May be run again after any failure or kill: a file that was already made of the same parts and facts is not made again.
Blocks; for a worker's thread. The step told last is the one that failed.
"""

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from recordings.compose import IsCancelled, Plan, compose, head_bytes
from recordings.errors import Cancelled
from recordings.facts import Fact, of_kind, read_facts
from recordings.history import History
from recordings.layout import Scene, scenes
from recordings.material import Material
from recordings.model import Part
from recordings.sealed import SEALED_MAGIC, SealedReader, SealedWriter
from recordings.summarise import Meeting
from recordings.survey import Survey
from recordings.timeline import Cause, Timeline, make_timeline, seat_of, stream_clocks
from recordings.vault import HEADER_MAX_BYTES, new_header
from signaling.media.port import SeatId, TrackId
from signaling.media.recorders import DataKey

_UNEXPECTED = frozenset({Cause.PART_MISSING, Cause.NODE_RESTARTED, Cause.DISK})
_SURVEYED = 0.1  # the share of the work that looking costs
_COMPOSER = "1"  # changes when the same parts would give another file


class Step(StrEnum):
    """What is being done."""

    SURVEY = "survey"  # reading everything once: clocks, gaps
    COMPOSE = "compose"  # making the playable file


class Store(Protocol):
    """The file store, as a thread sees it. Any other error than FileNotFoundError means: try again later."""

    def read(self, name: str) -> bytes:
        """The whole object. Raises FileNotFoundError."""

    def read_range(self, name: str, start: int, length: int) -> bytes:
        """A part of it, fewer bytes at its end. Raises FileNotFoundError."""

    def size(self, name: str) -> int | None:
        """Stored bytes; None where there is no such object."""

    def put(self, name: str, path: Path) -> None:
        """Store this file; it is there as a whole or not at all."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be processed, and with which keys. `seats`: who may be recorded at all."""

    recording: str
    parts: Sequence[Part]
    facts: Sequence[Mapping[str, Any]]
    seats: Sequence[SeatId]
    meeting: Meeting
    content_key: bytes
    data_key: DataKey  # for the playable file
    about: Mapping[str, str | int]  # bound to the playable file


@dataclass(frozen=True, slots=True)
class Playable:
    """The file that people play: its object, its size in the clear, its length. `fingerprint`: what it is made of."""

    object: str
    fingerprint: str
    size_bytes: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class Processed:
    """All that came of it. `playable` is None where nothing was recorded; `is_whole`: nothing unexpected is missing."""

    playable: Playable | None
    is_whole: bool
    contents: dict[str, object]  # JSON: spans and gaps by track, scenes with tiles, marks; a timeline can be restored


def process(
    order: Order,
    store: Store,
    scratch: Path,
    at: Callable[[Step, float], None],
    is_cancelled: IsCancelled = lambda: False,
) -> Processed:
    """Do all steps, telling `at` each and how far the whole is (0..1). `scratch` holds encrypted bytes only.

    Raises Cancelled, WrongKey, and what the store raises.
    """
    facts = read_facts(order.facts)
    material = Material(order.parts, store.read, order.content_key)
    surveys = _surveyed(material, at, is_cancelled)
    timeline = make_timeline(facts, surveys, material.missing(), order.seats)
    plan = _plan(timeline, facts, surveys, order.seats)
    at(Step.COMPOSE, _SURVEYED)
    playable = None
    if any(timeline.spans.values()):
        playable = _composed(order, material, plan, store, scratch, at, is_cancelled)
    # What a recorder that gave up did not write has no place in the file; it is missing all the same.
    is_whole = not any(gap.cause in _UNEXPECTED for gap in timeline.gaps) and not of_kind(facts, "recording_failed")
    contents = {**timeline.to_json(), "scenes": _scenes(plan), "marks": _marks(facts, timeline, order.meeting)}
    return Processed(playable, is_whole, contents)


def _surveyed(
    material: Material, at: Callable[[Step, float], None], is_cancelled: IsCancelled
) -> dict[TrackId, Survey]:
    surveys: dict[TrackId, Survey] = {}
    for number, track in enumerate(material.tracks):
        at(Step.SURVEY, _SURVEYED * number / len(material.tracks))
        if is_cancelled():
            raise Cancelled
        surveys[track] = material.survey(track)
    return surveys


def _plan(
    timeline: Timeline, facts: Sequence[Fact], surveys: Mapping[TrackId, Survey], seats: Sequence[SeatId]
) -> Plan:
    """Everybody who was in the room has a tile, in the order of arrival; then whoever was recorded without a fact."""
    arrived = [seat for seat in History(facts).seats if seat in seats]
    shown = list(dict.fromkeys([*arrived, *(seat_of(track) for track in surveys)]))
    clocks = {track: stream_clocks(track, surveys) for track in surveys}
    return Plan(timeline, scenes(timeline, shown), clocks)


def _composed(
    order: Order,
    material: Material,
    plan: Plan,
    store: Store,
    scratch: Path,
    at: Callable[[Step, float], None],
    is_cancelled: IsCancelled,
) -> Playable:
    fingerprint = _fingerprint(order, plan)
    name = f"recordings/{order.recording}/playable-{fingerprint}.mp4"
    stored_bytes = store.size(name)
    if stored_bytes is not None:
        start = store.read_range(name, 0, HEADER_MAX_BYTES)
        size_bytes = SealedReader(start, stored_bytes, order.content_key, order.about).size_bytes
        return Playable(name, fingerprint, size_bytes, plan.timeline.duration_s)

    def progress(share: float) -> None:
        at(Step.COMPOSE, _SURVEYED + 0.89 * share)

    header = new_header(SEALED_MAGIC, order.data_key.id, order.data_key.wrapped, order.about)
    descriptor, path = tempfile.mkstemp(dir=scratch, suffix=".sealed")
    try:
        with os.fdopen(descriptor, "wb") as file:
            writer = SealedWriter(file, header, order.data_key.plain, head_bytes(plan.timeline.duration_s))
            compose(material, plan, writer, progress, is_cancelled)
            writer.close()
        store.put(name, Path(path))
    finally:
        Path(path).unlink(missing_ok=True)
    return Playable(name, fingerprint, writer.size_bytes, plan.timeline.duration_s)


def _fingerprint(order: Order, plan: Plan) -> str:
    """Names the file by all that it depends on: a part that comes late makes another file."""
    parts = sorted((part.id.object_name, part.sha256) for part in order.parts)
    made_of = [_COMPOSER, parts, plan.timeline.takes, _scenes(plan)]
    return sha256(json.dumps(made_of).encode()).hexdigest()[:16]


def _scenes(plan: Plan) -> list[dict[str, object]]:
    """Where whose tile is and from when, so that a player can write names beside it."""
    return [_scene(plan.timeline, scene) for scene in plan.scenes]


def _scene(timeline: Timeline, scene: Scene) -> dict[str, object]:
    tiles = [
        {"track": tile.track, "left": tile.left, "top": tile.top, "width": tile.width, "height": tile.height}
        for tile in scene.tiles
    ]
    return {"from_s": round(timeline.position_s(scene.interval.start_ns) or 0.0, 3), "tiles": tiles}


def _marks(facts: Sequence[Fact], timeline: Timeline, meeting: Meeting) -> list[dict[str, object]]:
    """The chapters: bookmarks, and agenda items when they were asked."""
    bookmarks = [(fact, "bookmark", fact.text("text")) for fact in of_kind(facts, "bookmarked")]
    asked = [
        (fact, "agenda", meeting.agenda.get(fact.text("item"), ""))
        for fact in of_kind(facts, "agenda_marked")
        if fact.text("state") == "asked"
    ]
    placed = [(timeline.position_s(fact.at_ns), fact, kind, text) for fact, kind, text in (*bookmarks, *asked)]
    return [
        {"id": fact.ref, "kind": kind, "at_s": round(at_s, 3), "text": text}
        for at_s, fact, kind, text in sorted((row for row in placed if row[0] is not None), key=lambda row: row[0] or 0)
        if at_s is not None
    ]
