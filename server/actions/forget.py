"""What nobody needs any more and nothing refers to: deleted by the clock, a little at a time."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from server.domain.links import TICKET_LIVES
from server.storage.changes import forget_changes
from server.storage.tables.appointments import tickets, visits
from server.storage.tables.people import sessions
from server.storage.tables.scheduling import nodes
from server.storage.unit_of_work import UnitOfWork

NODE_FORGOTTEN_AFTER = timedelta(days=1)


async def forget_leftovers(uow: UnitOfWork, now: datetime) -> None:
    """Old news, sessions, visits and tickets that have ended, nodes that have not been heard of for a day."""
    await forget_changes(uow, now)
    await uow.execute(delete(sessions).where(sessions.c.expires_at < now))
    await uow.execute(delete(visits).where(visits.c.expires_at < now))
    await uow.execute(delete(tickets).where(tickets.c.expires_at < now - TICKET_LIVES))
    await uow.execute(delete(nodes).where(nodes.c.seen_at < now - NODE_FORGOTTEN_AFTER))
