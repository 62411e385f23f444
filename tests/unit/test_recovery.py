"""What the bench of quality says of a line that became good: what came again, when, and what never did."""

from tests.bench.recovery import Look, recovery

SECOND = 48_000


def looks(*seconds: tuple[int, int, float]) -> list[Look]:
    """One each second: frames until now, lines, and which share of the second's sound was made up."""
    found, concealed = [], 0.0
    for number, (frames, height, share) in enumerate(seconds):
        concealed += share * SECOND
        found.append(Look(float(number), frames, height, concealed, float(number * SECOND)))
    return found


def test_each_thing_counts_from_the_moment_it_came_again() -> None:
    found = recovery(
        looks((9, 180, 0), (9, 180, 0.5), (10, 180, 0.1), (30, 360, 0), (60, 720, 0), (90, 720, 0)), wanted=720
    )
    assert (found.picture_s, found.larger_s, found.as_before_s, found.sound_s) == (2, 3, 4, 2)
    assert found.is_whole


def test_a_picture_that_stands_still_has_not_come_again_however_large_it_is() -> None:
    found = recovery(looks(*[(9, 360, 0.0)] * 5), wanted=360)
    assert (found.picture_s, found.as_before_s) == (None, None)
    assert not found.is_whole
    assert "new picture never in 60 s" in str(found)


def test_sound_is_well_only_once_it_stayed_so() -> None:
    assert recovery(looks(*[(1, 360, 0.0)] * 3), wanted=360).sound_s is None
    assert recovery(looks(*[(1, 360, 0.5)] * 9), wanted=360).sound_s is None


def test_no_sound_at_all_is_not_well() -> None:
    still = [Look(float(second), second, 360, 0.0, 0.0) for second in range(9)]
    assert recovery(still, wanted=360).sound_s is None
