"""Which node carries a room: by engine, place and load; of lost, draining and full nodes, and after outages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.domain.appointments import Status
from server.domain.engines import Engine
from server.domain.nodes import NODE_SILENT, Node, heard_again
from server.domain.rooms import MOVES_AT_ONCE, Assign, Move, Plan, tick
from tests.plans import BOOKED, START, at, node, plan


def test_a_room_that_asks_for_an_engine_is_carried_by_it_as_long_as_there_is_place() -> None:
    asks = replace(BOOKED, engine=Engine.JANUS)
    ours, janus = node("ours"), node("janus", seats=50, engine=Engine.JANUS)

    def placed(*nodes: Node) -> str:
        (decision,) = [one for one in tick([asks], nodes, at(-20)) if isinstance(one, Assign)]
        return decision.node

    assert placed(ours, janus) == "janus"
    assert placed(ours, replace(janus, seats=99)) == "ours", "a conversation on another engine is better than none"
    assert placed(ours) == "ours"


def test_a_room_that_asks_for_nothing_goes_to_the_emptiest_node_of_any_engine() -> None:
    nodes = [node("ours", seats=50), node("janus", engine=Engine.JANUS)]
    (decision,) = [one for one in tick([BOOKED], nodes, at(-20)) if isinstance(one, Assign)]
    assert decision.node == "janus"


def test_the_emptiest_node_with_room_for_everybody_carries_the_call() -> None:
    nodes = [node("small", at(-30), capacity=1), node("full", at(-30), seats=99), node("free", at(-30), seats=50)]
    assert [one.node for one in tick([BOOKED], nodes, at(-30)) if isinstance(one, Assign)] == ["free"]


def test_rooms_opened_in_one_tick_are_spread_by_what_was_just_planned() -> None:
    other = replace(BOOKED, appointment_id="b", call_id="d")
    nodes = [node("one", at(-30), capacity=10), node("two", at(-30), capacity=10)]
    assert {one.node for one in tick([BOOKED, other], nodes, at(-30)) if isinstance(one, Assign)} == {"one", "two"}


def test_without_a_living_node_nothing_is_promised() -> None:
    assert tick([BOOKED], [], at(-20)) == []
    assert tick([BOOKED], [node(seen_at=at(-25))], at(-20)) == []


def test_a_call_on_a_lost_node_moves_under_a_higher_epoch() -> None:
    live = plan(status=Status.IN_PROGRESS, node="lost", epoch=3, occupied=True, first_host_at=START)
    nodes = [node("lost", at(5)), node("next", at(10))]
    assert Assign("a", "c", "next", 4, at(-30)) in tick([live], nodes, at(10))


def test_a_call_stays_where_it_is_while_its_node_restarts() -> None:
    live = plan(status=Status.IN_PROGRESS, occupied=True)
    assert not [
        one for one in tick([live], [node(seen_at=at(9.5)), node("next", at(10))], at(10)) if isinstance(one, Assign)
    ]


def hear(known: dict[str, Node], name: str, now: datetime) -> None:
    """Write the announcement down as the action writes it."""
    known |= {one.name: one for one in heard_again(list(known.values()), now)}
    known[name] = node(name, now)


def moved_by(known: dict[str, Node], now: datetime) -> set[str]:
    """Who is given a call that each known node carries."""
    plans = [plan(appointment_id=name, call_id=name, node=name, occupied=True) for name in known]
    return {one.appointment_id for one in tick(plans, list(known.values()), now) if isinstance(one, Assign)}


def test_the_first_node_heard_after_an_outage_is_not_given_the_calls_of_the_others() -> None:
    known = {name: node(name, START) for name in ("one", "two", "three")}
    hear(known, "one", at(5))
    assert moved_by(known, at(5)) == set()


def test_a_node_lost_before_an_outage_stays_lost() -> None:
    known = {"lost": node("lost", at(-1)), "one": node("one", START)}
    hear(known, "one", at(5))
    assert moved_by(known, at(5)) == {"lost"}


def test_a_node_lost_during_an_outage_is_replaced_after_a_minute_of_silence() -> None:
    known = {name: node(name, START) for name in ("lost", "one")}
    for second in range(300, 300 + 63, 3):
        hear(known, "one", START + timedelta(seconds=second))
    assert moved_by(known, at(6)) == {"lost"}


def test_a_tick_after_an_outage_and_before_any_announcement_moves_nothing() -> None:
    known = {"one": node("one", START), "two": node("two", START + timedelta(seconds=2))}
    assert moved_by(known, START + timedelta(seconds=61)) == set()


# Whatever the database does: every node announces itself every three seconds, and while it is away nobody is heard.
WATCHED_S = 300
OUTAGES = st.lists(st.tuples(st.integers(1, 200), st.integers(1, 120)), max_size=3)  # begin and length, s
PHASES = st.lists(st.integers(0, 2), min_size=2, max_size=3)


@settings(max_examples=30, deadline=None)
@given(OUTAGES, PHASES, st.integers(3, WATCHED_S))
@example([(178, 120)], [0, 0], 3)
def test_only_a_lost_node_is_replaced_however_often_the_database_is_away(
    outages: list[tuple[int, int]], phases: list[int], lost_from: int
) -> None:
    """The first node falls silent for ever at `lost_from`; the others are there all the time."""
    away = {second for begin, length in outages for second in range(begin, begin + length)}
    known: dict[str, Node] = {}
    moved: set[str] = set()
    for second in sorted(set(range(WATCHED_S)) - away):
        now = START + timedelta(seconds=second)
        for number, phase in enumerate(phases):
            if second % 3 == phase and (number > 0 or second < lost_from):
                hear(known, str(number), now)
        moved = moved_by(known, now)
        assert moved <= ({"0"} if second >= lost_from else set())
    heard_s = len(set(range(lost_from, WATCHED_S)) - away)
    heard_to_the_end = not away & set(range(WATCHED_S - 3, WATCHED_S))  # else the end looks like one more outage
    if heard_to_the_end and "0" in known and heard_s > NODE_SILENT.total_seconds() + 6 * (len(outages) + 1):
        assert moved == {"0"}


def placed(plans: Sequence[Plan], nodes: Sequence[Node], now: datetime) -> dict[str, str]:
    """Where rooms go, by appointment."""
    return {one.appointment_id: one.node for one in tick(plans, nodes, now) if isinstance(one, Assign | Move)}


def test_of_two_nodes_with_as_many_seats_the_less_busy_carries_the_call() -> None:
    nodes = [replace(node("a", at(-30), seats=10), fullness=0.5), replace(node("b", at(-30), seats=10), fullness=0.2)]
    assert placed([BOOKED], nodes, at(-30)) == {"a": "b"}


def test_a_node_that_takes_no_rooms_is_given_none() -> None:
    full = replace(node("full", at(-30)), takes_rooms=False, fullness=0.75)
    assert placed([BOOKED], [full], at(-30)) == {}
    assert placed([BOOKED], [full, node("next", at(-30), seats=90)], at(-30)) == {"a": "next"}


def test_a_room_whose_node_refused_it_gets_another() -> None:
    refused = plan(node=None, epoch=2)
    nodes = [replace(node("full", at(0)), takes_rooms=False), node("next", at(0))]
    assert placed([refused], nodes, at(0)) == {"a": "next"}


def test_people_of_a_lost_machine_go_to_a_node_that_takes_no_new_rooms() -> None:
    nearly = replace(node("nearly", at(10)), takes_rooms=False, fullness=0.8)
    talking = plan(status=Status.IN_PROGRESS, node="lost")
    assert placed([talking], [nearly], at(10)) == {"a": "nearly"}
    assert placed([plan(node="lost")], [nearly], at(10)) == {}
    assert placed([talking], [replace(nearly, fullness=0.95)], at(10)) == {}


def test_people_of_a_lost_machine_do_not_all_go_to_a_node_that_carries_only_some_of_them() -> None:
    busy = replace(node("busy", at(10), seats=40), fullness=0.6, processor=0.6)
    lost = [replace(one, node="lost") for one in MANY]
    assert len(placed(lost, [busy], at(10))) == 9, "the next would make it 90 % full"
    nodes = [busy, node("idle", at(10))]
    assert len(placed(lost, nodes, at(10))) == 30
    assert len(placed(lost, [replace(busy, processor=0.0)], at(10))) == 30, "what fills it does not grow with seats"


def test_a_draining_node_is_left_by_its_rooms_and_given_no_other() -> None:
    nodes = [replace(node("old", at(5)), drained_at=START), node("next", at(5), seats=50)]
    live = plan(status=Status.IN_PROGRESS, node="old", epoch=3, occupied=True, first_host_at=START)
    assert Move("a", "c", "next", 4, "old") in tick([live], nodes, at(5))
    assert placed([BOOKED], nodes[:1], at(5)) == {}
    assert placed([BOOKED], nodes, at(5)) == {"a": "next"}


def test_with_nowhere_to_go_a_room_stays_on_its_draining_node() -> None:
    live = plan(status=Status.IN_PROGRESS, node="old", occupied=True, first_host_at=START)
    assert placed([live], [replace(node("old", at(5)), leaving=True)], at(5)) == {}


MANY = [
    plan(appointment_id=f"a{n}", call_id=f"c{n}", node="old", status=Status.IN_PROGRESS, first_host_at=START)
    for n in range(30)
]


def test_rooms_leave_a_draining_node_a_few_at_a_time() -> None:
    nodes = [replace(node("old", at(5)), leaving=True), node("next", at(5))]
    assert len(placed(MANY, nodes, at(5))) == MOVES_AT_ONCE


SOME_NODES = st.lists(
    st.builds(
        lambda name, seats, fullness, takes, leaving: replace(
            node(name, at(5), seats=seats, capacity=40),
            fullness=fullness,
            processor=fullness,
            takes_rooms=takes,
            leaving=leaving,
        ),
        st.sampled_from(["old", "one", "two", "three"]),
        st.integers(0, 40),
        st.floats(0, 1.2),
        st.booleans(),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda one: one.name,
)


@given(SOME_NODES, st.integers(1, 30), st.booleans())
def test_no_room_ever_goes_to_a_node_that_has_no_place_for_it(nodes: list[Node], rooms: int, talking: bool) -> None:
    status = Status.IN_PROGRESS if talking else Status.OPEN
    plans = [replace(one, status=status) for one in MANY[:rooms]]
    by_name = {one.name: one for one in nodes}
    given_seats: dict[str, int] = {}
    for name in placed(plans, nodes, at(5)).values():
        chosen = by_name[name]
        given_seats[name] = given_seats.get(name, 0) + 2
        assert max(given_seats[name], chosen.seats + 2) <= chosen.seat_capacity
        assert not chosen.draining
        assert chosen.takes_rooms or (talking and chosen.fullness < 0.9)
        if talking and chosen.seats:
            assert chosen.processor * (chosen.seats + given_seats[name]) / chosen.seats < 0.9
