"""Whole calls on simulated lines: how soon down, how soon back, how long too much, and did the sound come through?"""

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from signaling.media.adaptation.shedding import LayerRate, Role
from tests.simulated_line import Line, Moment, Simulation, always, picture

SPEAKER = picture("a", Role.SPEAKER)
SIX = [SPEAKER, *(picture(name) for name in "bcdef")]
MEASURED = (LayerRate(0, 178_000, 180), LayerRate(1, 395_000, 360), LayerRate(2, 814_000, 720))


def layer(moment: Moment) -> int:
    """The speaker's, -1 for off."""
    number = moment.given.get(SPEAKER.track)
    return -1 if number is None else number


def rises(simulation: Simulation) -> list[float]:
    """When anything was made better or opened, after the first second."""
    moments = simulation.since(1)
    return [after.at_s for before, after in pairwise(moments) if after.decided_bps > before.decided_bps]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kbps", [300, 400])
def test_on_a_narrow_line_the_speaker_stays_small_and_the_sound_is_clean(kbps: int, seed: int) -> None:
    simulation = Simulation(Line(always(kbps * 1_000)), [SPEAKER], seed).run(300)
    assert all(layer(moment) >= 0 for moment in simulation.since(0))
    assert simulation.share_over() < 0.05
    assert simulation.audio_loss() < 0.005


def test_on_a_narrow_line_what_does_not_fit_is_tried_ever_more_seldom() -> None:
    tried_s = rises(Simulation(Line(always(300_000)), [SPEAKER]).run(400))
    waits_s = [after - before for before, after in pairwise(tried_s)]
    assert all(wait_s >= nominal for wait_s, nominal in zip(waits_s, [10, 20, 40, 80, 160], strict=False))


def test_a_full_room_on_a_narrow_line_keeps_the_speaker_and_the_sound() -> None:
    simulation = Simulation(Line(always(300_000)), SIX).run(300)
    assert all(layer(moment) >= 0 for moment in simulation.since(0))
    assert simulation.seconds_until(0.5, lambda moment: moment.decided_bps <= 350_000) < 3
    assert simulation.seconds_until(0.5, lambda moment: moment.decided_bps <= 300_000) < 4
    assert simulation.share_over(60) < 0.1
    assert simulation.audio_loss() < 0.01


def test_on_a_line_for_audio_only_pictures_go_and_the_sound_stays() -> None:
    simulation = Simulation(Line(always(100_000)), [SPEAKER]).run(300)
    assert simulation.seconds_until(0, lambda moment: bool(moment.given) and layer(moment) == -1) < 3
    assert simulation.share_over(10) < 0.05
    assert simulation.audio_loss() < 0.01


def test_a_wide_line_gives_everybody_everything_and_takes_nothing_back() -> None:
    simulation = Simulation(Line(always(12_000_000)), SIX).run(140)
    totals = [moment.decided_bps for moment in simulation.moments]
    assert totals == sorted(totals)
    assert set(simulation.moments[-1].given.values()) == {2}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_line_that_narrows_and_widens_is_followed_down_in_seconds_and_up_within_half_a_minute(seed: int) -> None:
    line = Line(lambda at_s: 300_000 if 60 <= at_s < 80 else 3_000_000)
    simulation = Simulation(line, [SPEAKER], seed).run(140)
    assert layer(simulation.since(59)[0]) == 2
    assert simulation.seconds_until(60, lambda moment: moment.decided_bps < 1_000_000) < 2
    assert simulation.seconds_until(60, lambda moment: moment.decided_bps <= 300_000) < 4
    assert simulation.seconds_until(80, lambda moment: layer(moment) == 2) < 45
    assert simulation.audio_loss(64, 80) < 0.02


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_full_room_on_a_line_that_suddenly_is_narrow_keeps_the_speaker_and_the_sound(seed: int) -> None:
    line = Line(lambda at_s: 300_000 if at_s >= 40 else 20_000_000)
    simulation = Simulation(line, SIX, seed).run(100)
    assert simulation.seconds_until(40, lambda moment: moment.decided_bps <= 350_000) < 5
    assert all(layer(moment) >= 0 for moment in simulation.since(0))
    assert simulation.audio_loss(46) < 0.02


def test_the_line_of_the_measurements_is_recovered_from() -> None:
    line = Line(lambda at_s: 400_000 if at_s >= 45 else 5_000_000)
    simulation = Simulation(line, [picture("a", Role.SPEAKER, MEASURED)]).run(150)
    assert layer(simulation.since(44)[0]) == 2
    assert simulation.seconds_until(45, lambda moment: moment.decided_bps <= 400_000) < 5
    assert all(layer(moment) >= 0 for moment in simulation.since(0))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_five_percent_of_random_loss_on_a_wide_line_does_not_keep_pictures_small(seed: int) -> None:
    simulation = Simulation(Line(always(10_000_000), loss=always(0.05)), [SPEAKER], seed).run(200)
    assert all(layer(moment) >= 0 for moment in simulation.since(0))
    assert sum(layer(moment) == 2 for moment in simulation.since(40)) > 0.8 * len(simulation.since(40))


@pytest.mark.parametrize("percent", [10, 20, 25])
def test_heavy_random_loss_makes_pictures_smaller_but_never_takes_them_away(percent: int) -> None:
    simulation = Simulation(Line(always(10_000_000), loss=always(percent / 100)), [SPEAKER]).run(200)
    assert all(layer(moment) >= 0 for moment in simulation.since(0))
    assert max(layer(moment) for moment in simulation.since(0)) >= 1


def test_loss_of_a_shallow_queue_is_understood_without_estimates() -> None:
    line = Line(always(400_000), queue_s=0.05)
    simulation = Simulation(line, [SPEAKER], hears_estimates=False).run(300)
    assert all(layer(moment) >= 0 for moment in simulation.since(0))
    assert simulation.share_over() < 0.1


def train(at_s: float) -> float:
    """Open field, a village, a cutting, a tunnel, and out again, every 90 s."""
    in_round_s = at_s % 90
    for until_s, bps in ((45, 6_000_000), (55, 1_200_000), (65, 300_000), (69, 20_000)):
        if in_round_s < until_s:
            return bps
    return 3_000_000


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_train_pictures_come_back_after_every_tunnel(seed: int) -> None:
    simulation = Simulation(Line(train, queue_s=0.8, loss=always(0.01)), [SPEAKER], seed).run(360)
    for tunnel_ends_s in (69, 159, 249):
        assert simulation.seconds_until(tunnel_ends_s, lambda moment: layer(moment) >= 0) < 25
    assert simulation.share_over() < 0.2
    assert simulation.audio_loss() < 0.04


def walk(seed: int) -> Callable[[float], float]:
    """A line that is never the same for long, as recorded ones are."""
    numbers = random.Random(seed)
    bps, seconds = 1_500_000.0, []
    for _second in range(200):
        bps = min(6_000_000.0, max(150_000.0, bps * numbers.uniform(0.8, 1.25)))
        seconds.append(bps)
    return lambda at_s: seconds[min(int(at_s), 199)]


@pytest.mark.parametrize("seed", range(5))
def test_on_a_line_that_wanders_little_time_is_spent_with_too_much(seed: int) -> None:
    simulation = Simulation(Line(walk(seed)), [SPEAKER, picture("b")], seed).run(200)
    assert simulation.share_over() < 0.15
    assert simulation.audio_loss() < 0.03
    changes = sum(before.given != after.given for before, after in pairwise(simulation.moments))
    assert changes < 40


def test_of_six_pictures_as_many_are_shown_as_the_line_carries() -> None:
    simulation = Simulation(Line(always(800_000)), SIX).run(200)
    counts = [sum(number is not None for number in moment.given.values()) for moment in simulation.since(30)]
    assert sum(count == 5 for count in counts) > 0.6 * len(counts)
    assert min(counts) >= 3
    assert simulation.share_over(30) < 0.1
    assert simulation.audio_loss() < 0.005


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_viewer_of_whom_only_its_own_figures_are_known_is_adapted_to(seed: int) -> None:
    narrow = Simulation(Line(always(300_000)), [SPEAKER], seed, only_counts=True).run(300)
    assert all(layer(moment) >= 0 for moment in narrow.since(0))
    assert narrow.share_over(60) < 0.1
    assert narrow.audio_loss() < 0.02
    wide = Simulation(Line(always(5_000_000)), [SPEAKER], seed, only_counts=True).run(60)
    assert layer(wide.moments[-1]) == 2


def test_a_line_that_narrows_is_noticed_by_the_clients_figures_alone() -> None:
    simulation = Simulation(Line(lambda at_s: 5_000_000 if at_s < 60 else 300_000), [SPEAKER], only_counts=True).run(
        120
    )
    assert simulation.seconds_until(60, lambda moment: moment.decided_bps <= 300_000) < 10
