"""One tick of the scheduler: read what is, let the domain decide, write it: whole or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, update

from server.actions.history import remember
from server.actions.news import appointment_changed, call_changed
from server.domain.appointments import OPENS_BEFORE, PRESENT, Appointment, Presence, Status
from server.domain.history import Step
from server.domain.nodes import Node
from server.domain.rooms import (
    NEXT_WITHIN,
    NO_SHOWS,
    Assign,
    Assignment,
    CloseEmpty,
    Decision,
    Move,
    Notice,
    NoticeKind,
    Plan,
    tick,
)
from server.storage.occupancy import give_back
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.people import rooms
from server.storage.tables.scheduling import assignments, notices
from server.storage.unit_of_work import UnitOfWork

LOOKS_BACK = timedelta(hours=24)  # for what is closed already
# A conversation whose machine was lost is interrupted until people meet again on the next one.
_ON_ASSIGNMENT = {Status.CONFIRMED: Status.OPEN, Status.IN_PROGRESS: Status.INTERRUPTED}
_INSIDE = frozenset({*PRESENT, Presence.WAITING})
_UNDECIDED = (Status.CONFIRMED, Status.OPEN, Status.IN_PROGRESS, Status.INTERRUPTED)
_WATCHED = (*_UNDECIDED, Status.COMPLETED)


async def run_tick(uow: UnitOfWork, now: datetime) -> list[Decision]:
    """Decide and write. Running it again at once decides nothing."""
    decisions = tick(await _plans(uow, now), await uow.rows(Node).where(), now)
    for decision in decisions:
        await _apply(uow, decision, now)
    return decisions


async def _apply(uow: UnitOfWork, decision: Decision, now: datetime) -> None:
    if not isinstance(decision, Notice) and await _overtaken(uow, decision):
        return
    match decision:
        case Assign():
            await _assign(uow, decision, now)
        case Move():
            await _move(uow, decision, now)
        case Notice():
            row = {"appointment_id": decision.appointment_id, "kind": decision.kind, "due_at": decision.due_at}
            if await uow.insert_new(notices, [row]):
                appointment = await uow.rows(Appointment).one(decision.appointment_id)
                if decision.kind in NO_SHOWS:
                    await remember(uow, appointment, now, Step(decision.kind.value))
                await appointment_changed(uow, appointment, now)
        case CloseEmpty():
            await _close(uow, decision, now)


async def _overtaken(uow: UnitOfWork, decision: Assign | Move | CloseEmpty) -> bool:
    """Whether the room was placed, or its appointment moved or ended, since the tick looked."""
    appointment = await uow.rows(Appointment).one(decision.appointment_id, lock=True)
    assignment = await uow.rows(Assignment).one(decision.call_id, lock=True)
    looked_at = decision.epoch if isinstance(decision, CloseEmpty) else decision.epoch - 1
    over = appointment.status not in _WATCHED or assignment.closed_at is not None
    return assignment.epoch != looked_at or over


async def _assign(uow: UnitOfWork, decision: Assign, now: datetime) -> None:
    appointment = await uow.rows(Appointment).one(decision.appointment_id, lock=True)
    became = _ON_ASSIGNMENT.get(appointment.status)
    if became is not None:
        appointment = appointment.to(became)
        await uow.rows(Appointment).save(appointment)
        await remember(uow, appointment, now)
    assignment = await uow.rows(Assignment).one(decision.call_id, lock=True)
    if assignment.node is not None:
        await _all_dropped(uow, appointment.id, now)
        assignment = replace(assignment, empty_since=now)
    await uow.rows(Assignment).save(
        replace(assignment, node=decision.node, epoch=decision.epoch, opened_at=decision.opened_at, moved_from=None)
    )
    await appointment_changed(uow, appointment, now)
    await call_changed(uow, decision.call_id, now)


async def _move(uow: UnitOfWork, decision: Move, now: datetime) -> None:
    """Nobody is dropped: the node that has the call hands it over, with everybody in it."""
    await uow.rows(Appointment).one(decision.appointment_id, lock=True)
    assignment = await uow.rows(Assignment).one(decision.call_id, lock=True)
    moved = replace(assignment, node=decision.node, epoch=decision.epoch, moved_from=decision.moved_from)
    await uow.rows(Assignment).save(moved)
    await call_changed(uow, decision.call_id, now)


async def _all_dropped(uow: UnitOfWork, appointment_id: str, now: datetime) -> None:
    """The node that knew who was inside is gone; whoever comes back says so through the next one."""
    inside = seats.c.appointment_id == appointment_id, seats.c.presence.in_(_INSIDE)
    await uow.execute(update(seats).where(*inside).values(presence=Presence.DROPPED, presence_at=now))


async def _close(uow: UnitOfWork, decision: CloseEmpty, now: datetime) -> None:
    appointment = await uow.rows(Appointment).one(decision.appointment_id, lock=True)
    if decision.completed and appointment.status is Status.IN_PROGRESS:
        appointment = appointment.to(Status.COMPLETED)
        await uow.rows(Appointment).save(appointment)
        await remember(uow, appointment, decision.closed_at)
    assignment = await uow.rows(Assignment).one(decision.call_id, lock=True)
    await uow.rows(Assignment).save(replace(assignment, closed_at=decision.closed_at))
    await give_back(uow, appointment.id)
    await appointment_changed(uow, appointment, now)
    await call_changed(uow, decision.call_id, now)


async def _plans(uow: UnitOfWork, now: datetime) -> list[Plan]:
    joined = appointments.join(assignments, assignments.c.appointment_id == appointments.c.id).join(
        rooms, rooms.c.id == assignments.c.room_id
    )
    query = (
        select(appointments, assignments, rooms.c.engine)
        .select_from(joined)
        .where(_to_look_at(now))
        .order_by(appointments.c.starts_at, appointments.c.id)
    )
    rows = list(await uow.execute(query))
    ids = [row.id for row in rows]
    seen, following = await _seen(uow, ids), await _following(uow, ids)
    noticed = await _noticed(uow, {*ids, *following.values()})
    return [_plan(row, seen[row.id], following.get(row.id), noticed) for row in rows]


def _to_look_at(now: datetime) -> ColumnElement[bool]:
    """Whatever is not closed yet, however long the server was off; and what was closed lately or without a word."""
    state, closed = appointments.c.status, assignments.c.closed_at.is_not(None)
    noticed = exists().where(notices.c.appointment_id == appointments.c.id, notices.c.kind.in_(NO_SHOWS))
    return and_(
        state.in_(_WATCHED),
        appointments.c.starts_at <= now + OPENS_BEFORE,
        or_(
            and_(state.in_(_UNDECIDED), ~closed),
            appointments.c.ends_at >= now - LOOKS_BACK,
            and_(state == Status.OPEN, ~noticed),  # nobody met: a person is to say why
        ),
    )


def _plan(row: Row[Any], seen: Row[Any], following: str | None, noticed: dict[str, frozenset[NoticeKind]]) -> Plan:
    told_next = NoticeKind.HOST_RUNS_LATE in noticed.get(following or "", ())
    return Plan(
        appointment_id=row.id,
        call_id=row.call_id,
        status=row.status,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        seats=seen.seats,
        node=row.node,
        epoch=row.epoch,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        empty_since=row.empty_since,
        occupied=seen.inside > 0,
        first_host_at=seen.host_at,
        first_guest_at=seen.guest_at,
        next_appointment_id=None if told_next else following,
        noticed=noticed.get(row.id, frozenset()),
        engine=row.engine,
    )


async def _seen(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Per appointment: how many seats, how many inside, when the first host and the first guest came."""
    query = (
        select(
            seats.c.appointment_id,
            func.count().label("seats"),
            func.count().filter(seats.c.presence.in_(_INSIDE)).label("inside"),
            func.min(seats.c.first_present_at).filter(seats.c.staff.is_(True)).label("host_at"),
            func.min(seats.c.first_present_at).filter(seats.c.staff.is_(False)).label("guest_at"),
        )
        .where(seats.c.appointment_id.in_(ids))
        .group_by(seats.c.appointment_id)
    )
    return {row.appointment_id: row for row in await uow.execute(query)}


async def _following(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, str]:
    """The next appointment of the same host that starts within half an hour of this one's end."""
    host, next_seat, after = seats.alias(), seats.alias(), appointments.alias()
    joined = (
        appointments.join(host, and_(host.c.appointment_id == appointments.c.id, host.c.staff.is_(True)))
        .join(next_seat, and_(next_seat.c.person_id == host.c.person_id, next_seat.c.staff.is_(True)))
        .join(after, after.c.id == next_seat.c.appointment_id)
    )
    query = (
        select(appointments.c.id, appointments.c.ends_at, after.c.id.label("next_id"), after.c.starts_at)
        .select_from(joined)
        .where(
            appointments.c.id.in_(ids),
            after.c.status.in_((Status.CONFIRMED, Status.OPEN)),
            after.c.starts_at >= appointments.c.ends_at,
        )
        .order_by(after.c.starts_at.desc(), after.c.id)
    )
    found = await uow.execute(query)
    return {row.id: row.next_id for row in found if row.starts_at - row.ends_at <= NEXT_WITHIN}


async def _noticed(uow: UnitOfWork, ids: set[str]) -> dict[str, frozenset[NoticeKind]]:
    query = select(notices.c.appointment_id, notices.c.kind).where(notices.c.appointment_id.in_(ids))
    kinds: dict[str, set[NoticeKind]] = {}
    for row in await uow.execute(query):
        kinds.setdefault(row.appointment_id, set()).add(row.kind)
    return {appointment_id: frozenset(found) for appointment_id, found in kinds.items()}
