"""What a seat on Janus is sent: as large as it shows it, and less once its client counts that the line is bad."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from signaling.media.adaptation.shedding import LayerRate, Role, Shown
from signaling.media.janus.viewing import Viewing
from signaling.media.port import ClientStats, TrackId

CAMERA, OTHER, SCREEN = TrackId("anna.camera"), TrackId("berta.camera"), TrackId("anna.screen")
HEIGHTS = (180, 360, 720)
LAYERS = tuple(LayerRate(at, 166_000 * 3**at, height) for at, height in enumerate(HEIGHTS))
EVERY_S = 4.0  # as often as clients count


def shown(height: int, *, visible: bool = True, track: TrackId = CAMERA, role: Role = Role.CAMERA) -> Shown:
    return Shown(track, role, height, visible, 1, LAYERS)


def counted(loss: float) -> ClientStats:
    return ClientStats(seconds=EVERY_S, loss=loss, rtt_s=0.05, freezes=0, jitter_buffer_s=0.02)


def over(viewing: Viewing, pictures: Sequence[Shown], losses: Sequence[float], from_s: float = 0.0) -> float:
    """A client counts so much again and again, and the choice is looked at twice a second; when it ends."""
    for loss in losses:
        viewing.on_client_stats(counted(loss), from_s)
        for half in range(int(2 * EVERY_S)):
            viewing.decide(pictures, from_s + half / 2)
        from_s += EVERY_S
    return from_s


@given(st.integers(0, 4000), st.integers(0, 4000))
def test_who_shows_a_picture_higher_never_gets_a_smaller_layer(one: int, other: int) -> None:
    low, high = (shown(height, track=TrackId(str(height))) for height in sorted((one, other)))
    viewing = Viewing()
    viewing.decide([low, high], 0.0)
    smaller, larger = viewing.layers[low.track], viewing.layers[high.track]
    assert smaller is not None
    assert larger is not None
    assert smaller <= larger


@given(st.integers(0, 4000))
def test_the_layer_fills_what_is_shown_or_is_the_largest(height: int) -> None:
    viewing = Viewing()
    viewing.decide([shown(height)], 0.0)
    layer = viewing.layers[CAMERA]
    assert layer is not None
    assert HEIGHTS[layer] >= 0.75 * height or layer == len(HEIGHTS) - 1


def test_a_picture_that_is_not_visible_is_not_sent() -> None:
    viewing = Viewing()
    assert viewing.decide([shown(720, visible=False)], 0.0)
    assert viewing.layers == {CAMERA: None}
    assert not viewing.decide([shown(720, visible=False)], 0.5), "nothing has changed"


def test_what_was_sent_until_a_client_counts_for_the_first_time_stays_as_it_is() -> None:
    viewing, pictures = Viewing(), [shown(720), shown(720, track=OTHER)]
    viewing.decide(pictures, 0.0)
    over(viewing, pictures, [0.0, 0.0])
    assert viewing.layers == {CAMERA: 2, OTHER: 2}
    assert viewing.paused == ()


def test_a_line_that_loses_much_gets_less_and_everything_again_when_it_is_good() -> None:
    viewing, pictures = Viewing(), [shown(720), shown(720, track=OTHER)]
    viewing.decide(pictures, 0.0)
    now_s = over(viewing, pictures, [0.5, 0.5, 0.5])
    assert all(layer in (0, None) for layer in viewing.layers.values())
    over(viewing, pictures, 30 * [0.0], now_s)
    assert viewing.layers == {CAMERA: 2, OTHER: 2}
    assert viewing.paused == ()


def test_who_interprets_is_kept_longest_and_what_was_taken_off_is_said() -> None:
    signer = shown(720, track=OTHER, role=Role.INTERPRETER)
    viewing, pictures = Viewing(), [shown(720), signer, shown(720, track=SCREEN, role=Role.SHARE)]
    viewing.decide(pictures, 0.0)
    over(viewing, pictures, 6 * [0.6])
    assert viewing.layers[OTHER] is not None
    assert CAMERA in viewing.paused
    assert OTHER not in viewing.paused
