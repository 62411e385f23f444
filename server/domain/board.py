"""The live board: what is the matter with a room, a line or a node now. Pure; a board shows troubles first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.domain.nodes import SMALLEST_ROOM, Node
from server.domain.rooms import HOST_LATE
from signaling.capacity import LATE_S, REFUSES_FROM
from signaling.frames import SeatFigures

WAITS_LONG = timedelta(minutes=10)
HEARD_WITHIN = timedelta(seconds=15)  # five announcements
LOSSY_PERCENT = 5.0
CONCEALED_PERCENT = 5.0
FREEZES_PER_MINUTE = 3.0
SLOW_MS = 400.0


class RoomTrouble(StrEnum):
    """What somebody should look at in a room, the most urgent first."""

    NO_NODE = "no_node"  # it should be open and nothing carries it
    NODE_SILENT = "node_silent"  # what carries it has not been heard for a while
    WAITS_LONG = "waits_long"  # a guest has been in the lobby for ten minutes
    HOST_LATE = "host_late"  # five minutes after the start nobody hosts
    CUT_OFF = "cut_off"  # somebody's connection broke and is not back
    WEAK_LINE = "weak_line"  # somebody hears or sees badly


class NodeTrouble(StrEnum):
    """What somebody should look at on a node, the most urgent first."""

    SILENT = "silent"  # not heard for a while
    DISK = "disk"  # its spool has little room
    LATE = "late"  # its loop is late by what people hear
    FULL = "full"  # it takes no new room


@dataclass(frozen=True, kw_only=True)
class Place:
    """One seat as the board judges it."""

    waits_since: datetime | None
    is_cut_off: bool
    is_weak: bool


def is_weak(line: SeatFigures | None) -> bool:
    """Whether the person at the end of this line hears or sees badly, or is seen so."""
    if line is None:
        return False
    lossy = max(line.up_loss_percent or 0.0, line.down_loss_percent or 0.0) > LOSSY_PERCENT
    broken = (line.concealed_percent or 0.0) > CONCEALED_PERCENT or (
        line.freezes_per_minute or 0.0
    ) > FREEZES_PER_MINUTE
    return lossy or broken or line.paused > 0 or (line.rtt_ms or 0.0) > SLOW_MS


def room_troubles(
    *, node: Node | None, places: Iterable[Place], starts_at: datetime, host_came: bool, now: datetime
) -> list[RoomTrouble]:
    """What is the matter with an open room, the most urgent first."""
    everybody = list(places)
    found = {
        RoomTrouble.NO_NODE: node is None,
        RoomTrouble.NODE_SILENT: node is not None and is_silent(node, now),
        RoomTrouble.WAITS_LONG: any(p.waits_since is not None and now - p.waits_since >= WAITS_LONG for p in everybody),
        RoomTrouble.HOST_LATE: not host_came and now >= starts_at + HOST_LATE,
        RoomTrouble.CUT_OFF: any(place.is_cut_off for place in everybody),
        RoomTrouble.WEAK_LINE: any(place.is_weak for place in everybody),
    }
    return [trouble for trouble, so in found.items() if so]


def is_silent(node: Node, now: datetime) -> bool:
    """Whether it should have been heard since."""
    return now - node.seen_at > HEARD_WITHIN


def node_troubles(node: Node, given: int, now: datetime, low_disk_bytes: int) -> list[NodeTrouble]:
    """What is the matter with a node, the most urgent first. That it is drained is a person's wish and no trouble.

    `given`: seats of the rooms it has been given.
    """
    if is_silent(node, now):
        return [NodeTrouble.SILENT]
    has_seats = node.seats_taken(given) + SMALLEST_ROOM <= node.seat_capacity
    found = {
        NodeTrouble.DISK: node.free_bytes is not None and node.free_bytes < low_disk_bytes,
        NodeTrouble.LATE: node.late_s >= LATE_S,
        NodeTrouble.FULL: not node.takes_rooms or node.fullness >= REFUSES_FROM or not has_seats,
    }
    return [trouble for trouble, so in found.items() if so]


def urgency(troubles: Sequence[RoomTrouble] | Sequence[NodeTrouble]) -> int:
    """For sorting: the most urgent trouble first, rooms and nodes without one last."""
    order: list[StrEnum] = [*RoomTrouble, *NodeTrouble]
    return min((order.index(trouble) for trouble in troubles), default=len(order))
