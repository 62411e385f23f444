"""What a runner is given from outside.

The way back to connections, and the node's engine, recorders, clock and randomness.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from signaling.call.inputs import Input
from signaling.errors import SignalingError
from signaling.media.ice_servers import IceServersFor, no_ice_servers
from signaling.media.port import CallId, Inlet, MediaEngine, SeatId, Source
from signaling.media.recorders import RecorderFactory
from signaling.messages.pushes import Bye
from signaling.messages.shapes import Message

Submit = Callable[[Input], None]
OpenInlet = Callable[[Source], Inlet]
PlaySampleGuest = Callable[[SeatId, OpenInlet], Coroutine[Any, Any, None]]


class Outlet(Protocol):
    """The way back to connections. Called on the loop; must not block."""

    def opened(self, conn: str) -> None:
        """The connection has its seat, or waits for it."""

    def refused(self, conn: str, error: SignalingError) -> None:
        """It may not."""

    def reply(self, conn: str, request: int, answer: Mapping[str, Any]) -> None:
        """The acknowledgement of a request: `{"ok": …}`."""

    def push(self, conn: str, event: str, data: Message) -> None:
        """An event."""

    def kick(self, conn: str, bye: Bye) -> None:
        """The last event, and the end of the connection."""

    def facts_kept(self, call: CallId) -> None:
        """There are new facts to ship."""

    def keys_wanted(self, call: CallId, count: int) -> None:
        """The call has no data keys left."""


@dataclass(frozen=True)
class Ports:
    """What every call of a node shares. `play_sample_guest` feeds one seat until cancelled; None: no sample guests.

    `ice_servers` is pure: what a seat is told at that moment.
    """

    engine: MediaEngine
    recorders: RecorderFactory
    clock: Callable[[], datetime]
    new_secret: Callable[[], str]
    play_sample_guest: PlaySampleGuest | None = None
    ice_servers: IceServersFor = no_ice_servers
    takes_room: Callable[[bool], bool] = lambda running: True  # whether one more, in which people talk or not yet


def accepted(answer: Mapping[str, Any]) -> dict[str, Any]:
    """A positive acknowledgement."""
    return {"ok": True, **answer}


def refusal(error: SignalingError) -> dict[str, Any]:
    """A negative acknowledgement."""
    return {"ok": False, "error": error.as_json()}
