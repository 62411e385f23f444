"""The links of one web: it dials every node that has announced itself, and forgets those that went silent."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from server.actions.nodes import known_nodes
from server.domain.errors import Refused
from server.domain.nodes import NODE_SILENT
from server.domain.permissions import SystemScope
from server.storage.unit_of_work import Database
from signaling.link import LinkClient

LOOK_EVERY_S = 1.0

log = structlog.get_logger(__name__)

Dial = Callable[[str, str], LinkClient]  # name and address of a node


class NodeLinks:
    """One link for each node. While the database is away the known ones stay."""

    def __init__(self, database: Database, clock: Callable[[], datetime], dial: Dial) -> None:
        self._database = database
        self._clock = clock
        self._dial = dial
        self._links: dict[str, LinkClient] = {}

    def get(self, node: str) -> LinkClient | None:
        """The link to this node, up or not; None for a node nobody has heard of."""
        return self._links.get(node)

    def all_up(self) -> list[LinkClient]:
        """The links that work now."""
        return [link for link in self._links.values() if link.up]

    async def follow(self) -> None:
        """Until cancelled: dial who is new or has moved, hang up on who is gone."""
        while True:
            try:
                await self.look()
            except Refused as refused:
                log.warning("nodes_not_read", code=refused.code)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Compare the links with the announcements once. Raises StorageAway, StorageBusy."""
        async with self._database.read(SystemScope("links")) as uow:
            nodes = {node.name: node.link_url for node in await known_nodes(uow, self._clock() - NODE_SILENT)}
        for name, link in list(self._links.items()):
            if nodes.get(name) != link.url:
                del self._links[name]
                await link.close()
        for name, url in nodes.items():
            if name not in self._links:
                self._links[name] = self._dial(name, url)
                self._links[name].start()

    async def close(self) -> None:
        """Hang up on every node. Idempotent."""
        for link in self._links.values():
            await link.close()
        self._links.clear()
