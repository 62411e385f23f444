"""Tiles: everybody has one, none overlaps another, all are even and inside the picture."""

from itertools import combinations

import pytest

from recordings.intervals import Interval
from recordings.layout import HEIGHT, WIDTH, scenes, tiles
from recordings.timeline import Timeline
from signaling.media.port import SeatId, TrackId

S = 1_000_000_000
SCREEN = TrackId("p0.screen")


@pytest.mark.parametrize("screen", [None, SCREEN])
@pytest.mark.parametrize("people", range(1, 13))
def test_everybody_has_a_tile_of_their_own(people: int, screen: TrackId | None) -> None:
    placed = tiles([SeatId(f"p{number}") for number in range(people)], screen)
    assert len(placed) == people + (screen is not None)
    for tile in placed:
        assert all(value % 2 == 0 for value in (tile.left, tile.top, tile.width, tile.height))
        assert 0 <= tile.left <= tile.left + tile.width <= WIDTH
        assert 0 <= tile.top <= tile.top + tile.height <= HEIGHT
        assert tile.width >= 120
    for one, other in combinations(placed, 2):
        beside = one.left + one.width <= other.left or other.left + other.width <= one.left
        assert beside or one.top + one.height <= other.top or other.top + other.height <= one.top


def test_a_shared_screen_opens_a_scene_and_its_end_closes_it() -> None:
    spans = {SCREEN: (Interval(10 * S, 20 * S), Interval(22 * S, 30 * S))}
    made = scenes(Timeline((Interval(0, 60 * S),), spans, ()), [SeatId("p0"), SeatId("p1")])
    assert [scene.interval for scene in made] == [
        Interval(0, 10 * S),
        Interval(10 * S, 33 * S),
        Interval(33 * S, 60 * S),
    ]
    assert [scene.tiles[0].track for scene in made] == ["p0.camera", SCREEN, "p0.camera"]


def test_of_two_shared_screens_the_later_one_is_shown() -> None:
    other = TrackId("p1.screen")
    spans = {SCREEN: (Interval(0, 30 * S),), other: (Interval(10 * S, 17 * S),)}
    made = scenes(Timeline((Interval(0, 30 * S),), spans, ()), [SeatId("p0")])
    assert [scene.tiles[0].track for scene in made] == [SCREEN, other, SCREEN]
