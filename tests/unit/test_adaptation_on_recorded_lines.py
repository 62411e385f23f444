"""What browsers reported over real lines, told again: what is decided keeps its promises, and is what was decided then.

Recordings are made by `./run bench record_line`. Told again, a decision changes nothing of what was reported after it;
so each recorded line carries simulated calls as well, where it does.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from signaling.media.adaptation.downlink import Downlink
from signaling.media.adaptation.line import Estimate, Loss, Resends, RoundTrip, Sign
from signaling.media.adaptation.shedding import Role, Shown
from signaling.media.port import ClientStats, TrackId
from tests.recorded_line import FOLDER, Heard, Recording, Second, Viewing, names, read, write
from tests.simulated_line import TICK_S, Line, Moment, Simulation, picture

LINES = ("home-wifi", "4g-train", "lossy-cafe", "300-kbit", "loss-20", "satellite", "cut")
SPEAKER = picture("a", Role.SPEAKER)
SIX = (SPEAKER, *(picture(name) for name in "bcdef"))
RANKED = (picture("i", Role.INTERPRETER), SPEAKER, picture("s", Role.SHARE), *(picture(name) for name in "bcd"))
ROOMS = pytest.mark.parametrize("room", [(), SIX, RANKED], ids=["as recorded", "six", "ranked"])
EVERY_LINE = pytest.mark.parametrize("name", LINES)

OPEN_BPS = 20_000_000.0  # of a line that carries whatever comes
BACK_OFF_S = 10.0  # the first
AFTER_THE_END_S = 60.0  # simulated calls last so much longer than the recording

recorded = cache(read)


@dataclass(frozen=True)
class Given:
    """What was decided when a recording was told again, and what had been heard since the decision before."""

    at_s: float  # since the recording began
    heard: Sequence[Heard]
    shown: Sequence[Shown]
    total_bps: int  # sound and pictures
    fits_bps: float
    layers: dict[TrackId, int | None]

    def layer(self, track: TrackId) -> int:
        """-1 for off."""
        number = self.layers.get(track)
        return -1 if number is None else number

    @property
    def best(self) -> int:
        """Of all layers; -1 where there is no picture."""
        return max(map(self.layer, self.layers), default=-1)


def tell(viewing: Viewing, room: tuple[Shown, ...] = (), more_audio_bps: int = 0) -> Iterator[Given]:
    """Tell one connection's signs again, to a viewer of `room`, or else of what was shown then."""
    downlink, heard = Downlink(0.0), list[Heard]()
    for event in viewing.events:
        if isinstance(event, Heard):
            downlink.sign(event.sign, event.at_s)
            heard.append(event)
            continue
        shown, audio_bps = room or event.shown, event.audio_bps + more_audio_bps
        decision = downlink.decide(event.at_s, shown, audio_bps)
        at_s, total_bps = viewing.begins_s + event.at_s, decision.budget_bps + audio_bps
        yield Given(at_s, heard, shown, total_bps, downlink.fits_bps, decision.layers)
        heard = []


@cache
def told(name: str, room: tuple[Shown, ...] = (), more_audio_bps: int = 0) -> list[Given]:
    """The whole recording."""
    return [given for viewing in recorded(name).viewings for given in tell(viewing, room, more_audio_bps)]


def changes(given: Sequence[Given]) -> Iterator[tuple[Given, Given, TrackId]]:
    """Before and after a picture, visible all the time, was made larger or smaller, opened or taken away."""
    for before, after in pairwise(given):
        visible = {each.track for each in before.shown if each.visible and each.layers}
        for each in after.shown:
            if each.track in visible and each.visible and after.layer(each.track) != before.layer(each.track):
                yield before, after, each.track


def falls(given: Sequence[Given]) -> Iterator[tuple[Given, Given, TrackId]]:
    """Those for the worse."""
    return (
        (before, after, track) for before, after, track in changes(given) if after.layer(track) < before.layer(track)
    )


def test_each_kind_of_line_is_recorded() -> None:
    assert set(LINES) <= set(names())


@EVERY_LINE
def test_a_recording_is_written_as_it_was_read(name: str, tmp_path: Path) -> None:
    assert write(recorded(name), tmp_path).read_text() == (FOLDER / f"{name}.jsonl").read_text()


@EVERY_LINE
def test_what_was_decided_is_decided_again(name: str) -> None:
    """One in ten may differ, so that not each small change needs new recordings; a large one does."""
    for viewing in recorded(name).viewings:
        then = [event for event in viewing.events if not isinstance(event, Heard)]
        same = sum(was.layers == now.layers for was, now in zip(then, tell(viewing), strict=True))
        assert same >= 0.9 * len(then)


@EVERY_LINE
@ROOMS
@pytest.mark.parametrize("more_audio_bps", [0, 200_000])
def test_what_is_taken_away_makes_room_for_the_sound(name: str, room: tuple[Shown, ...], more_audio_bps: int) -> None:
    for before, after, _track in falls(told(name, room, more_audio_bps)):
        smallest = [layer for layer in after.layers.values() if layer is not None] in ([], [0])
        sent_before_the_trial = after.total_bps <= after.fits_bps / 0.75
        assert smallest or sent_before_the_trial or before.fits_bps == after.fits_bps


@EVERY_LINE
def test_no_layer_is_larger_than_what_is_shown(name: str) -> None:
    for given in told(name):
        for each in given.shown:
            layer = given.layer(each.track)
            assert layer in (-1, *(one.index for one in each.layers))
            assert all(one.height < 0.75 * each.height for one in each.layers if one.index < layer)


@EVERY_LINE
def test_the_only_picture_is_never_taken_away_for_each_of_these_lines_carries_it(name: str) -> None:
    visible = [(given, each) for given in told(name) for each in given.shown if each.visible]
    assert visible
    assert all(given.layers[each.track] is not None for given, each in visible)


@EVERY_LINE
def test_pictures_go_in_their_order_other_cameras_screen_speaker_interpreter(name: str) -> None:
    for given in told(name, RANKED):
        layers = [given.layer(each.track) for each in RANKED]
        assert layers == sorted(layers, reverse=True)


def speaks_of_trouble(signs: Sequence[Sign]) -> bool:
    """Whether anything of the last ten seconds is a real sign: more than an estimate that is low and was no higher."""
    estimates = [sign.bitrate_bps for sign in signs if isinstance(sign, Estimate)]
    round_trips_s = [sign.seconds for sign in signs if isinstance(sign, RoundTrip)]
    losses = [sign.lost / sign.expected for sign in signs if isinstance(sign, Loss) and sign.expected]
    return (
        any(after < 0.85 * max(estimates[: place + 1]) for place, after in enumerate(estimates))
        or any(after > min(round_trips_s) + 0.15 for after in round_trips_s)
        or any(min(pair) > 0.1 for pair in pairwise(losses))
        or any(sign.asked >= 10 and sign.asked > 0.25 * sign.sent for sign in signs if isinstance(sign, Resends))
        or any(sign.freezes and (sign.loss or 0) > 0.03 for sign in signs if isinstance(sign, ClientStats))
    )


@EVERY_LINE
@ROOMS
def test_nothing_is_taken_away_without_a_real_sign(name: str, room: tuple[Shown, ...]) -> None:
    given = told(name, room)
    for _before, after, _track in falls(given):
        lately = [heard.sign for one in given if after.at_s - 10 <= one.at_s <= after.at_s for heard in one.heard]
        assert speaks_of_trouble(lately)


@EVERY_LINE
def test_a_good_line_takes_nothing_away_though_its_estimates_are_lower_than_what_comes(name: str) -> None:
    good = [given for given in told(name) if given.at_s < recorded(name).bad_from_s]
    assert not list(falls(good))
    estimates = [(given, heard.sign) for given in good for heard in given.heard if isinstance(heard.sign, Estimate)]
    assert any(sign.bitrate_bps < given.total_bps for given, sign in estimates)


@EVERY_LINE
@ROOMS
def test_what_was_taken_away_comes_back_after_ten_seconds_at_the_earliest(name: str, room: tuple[Shown, ...]) -> None:
    fell_s: dict[tuple[TrackId, int], float] = {}
    for before, after, track in changes(told(name, room)):
        if after.layer(track) < before.layer(track):
            fell_s[track, before.layer(track)] = after.at_s
        else:
            assert after.at_s - fell_s.get((track, after.layer(track)), float("-inf")) >= BACK_OFF_S


@EVERY_LINE
@ROOMS
def test_pictures_change_seldom(name: str, room: tuple[Shown, ...]) -> None:
    changed_s = [after.at_s for _before, after, _track in changes(told(name, room))]
    pictures = len(room) or 1
    for place, at_s in enumerate(changed_s):
        within_a_minute = bisect_left(changed_s, at_s + 60) - place
        assert within_a_minute <= 6 * pictures


@EVERY_LINE
def test_when_the_line_is_good_again_the_picture_is_back_within_the_back_off(name: str) -> None:
    given, recording = told(name), recorded(name)
    before = [one for one in given if one.at_s < recording.bad_from_s]
    after = [one for one in given if one.at_s >= recording.bad_until_s]
    failures = sum(fell.at_s >= recording.bad_from_s for _before, fell, _track in falls(given))
    back_s = next(one.at_s for one in after if one.best >= before[-1].best)
    assert back_s - recording.bad_until_s <= BACK_OFF_S * 2**failures


def carried_by(recording: Recording) -> Line:
    """A simulated line that does what the recorded one did."""

    def second(at_s: float) -> Second:
        place = bisect_left(recording.seconds, at_s, key=lambda one: one.at_s)
        return recording.seconds[min(place, len(recording.seconds) - 1)]

    def capacity_bps(at_s: float) -> float:
        kbit_s = second(at_s).capacity_kbit_s
        return OPEN_BPS if kbit_s is None else 1000 * kbit_s

    return Line(capacity_bps, recording.queue_s, lambda at_s: second(at_s).loss, recording.round_trip_s)


@cache
def call(name: str, pictures: int) -> Simulation:
    """A call over the line of a recording, which stays good for a while after its end."""
    recording = recorded(name)
    simulation = Simulation(carried_by(recording), list(SIX[:pictures]))
    return simulation.run(recording.seconds[-1].at_s + AFTER_THE_END_S)


def speaker(moment: Moment) -> int:
    """The speaker's layer, -1 for off."""
    number = moment.given.get(SPEAKER.track)
    return -1 if number is None else number


CALLS = pytest.mark.parametrize("pictures", [1, 6])


@EVERY_LINE
@CALLS
def test_in_a_call_over_a_recorded_line_whoever_speaks_is_always_seen(name: str, pictures: int) -> None:
    assert all(speaker(moment) >= 0 for moment in call(name, pictures).moments)


@EVERY_LINE
@CALLS
def test_in_a_call_over_a_recorded_line_hardly_any_sound_is_lost_but_by_the_line_itself(
    name: str, pictures: int
) -> None:
    simulation = call(name, pictures)
    moments = simulation.moments
    by_the_line = sum(1 if moment.capacity_bps == 0 else simulation.line.loss(moment.at_s) for moment in moments)
    assert simulation.audio_loss() <= by_the_line / len(moments) + 0.015


@EVERY_LINE
@CALLS
def test_in_a_call_over_a_recorded_line_too_much_is_sent_for_seconds_only(name: str, pictures: int) -> None:
    moments = [moment for moment in call(name, pictures).moments if moment.capacity_bps]
    assert TICK_S * sum(moment.decided_bps > 1.2 * moment.capacity_bps for moment in moments) <= 6


@EVERY_LINE
@CALLS
def test_in_a_call_over_a_recorded_line_pictures_are_back_when_it_is_good_again(name: str, pictures: int) -> None:
    simulation, good_s = call(name, pictures), recorded(name).bad_until_s
    assert simulation.seconds_until(good_s, lambda moment: None not in moment.given.values()) < 45
    if pictures == 1:
        assert simulation.seconds_until(good_s, lambda moment: speaker(moment) == 2) < 45


@EVERY_LINE
@CALLS
def test_in_a_call_over_a_recorded_line_pictures_change_seldom(name: str, pictures: int) -> None:
    simulation = call(name, pictures)
    changed = sum(before.given != after.given for before, after in pairwise(simulation.moments))
    assert changed <= (4 + 2 * pictures) * simulation.now_s / 60
