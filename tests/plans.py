"""Rooms and nodes as the scheduler sees them, with everything filled in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from server.domain.appointments import Status
from server.domain.engines import Engine
from server.domain.nodes import Node
from server.domain.rooms import Plan

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
END = START + timedelta(minutes=50)


def at(minutes: float) -> datetime:
    """Minutes after the start."""
    return START + timedelta(minutes=minutes)


def plan(**changes: object) -> Plan:
    base = Plan(
        appointment_id="a",
        call_id="c",
        status=Status.OPEN,
        starts_at=START,
        ends_at=END,
        seats=2,
        node="node-0",
        epoch=1,
        opened_at=at(-30),
        closed_at=None,
        empty_since=None,
        occupied=False,
        first_host_at=None,
        first_guest_at=None,
        next_appointment_id=None,
        noticed=frozenset(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # fields by name


def node(
    name: str = "node-0",
    seen_at: datetime = START,
    seats: int = 0,
    capacity: int = 100,
    engine: Engine = Engine.SFU,
) -> Node:
    return Node(
        name=name,
        link_url=name,
        version=1,
        calls=0,
        seats=seats,
        seat_capacity=capacity,
        engine=engine,
        seen_at=seen_at,
    )


BOOKED = plan(status=Status.CONFIRMED, node=None, epoch=0, opened_at=None)
