"""Nodes as the scheduler sees them: who lives, who takes rooms, and which one takes the next."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server.domain.engines import Engine
from signaling.capacity import RUNNING_UP_TO, takes

NODE_SILENT = timedelta(seconds=60)  # announcements come every 3 s; longer than any restart on the same machine
SMALLEST_ROOM = 2  # seats
NOBODY_HEARD = timedelta(seconds=10)  # without any announcement: it is the database or the webs that are away


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node as it last announced itself. `seen_at` is moved on by times in which no node could be heard."""

    name: str
    link_url: str
    version: int
    calls: int
    seats: int
    seat_capacity: int
    seen_at: datetime
    engine: Engine = Engine.SFU
    fullness: float = 0.0  # share of its measured limit
    processor: float = 0.0  # share of one core that its loop uses, or of all its cores what carries the media if more
    packets_per_s: float | None = None  # None where its engine does not measure
    packet_limit: float | None = None  # extrapolated; None while too little flows to tell
    late_s: float = 0.0
    free_bytes: int | None = None  # of the disk it spools to
    takes_rooms: bool = True
    leaving: bool = False  # it was told to stop, and waits for its rooms to go
    drained_at: datetime | None = None  # since when a person wants it empty; no announcement changes that

    @property
    def draining(self) -> bool:
        """Whether its rooms are to go elsewhere, and none is to come."""
        return self.leaving or self.drained_at is not None

    def seats_taken(self, given: int) -> int:
        """Of its ceiling. `given`: seats of the rooms it has been given, whether anybody has come or not."""
        return max(self.seats, given)


def heard_again(nodes: Sequence[Node], now: datetime) -> list[Node]:
    """The nodes to be written anew because one is heard at `now`, after a time in which none could be.

    That time is nobody's silence. Without this the first to be heard would be given the calls of all the others.
    """
    unheard = now - max((node.seen_at for node in nodes), default=now)
    if unheard < NOBODY_HEARD:
        return []
    return [replace(node, seen_at=node.seen_at + unheard) for node in nodes]


def alive(nodes: Sequence[Node], now: datetime) -> list[Node]:
    """Who was heard within a minute of the newest announcement. Since that one, the silence may be the database's."""
    newest = max((node.seen_at for node in nodes), default=now)
    if now - newest >= NODE_SILENT:
        return []
    return [node for node in nodes if newest - node.seen_at < NODE_SILENT]


class Places:
    """Which living node takes which room, within one tick: what was just given counts for what comes after it."""

    def __init__(self, nodes: Mapping[str, Node], carried: Iterable[tuple[str | None, int]]) -> None:
        """`carried`: node and seats of each room that has one."""
        self._nodes = nodes
        self._planned = dict.fromkeys(nodes, 0)
        self._just_given = dict.fromkeys(nodes, 0)  # seats that no announcement can count yet
        for name, seats in carried:
            if name in self._planned:
                self._planned[name] += seats

    def take(self, seats: int, engine: Engine | None, *, running: bool) -> str | None:
        """The node that will be the least full of those that take it, or None. `running`: people talk in it.

        A wish for an engine never keeps anybody waiting: a conversation on another is better than none.
        """
        fitting = self.fitting(seats, running=running)
        asked = [name for name in fitting if engine in (None, self._nodes[name].engine)]
        chosen = min(asked or fitting, key=lambda name: self._forecast(self._nodes[name], seats), default=None)
        if chosen is not None:
            self._planned[chosen] += seats
            self._just_given[chosen] += seats
        return chosen

    def fitting(self, seats: int, *, running: bool) -> list[str]:
        """The nodes that would take it."""
        return [name for name in sorted(self._nodes) if self._fits(self._nodes[name], seats, running)]

    def _fits(self, node: Node, seats: int, running: bool) -> bool:
        taken = takes(node.takes_rooms, node.fullness, running=running)
        carried = not running or self._with_people(node, seats) < RUNNING_UP_TO
        return taken and carried and not node.draining and self._seats(node) + seats <= node.seat_capacity

    def _with_people(self, node: Node, seats: int) -> float:
        """Share of its processor once these have come, at what a seat costs it now: people who talk come at once."""
        coming = self._just_given[node.name] + seats
        return node.processor * (node.seats + coming) / node.seats if node.seats else 0.0

    def _seats(self, node: Node) -> int:
        return node.seats_taken(self._planned[node.name])

    def _forecast(self, node: Node, seats: int) -> float:
        """How full it will be when everybody has come: by seats, or by what a seat costs it now if that is more."""
        expected = self._seats(node) + seats
        by_cost = node.fullness * expected / node.seats if node.seats else node.fullness
        return max(expected / node.seat_capacity if node.seat_capacity else 1.0, by_cost)
