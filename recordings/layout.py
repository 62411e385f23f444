"""Where everybody's tile is in the composed picture, and from when to when. Pure.

Everybody keeps one tile for the whole recording, in the order of arrival. While a screen is shared it takes most of the
picture and the faces move into a strip beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from recordings.intervals import Interval, union
from recordings.timeline import Timeline
from signaling.media.port import SeatId, Source, TrackId, track_id

WIDTH, HEIGHT = 1280, 720
_GAP = 4
_STRIP_WIDTH = 256
_SCREEN_HELD_NS = 3_000_000_000  # a still screen sends so rarely that shorter silence is no end of sharing
_COLUMNS = {1: 1, 2: 2, 3: 2, 4: 2, 5: 3, 6: 3, 7: 3, 8: 3, 9: 3}  # beyond: 4


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle in pixels; all even, as yuv420p needs."""

    track: TrackId
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Scene:
    """The same tiles for a while."""

    interval: Interval
    tiles: tuple[Tile, ...]


def scenes(timeline: Timeline, seats: Sequence[SeatId]) -> list[Scene]:
    """Cover every take; a new scene begins where a shared screen comes or goes."""
    shared = [
        (span, track)
        for track, spans in timeline.spans.items()
        if track.endswith(f".{Source.SCREEN}")
        for span in union(Interval(span.start_ns, span.end_ns + _SCREEN_HELD_NS) for span in spans)
    ]
    made = []
    for take in timeline.takes:
        edges = {take.start_ns, take.end_ns, *(at_ns for span, _ in shared for at_ns in span)}
        inside = sorted(at_ns for at_ns in edges if take.start_ns <= at_ns <= take.end_ns)
        for start_ns, end_ns in pairwise(inside):
            now = [(span.start_ns, track) for span, track in shared if span.start_ns <= start_ns < span.end_ns]
            screen = max(now)[1] if now else None  # the one that came last
            made.append(Scene(Interval(start_ns, end_ns), tiles(seats, screen)))
    return made


def tiles(seats: Sequence[SeatId], screen: TrackId | None) -> tuple[Tile, ...]:
    """Everybody's tile, and the shared screen's if there is one."""
    cameras = [track_id(seat, Source.CAMERA) for seat in seats]
    if screen is None:
        return _grid(cameras, 0, 0, WIDTH, HEIGHT, _COLUMNS.get(len(cameras), 4))
    strip_left = WIDTH - _STRIP_WIDTH
    faces = _grid(cameras, strip_left, 0, _STRIP_WIDTH, HEIGHT, 1 if len(cameras) <= 5 else 2)
    return (Tile(screen, 0, 0, strip_left - _GAP, HEIGHT), *faces)


def _grid(tracks: Sequence[TrackId], left: int, top: int, width: int, height: int, columns: int) -> tuple[Tile, ...]:
    """Tiles of 16:9 in rows, centred in the rectangle; an incomplete last row is centred too."""
    rows = max(1, ceil(len(tracks) / columns))
    tile_width = min((width - _GAP * (columns - 1)) // columns, (height - _GAP * (rows - 1)) // rows * 16 // 9)
    tile_width -= tile_width % 2
    tile_height = tile_width * 9 // 16
    tile_height -= tile_height % 2
    first_top = top + (height - rows * (tile_height + _GAP) + _GAP) // 2
    placed = []
    for number, track in enumerate(tracks):
        row, column = divmod(number, columns)
        in_row = min(columns, len(tracks) - row * columns)
        first_left = left + (width - in_row * (tile_width + _GAP) + _GAP) // 2
        x, y = first_left + column * (tile_width + _GAP), first_top + row * (tile_height + _GAP)
        placed.append(Tile(track, x - x % 2, y - y % 2, tile_width, tile_height))
    return tuple(placed)
