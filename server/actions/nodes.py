"""Nodes announce themselves, are drained and refuse rooms; scheduler and webs read where they are and how full."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import update

from server.actions.news import call_changed
from server.domain.errors import NotFound, Unavailable
from server.domain.nodes import Node, alive, heard_again
from server.domain.rooms import Assignment, NodesFull, RoomNotReady
from server.storage.tables.scheduling import assignments, nodes
from server.storage.unit_of_work import UnitOfWork


async def announce(uow: UnitOfWork, node: Node) -> None:
    """Write down what the node says of itself, now, and that the others may not have been heard for a while."""
    await _hear_again(uow, node.seen_at)
    row = asdict(node)
    del row["drained_at"]  # a person's wish, which outlives every restart of the node
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


async def drain(uow: UnitOfWork, name: str, since: datetime | None) -> Node:
    """From now on its rooms go elsewhere and none comes, or (`since` None) it takes rooms again. Raises NotFound."""
    if (await uow.execute(update(nodes).where(nodes.c.name == name).values(drained_at=since))).rowcount != 1:
        raise NotFound(kind="node")
    return await uow.rows(Node).one(name)


async def room_refused(uow: UnitOfWork, node: str, call_id: str, epoch: int, now: datetime) -> None:
    """A full node will not carry this call: the next tick looks for another. Idempotent.

    A call that was to move stays where it is. Nobody has ever seen it under the epoch that is taken back.
    """
    await uow.execute(update(nodes).where(nodes.c.name == node).values(takes_rooms=False))  # until it says otherwise
    placed = (assignments.c.call_id == call_id, assignments.c.epoch == epoch, assignments.c.node == node)
    moved = assignments.c.moved_from.is_not(None)
    back = {"node": assignments.c.moved_from, "epoch": epoch - 1, "moved_from": None}
    await uow.execute(update(assignments).where(*placed, moved).values(back))
    await uow.execute(update(assignments).where(*placed, ~moved).values(node=None))
    await call_changed(uow, call_id, now)


async def why_nowhere(uow: UnitOfWork, now: datetime) -> Unavailable:
    """Why a room that should be open has no node: all are full or leave, or the next tick gives it one."""
    living = alive(await uow.rows(Node).where(order_by=[nodes.c.name]), now)
    if living and not any(node.takes_rooms and not node.draining for node in living):
        return NodesFull(retry_after_s=5)
    return RoomNotReady(retry_after_s=2)


async def node_of(uow: UnitOfWork, call_id: str) -> str | None:
    """The node that is to carry this call now."""
    assignment = await uow.rows(Assignment).get(call_id)
    return assignment.node if assignment else None
