"""Nodes announce themselves, are drained and refuse rooms; scheduler and webs read where they are and how full."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select, update

from server.actions.news import call_changed
from server.domain.appointments import Appointment
from server.domain.errors import NotFound, Unavailable
from server.domain.nodes import Node, Places, alive, heard_again
from server.domain.rooms import CARRIED, TALKING, Assignment, NodesFull, RoomNotReady
from server.storage.tables.appointments import appointments, seats
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


async def given_seats(uow: UnitOfWork) -> dict[str, int]:
    """Seats of the rooms that each node has been given, whether anybody has come to them or not."""
    seated = assignments.join(appointments, appointments.c.id == assignments.c.appointment_id).join(
        seats, seats.c.appointment_id == appointments.c.id
    )
    carried = (appointments.c.status.in_(CARRIED), assignments.c.closed_at.is_(None), assignments.c.node.is_not(None))
    counted = select(assignments.c.node, func.count().label("given")).select_from(seated)
    found = await uow.execute(counted.where(*carried).group_by(assignments.c.node))
    return {row.node: row.given for row in found}


async def carrier(uow: UnitOfWork, assignment: Assignment, appointment: Appointment, now: datetime) -> str:
    """The node that carries this room now. Raises NodesFull, RoomNotReady while it has none, or its node is lost."""
    living = {node.name: node for node in alive(await uow.rows(Node).where(order_by=[nodes.c.name]), now)}
    # While no node at all is heard it is the announcements that are away, and the rows say what is so.
    if assignment.node is not None and (not living or assignment.node in living):
        return assignment.node
    raise await _why_nowhere(uow, appointment, living)


async def _why_nowhere(uow: UnitOfWork, appointment: Appointment, living: Mapping[str, Node]) -> Unavailable:
    """Why its room has no node: none has place for it, or the next tick gives it one."""
    places = Places(living, (await given_seats(uow)).items())
    own = select(func.count()).select_from(seats).where(seats.c.appointment_id == appointment.id)
    wanted = (await uow.execute(own)).scalar_one()
    if living and not places.fitting(wanted, running=appointment.status in TALKING):
        return NodesFull(retry_after_s=5)
    return RoomNotReady(retry_after_s=2)


async def node_of(uow: UnitOfWork, call_id: str, now: datetime) -> str | None:
    """The node that carries this call now; None for a call nobody knows. Raises NodesFull, RoomNotReady."""
    assignment = await uow.rows(Assignment).get(call_id)
    if assignment is None:
        return None
    return await carrier(uow, assignment, await uow.rows(Appointment).one(assignment.appointment_id), now)
