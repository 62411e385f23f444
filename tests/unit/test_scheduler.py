"""The scheduler's decisions, and the property that a server killed between ticks ends with the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.domain.appointments import Status
from server.domain.rooms import Assign, CloseEmpty, Notice, NoticeKind, Plan, tick
from tests.plans import BOOKED, END, START, at, node, plan


def notices(plans: Sequence[Plan], now: datetime) -> set[NoticeKind]:
    return {one.kind for one in tick(plans, [node(seen_at=now)], now) if isinstance(one, Notice)}


def test_a_room_opens_half_an_hour_before_and_not_a_moment_earlier() -> None:
    early = at(-30) - timedelta(microseconds=1)
    assert tick([BOOKED], [node(seen_at=early)], early) == []
    assert tick([BOOKED], [node(seen_at=at(-30))], at(-30)) == [Assign("a", "c", "node-0", 1, at(-30))]


def test_no_shows_are_possible_after_five_and_ten_minutes() -> None:
    assert notices([plan()], at(4.9)) == set()
    assert notices([plan()], at(5)) == {NoticeKind.POSSIBLE_NO_SHOW_HOST}
    assert notices([plan()], at(10)) == {NoticeKind.POSSIBLE_NO_SHOW_HOST, NoticeKind.POSSIBLE_NO_SHOW_GUEST}
    assert notices([plan(first_host_at=at(4))], at(10)) == {NoticeKind.POSSIBLE_NO_SHOW_GUEST}


def test_a_host_who_gave_up_waiting_still_has_the_guests_no_show_raised() -> None:
    gave_up = plan(first_host_at=at(-2), closed_at=at(7))
    assert notices([gave_up], at(10)) == {NoticeKind.POSSIBLE_NO_SHOW_GUEST}


def test_warnings_come_at_ten_five_and_one_only_where_people_have_met() -> None:
    met = plan(status=Status.IN_PROGRESS, first_host_at=at(-5), first_guest_at=at(0), occupied=True)
    assert notices([met], at(39.9)) == set()
    assert notices([met], at(40)) == {NoticeKind.ENDS_IN_10}
    assert notices([met], at(49)) == {NoticeKind.ENDS_IN_10, NoticeKind.ENDS_IN_5, NoticeKind.ENDS_IN_1}
    assert NoticeKind.ENDS_IN_10 not in notices([plan(first_host_at=START)], at(49))


def test_the_next_guest_is_told_once_when_the_one_before_has_not_ended() -> None:
    met = plan(
        status=Status.IN_PROGRESS,
        first_host_at=START,
        first_guest_at=START,
        occupied=True,
        next_appointment_id="next",
    )
    late = Notice("next", NoticeKind.HOST_RUNS_LATE, END)
    assert late not in tick([met], [node()], at(49.9))
    assert late in tick([met], [node()], at(50))
    assert late not in tick([replace(met, closed_at=at(45))], [node()], at(50))


def test_a_room_with_anybody_in_it_is_never_closed() -> None:
    long_over = plan(status=Status.IN_PROGRESS, occupied=True, first_host_at=START, first_guest_at=START)
    assert not [one for one in tick([long_over], [node()], at(600)) if isinstance(one, CloseEmpty)]


def test_a_room_empty_for_ten_minutes_after_a_meeting_is_closed_and_completed() -> None:
    left = plan(status=Status.IN_PROGRESS, empty_since=at(20), first_host_at=START, first_guest_at=START)
    closing = [one for one in tick([left], [node()], at(29.9)) if isinstance(one, CloseEmpty)]
    assert closing == []
    assert CloseEmpty("a", "c", 1, at(30), True) in tick([left], [node()], at(33))


def test_a_room_where_nobody_met_waits_until_its_end_and_is_not_called_completed() -> None:
    came = plan(empty_since=at(15), first_guest_at=at(5))
    assert not [one for one in tick([came], [node()], at(59)) if isinstance(one, CloseEmpty)]
    assert CloseEmpty("a", "c", 1, at(60), False) in tick([came], [node()], at(60))


# The property: events happen to the world; ticks come at any times, some never. Whatever was skipped, a last tick
# brings the same rows.


@dataclass
class Rows:
    """The scheduler's rows for one appointment, written as the action writes them."""

    plan: Plan = BOOKED
    notices: dict[NoticeKind, datetime] = field(default_factory=dict)

    def tick(self, now: datetime) -> None:
        seen = replace(self.plan, noticed=frozenset(self.notices))
        for decision in tick([seen], [node(seen_at=now)], now):
            match decision:
                case Assign():
                    self.plan = replace(
                        self.plan,
                        status=Status.OPEN,
                        node=decision.node,
                        epoch=decision.epoch,
                        opened_at=decision.opened_at,
                    )
                case Notice():
                    self.notices.setdefault(decision.kind, decision.due_at)
                case CloseEmpty():
                    status = Status.COMPLETED if decision.completed else self.plan.status
                    self.plan = replace(self.plan, closed_at=decision.closed_at, status=status)


Event = tuple[int, str]  # the minute, and what people do then: host | guest | leave


def happen(p: Plan, event: Event) -> Plan:
    minute, what = event
    if what == "leave":
        return replace(p, occupied=False, empty_since=at(minute)) if p.occupied else p
    inside = replace(p, occupied=True, empty_since=None)
    if what == "host":
        return _meet(replace(inside, first_host_at=at(minute)))
    return _meet(replace(inside, first_guest_at=at(minute)))


def _meet(p: Plan) -> Plan:
    return replace(p, status=Status.IN_PROGRESS) if p.met_at is not None else p


# Until the room would be closed for want of people: who comes later and still finds it open keeps it, which is as it
# should be, and is the people's doing.
minutes = st.integers(-29, 59)


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """What people do: come or not, at some time, and leave once after that or stay."""
    events = [(draw(minutes), who) for who in ("host", "guest") if draw(st.booleans())]
    if events:
        events.append((draw(st.integers(max(events)[0] + 1, 75)), "leave"))
    return sorted(events)


def run(events: Sequence[Event], ticks: Sequence[int]) -> Rows:
    """The rows after these events with ticks at these minutes (before an event of the same minute), and a last one.

    The node opens the room as soon as it can; people can only come into an open room.
    """
    rows, due = Rows(), sorted({-30, *ticks})
    for event in events:
        while due and due[0] <= event[0]:
            rows.tick(at(due.pop(0)))
        if rows.plan.closed_at is None:
            rows.plan = happen(rows.plan, event)
    for last in [*due, 120]:
        rows.tick(at(last))
    return rows


EVERY_MINUTE = range(-30, 120)


@settings(max_examples=400)
@given(stories(), st.sets(st.integers(-29, 119)))
@example([(0, "guest"), (0, "host"), (33, "leave")], {43, 44})
def test_a_server_that_died_between_any_ticks_ends_with_the_same_rows(events: list[Event], killed: set[int]) -> None:
    whole = run(events, list(EVERY_MINUTE))
    broken = run(events, [minute for minute in EVERY_MINUTE if minute not in killed])
    assert broken == whole


@given(stories())
def test_a_tick_repeated_at_once_decides_nothing_more(events: list[Event]) -> None:
    rows = run(events, list(EVERY_MINUTE))
    seen = replace(rows.plan, noticed=frozenset(rows.notices))
    assert tick([seen], [node(seen_at=at(120))], at(120)) == []
