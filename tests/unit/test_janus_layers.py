"""Which layer a seat is sent where nobody measures its line, and which layers a publisher encodes."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.media.janus.layers import KEPT_WARM_S, Choice, WatchedLayers, WatchedPicture, changed, choice
from signaling.media.port import TrackId, Wanted

HEIGHTS = (180, 360, 720)
RIDS = ("q", "h", "f")


def shown(height: int, *, visible: bool = True) -> Wanted:
    return Wanted(TrackId("anna.camera"), height, visible, 1)


@given(st.integers(0, 4000), st.integers(0, 4000))
def test_who_shows_a_picture_higher_never_gets_a_smaller_layer(one: int, other: int) -> None:
    low, high = sorted((one, other))
    smaller, larger = (choice(shown(height), True, HEIGHTS).substream for height in (low, high))
    assert smaller is not None
    assert larger is not None
    assert smaller <= larger


@given(st.integers(0, 4000))
def test_the_layer_fills_what_is_shown_or_is_the_largest(height: int) -> None:
    index = choice(shown(height), True, HEIGHTS).substream
    assert index is not None
    assert HEIGHTS[index] >= 0.75 * height or index == len(HEIGHTS) - 1


def test_sound_is_sent_even_to_who_looks_elsewhere_and_a_picture_is_not() -> None:
    assert choice(shown(0, visible=False), False, ()) == Choice(send=True, substream=None)
    assert choice(shown(720, visible=False), True, HEIGHTS) == Choice(send=False, substream=2)
    assert choice(shown(720, visible=False), True, (720,)) == Choice(send=False, substream=None)


def test_only_what_changed_is_told() -> None:
    before = {"0": Choice(True, None), "1": Choice(True, 2)}
    assert changed(before, {"0": Choice(True, None), "1": Choice(True, 0)}) == [
        {"mid": "1", "send": True, "substream": 0}
    ]
    assert changed(before, {"2": Choice(False, None)}) == [{"mid": "2", "send": False}]


def test_the_smallest_layer_is_always_encoded_and_one_that_was_left_for_a_while() -> None:
    watched = WatchedLayers()
    assert watched.of(RIDS, [], 0.0) == ("q",)
    assert watched.of(RIDS, [2], 1.0) == ("q", "f")
    assert watched.of(RIDS, [1], 1.0 + KEPT_WARM_S) == ("q", "h", "f")
    assert watched.of(RIDS, [1], 1.1 + KEPT_WARM_S) == ("q", "h")


def test_a_picture_in_one_size_is_encoded_while_somebody_sees_it_and_for_a_while_after() -> None:
    picture = WatchedPicture()
    assert not picture.rests(False, 1.0), "somebody may come at once"
    assert not picture.rests(True, 20.0)
    assert not picture.rests(False, 20.0 + KEPT_WARM_S)
    assert picture.rests(False, 21.0 + KEPT_WARM_S)
    assert not picture.rests(True, 60.0)
