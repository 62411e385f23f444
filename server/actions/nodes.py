"""Nodes announce themselves; the scheduler and the webs read where they are and how full."""

from datetime import datetime

from sqlalchemy import update

from server.domain.rooms import Node, heard_again
from server.storage.tables.scheduling import nodes
from server.storage.unit_of_work import UnitOfWork


async def announce(uow: UnitOfWork, node: Node) -> None:
    """Write down what the node says of itself, now, and that the others may not have been heard for a while."""
    await _hear_again(uow, node.seen_at)
    row = {
        "name": node.name,
        "link_url": node.link_url,
        "version": node.version,
        "calls": node.calls,
        "seats": node.seats,
        "seat_capacity": node.seat_capacity,
        "engine": node.engine,
        "seen_at": node.seen_at,
    }
    if not await uow.insert_new(nodes, [row]):
        await uow.execute(update(nodes).where(nodes.c.name == node.name).values(row))


async def _hear_again(uow: UnitOfWork, now: datetime) -> None:
    known = await uow.rows(Node).where(order_by=[nodes.c.name])
    for old, node in zip(known, heard_again(known, now), strict=False):
        # Another web may be at it too: time is given once.
        unchanged = (nodes.c.name == node.name) & (nodes.c.seen_at == old.seen_at)
        await uow.execute(update(nodes).where(unchanged).values(seen_at=node.seen_at))


async def known_nodes(uow: UnitOfWork, since: datetime) -> list[Node]:
    """Nodes that announced themselves since then."""
    return await uow.rows(Node).where(nodes.c.seen_at >= since, order_by=[nodes.c.name])
