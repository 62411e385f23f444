"""A node that is linked again hears what it missed: which calls it is to carry, and which it is to carry no longer.

Orders follow each change at once, and once. One that was decided while the link was down, or whose web was killed
before it could speak, is given here.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from server.actions.call_orders import calls_of
from server.app.node_links import NodeLinks
from server.domain.errors import Refused
from server.domain.permissions import SystemScope
from server.storage.unit_of_work import Database
from signaling.link import Peer

LOOK_EVERY_S = 0.5
AWAY_FOR_S = 2.0

log = structlog.get_logger(__name__)


class MissedOrders:
    """Which links have been caught up with. `tell` gives the order for one call."""

    def __init__(self, database: Database, links: NodeLinks, tell: Callable[[str], Awaitable[None]]) -> None:
        self._database = database
        self._links = links
        self._tell = tell
        self._told: dict[str, Peer] = {}

    async def follow(self) -> None:
        """Until cancelled. While the database is away, nodes wait."""
        while True:
            wait_s = LOOK_EVERY_S
            try:
                await self.look()
            except Refused as refused:
                log.warning("missed_orders_wait", code=refused.code)
                wait_s = AWAY_FOR_S
            await asyncio.sleep(wait_s)

    async def look(self) -> None:
        """Catch up with every node whose link came up since. Raises StorageAway, StorageBusy."""
        for link in self._links.all_up():
            peer = link.peer
            if peer is None or self._told.get(link.node) is peer:
                continue
            async with self._database.read(SystemScope("missed orders")) as uow:
                wanted = await calls_of(uow, link.node)
            for call in dict.fromkeys([*wanted, *peer.calls]):
                await self._tell(call)
            self._told[link.node] = peer
