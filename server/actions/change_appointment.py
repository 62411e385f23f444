"""What happens to an appointment after booking: moved, cancelled, missed, closed, given another agenda."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, update

from server.actions.book import occupy
from server.actions.call_spec import next_changed
from server.actions.history import remember
from server.actions.news import appointment_changed, call_changed
from server.domain.appointments import (
    PRESENT,
    AgendaItem,
    Appointment,
    Presence,
    ReasonMissing,
    Seat,
    Status,
    WrongState,
    check_length,
)
from server.domain.history import Step
from server.domain.people import clean_text
from server.domain.permissions import SystemScope
from server.domain.rooms import NO_SHOWS, Assignment
from server.storage.occupancy import give_back
from server.storage.tables.appointments import seats
from server.storage.tables.scheduling import assignments, notices
from server.storage.trail import Deed, record_deed
from server.storage.unit_of_work import UnitOfWork

REASON_MAX_CHARACTERS = 300


class Missing(StrEnum):
    """Who did not come, as a person confirms it."""

    GUEST = "guest"  # the seeker
    HOST = "host"  # the counsellor or interviewer
    BOTH = "both"  # nobody


async def move(
    uow: UnitOfWork, appointment_id: str, starts_at: datetime, minutes: int, reason: str, now: datetime
) -> Appointment:
    """Another time for the same people, in the same room if it is free then. Nobody may be in the room.

    What was of the old time is over: who waits is told so, and nobody has been there yet.
    """
    old = await uow.rows(Appointment).one(appointment_id, lock=True)
    everyone = await _seats(uow, old.id)
    if any(seat.presence in PRESENT for seat in everyone):
        raise WrongState(status=old.status.value, wanted="moved")
    moved = old.moved(starts_at, check_length(starts_at, minutes, now))
    await uow.rows(Appointment).save(moved)
    await give_back(uow, moved.id)
    assignment = await assignment_of(uow, moved.id)
    room = await occupy(
        uow,
        moved,
        [seat.person_id for seat in everyone if not seat.staff],
        [seat.person_id for seat in everyone if seat.staff],
        first=assignment.room_id,
    )
    await uow.beyond(SystemScope("move")).rows(Assignment).save(replace(assignment.anew(), room_id=room.id))
    not_yet = {"presence": Presence.INVITED, "presence_at": None, "first_present_at": None}
    await uow.execute(update(seats).where(seats.c.appointment_id == moved.id).values(not_yet))
    await uow.execute(delete(notices).where(notices.c.appointment_id == moved.id))
    for room_id, before_or_after in ((assignment.room_id, old), (room.id, moved)):
        await next_changed(uow, room_id, before_or_after, now)
    why = clean_text(reason)[:REASON_MAX_CHARACTERS]
    await remember(uow, moved, now, Step.MOVED, why)
    await _done(uow, moved, "appointment.moved", assignment.call_id, now, why)
    return moved


async def cancel(uow: UnitOfWork, appointment_id: str, reason: str, now: datetime) -> Appointment:
    """Call it off, with a reason that the people see. Raises ReasonMissing or WrongState."""
    why = clean_text(reason)[:REASON_MAX_CHARACTERS]
    if not why:
        raise ReasonMissing()
    cancelled = (await uow.rows(Appointment).one(appointment_id, lock=True)).cancelled(why)
    await uow.execute(delete(notices).where(notices.c.appointment_id == appointment_id))
    return await _finish(uow, cancelled, "appointment.cancelled", now, why)


async def confirm_no_show(
    uow: UnitOfWork, appointment_id: str, who: Missing, confirmed: bool, now: datetime
) -> Appointment:
    """A person says whether the possible no-show is one. Denied, it is not raised again."""
    appointment = await uow.rows(Appointment).one(appointment_id, lock=True)
    if confirmed:
        missed = appointment.to(Status.NO_SHOW)
        return await _finish(uow, missed, f"appointment.no_show_{who}", now, None)
    kinds = [kind for kind in NO_SHOWS if who is Missing.BOTH or kind.value.endswith(who.value)]
    await uow.execute(
        notices.update()
        .where(notices.c.appointment_id == appointment.id, notices.c.kind.in_(kinds))
        .values(dismissed_at=now)
    )
    await remember(uow, appointment, now, Step.NO_SHOW_DISMISSED)
    await appointment_changed(uow, appointment, now)
    return appointment


async def close(uow: UnitOfWork, appointment_id: str, now: datetime) -> Appointment:
    """It is over, says a host: also when the call never ended by itself."""
    appointment = await uow.rows(Appointment).one(appointment_id, lock=True)
    if appointment.status is Status.COMPLETED:
        return appointment
    return await _finish(uow, appointment.to(Status.COMPLETED), "appointment.closed", now, None)


async def set_agenda(uow: UnitOfWork, appointment_id: str, agenda: Sequence[AgendaItem], now: datetime) -> Appointment:
    """Another order of topics or questions; a running call receives it."""
    appointment = replace(await uow.rows(Appointment).one(appointment_id, lock=True), agenda=tuple(agenda))
    await uow.rows(Appointment).save(appointment)
    await call_changed(uow, (await assignment_of(uow, appointment.id)).call_id, now)
    await appointment_changed(uow, appointment, now)
    return appointment


async def assignment_of(uow: UnitOfWork, appointment_id: str) -> Assignment:
    """The room and call of an appointment that the asker was allowed to reach."""
    everything = uow.beyond(SystemScope("assignment of a visible appointment"))
    found = await everything.rows(Assignment).where(assignments.c.appointment_id == appointment_id)
    return found[0]


async def _seats(uow: UnitOfWork, appointment_id: str) -> list[Seat]:
    return await uow.rows(Seat).where(seats.c.appointment_id == appointment_id)


async def _finish(uow: UnitOfWork, over: Appointment, action: str, now: datetime, reason: str | None) -> Appointment:
    """Save an appointment that is over, free its time, and let the node close what is still open."""
    assignment = await assignment_of(uow, over.id)
    await uow.rows(Appointment).save(over)
    await give_back(uow, over.id)
    everything = uow.beyond(SystemScope("over"))
    await everything.rows(Assignment).save(replace(assignment, closed_at=assignment.closed_at or now))
    await next_changed(uow, assignment.room_id, over, now)
    await remember(uow, over, now, reason=reason)
    await _done(uow, over, action, assignment.call_id, now, reason)
    return over


async def _done(
    uow: UnitOfWork, appointment: Appointment, action: str, call_id: str, now: datetime, reason: str | None
) -> None:
    deed = Deed(
        action=action,
        object_kind="appointment",
        object_id=appointment.id,
        tenant_id=appointment.tenant_id,
        reason=reason or None,
    )
    await record_deed(uow, deed, now)
    await appointment_changed(uow, appointment, now)
    await call_changed(uow, call_id, now)
