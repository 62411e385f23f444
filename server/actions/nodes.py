"""Nodes announce themselves; the scheduler and the webs read where they are and how full."""

from datetime import datetime

from sqlalchemy import update

from server.domain.rooms import Node
from server.storage.tables.scheduling import nodes
from server.storage.unit_of_work import UnitOfWork


async def announce(uow: UnitOfWork, node: Node) -> None:
    """Write down what the node says of itself, now."""
    row = {
        "name": node.name,
        "link_url": node.link_url,
        "version": node.version,
        "calls": node.calls,
        "seats": node.seats,
        "seat_capacity": node.seat_capacity,
        "seen_at": node.seen_at,
    }
    if not await uow.insert_new(nodes, [row]):
        await uow.execute(update(nodes).where(nodes.c.name == node.name).values(row))


async def known_nodes(uow: UnitOfWork, since: datetime) -> list[Node]:
    """Nodes that announced themselves since then."""
    return await uow.rows(Node).where(nodes.c.seen_at >= since, order_by=[nodes.c.name])
