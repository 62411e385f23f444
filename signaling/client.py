"""One browser's connection as the gateway sees it: what waits to be sent or answered, and how fast it asks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from signaling.errors import Code, Refused, SignalingError, Unavailable
from signaling.link import LinkClient

EVENTS_PER_S, BURST = 20.0, 60.0
MAX_UNANSWERED = 64
MAX_UNSENT = 1_024


@dataclass
class Allowance:
    """A token bucket: so many events at once, so many a second in the long run."""

    left: float = BURST
    at_s: float = 0.0

    def spend(self, now_s: float) -> None:
        """One event. Raises `Refused` (`too_fast`)."""
        self.left = min(BURST, self.left + (now_s - self.at_s) * EVENTS_PER_S)
        self.at_s = now_s
        if self.left < 1.0:
            raise Refused(Code.TOO_FAST, retry_after_s=1.0)
        self.left -= 1.0


class Wire(Protocol):
    """How the gateway reaches a browser."""

    async def deliver(self, sid: str, event: str, data: Mapping[str, Any]) -> None:
        """Send an event."""

    async def end(self, sid: str) -> None:
        """Close the connection."""


@dataclass(eq=False)
class Client:
    """A browser's connection, joined or joining. Events leave in order, through one writer."""

    sid: str
    conn: str
    link: LinkClient
    allowance: Allowance
    opened: asyncio.Future[str | None]  # the node to ask instead, or None: it has its seat
    unsent: asyncio.Queue[tuple[str, Mapping[str, Any]] | None] = field(
        default_factory=lambda: asyncio.Queue(MAX_UNSENT)
    )
    unanswered: dict[int, asyncio.Future[Mapping[str, Any]]] = field(default_factory=dict)
    asked: int = 0
    writer: asyncio.Task[None] | None = None

    def start(self, wire: Wire) -> None:
        """Begin to send what has come: the browser has been told that it joined."""
        self.writer = asyncio.create_task(self._write(wire), name=f"client writer {self.conn}")

    async def _write(self, wire: Wire) -> None:
        while (item := await self.unsent.get()) is not None:
            await wire.deliver(self.sid, *item)
        await wire.end(self.sid)

    def push(self, event: str, data: Mapping[str, Any]) -> None:
        """Send an event. A browser that leaves 1,024 of them unread is closed: it resumes with the whole state."""
        try:
            self.unsent.put_nowait((event, data))
        except asyncio.QueueFull:
            self.unsent = asyncio.Queue()
            self.unsent.put_nowait(None)

    def bye(self, bye: Mapping[str, Any]) -> None:
        """Send the last event, and close."""
        self.push("bye", bye)
        try:
            self.unsent.put_nowait(None)
        except asyncio.QueueFull:
            self.push("bye", bye)

    def question(self) -> tuple[int, asyncio.Future[Mapping[str, Any]]]:
        """A number for a request, and its answer to come. Raises `Unavailable` (`busy`)."""
        if len(self.unanswered) >= MAX_UNANSWERED:
            raise Unavailable(Code.BUSY, retry_after_s=1.0)
        self.asked += 1
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self.unanswered[self.asked] = answer
        return self.asked, answer

    def answer(self, number: int, reply: Mapping[str, Any]) -> None:
        """The node has answered."""
        future = self.unanswered.pop(number, None)
        if future is not None and not future.done():
            future.set_result(reply)

    def follow(self, link: LinkClient, opened: asyncio.Future[str | None]) -> None:
        """The call is on another node now."""
        self.link, self.opened = link, opened

    def fail(self, error: SignalingError) -> None:
        """Nothing that waits will be answered."""
        if not self.opened.done():
            self.opened.set_exception(error)
        for future in self.unanswered.values():
            if not future.done():
                future.set_exception(error)
        self.unanswered.clear()

    def stop(self) -> None:
        """The browser is gone."""
        self.fail(Unavailable(Code.NODE_UNAVAILABLE))
        if self.writer is not None:
            self.writer.cancel()
