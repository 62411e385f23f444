"""What is true only while this process runs.

Connections, and what each seat publishes. Never journalled, gone after a restart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from signaling.call.line_hint import LineHint
from signaling.call.owed import Owed
from signaling.media.port import PathState, PeerConnection, SeatId, Source
from signaling.messages.requests import UpTrack
from signaling.messages.shapes import Hint


@dataclass
class Connection:
    """One socket of a seat. `seen` is what it was sent of each section of the state, so that only changes are sent."""

    id: str
    seat: SeatId
    since: datetime
    next_token: str  # hash of the resume token that it holds or will be given
    claiming: bool = False  # waits for a seat that another connection holds
    kept: bool = False  # its peer connections from before still stand, but for those that are to be reset
    rev: int = -1  # of the last push
    seen: dict[str, Any] | None = None  # None: the whole state is due
    wanted_rev: int = -1


@dataclass
class Publishing:
    """What a seat sends now, and how its line does."""

    tracks: tuple[UpTrack, ...] = ()
    muted: set[str] = field(default_factory=set)  # by mid
    stalled: set[Source] = field(default_factory=set)  # nothing comes of these, as the engine says
    line: LineHint = field(default_factory=LineHint)  # as its client says
    paths: dict[PeerConnection, PathState] = field(default_factory=dict)
    owed: Owed = field(default_factory=Owed)

    def publish(self, tracks: Sequence[UpTrack]) -> None:
        """Now exactly these m-lines send."""
        self.tracks = tuple(tracks)
        self.muted &= {track.mid for track in tracks}
        self.stalled &= {track.source for track in tracks}
        self.owed.published({track.mid for track in tracks})

    @property
    def hint(self) -> Hint:
        """The worst of what is known."""
        if PathState.LOST in self.paths.values():
            return Hint.LOST
        if PathState.UNSTABLE in self.paths.values():
            return Hint.UNSTABLE
        return Hint.WEAK if self.line.weak else Hint.GOOD


@dataclass
class Connections:
    """Every open connection, who holds which seat, and who claims one."""

    open: dict[str, Connection] = field(default_factory=dict)
    holders: dict[SeatId, Connection] = field(default_factory=dict)
    claims: dict[SeatId, Connection] = field(default_factory=dict)
    away_since: dict[SeatId, datetime] = field(default_factory=dict)  # seats that had a connection and have none
    silent: set[SeatId] = field(default_factory=set)  # away, and their media is gone
    publishing: dict[SeatId, Publishing] = field(default_factory=dict)

    def hold(self, connection: Connection) -> None:
        """This connection now is the seat's."""
        self.open[connection.id] = self.holders[connection.seat] = connection
        connection.claiming = False
        self.arrive(connection.seat)

    def arrive(self, seat: SeatId) -> None:
        """Somebody is there: a connection, or a sample guest."""
        self.away_since.pop(seat, None)
        self.silent.discard(seat)

    def claim(self, connection: Connection) -> None:
        """This connection asks for a seat that is in use."""
        connection.claiming = True
        self.open[connection.id] = self.claims[connection.seat] = connection

    def forget(self, connection: Connection, now: datetime) -> None:
        """This connection is gone."""
        self.open.pop(connection.id, None)
        if self.claims.get(connection.seat) is connection:
            del self.claims[connection.seat]
        if self.holders.get(connection.seat) is connection:
            del self.holders[connection.seat]
            self.away_since[connection.seat] = now

    def publishes(self, seat: SeatId) -> Publishing:
        """What this seat sends."""
        return self.publishing.setdefault(seat, Publishing())

    def drop(self, connection: Connection) -> None:
        """This connection was sent away for good: nobody waits for it."""
        self.forget(connection, connection.since)
        self.away_since.pop(connection.seat, None)
