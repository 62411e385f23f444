"""One viewer's pictures: down on real signs only, up by trial, sound never asked."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.media.adaptation.downlink import (
    CLEAN_S,
    FIRST_BACK_OFF_S,
    LAST_PICTURE_PATIENCE_S,
    SETTLE_S,
    UNHURT_CLEAN_S,
    Downlink,
)
from signaling.media.adaptation.line import Estimate, Loss, Resends, RoundTrip, Sign
from signaling.media.adaptation.shedding import LayerRate, Role, Shown
from signaling.media.port import ClientStats, TrackId
from tests.simulated_line import LAYERS, picture

SPEAKER = picture("a", Role.SPEAKER)
CLEAN = Loss(0, 100)


@dataclass
class Drive:
    """Asks every half second; hears a clean report each time unless told otherwise."""

    shown: list[Shown]
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.downlink = Downlink(self.now_s)

    def step(self, *signs: Sign) -> dict[TrackId, int | None]:
        for sign in signs:
            self.downlink.sign(sign, self.now_s)
        layers = self.downlink.decide(self.now_s, self.shown, 40_000).layers
        self.now_s += 0.5
        return layers

    def run(self, seconds: float, *signs: Sign) -> list[dict[TrackId, int | None]]:
        return [self.step(*signs) for _half in range(int(2 * seconds))]

    def settled_at(self, layer: int) -> "Drive":
        """Until the speaker has this layer, and then until just before more would be tried."""
        while self.step(CLEAN)[SPEAKER.track] != layer:
            assert self.now_s < 60
        self.run(CLEAN_S + 1 if layer == 2 else UNHURT_CLEAN_S - 1, CLEAN)
        return self


def test_a_call_begins_with_the_smallest_and_climbs_a_layer_every_three_seconds() -> None:
    layers = [layers[SPEAKER.track] for layers in Drive([SPEAKER]).run(10, CLEAN)]
    assert (layers[0], layers[5], layers[6], layers[11], layers[12]) == (0, 0, 1, 1, 2)


def test_once_a_line_was_in_trouble_a_layer_takes_ten_seconds() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    drive.step(Loss(15, 100))
    drive.step(Loss(15, 100))
    fell_s = drive.now_s
    while drive.step(CLEAN)[SPEAKER.track] != 2:
        pass
    assert drive.now_s - fell_s >= CLEAN_S


def test_without_any_sign_of_the_line_nothing_climbs() -> None:
    assert {layers[SPEAKER.track] for layers in Drive([SPEAKER]).run(60)} == {0}


def test_an_estimate_below_what_is_sent_takes_nothing_away() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    low = [Estimate(int(432_000 * 1.08**second)) for second in range(8)]  # measured beside 814 kbit/s, nothing lost
    for estimate in low:
        assert drive.step(estimate, CLEAN)[SPEAKER.track] == 2


def test_an_estimate_that_falls_takes_away_at_once_what_it_does_not_cover() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    drive.step(Estimate(1_600_000))
    assert drive.step(Estimate(600_000))[SPEAKER.track] == 1


def test_an_estimate_that_falls_but_covers_what_is_sent_takes_nothing_away() -> None:
    drive = Drive([SPEAKER]).settled_at(1)
    drive.step(Estimate(3_000_000), CLEAN)
    assert drive.step(Estimate(2_000_000), CLEAN)[SPEAKER.track] >= 1  # type: ignore[operator]


def test_an_undershoot_after_the_line_has_recovered_takes_no_more_away() -> None:
    drive = Drive([SPEAKER]).settled_at(1)
    drive.step(Estimate(500_000))
    assert drive.step(Estimate(318_000))[SPEAKER.track] == 0
    assert {layers[SPEAKER.track] for layers in drive.run(8, Estimate(126_000), CLEAN)} == {0}


@pytest.mark.parametrize(
    "sign",
    [Loss(15, 100), Resends(sent=30, asked=600, exhausted=0), Resends(sent=75, asked=30, exhausted=10)],
    ids=["loss", "asked again", "limiter exhausted"],
)
def test_a_sign_that_lasts_takes_away_within_two_reports(sign: Sign) -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    assert drive.step(sign, RoundTrip(0.04))[SPEAKER.track] == 2
    assert drive.step(sign, RoundTrip(0.04))[SPEAKER.track] == 1


def test_a_few_packets_of_a_small_picture_that_are_lost_by_chance_take_nothing_away() -> None:
    drive = Drive([replace(SPEAKER, layers=LAYERS[:1])])
    drive.run(30, Loss(1, 5))
    few = [Loss(3, 5), Loss(3, 6), *[Loss(1, 5)] * 20]
    assert all(drive.step(each)[SPEAKER.track] is not None for each in few)
    assert drive.run(20, Loss(3, 5))[-1] == {SPEAKER.track: None}, "what lasts is no chance"


def test_one_lossy_report_takes_nothing_away() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    assert [drive.step(each)[SPEAKER.track] for each in (Loss(30, 100), CLEAN, Loss(30, 100), CLEAN)] == [2] * 4


def test_a_longer_round_trip_ends_a_trial_but_nothing_else() -> None:
    drive = Drive([SPEAKER]).settled_at(1)
    while drive.step(CLEAN, RoundTrip(0.04))[SPEAKER.track] == 1:
        pass
    assert drive.step(RoundTrip(0.4))[SPEAKER.track] == 1
    proven = Drive([SPEAKER]).settled_at(2)
    assert {layers[SPEAKER.track] for layers in proven.run(5, RoundTrip(0.4), CLEAN)} == {2}


def test_a_failed_trial_waits_twice_as_long_each_time() -> None:
    drive = Drive([SPEAKER]).settled_at(1)
    waited_s: list[float] = []
    failed_s = drive.now_s
    for _trial in range(7):
        while drive.step(CLEAN, RoundTrip(0.04))[SPEAKER.track] == 1:
            pass
        waited_s.append(drive.now_s - 0.5 - failed_s)
        failed_s = drive.now_s
        assert drive.step(RoundTrip(0.5))[SPEAKER.track] == 1
    assert waited_s[1:] == [10, 20, 40, 80, 160, 160]


def test_sound_is_taken_off_first() -> None:
    pictures = [SPEAKER, *(picture(name, height=180) for name in "bcd")]
    left = []
    for audio_bps in (40_000, 340_000):
        downlink = Downlink(0.0)
        downlink.decide(0.0, pictures, audio_bps)
        downlink.sign(Estimate(900_000), 1.0)
        downlink.decide(1.0, pictures, audio_bps)
        downlink.sign(Estimate(500_000), 1.5)
        left.append(downlink.decide(1.5, pictures, audio_bps))
    assert [decision.budget_bps for decision in left] == [450_000, 150_000]


def test_loss_that_sending_less_does_not_mend_is_the_lines_own() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    seen = [layers[SPEAKER.track] for layers in drive.run(60, Loss(20, 100))]
    assert min(layer for layer in seen if layer is not None) == 1
    assert None not in seen
    assert seen[-1] == 2


def test_loss_alone_never_takes_the_last_picture_unless_it_is_grave() -> None:
    drive = Drive([SPEAKER])
    assert {layers[SPEAKER.track] for layers in drive.run(9, Loss(25, 100))} == {0}
    assert Drive([SPEAKER]).run(9, Loss(60, 100))[-1] == {SPEAKER.track: None}


def test_an_estimate_that_falls_and_recovers_does_not_take_the_last_picture() -> None:
    drive = Drive([SPEAKER])
    drive.run(2, CLEAN, Estimate(200_000))
    assert {layers[SPEAKER.track] for layers in drive.run(4, CLEAN, Estimate(90_000))} == {0}
    assert {layers[SPEAKER.track] for layers in drive.run(9, CLEAN, Estimate(190_000))} == {0}


def test_an_estimate_that_fell_and_grows_does_not_take_the_last_picture_however_long_it_takes() -> None:
    drive = Drive([picture("a", Role.SPEAKER, height=180)])
    drive.run(2, CLEAN, Estimate(300_000))
    growing = [Estimate(int(115_000 * 1.04**half)) for half in range(14)]  # as measured by satellite
    assert {drive.step(CLEAN, each)[SPEAKER.track] for each in growing} == {0}


def test_an_estimate_that_stays_low_takes_the_last_picture_after_a_while() -> None:
    drive = Drive([SPEAKER])
    drive.run(2, CLEAN, Estimate(200_000))
    assert drive.run(LAST_PICTURE_PATIENCE_S + 2, CLEAN, Estimate(90_000))[-1] == {SPEAKER.track: None}


def reporting(drive: Drive, seconds: float) -> set[int | None]:
    """Four reports a second, as Chromium sends them of a picture; the layers that the speaker had."""
    return {drive.step(CLEAN, RoundTrip(0.04), Resends(20, 0, 0))[SPEAKER.track] for _half in range(int(2 * seconds))}


def test_a_cut_of_a_second_takes_no_picture_however_often_it_comes() -> None:
    drive = Drive([SPEAKER])
    reporting(drive, 30)
    layers = set()
    for _cut in range(10):
        layers |= reporting(drive, 7)
        drive.now_s += 1.2  # nothing comes in this while
        missed = Resends(sent=31, asked=44, exhausted=12)
        layers |= {drive.step(missed)[SPEAKER.track], drive.step(Loss(22, 27), missed)[SPEAKER.track]}
    assert layers == {2}


@pytest.mark.parametrize(("round_trip_s", "layer"), [(0.36, 0), (0.05, 2)])
def test_a_silence_after_which_a_report_is_late_was_a_queue_that_filled_and_no_cut(
    round_trip_s: float, layer: int
) -> None:
    drive = Drive([SPEAKER])
    drive.run(30, RoundTrip(0.04), CLEAN, Estimate(2_000_000))
    drive.now_s += 0.5  # nothing comes in this while
    assert drive.step(RoundTrip(round_trip_s), Loss(0, 15), Estimate(250_000))[SPEAKER.track] == layer


def test_a_line_that_breaks_off_all_the_time_is_judged_all_the_same() -> None:
    drive = Drive([SPEAKER])
    reporting(drive, 30)
    for _cut in range(10):
        drive.now_s += 1.2
        drive.step(Loss(22, 27), Resends(sent=31, asked=44, exhausted=12))
    assert drive.step(CLEAN)[SPEAKER.track] in (0, None)


def test_a_browser_that_stops_reporting_is_judged_by_what_its_client_counts() -> None:
    drive = Drive([SPEAKER])
    reporting(drive, 30)
    drive.run(6)
    layers = [drive.step(ClientStats(0.5, 0.3, None, 2, 0.4))[SPEAKER.track] for _half in range(20)]
    assert layers[-1] in (0, None)


def test_many_packets_asked_for_again_take_the_last_picture_only_if_something_else_says_so_too() -> None:
    many = Resends(sent=10, asked=30, exhausted=0)
    for signs, expected in (((CLEAN,), 0), ((Loss(30, 100),), None), ((CLEAN, RoundTrip(0.5)), None)):
        drive = Drive([replace(SPEAKER, layers=LAYERS[:1])])
        drive.run(30, CLEAN, RoundTrip(0.04))
        layers = [drive.step(*signs, many)[SPEAKER.track] for _half in range(6)]
        assert layers[-1] == expected


def test_a_line_that_was_cut_is_judged_by_what_comes_after_the_cut() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    drive.run(20, Resends(50, 0, 0))
    seen = drive.run(1, Loss(900, 1000), Loss(300, 310), Estimate(60_000), Resends(50, 200, 90))
    seen += drive.run(5, CLEAN, Estimate(2_000_000), Resends(50, 0, 0))
    assert {layers[SPEAKER.track] for layers in seen} == {2}


def test_nobody_is_given_more_while_nothing_is_heard_of_the_line() -> None:
    drive = Drive([SPEAKER])
    drive.step(CLEAN)
    assert {layers[SPEAKER.track] for layers in drive.run(60, Resends(50, 0, 0))} == {0, 1}


def test_on_a_line_never_heard_of_every_picture_is_opened_and_none_made_better() -> None:
    others = [picture(name) for name in ("b", "c", "d")]
    last = Drive([SPEAKER, *others]).run(60, Resends(50, 0, 0))[-1]
    assert last == {each.track: 0 for each in (SPEAKER, *others)}


def client(loss: float, freezes: int = 0, buffer_s: float | None = None) -> ClientStats:
    return ClientStats(0.5, loss, None, freezes, buffer_s)


def test_with_what_the_client_counts_alone_it_goes_up_and_down() -> None:
    drive = Drive([SPEAKER])
    assert [layers[SPEAKER.track] for layers in drive.run(41, client(0.0))][-1] == 2
    assert drive.step(client(0.2))[SPEAKER.track] == 1
    drive.run(SETTLE_S + 1)
    assert drive.step(client(0.05, freezes=2))[SPEAKER.track] == 0


def test_what_the_client_counts_is_not_heard_beside_reports_and_estimates() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    estimate = Estimate(3_000_000)
    assert drive.run(5, CLEAN, estimate, client(0.5, freezes=3, buffer_s=1.0))[-1][SPEAKER.track] == 2


def test_beside_reports_without_estimates_it_tells_of_a_line_that_only_delays() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    drive.run(9, CLEAN, client(0.0, buffer_s=0.05))
    assert drive.step(CLEAN, client(0.0, buffer_s=0.4))[SPEAKER.track] == 1


def test_when_another_person_speaks_the_large_picture_changes_hands_at_once() -> None:
    other = picture("b", height=180)
    drive = Drive([SPEAKER, other]).settled_at(2)
    drive.shown = [replace(SPEAKER, role=Role.CAMERA, height=180), replace(other, role=Role.SPEAKER, height=720)]
    assert drive.step(CLEAN) == {"a": 0, "b": 2}


def test_a_screen_that_is_shared_appears_within_a_second_on_a_clean_line() -> None:
    drive = Drive([SPEAKER]).settled_at(1)
    share = picture("s", Role.SHARE, [LayerRate(0, 1_200_000, 1080)], 1080)
    drive.shown = [SPEAKER, share]
    assert any(layers["s"] == 0 for layers in drive.run(1.5, CLEAN))  # type: ignore[index]


def test_a_burst_of_a_shared_screen_takes_nobody_away() -> None:
    share = picture("s", Role.SHARE, [LayerRate(0, 100_000, 1080)], 1080)
    drive = Drive([SPEAKER, share, picture("b")])
    before = drive.run(2.5, CLEAN)[-1]
    drive.shown[1] = replace(share, layers=(LayerRate(0, 2_500_000, 1080),))
    after = drive.run(3, CLEAN)[-1]
    assert all(after[track] is not None for track, layer in before.items() if layer is not None)


def test_a_layer_that_its_publisher_stops_is_replaced_by_the_one_below() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    drive.shown = [replace(SPEAKER, layers=LAYERS[:2])]
    assert drive.step(CLEAN)[SPEAKER.track] == 1


def test_what_is_not_visible_is_off() -> None:
    drive = Drive([SPEAKER]).settled_at(2)
    drive.shown = [replace(SPEAKER, visible=False)]
    assert drive.step(CLEAN) == {SPEAKER.track: None}


def test_a_publisher_without_layers_is_seen_at_once() -> None:
    assert Drive([picture("a", layers=[LayerRate(0, 1_500_000, 720)])]).step() == {"a": 0}


fractions, times = st.none() | st.floats(0, 1), st.none() | st.floats(0, 3)
signs = st.one_of(
    st.builds(lambda lost, expected: Loss(min(lost, expected), expected), st.integers(0, 300), st.integers(0, 300)),
    st.builds(Estimate, st.integers(0, 5_000_000)),
    st.builds(Resends, st.integers(0, 200), st.integers(0, 2_000), st.integers(0, 300)),
    st.builds(RoundTrip, st.floats(0, 3)),
    st.builds(ClientStats, st.floats(0, 600), fractions, times, st.integers(0, 3), times),
)
histories = st.lists(st.lists(signs, max_size=3), max_size=120)
rooms = st.lists(
    st.tuples(st.sampled_from(Role), st.sampled_from([180, 360, 720]), st.integers(0, 3)), min_size=1, max_size=5
)


def room(drawn: list[tuple[Role, int, int]]) -> list[Shown]:
    return [picture(f"t{place}", role, LAYERS[:layers], height) for place, (role, height, layers) in enumerate(drawn)]


@settings(max_examples=60)
@given(rooms, histories)
def test_whatever_is_heard_only_what_exists_is_decided_and_in_order(
    drawn: list[tuple[Role, int, int]], history: list[list[Sign]]
) -> None:
    drive = Drive(room(drawn))
    ranked = sorted((each for each in drive.shown if each.layers), key=lambda each: (each.role, each.track))
    for heard in history:
        layers = drive.step(*heard)
        for each in drive.shown:
            assert layers[each.track] in (None, *(layer.index for layer in each.layers))
        gone = [place for place, each in enumerate(ranked) if layers[each.track] is None]
        for each in ranked[gone[0] :] if gone else ():
            assert layers[each.track] in (None, 0)


@settings(max_examples=60)
@given(rooms, histories)
def test_the_same_history_leads_to_the_same_decisions(
    drawn: list[tuple[Role, int, int]], history: list[list[Sign]]
) -> None:
    one, other = Drive(room(drawn)), Drive(room(drawn))
    assert [one.step(*heard) for heard in history] == [other.step(*heard) for heard in history]


@settings(max_examples=60)
@given(rooms, histories)
def test_no_history_leads_higher_than_a_clean_one(
    drawn: list[tuple[Role, int, int]], history: list[list[Sign]]
) -> None:
    clean, other = Drive(room(drawn)), Drive(room(drawn))
    for heard in history:
        best, layers = clean.step(CLEAN), other.step(*heard)
        assert sum(LAYERS[number].bitrate_bps for number in layers.values() if number is not None) <= sum(
            LAYERS[number].bitrate_bps for number in best.values() if number is not None
        )


@settings(max_examples=60)
@given(rooms, histories)
def test_nothing_that_failed_comes_back_before_ten_seconds(
    drawn: list[tuple[Role, int, int]], history: list[list[Sign]]
) -> None:
    drive = Drive(room(drawn))
    fell_s: dict[tuple[TrackId, int], float] = {}
    before: dict[TrackId, int | None] = {}
    for heard in history:
        layers = drive.step(*heard)
        for track, number in layers.items():
            was, is_now = before.get(track), -1 if number is None else number
            if was is not None and was > is_now:
                fell_s[track, was] = drive.now_s
            elif number is not None:
                assert drive.now_s - fell_s.get((track, number), float("-inf")) >= FIRST_BACK_OFF_S or was == number
        before = layers
