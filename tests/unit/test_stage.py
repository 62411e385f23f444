"""Whose face is shown where there is no room for all: who interprets, who speaks, and nobody moves without need."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from signaling.call.inputs import Speaking
from signaling.call.spec import StageSpec
from signaling.call.stage import KEEPS_PLACE, Stage
from signaling.errors import Code
from signaling.media.port import SeatId
from tests.calls import NOON, Drive, refused, seat, spec

EVERYBODY = [SeatId(f"s{number:02}") for number in range(12)]
SIZES = StageSpec(narrow=3, wide=5)

crowds = st.sets(st.sampled_from(EVERYBODY), min_size=1).map(sorted)
speaking = st.lists(st.sampled_from(EVERYBODY), max_size=4, unique=True)
turns = st.lists(st.tuples(speaking, st.integers(0, 12)), max_size=30)


class Talk:
    """A stage, a clock, and when each was last heard."""

    def __init__(self, spoken: Sequence[tuple[Sequence[SeatId], int]], present: Sequence[SeatId] = EVERYBODY) -> None:
        self.stage, self.now, self.present = Stage(), NOON, present
        self.spoke = dict.fromkeys(EVERYBODY, NOON - timedelta(days=1))
        self.speaking: Sequence[SeatId] = ()
        self.look()
        for now_speaking, seconds in spoken:
            self.speak(now_speaking)
            self.wait(seconds)

    def speak(self, speaking: Sequence[SeatId]) -> None:
        self.spoke |= dict.fromkeys(self.speaking, self.now)
        self.speaking = speaking
        self.stage.heard(speaking, self.now)
        self.look()

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += timedelta(seconds=1)
            self.look()

    def look(self, interpreting: Collection[SeatId] = (), hosting: Collection[SeatId] = ()) -> None:
        self.spoke |= dict.fromkeys(self.speaking, self.now)
        self.stage.fill(SIZES, self.present, (interpreting, hosting), self.now)

    def has_a_word(self, seat: SeatId) -> bool:
        return self.now - self.spoke[seat] < KEEPS_PLACE


@given(turns, crowds)
def test_the_stage_is_full_and_who_speaks_is_on_it_unless_all_others_just_spoke(
    spoken: list[tuple[list[SeatId], int]], present: list[SeatId]
) -> None:
    talk = Talk(spoken, present)
    for shown, size in ((talk.stage.narrow, SIZES.narrow), (talk.stage.wide, SIZES.wide)):
        assert set(shown) <= set(present)
        assert len(set(shown)) == len(shown) == min(size, len(present))
        if any(seat in present and seat not in shown for seat in talk.speaking):
            assert all(talk.has_a_word(seat) for seat in shown)


@given(turns, speaking, st.integers(0, 12))
def test_nobody_moves_and_only_who_was_long_silent_goes_for_somebody_who_speaks(
    spoken: list[tuple[list[SeatId], int]], speaking: list[SeatId], seconds: int
) -> None:
    talk = Talk(spoken)
    talk.speak(speaking)
    for _ in range(seconds + 1):
        before = talk.stage.wide
        talk.wait(1)
        for now, then in zip(talk.stage.wide, before, strict=True):
            if now != then:
                assert now in talk.speaking
                assert now not in before
                assert not talk.has_a_word(then)


@given(turns)
def test_in_silence_nothing_changes(spoken: list[tuple[list[SeatId], int]]) -> None:
    talk = Talk(spoken)
    talk.speak([])
    before = talk.stage.wide, talk.stage.narrow
    talk.wait(30)
    assert (talk.stage.wide, talk.stage.narrow) == before


@given(turns, crowds, crowds)
def test_coming_and_going_moves_nobody_in_front_of_somebody_else(
    spoken: list[tuple[list[SeatId], int]], present: list[SeatId], later: list[SeatId]
) -> None:
    talk = Talk(spoken, present)
    talk.speak([])
    before, talk.present = talk.stage.wide, later
    talk.look()
    assert [s for s in talk.stage.wide if s in before] == [s for s in before if s in talk.stage.wide]
    assert {s for s in before if s in later} <= set(talk.stage.wide), "who is there loses no place to who comes"


@given(turns, st.sets(st.sampled_from(EVERYBODY), max_size=2))
def test_who_interprets_is_shown_whoever_speaks(
    spoken: list[tuple[list[SeatId], int]], interpreting: set[SeatId]
) -> None:
    talk = Talk(spoken)
    talk.look(interpreting)
    assert interpreting <= set(talk.stage.narrow)
    assert interpreting <= set(talk.stage.wide)


@given(turns, st.sets(st.sampled_from(EVERYBODY), max_size=2), st.sets(st.sampled_from(EVERYBODY), max_size=2))
def test_who_hosts_is_shown_whoever_speaks_and_gives_way_to_who_interprets_alone(
    spoken: list[tuple[list[SeatId], int]], interpreting: set[SeatId], hosting: set[SeatId]
) -> None:
    talk = Talk(spoken)
    talk.look(interpreting, hosting)
    assert hosting <= set(talk.stage.wide)
    missing = hosting - set(talk.stage.narrow)
    assert not missing or set(talk.stage.narrow) <= interpreting | hosting


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
    drive.wait(1)
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
