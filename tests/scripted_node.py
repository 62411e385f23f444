"""A node whose calls a test plays: real announcements, link and journals, and facts as the test wants them."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from server.app.announcing import Announcement, keep_announcing
from server.app.sites import tcp_site
from signaling.call.facts import Fact
from signaling.frames import AnyFrame, FactsAck
from signaling.journal import Journal
from signaling.link import Peer, link_application
from signaling.shipping import Shipper
from tests import calls

NAME = "node-0"


class ScriptedNode:
    """Ships to whatever web dials it, again until acknowledged. Implements `LinkListener`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._journals: dict[str, Journal] = {}
        self._shipper = Shipper(time.monotonic)

    def tell(self, call: str, *facts: Fact) -> None:
        """These facts are decided in this call, under its first epoch."""
        if call not in self._journals:
            self._journals[call] = Journal.create(self._directory, calls.spec(call=call))
            self._shipper.add(self._journals[call])
        self._journals[call].append(facts)
        self._shipper.ship(call)

    @property
    def all_told(self) -> bool:
        """Whether webs have acknowledged every fact."""
        return all(journal.all_acked for journal in self._journals.values())

    def carried(self) -> list[str]:
        return list(self._journals)

    def web_joined(self, peer: Peer) -> None:
        self._shipper.web_joined(peer)

    def web_said(self, _peer: Peer, frame: AnyFrame) -> None:
        if isinstance(frame, FactsAck):
            self._shipper.acked(frame)

    def web_left(self, peer: Peer) -> None:
        self._shipper.web_left(peer)

    async def keep_shipping(self) -> None:
        """What was sent and never acknowledged is sent again."""
        while True:
            await asyncio.sleep(0.5)
            self._shipper.ship_all()


@asynccontextmanager
async def scripted_node(directory: Path, port: int, web_url: str, secret: str) -> AsyncIterator[ScriptedNode]:
    """It announces itself to this web and listens on this port."""
    directory.mkdir()
    node = ScriptedNode(directory)

    def announcement() -> Announcement:
        return Announcement(name=NAME, link_url=f"http://127.0.0.1:{port}", calls=0, seats=0, seat_capacity=120)

    async with tcp_site(link_application(node, NAME, secret), "127.0.0.1", port):
        tasks = [
            asyncio.create_task(
                keep_announcing([web_url], secret, ssl.create_default_context(), announcement, asyncio.Event())
            )
        ]
        tasks.append(asyncio.create_task(node.keep_shipping()))
        try:
            yield node
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
