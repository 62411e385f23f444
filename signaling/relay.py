"""Which web each connection came through, and what the calls send back that way. Implements `Outlet`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from signaling.errors import Code, Refused, SignalingError
from signaling.frames import (
    AnyFrame,
    ConnKick,
    ConnOpened,
    ConnPush,
    ConnRefused,
    ConnReply,
    KeysWanted,
)
from signaling.link import Peer
from signaling.media.port import CallId
from signaling.messages.pushes import Bye
from signaling.messages.shapes import Message
from signaling.runner.runner import CallRunner


class Relay:
    """Connections by id, each with its web and its call."""

    def __init__(self, facts_kept: Callable[[CallId], None]) -> None:
        self.webs: list[Peer] = []
        self.facts_kept = facts_kept
        self._connections: dict[str, tuple[Peer, CallRunner]] = {}

    def add(self, conn: str, peer: Peer, runner: CallRunner) -> None:
        """This connection came through `peer` and is for this call."""
        self._connections[conn] = (peer, runner)

    def runner_of(self, conn: str) -> CallRunner:
        """The call of this connection. Raises `Refused` (`wrong_state`)."""
        if conn not in self._connections:
            raise Refused(Code.WRONG_STATE)
        return self._connections[conn][1]

    def forget(self, conn: str) -> CallRunner | None:
        """The connection is gone; its call, if it was known."""
        _, runner = self._connections.pop(conn, (None, None))
        return runner

    def through(self, peer: Peer) -> Iterator[str]:
        """The connections that came through this web."""
        return iter([conn for conn, (of_peer, _) in self._connections.items() if of_peer is peer])

    def _send(self, conn: str, frame: AnyFrame) -> None:
        peer, _ = self._connections.get(conn, (None, None))
        if peer is not None:
            peer.send(frame)

    def opened(self, conn: str) -> None:
        """The connection has its seat, or waits for it."""
        self._send(conn, ConnOpened(conn=conn))

    def refused(self, conn: str, error: SignalingError) -> None:
        """It may not."""
        self._send(conn, ConnRefused(conn=conn, code=str(error.code), message=error.message))
        self.forget(conn)

    def reply(self, conn: str, request: int, answer: Mapping[str, Any]) -> None:
        """The acknowledgement of a request."""
        self._send(conn, ConnReply(conn=conn, id=request, reply=dict(answer)))

    def push(self, conn: str, event: str, data: Message) -> None:
        """An event for a client."""
        self._send(conn, ConnPush(conn=conn, event=event, data=data.model_dump(mode="json")))

    def kick(self, conn: str, bye: Bye) -> None:
        """The last event of a connection."""
        self._send(conn, ConnKick(conn=conn, bye=bye.model_dump(mode="json")))
        self.forget(conn)

    def kick_from(self, runner: CallRunner, bye: Bye) -> None:
        """The last event of every connection to this call."""
        for conn in [conn for conn, (_, of_runner) in self._connections.items() if of_runner is runner]:
            self.kick(conn, bye)

    def kick_all(self, bye: Bye) -> None:
        """The last event of every connection."""
        for conn in list(self._connections):
            self.kick(conn, bye)

    def keys_wanted(self, call: CallId, count: int) -> None:
        """Ask a web for data keys. While none is there nobody is asked; the next to join is."""
        if self.webs:
            self.webs[0].send(KeysWanted(call=call, count=count))
