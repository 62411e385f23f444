"""Whose face is shown where there is no room for all: who interprets, who spoke last, and nobody moves without need."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from signaling.call.inputs import Speaking
from signaling.call.spec import StageSpec
from signaling.call.stage import Stage
from signaling.errors import Code
from signaling.media.port import SeatId
from tests.calls import Drive, refused, seat, spec

EVERYBODY = [SeatId(f"s{number}") for number in range(12)]
SIZES = StageSpec(narrow=3, wide=5)

turns = st.lists(st.lists(st.sampled_from(EVERYBODY), max_size=4, unique=True), max_size=30)
crowds = st.sets(st.sampled_from(EVERYBODY), min_size=1).map(lambda seats: [s for s in EVERYBODY if s in seats])


def staged(spoken: Sequence[Sequence[SeatId]], present: Sequence[SeatId] = EVERYBODY) -> Stage:
    stage = Stage()
    for speaking in spoken:
        stage.heard(speaking)
        stage.fill(SIZES, present, ())
    return stage


@given(turns, crowds)
def test_who_spoke_last_is_shown_and_the_stage_is_full(spoken: list[list[SeatId]], present: list[SeatId]) -> None:
    stage = staged([*spoken, []], present)
    last = dict.fromkeys(s for speaking in reversed(spoken) for s in speaking if s in present)
    for shown, size in ((stage.narrow, SIZES.narrow), (stage.wide, SIZES.wide)):
        assert set(list(last)[:size]) <= set(shown) <= set(present)
        assert len(set(shown)) == len(shown) == min(size, len(present))


@given(turns, st.lists(st.sampled_from(EVERYBODY), max_size=4, unique=True))
def test_who_stays_keeps_the_place(spoken: list[list[SeatId]], speaking: list[SeatId]) -> None:
    stage = staged([*spoken, []])
    before = stage.wide
    stage.heard(speaking)
    stage.fill(SIZES, EVERYBODY, ())
    assert all(now == then for now, then in zip(stage.wide, before, strict=True) if now in before)


@given(turns, crowds, crowds)
def test_coming_and_going_moves_nobody_in_front_of_somebody_else(
    spoken: list[list[SeatId]], present: list[SeatId], later: list[SeatId]
) -> None:
    stage = staged([*spoken, []], present)
    before = stage.wide
    stage.fill(SIZES, later, ())
    stayed = [s for s in before if s in stage.wide]
    assert [s for s in stage.wide if s in before] == stayed


@given(turns, st.sets(st.sampled_from(EVERYBODY), max_size=2))
def test_who_interprets_is_shown_whoever_speaks(spoken: list[list[SeatId]], interpreting: set[SeatId]) -> None:
    stage = staged(spoken)
    stage.fill(SIZES, EVERYBODY, interpreting)
    assert interpreting <= set(stage.narrow) <= set(stage.wide) | set(stage.narrow)
    assert interpreting <= set(stage.wide)


def group_of_twenty() -> Drive:
    guests = [seat(f"g{number:02}", "guest") for number in range(18)]
    drive = Drive(spec("small_group", [seat("kim", "host"), seat("park", "co_host"), *guests], capacity=20))
    for name in ("kim", "park", *(guest["seat"] for guest in guests)):
        drive.come(name, name)
    drive.ask("kim", "lobby.admit_all")
    return drive


def test_twenty_sit_in_a_group_and_all_are_told_the_same_faces() -> None:
    drive = group_of_twenty()
    assert len(drive.media) == 20
    first = drive.last("g00", "state")["stage"]
    assert len(first["wide"]) == 9
    drive.happens(Speaking([SeatId("g17")]))
    told = [drive.last(conn, "stage.state")["stage"] for conn in ("kim", "g00", "g17")]
    assert told[0] == told[1] == told[2]
    assert sum(now != then for now, then in zip(told[0]["wide"], first["wide"], strict=True)) == 1
    assert "g17" in told[0]["narrow"]
    drive.lose("g05")
    drive.resume("again", "g05", drive.tokens["g05"][-1])
    assert drive.last("again", "state")["stage"] == told[0]


def test_a_host_marks_who_interprets_and_a_restart_does_not_forget_it() -> None:
    drive = group_of_twenty()
    drive.ask("kim", "seat.interpret", seat="g15", interprets=True)
    assert drive.last("g01", "seat.state")["seat"]["interprets"]
    assert "g15" in drive.last("g01", "stage.state")["stage"]["narrow"]
    assert drive.interpreters == {"g15"}
    drive.restart()
    assert drive.interpreters == {"g15"}
    drive.resume("kim2", "kim", drive.tokens["kim"][-1])
    drive.ask("kim2", "seat.interpret", seat="g15", interprets=False)
    assert drive.interpreters == frozenset()


def test_only_whoever_hosts_marks_an_interpreter_and_at_most_two() -> None:
    drive = group_of_twenty()
    with refused(Code.NOT_ALLOWED):
        drive.ask("g01", "seat.interpret", seat="g01", interprets=True)
    for name in ("g01", "g02"):
        drive.ask("kim", "seat.interpret", seat=name, interprets=True)
    with refused(Code.TOO_MANY):
        drive.ask("kim", "seat.interpret", seat="g03", interprets=True)
