"""The live board: rooms now for a lead, nodes and counts for an operator. Read again every few seconds."""

from datetime import datetime

from pydantic import Field

from server.actions.board import (
    BoardNode,
    BoardRoom,
    CountedRoom,
    counted_rooms,
    drain_by_hand,
    nodes_now,
    rooms_now,
)
from server.actions.read_tracks import TracksOfSeat, read_tracks
from server.api.adapter import Answer, Body
from server.api.ask import StaffAsk
from server.storage.unit_of_work import UnitOfWork


class RoomsNow(Answer):
    """The open rooms of one's organisation, those with troubles first."""

    now: datetime
    rooms: list[BoardRoom]


class NodesNow(Answer):
    """Every node, and every room with somebody in it by its counts: no names, and not whose it is."""

    now: datetime
    nodes: list[BoardNode]
    rooms: list[CountedRoom]


class Draining(Body):
    """Which node, and whether it is to be empty."""

    node: str = Field(min_length=1, max_length=64)
    wanted: bool


async def read_board(ask: StaffAsk, uow: UnitOfWork) -> RoomsNow:
    """The open rooms within reach, with who is there and how each line is."""
    return RoomsNow(now=ask.at, rooms=await rooms_now(uow, ask.at, ask.services.lines_of))


async def read_seat_tracks(ask: StaffAsk, uow: UnitOfWork, appointment_id: str, seat_id: str) -> TracksOfSeat:
    """What one person of an open room sends and gets, track by track."""
    return await read_tracks(uow, appointment_id, seat_id, ask.services.tracks_of)


async def read_nodes(ask: StaffAsk, uow: UnitOfWork) -> NodesNow:
    """How full each node is against its measured limit, and how many are in which room."""
    services = ask.services
    return NodesNow(
        now=ask.at,
        nodes=await nodes_now(uow, ask.at, services.low_disk_bytes),
        rooms=await counted_rooms(uow, services.lines_of),
    )


async def drain_node(ask: StaffAsk, uow: UnitOfWork, body: Draining) -> NodesNow:
    """Let a node take no new room and have its rooms go elsewhere; or let it take rooms again."""
    await drain_by_hand(uow, body.node, ask.at, wanted=body.wanted)
    return await read_nodes(ask, uow)
