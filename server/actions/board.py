"""What the live board shows: to a lead the open rooms of the own tenant, to an operator nodes and counts, no names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from server.actions.cards import AppointmentCard, SeatCard, between
from server.actions.nodes import drain, given_seats
from server.domain.appointments import OPENS_BEFORE, PRESENT, Kind, Presence
from server.domain.board import (
    NodeTrouble,
    Place,
    RoomTrouble,
    is_weak,
    node_troubles,
    room_troubles,
    urgency,
)
from server.domain.nodes import Node
from server.domain.permissions import SystemScope
from server.domain.rooms import CARRIED, Assignment
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.scheduling import assignments, nodes
from server.storage.trail import Deed, record_deed
from server.storage.unit_of_work import UnitOfWork
from signaling.frames import SeatFigures

LinesOf = Callable[[str], Mapping[str, SeatFigures]]  # by seat, of a call; nothing where nothing is known
_SYSTEM = SystemScope("live board")
_LOOKS_BACK = timedelta(hours=12)
_ROOMS_MAX = 300
_CUT_OFF = (Presence.DROPPED, Presence.RECONNECTING)
_GONE_AFTER = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class BoardSeat:
    """One person of an open room."""

    id: str
    name: str
    staff: bool
    presence: Presence
    presence_at: datetime | None
    line: SeatFigures | None
    is_weak: bool


@dataclass(frozen=True, kw_only=True)
class BoardRoom:
    """An open room of the own tenant."""

    appointment_id: str
    kind: Kind
    title: str
    room: str
    starts_at: datetime
    ends_at: datetime
    troubles: tuple[RoomTrouble, ...]
    seats: tuple[BoardSeat, ...]


@dataclass(frozen=True, kw_only=True)
class CountedRoom:
    """An open room of anybody, by counts. Neither whose it is nor who is in it."""

    call_id: str
    node: str | None
    inside: int
    waiting: int
    weak_lines: int


@dataclass(frozen=True, kw_only=True)
class BoardNode:
    """One node: how full against its limit, and what is the matter."""

    name: str
    engine: str
    version: int
    seen_at: datetime
    rooms: int
    seats: int  # of people who are there
    seats_taken: int  # of its ceiling: also those of rooms that it was given and to which nobody has come
    seat_capacity: int
    fullness: float
    packets_per_s: float | None
    packet_limit: float | None
    late_s: float
    free_bytes: int | None
    takes_rooms: bool
    leaving: bool
    drained_at: datetime | None
    troubles: tuple[NodeTrouble, ...]


async def rooms_now(uow: UnitOfWork, now: datetime, lines_of: LinesOf) -> list[BoardRoom]:
    """The open rooms that the asker may see, those with troubles first."""
    near = await between(uow, now - _LOOKS_BACK, now + OPENS_BEFORE, _ROOMS_MAX)
    cards = [card for card in near if card.status in CARRIED and card.closed_at is None]
    everything = uow.beyond(_SYSTEM)
    carried = {node.name: node for node in await everything.rows(Node).where()}
    ids = [card.call_id for card in cards]
    placed = {one.call_id: one for one in await everything.rows(Assignment).where(assignments.c.call_id.in_(ids))}
    found = [_room(card, carried.get(placed[card.call_id].node or ""), lines_of(card.call_id), now) for card in cards]
    return sorted(found, key=lambda room: (urgency(room.troubles), room.starts_at, room.appointment_id))


def _room(card: AppointmentCard, node: Node | None, lines: Mapping[str, SeatFigures], now: datetime) -> BoardRoom:
    people = tuple(_seat(seat, lines.get(seat.id)) for seat in card.seats)
    troubles = room_troubles(
        node=node,
        places=[_place(seat) for seat in people],
        starts_at=card.starts_at,
        host_came=any(seat.staff and seat.first_present_at is not None for seat in card.seats),
        now=now,
    )
    return BoardRoom(
        appointment_id=card.id,
        kind=card.kind,
        title=card.title,
        room=card.room,
        starts_at=card.starts_at,
        ends_at=card.ends_at,
        troubles=tuple(troubles),
        seats=people,
    )


def _seat(seat: SeatCard, line: SeatFigures | None) -> BoardSeat:
    here = line if seat.presence in PRESENT else None
    return BoardSeat(
        id=seat.id,
        name=seat.name,
        staff=seat.staff,
        presence=seat.presence,
        presence_at=seat.presence_at,
        line=here,
        is_weak=is_weak(here),
    )


def _place(seat: BoardSeat) -> Place:
    waits = seat.presence is Presence.WAITING
    return Place(
        waits_since=seat.presence_at if waits else None,
        is_cut_off=seat.presence in _CUT_OFF,
        is_weak=seat.is_weak,
    )


async def counted_rooms(uow: UnitOfWork, lines_of: LinesOf) -> list[CountedRoom]:
    """Every open room with anybody in it or in its lobby, the fullest first."""
    joined = assignments.join(appointments, appointments.c.id == assignments.c.appointment_id).join(
        seats, seats.c.appointment_id == appointments.c.id
    )
    inside = func.count().filter(seats.c.presence.in_(PRESENT))
    waiting = func.count().filter(seats.c.presence == Presence.WAITING)
    query = (
        select(assignments.c.call_id, assignments.c.node, inside.label("inside"), waiting.label("waiting"))
        .select_from(joined)
        .where(appointments.c.status.in_(CARRIED), assignments.c.closed_at.is_(None))
        .group_by(assignments.c.call_id, assignments.c.node)
        .having(inside + waiting > 0)
        .order_by(inside.desc(), assignments.c.call_id)
        .limit(_ROOMS_MAX)
    )
    return [
        CountedRoom(
            call_id=row.call_id,
            node=row.node,
            inside=row.inside,
            waiting=row.waiting,
            weak_lines=sum(is_weak(line) for line in lines_of(row.call_id).values()),
        )
        for row in await uow.beyond(_SYSTEM).execute(query)
    ]


async def nodes_now(uow: UnitOfWork, now: datetime, low_disk_bytes: int) -> list[BoardNode]:
    """Every node heard within the hour, those with troubles first."""
    everything = uow.beyond(_SYSTEM)
    found = await everything.rows(Node).where(nodes.c.seen_at >= now - _GONE_AFTER)
    given = await given_seats(everything)
    told = [_node(node, given.get(node.name, 0), now, low_disk_bytes) for node in found]
    return sorted(told, key=lambda node: (urgency(node.troubles), node.name))


def _node(node: Node, given: int, now: datetime, low_disk_bytes: int) -> BoardNode:
    return BoardNode(
        name=node.name,
        engine=node.engine,
        version=node.version,
        seen_at=node.seen_at,
        rooms=node.calls,
        seats=node.seats,
        seats_taken=node.seats_taken(given),
        seat_capacity=node.seat_capacity,
        fullness=node.fullness,
        packets_per_s=node.packets_per_s,
        packet_limit=node.packet_limit,
        late_s=node.late_s,
        free_bytes=node.free_bytes,
        takes_rooms=node.takes_rooms,
        leaving=node.leaving,
        drained_at=node.drained_at,
        troubles=tuple(node_troubles(node, given, now, low_disk_bytes)),
    )


async def drain_by_hand(uow: UnitOfWork, name: str, now: datetime, *, wanted: bool) -> None:
    """An operator empties a node or lets it take rooms again; it is written down who did. Raises NotFound."""
    await drain(uow.beyond(_SYSTEM), name, now if wanted else None)
    action = "node.drained" if wanted else "node.undrained"
    await record_deed(uow, Deed(action=action, object_kind="node", object_id=name, tenant_id=None), now)
