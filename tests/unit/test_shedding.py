"""Who gets what of a line: never more than there is or is shown, the important ones longest."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from signaling.media.adaptation.shedding import LayerRate, Role, Shown, allot, keep, ladder, layers_worth_showing
from signaling.media.port import TrackId

LAYERS = (LayerRate(0, 150_000, 180), LayerRate(1, 500_000, 360), LayerRate(2, 1_500_000, 720))


@st.composite
def pictures(draw: st.DrawFn) -> list[Shown]:
    shown = []
    for place in range(draw(st.integers(0, 6))):
        bitrates = sorted(draw(st.lists(st.integers(10_000, 2_000_000), max_size=3)))
        layers = tuple(LayerRate(number, bps, 180 << number) for number, bps in enumerate(bitrates))
        height = draw(st.sampled_from([90, 180, 240, 360, 720, 2160]))
        priority = draw(st.integers(0, 3))
        shown.append(
            Shown(TrackId(f"t{place}"), draw(st.sampled_from(Role)), height, draw(st.booleans()), priority, layers)
        )
    return shown


budgets = st.integers(0, 8_000_000)


@given(pictures(), budgets, budgets)
def test_nothing_is_given_that_is_not_there_not_shown_or_does_not_fit(
    shown: list[Shown], budget_bps: int, opening_bps: int
) -> None:
    allotment = allot(ladder(shown), budget_bps, opening_bps)
    by_track = {each.track: each for each in shown}
    prices = 0
    for track, step in allotment.given.items():
        worth = {layer.index: layer for layer in layers_worth_showing(by_track[track])}
        assert by_track[track].visible
        prices += worth[step.layer].bitrate_bps
    assert prices == allotment.used_bps <= max(budget_bps, opening_bps)


@given(pictures(), budgets)
def test_below_a_picture_that_had_to_go_others_are_at_their_smallest(shown: list[Shown], budget_bps: int) -> None:
    allotment = allot(ladder(shown), budget_bps)
    wanted = sorted(
        (each for each in shown if each.visible and each.layers),
        key=lambda each: (each.role, -each.priority, each.track),
    )
    gone = [place for place, each in enumerate(wanted) if each.track not in allotment.given]
    for each in wanted[gone[0] :] if gone else ():
        assert each.track not in allotment.given or allotment.given[each.track].level == 0


@given(pictures(), budgets, budgets)
def test_more_room_never_takes_a_more_important_step_away(shown: list[Shown], one: int, other: int) -> None:
    steps = ladder(shown)
    less, more = (allot(steps, budget).given for budget in sorted((one, other)))
    for step in steps:  # the first that differs is one that only the larger budget has
        has_less = step.track in less and less[step.track].level >= step.level
        has_more = step.track in more and more[step.track].level >= step.level
        if has_less != has_more:
            assert has_more
            break


@given(pictures(), budgets)
def test_what_was_given_can_be_kept_as_it_is(shown: list[Shown], budget_bps: int) -> None:
    steps = ladder(shown)
    allotment = allot(steps, budget_bps)
    assert keep(steps, allotment.layers) == allotment


def test_pictures_go_in_the_order_other_cameras_screen_speaker_interpreter() -> None:
    shown = [Shown(TrackId(role.name), role, 720, True, 0, LAYERS[:1]) for role in reversed(Role)]
    left = [list(allot(ladder(shown), pictures * 150_000).given) for pictures in (4, 3, 2, 1, 0)]
    names = [Role.INTERPRETER.name, Role.SPEAKER.name, Role.SHARE.name, Role.CAMERA.name]
    assert left == [names, names[:3], names[:2], names[:1], []]


def test_signing_hands_are_of_readable_size_before_other_cameras_are_opened() -> None:
    shown = [Shown(TrackId(role.name), role, 720, True, 0, LAYERS) for role in Role]
    given_ = allot(ladder(shown), 150_000 + 150_000 + 350_000).layers
    assert given_ == {"INTERPRETER": 1, "SPEAKER": 0}


def test_a_height_that_is_not_shown_is_not_sent() -> None:
    tile = Shown(TrackId("a"), Role.CAMERA, 200, True, 0, LAYERS)
    assert [layer.height for layer in layers_worth_showing(tile)] == [180]
    assert [layer.height for layer in layers_worth_showing(replace(tile, height=360))] == [180, 360]
    assert [layer.height for layer in layers_worth_showing(replace(tile, height=50))] == [180]


def test_a_shared_screen_of_two_frame_rates_is_made_slower_before_it_goes() -> None:
    rates = (LayerRate(0, 200_000, 1080), LayerRate(1, 1_200_000, 1080))
    steps = ladder([Shown(TrackId("s"), Role.SHARE, 1080, True, 0, rates)])
    assert [allot(steps, budget).layers for budget in (1_200_000, 1_199_999, 199_999)] == [{"s": 1}, {"s": 0}, {}]
