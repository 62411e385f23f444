"""What Janus is told of layers, and which layers a publisher encodes."""

from signaling.media.janus.layers import KEPT_WARM_S, Choice, WatchedLayers, WatchedPicture, changed

RIDS = ("q", "h", "f")


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
