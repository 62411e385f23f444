"""The scheduler, pure: what must happen to rooms now. It writes rows and never touches a live call.

Every decision is derived from recorded times, not from when a tick happens to run, so a server that died between two
ticks ends with the same rows as one that did not. Nothing here ends a room with people in it, and a no-show is only
*possible* until a person confirms it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from server.domain.appointments import LIVE, OPENS_BEFORE, Status
from server.domain.engines import Engine
from server.domain.errors import Unavailable
from server.domain.nodes import Node, Places, alive

HOST_LATE = timedelta(minutes=5)
GUEST_LATE = timedelta(minutes=10)
EMPTY_FOR = timedelta(minutes=10)
MOVES_AT_ONCE = 8  # rooms that leave a draining node in one tick: everybody in them joins anew
NEXT_WITHIN = timedelta(minutes=30)


class NoticeKind(StrEnum):
    """What the scheduler notices once per appointment."""

    POSSIBLE_NO_SHOW_HOST = "possible_no_show_host"  # nobody hosts 5 minutes after the start
    POSSIBLE_NO_SHOW_GUEST = "possible_no_show_guest"  # no guest 10 minutes after the start
    ENDS_IN_10 = "ends_in_10"  # ten minutes left
    ENDS_IN_5 = "ends_in_5"  # five minutes left
    ENDS_IN_1 = "ends_in_1"  # one minute left
    HOST_RUNS_LATE = "host_runs_late"  # told to the next guest: the one before has not ended


NO_SHOWS = frozenset({NoticeKind.POSSIBLE_NO_SHOW_HOST, NoticeKind.POSSIBLE_NO_SHOW_GUEST})
WARNINGS = {NoticeKind.ENDS_IN_10: 10, NoticeKind.ENDS_IN_5: 5, NoticeKind.ENDS_IN_1: 1}


CARRIED = frozenset({*LIVE, Status.INTERRUPTED})  # unless it was closed: it has a node, or should have one
TALKING = frozenset({Status.IN_PROGRESS, Status.INTERRUPTED})  # people have met in it, and are not done


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Which room an appointment has, and which node carries its call under which epoch (a fencing number)."""

    call_id: str
    appointment_id: str
    room_id: str
    node: str | None
    epoch: int
    opened_at: datetime | None
    empty_since: datetime | None
    closed_at: datetime | None
    moved_from: str | None = None  # the node that hands the call over to this epoch, if it moved by plan

    def anew(self) -> "Assignment":
        """As if it had never been opened; what is still told of the call under an older epoch is history."""
        unopened = replace(self, node=None, opened_at=None, empty_since=None, closed_at=None, moved_from=None)
        return replace(unopened, epoch=self.epoch + 1) if self.epoch else unopened


class RoomNotReady(Unavailable):
    """The room is being prepared; try again in a moment."""

    code = "room_not_ready"


class NodesFull(Unavailable):
    """Every place for conversations is taken just now; this one opens as soon as one is free."""

    code = "nodes_full"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One appointment as the scheduler sees it, with the assignment of its room."""

    appointment_id: str
    call_id: str
    status: Status
    starts_at: datetime
    ends_at: datetime
    seats: int
    node: str | None
    epoch: int
    opened_at: datetime | None
    closed_at: datetime | None
    empty_since: datetime | None  # since when nobody is inside; None while somebody is, or before the first
    occupied: bool  # somebody is in the room, or in its lobby
    first_host_at: datetime | None
    first_guest_at: datetime | None
    next_appointment_id: str | None  # same host, starting soon after this one
    noticed: frozenset[NoticeKind]
    engine: Engine | None = None  # which its room asks for

    @property
    def met_at(self) -> datetime | None:
        """When host and guest had both been in the room."""
        if self.first_host_at is None or self.first_guest_at is None:
            return None
        return max(self.first_host_at, self.first_guest_at)


@dataclass(frozen=True)
class Assign:
    """Let this node carry the call, under a higher epoch."""

    appointment_id: str
    call_id: str
    node: str
    epoch: int
    opened_at: datetime


@dataclass(frozen=True)
class Move:
    """Let this node take the call over, as it is, under a higher epoch, from one that is being drained."""

    appointment_id: str
    call_id: str
    node: str
    epoch: int
    moved_from: str


@dataclass(frozen=True)
class Notice:
    """Something to be told once."""

    appointment_id: str
    kind: NoticeKind
    due_at: datetime


@dataclass(frozen=True)
class CloseEmpty:
    """The room has been empty for long enough."""

    appointment_id: str
    call_id: str
    epoch: int
    closed_at: datetime
    completed: bool  # host and guest had met


Decision = Assign | Move | Notice | CloseEmpty


def tick(plans: Sequence[Plan], nodes: Sequence[Node], now: datetime) -> list[Decision]:
    """Everything that is due. Applying the same decision twice changes nothing more."""
    closing = {close.call_id: close for plan in plans for close in _closing(plan, now)}
    decisions: list[Decision] = list(_placements([plan for plan in plans if plan.call_id not in closing], nodes, now))
    for plan in plans:
        close = closing.get(plan.call_id)
        # A room that should have been closed by now has no more to be told, however late this tick is.
        ended = replace(plan, closed_at=close.closed_at) if close else plan
        decisions += [*_notices(ended, now), *([close] if close else [])]
    return decisions


def _placements(plans: Sequence[Plan], nodes: Sequence[Node], now: datetime) -> Iterator[Assign | Move]:
    living = {node.name: node for node in alive(nodes, now)}
    places = Places(living, ((plan.node, plan.seats) for plan in plans if _carried(plan)))
    # What an outage left behind only opens to be closed, so it waits for whatever people come to now.
    in_order = sorted(plans, key=lambda plan: (plan.ends_at + EMPTY_FOR <= now, plan.starts_at, plan.appointment_id))
    for plan in in_order:
        if _needs_node(plan, living, now):
            yield from _assigned(plan, places)
    leaving = [plan for plan in in_order if _carried(plan) and plan.node in living and living[plan.node].draining]
    moves = (move for plan in leaving for move in _moved(plan, places))
    yield from islice(moves, MOVES_AT_ONCE)


def _assigned(plan: Plan, places: Places) -> Iterator[Assign]:
    node = places.take(plan.seats, plan.engine, running=_talking(plan))
    if node is not None:
        opened_at = plan.opened_at or plan.starts_at - OPENS_BEFORE
        yield Assign(plan.appointment_id, plan.call_id, node, plan.epoch + 1, opened_at)


def _moved(plan: Plan, places: Places) -> Iterator[Move]:
    """With no other node to go to, it stays where it is and ends by itself."""
    node = places.take(plan.seats, plan.engine, running=_talking(plan))
    if node is not None and plan.node is not None:
        yield Move(plan.appointment_id, plan.call_id, node, plan.epoch + 1, plan.node)


def _talking(plan: Plan) -> bool:
    return plan.status in TALKING


def _carried(plan: Plan) -> bool:
    return plan.closed_at is None and plan.status in CARRIED


def _needs_node(plan: Plan, living: Mapping[str, Node], now: datetime) -> bool:
    if plan.closed_at is not None:
        return False
    if plan.status is Status.CONFIRMED:
        return plan.starts_at - OPENS_BEFORE <= now
    return _carried(plan) and plan.node not in living and bool(living)


def _notices(plan: Plan, now: datetime) -> Iterator[Notice]:
    for appointment_id, kind, due_at in _due(plan):
        known = kind in plan.noticed if appointment_id == plan.appointment_id else False
        in_time = plan.closed_at is None or plan.closed_at > due_at or kind in NO_SHOWS
        if due_at <= now and not known and in_time:
            yield Notice(appointment_id, kind, due_at)


def _due(plan: Plan) -> Iterator[tuple[str, NoticeKind, datetime]]:
    if plan.opened_at is None or plan.status is Status.CANCELLED:
        return
    host_due, guest_due = plan.starts_at + HOST_LATE, plan.starts_at + GUEST_LATE
    if plan.first_host_at is None or plan.first_host_at >= host_due:
        yield plan.appointment_id, NoticeKind.POSSIBLE_NO_SHOW_HOST, host_due
    if plan.first_guest_at is None or plan.first_guest_at >= guest_due:
        yield plan.appointment_id, NoticeKind.POSSIBLE_NO_SHOW_GUEST, guest_due
    if plan.met_at is None:
        return
    for kind, minutes in WARNINGS.items():
        due_at = plan.ends_at - timedelta(minutes=minutes)
        if plan.met_at <= due_at:
            yield plan.appointment_id, kind, due_at
    if plan.next_appointment_id is not None and plan.met_at <= plan.ends_at:
        yield plan.next_appointment_id, NoticeKind.HOST_RUNS_LATE, plan.ends_at


def _closing(plan: Plan, now: datetime) -> Iterator[CloseEmpty]:
    if not _carried(plan) or plan.occupied:
        return
    met = plan.met_at is not None
    # Those who met may come back until their resume tokens end; those who never met may come until the end.
    since = max(plan.empty_since or plan.ends_at, plan.starts_at if met else plan.ends_at)
    if now >= since + EMPTY_FOR:
        yield CloseEmpty(plan.appointment_id, plan.call_id, plan.epoch, since + EMPTY_FOR, completed=met)
