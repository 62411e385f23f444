"""From the page to the socket: a single-use ticket for one seat, and its redemption by the gateway."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from server.actions.call_spec import IssueKeys, spec_of
from server.actions.consents import asked, keep_text
from server.actions.nodes import carrier
from server.domain.appointments import Appointment, AppointmentEnded, Kind, Seat
from server.domain.errors import Conflict, NotAllowed
from server.domain.links import TICKET_LIVES, Ticket, TicketRefused, hash_of
from server.domain.permissions import StaffScope, SystemScope
from server.domain.rooms import Assignment
from server.storage.tables.appointments import seats, tickets
from server.storage.tables.scheduling import assignments
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("ticket")


class RulesNotAccepted(Conflict):
    """Read and accept the ground rules of the group first."""

    code = "rules_not_accepted"


class SeatRevoked(NotAllowed):
    """This seat was taken out of the appointment."""

    code = "seat_revoked"


class NoSeat(NotAllowed):
    """You have no seat in this appointment."""

    code = "no_seat"


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What the gateway needs to bring a connection to its node."""

    call: str
    seat: str
    node: str
    spec: dict[str, Any]


async def ticket_for_staff(
    uow: UnitOfWork, appointment_id: str, by: StaffScope, now: datetime, new_secret: Callable[[], str]
) -> tuple[str, Ticket]:
    """A ticket to one's own seat. Raises NoSeat, and the reasons why nobody can enter now."""
    appointment = await uow.rows(Appointment).one(appointment_id)
    seat = await uow.rows(Seat).first(seats.c.appointment_id == appointment.id, seats.c.person_id == by.person_id)
    if seat is None:
        raise NoSeat()
    return await issue_ticket(uow, appointment, seat, now, new_secret)


async def ticket_for_visit(
    uow: UnitOfWork, seat_id: str, now: datetime, new_secret: Callable[[], str]
) -> tuple[str, Ticket]:
    """A ticket to the visit's seat. Raises RulesNotAccepted, and the reasons why nobody can enter now."""
    everything = uow.beyond(_SYSTEM)
    seat = await everything.rows(Seat).one(seat_id)
    appointment = await everything.rows(Appointment).one(seat.appointment_id)
    if appointment.kind is Kind.SMALL_GROUP and seat.rules_accepted_at is None:
        raise RulesNotAccepted()
    return await issue_ticket(uow, appointment, seat, now, new_secret)


async def issue_ticket(
    uow: UnitOfWork, appointment: Appointment, seat: Seat, now: datetime, new_secret: Callable[[], str]
) -> tuple[str, Ticket]:
    """The secret of a ticket and its row."""
    await _may_enter(uow, appointment, seat, now)
    secret = new_secret()
    ticket = Ticket(
        secret_hash=hash_of(secret), seat_id=seat.id, issued_at=now, expires_at=now + TICKET_LIVES, used_at=None
    )
    await uow.execute(delete(tickets).where(tickets.c.expires_at < now - TICKET_LIVES))
    await uow.beyond(_SYSTEM).rows(Ticket).add(ticket)
    return secret, ticket


async def redeem(uow: UnitOfWork, secret: str, now: datetime, issue_keys: IssueKeys) -> Admission:
    """Use a ticket up. Raises TicketRefused, RoomNotReady, NodesFull, and the reasons why nobody can enter now."""
    everything = uow.beyond(_SYSTEM)
    ticket_hash = hash_of(secret)
    live = (tickets.c.secret_hash == ticket_hash, tickets.c.used_at.is_(None), tickets.c.expires_at > now)
    if (await everything.execute(update(tickets).where(*live).values(used_at=now))).rowcount != 1:
        raise TicketRefused()
    seat = await everything.rows(Seat).one((await everything.rows(Ticket).one(ticket_hash)).seat_id)
    appointment = await everything.rows(Appointment).one(seat.appointment_id)
    assignment = await _may_enter(everything, appointment, seat, now)
    node = await carrier(everything, assignment, appointment, now)
    spec = await spec_of(everything, assignment, issue_keys)
    await keep_text(everything, await asked(everything, appointment), now)  # it can be answered in the call
    return Admission(call=assignment.call_id, seat=seat.id, node=node, spec=spec)


async def _may_enter(uow: UnitOfWork, appointment: Appointment, seat: Seat, now: datetime) -> Assignment:
    appointment.may_enter(now)
    if seat.revoked_at is not None:
        raise SeatRevoked()
    found = await uow.beyond(_SYSTEM).rows(Assignment).where(assignments.c.appointment_id == appointment.id)
    if found[0].closed_at is not None:
        raise AppointmentEnded()
    return found[0]
