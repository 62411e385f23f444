"""What a node makes of its own figures: it refuses before it is full, does not flicker, tells no false limit."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from signaling.capacity import (
    LATE_S,
    OWN_DOING,
    REFUSES_FROM,
    RUNNING_UP_TO,
    TAKES_BELOW,
    Load,
    Reading,
    next_load,
    stays_open,
    takes,
)
from signaling.media.port import ProcessorTime

RESERVE = 512_000_000
SHARES = st.floats(0, 1.5, allow_nan=False)


IDLE = ProcessorTime(0.0, 1)


def reading(
    at_s: float,
    processor_s: float = 0.0,
    packets: int | None = 0,
    late_s: float = 0.0,
    free: int | None = None,
    media: ProcessorTime | None = IDLE,
) -> Reading:
    return Reading(at_s, processor_s, media, packets, late_s, free)


def steady(
    share: float, packets_per_s: int = 0, late_s: float = 0.0, free: int | None = None, seconds: int = 60
) -> Load:
    load = Load()
    readings = [reading(s, s * share, s * packets_per_s, late_s, free) for s in range(seconds)]
    for older, newer in pairwise(readings):
        load = next_load(load, older, newer, RESERVE)
    return load


@given(st.lists(SHARES, min_size=1))
def test_a_door_moves_only_past_its_threshold(shares: list[float]) -> None:
    is_open = True
    for share in shares:
        before, is_open = is_open, stays_open(is_open, share)
        if before and not is_open:
            assert share >= REFUSES_FROM
        if is_open and not before:
            assert share < TAKES_BELOW
        if share >= REFUSES_FROM:
            assert not is_open
        if share < TAKES_BELOW:
            assert is_open


@given(st.lists(st.floats(TAKES_BELOW, REFUSES_FROM, exclude_max=True)), st.booleans())
def test_between_the_thresholds_nothing_ever_changes(shares: list[float], was_open: bool) -> None:
    is_open = was_open
    for share in shares:
        is_open = stays_open(is_open, share)
    assert is_open is was_open


@given(SHARES, st.booleans())
def test_whatever_takes_a_new_room_takes_a_running_one(share: float, is_open: bool) -> None:
    assert takes(is_open, share, running=True) >= takes(is_open, share, running=False)
    assert is_open or takes(is_open, share, running=True) is (share < RUNNING_UP_TO)


@given(st.floats(0.06, 1.0), st.integers(100, 50_000))
def test_a_steady_load_is_told_as_it_is_and_its_limit_extrapolated(share: float, packets_per_s: int) -> None:
    load = steady(share, packets_per_s)
    assert abs(load.processor - share) < 0.001
    assert load.packet_limit is not None
    assert abs(load.packet_limit / (packets_per_s / share) - 1) < 0.001


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 50_000), st.floats(0, 2)), min_size=2),
    st.none() | st.integers(0, 10**12),
)
def test_fullness_is_a_share_whatever_the_meters_say(
    steps: list[tuple[float, float, int, float]], free: int | None
) -> None:
    load, older = Load(), reading(0.0)
    for passed_s, share, packets, late_s in steps:
        newer = reading(
            older.at_s + passed_s, older.loop_s + passed_s * share, (older.packets or 0) + packets, late_s, free
        )
        load, older = next_load(load, older, newer, RESERVE), newer
        assert 0.0 <= load.fullness <= 1.0 + 1e-6


def test_of_packets_that_nobody_counts_no_number_is_told() -> None:
    load = next_load(Load(), reading(0.0, packets=None), reading(1.0, processor_s=0.5, packets=None), RESERVE)
    assert load.processor > 0
    assert (load.packets_per_s, load.packet_limit) == (None, None)


def test_a_moment_of_work_closes_no_door() -> None:
    busy = next_load(Load(processor=0.2), reading(0.0), reading(1.0, processor_s=1.0), RESERVE)
    assert stays_open(True, busy.fullness)


def test_a_loop_made_late_by_other_programs_is_not_held_against_the_rooms() -> None:
    assert steady(OWN_DOING / 2, late_s=2 * LATE_S).fullness < REFUSES_FROM
    assert steady(OWN_DOING + 0.05, late_s=2 * LATE_S).fullness >= REFUSES_FROM


def test_a_disk_on_which_no_recording_would_begin_takes_no_room() -> None:
    assert steady(0.0, free=RESERVE).fullness >= REFUSES_FROM
    assert steady(0.0, free=10 * RESERVE).fullness < TAKES_BELOW


def carried_elsewhere(media_s: list[float | None], cores: int, loop: float = 0.0, late_s: float = 0.0) -> Load:
    """A load after readings of a second each; `media_s`: what the process that carries the media has used by then."""
    load = Load()
    spent = [None if used_s is None else ProcessorTime(used_s, cores) for used_s in media_s]
    readings = [reading(s, s * loop, late_s=late_s, media=media) for s, media in enumerate(spent)]
    for older, newer in pairwise(readings):
        load = next_load(load, older, newer, RESERVE)
    return load


@given(st.integers(1, 64), st.floats(0, 1), st.floats(0, 1))
def test_media_that_another_process_carries_fill_the_cores_it_has(cores: int, share: float, loop: float) -> None:
    load = carried_elsewhere([s * share * cores for s in range(60)], cores, loop)
    assert abs(load.fullness - max(share, loop)) < 0.001


def test_a_carrier_of_media_that_began_anew_is_counted_from_its_beginning() -> None:
    before, anew = [50.0 + s for s in range(30)], [0.0, *(0.5 + 0.5 * s for s in range(29))]
    assert abs(carried_elsewhere([*before, *anew], 1).processor - 0.5) < 0.01


def test_where_nobody_can_tell_what_media_cost_a_late_loop_counts_by_itself() -> None:
    assert carried_elsewhere([None] * 60, 1).fullness == 0.0
    assert carried_elsewhere([None] * 60, 1, late_s=2 * LATE_S).fullness >= REFUSES_FROM
    assert carried_elsewhere([0.0] * 60, 1, late_s=2 * LATE_S).fullness < REFUSES_FROM


def test_too_little_flows_to_tell_a_limit() -> None:
    assert steady(0.01, 100).packet_limit is None
