"""When parts `rooms` and `overload` of `./run bench media` take a level as held, and what they say of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.media_load import SENT_ENOUGH
from tests.bench.media_overload import Level, summary
from tests.bench.media_pairs import FOREIGN_PERCENT, in_turns
from tests.bench.media_rooms import TRIES, Climb, Climbed, _tell, verdict
from tests.bench.media_side import EngineName
from tests.bench.processor import Spread
from tests.media_runs import BROKEN, LOUD, LOUD_AND_BROKEN, QUIET, a_run


def climbed(most: int, first: int = 10) -> tuple[int, list[int]]:
    """What a search finds on an engine that holds so many rooms, and the levels it took."""
    climb, levels = Climb(first), []
    while (level := climb.level) is not None:
        levels.append(level)
        climb.tell(level <= most)
    return climb.held, levels


def test_rooms_are_added_by_quarters_and_near_the_limit_by_tenths() -> None:
    assert climbed(40) == (38, [10, 12, 15, 19, 24, 30, 38, 48, 42])
    assert climbed(47) == (46, [10, 12, 15, 19, 24, 30, 38, 48, 42, 46])


@given(st.integers(0, 1_000), st.integers(1, 100))
def test_a_search_finds_the_limit_to_a_tenth_and_ends(most: int, first: int) -> None:
    held, levels = climbed(most, first)
    assert held <= most <= held * 1.1 + 1
    assert len(levels) == len(set(levels)) < 40


def test_a_level_holds_if_one_try_does_that_nobody_disturbed() -> None:
    assert verdict([BROKEN, QUIET]) is True
    assert verdict([BROKEN, LOUD]) is None, "who disturbs may have slowed the load as well"
    assert verdict([a_run(lost_voice=0.002)]) is None


def test_a_level_breaks_only_after_so_many_tries_that_nobody_disturbed() -> None:
    assert verdict([]) is None
    assert verdict([BROKEN] * (TRIES - 1)) is None
    assert verdict([BROKEN] * TRIES) is False
    assert verdict([*[LOUD_AND_BROKEN] * TRIES, BROKEN]) is None
    assert verdict([LOUD_AND_BROKEN] * 2 * TRIES) is False, "it has to end"
    assert verdict([LOUD] * 2 * TRIES) is False


def test_of_a_level_the_best_try_is_kept_that_nobody_disturbed() -> None:
    late, best_but_loud = a_run(late_ms=5.0), a_run(late_ms=0.5, foreign_percent=FOREIGN_PERCENT + 1)
    climbed = Climbed("ours")
    assert climbed.add(10, [BROKEN, best_but_loud, late])
    assert not climbed.add(12, [LOUD] * 2 * TRIES)
    assert climbed.levels == {10: late}


def test_a_climb_counts_only_if_it_ended_by_as_many_tries_as_a_level_needs_that_nobody_disturbed() -> None:
    climbed = Climbed("ours")
    assert not climbed.add(20, [BROKEN] + [LOUD_AND_BROKEN] * (2 * TRIES - 1))
    assert not climbed.is_quiet
    assert not climbed.add(12, [LOUD_AND_BROKEN] + [BROKEN] * TRIES)
    assert climbed.is_quiet
    assert climbed.add(11, [QUIET])
    assert climbed.is_quiet


def test_the_load_ended_a_climb_only_if_it_was_full_while_nobody_disturbed_it() -> None:
    climbed, full = Climbed("ours"), a_run(late_ms=30.0, load_percent=99.0)
    climbed.add(12, [a_run(late_ms=30.0, load_percent=99.0, foreign_percent=FOREIGN_PERCENT + 1)] + [BROKEN] * TRIES)
    assert not climbed.by_load
    climbed.add(11, [full] * TRIES)
    assert climbed.by_load


def test_a_level_whose_packets_were_not_sent_is_not_held_and_it_was_the_load_that_ended_the_climb() -> None:
    behind, enough = a_run(sent=0.9), a_run(sent=SENT_ENOUGH)
    assert "sent  90.0 % of what was due" in str(behind)
    assert (verdict([behind] * TRIES), verdict([enough])) == (False, True)
    climbed = Climbed("janus")
    assert not climbed.add(60, [behind] * TRIES)
    assert climbed.by_load
    assert climbed.is_quiet


@pytest.mark.parametrize(("sent", "is_known"), [(0.9, False), (1.0, True)])
async def test_where_the_load_ended_a_climb_no_ratio_of_engines_is_told(
    capsys: pytest.CaptureFixture[str], sent: float, is_known: bool
) -> None:
    async def take(name: EngineName) -> Climbed:
        ended = Climbed(name, held=40)
        ended.add(48, [a_run(late_ms=30.0, sent=sent)] * TRIES)
        return ended

    _tell(await in_turns(1, take))
    told = capsys.readouterr().out
    assert ("that is no ratio of engines" not in told) is is_known
    assert f"could no more at the end of {0 if is_known else 1} of 1 climbs" in told


def a_level(
    rooms: int,
    lost: float = 0.0,
    late_ms: float = 5.0,
    core: float = 0.5,
    median_ms: float = 1.0,
    engine: EngineName = "ours",
    sent: float = 1.0,
) -> Level:
    def same(figure: float) -> Spread:
        return Spread(figure, figure, figure)

    voice_ms = (same(median_ms), same(late_ms))
    return Level(engine, rooms, same(lost), same(lost), voice_ms, same(core), same(50.0), same(sent))


def test_a_voice_survives_up_to_the_level_before_the_first_at_which_it_is_lost_or_late() -> None:
    levels = [a_level(20), a_level(40, core=0.8), a_level(60, lost=0.02, core=0.9), a_level(80)]
    assert summary(levels) == "voice survives up to 40 rooms (of at most 80); reckoned, a node refuses new ones at 40"
    late = [a_level(20), a_level(40, late_ms=300.0)]
    assert summary(late) == "voice survives up to 20 rooms (of at most 40); reckoned, a node refuses none of them"
    assert summary([a_level(20, lost=0.5)]).startswith("voice survives at no level")


def test_a_level_whose_packets_were_not_sent_is_marked_as_one_of_the_load() -> None:
    levels = [a_level(20), a_level(40, sent=0.8)]
    assert ["LOAD, NOT ENGINE" in str(level) for level in levels] == [False, True]
    assert summary(levels).endswith("; from 40 on the load could no more, of the engine that says nothing")


def test_a_node_refuses_rooms_by_its_processor_and_with_our_engine_also_when_its_loop_is_late() -> None:
    assert a_level(40, core=0.6).takes_rooms
    assert not a_level(40, core=0.7).takes_rooms
    assert not a_level(40, core=0.6, median_ms=45.0).takes_rooms
    assert a_level(40, core=0.6, median_ms=45.0, engine="janus").takes_rooms, "its own loop is not late"
