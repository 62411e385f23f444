"""The specification a node opens a call with: everything it must know, so that it never asks the database."""

from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from server.actions.consents import answers_of, asked
from server.actions.news import call_changed
from server.domain.appointments import Appointment, Seat, Status, capacity
from server.domain.consent import ConsentText, Item
from server.domain.documents import Document
from server.domain.organisations import Tenant
from server.domain.rooms import NEXT_WITHIN, TALKING, Assignment
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.cases import documents
from server.storage.tables.scheduling import assignments
from server.storage.unit_of_work import UnitOfWork
from signaling.media.recorders import DataKey

KEYS_PER_SEAT = 4  # microphone, camera, screen and its sound
IssueKeys = Callable[[UnitOfWork, Appointment, int], Awaitable[Sequence[DataKey]]]
_IN_CALL = (Item.SOUND, Item.PICTURE)  # what a node can act on; sharing with a centre concerns what comes after


async def spec_of(uow: UnitOfWork, assignment: Assignment, issue_keys: IssueKeys) -> dict[str, Any]:
    """The call's specification, as JSON values. With data keys when it may be recorded."""
    appointment = await uow.rows(Appointment).one(assignment.appointment_id)
    tenant = await uow.rows(Tenant).one(appointment.tenant_id)
    places = await uow.rows(Seat).where(seats.c.appointment_id == appointment.id, order_by=[seats.c.id])
    shown = await asked(uow, appointment)
    wanted = KEYS_PER_SEAT * len(places) if appointment.recording_allowed else 0
    keys = await issue_keys(uow, appointment, wanted) if wanted else ()
    return {
        "call": assignment.call_id,
        "epoch": assignment.epoch,
        "moved_from": assignment.moved_from,
        "running": appointment.status in TALKING,
        "appointment": appointment.id,
        "kind": appointment.kind,
        "title": appointment.title,
        "starts_at": _stamp(appointment.starts_at),
        "ends_at": _stamp(appointment.ends_at),
        "next_starts_at": await _next(uow, assignment, appointment),
        "capacity": capacity(appointment.kind),
        "recording": {
            "allowed": appointment.recording_allowed,
            "id": assignment.call_id if appointment.recording_allowed else None,
            "default": "off",
        },
        "keys": [key_json(key) for key in keys],
        "seats": await _seats(uow, places, shown),
        "consent": {
            "text_version": shown.version,
            "items": [asdict(item) for item in shown.items if item.item in _IN_CALL],
        },
        "agenda": [asdict(item) for item in appointment.agenda],
        "documents": [
            {"id": one.id, "title": one.title, "pages": one.pages} for one in await documents_of(uow, appointment)
        ],
        "centre": {"name": tenant.name, "phone": tenant.phone},
        "policy": {},
    }


def key_json(key: DataKey) -> dict[str, str]:
    """A data key as the link carries it."""
    return {"id": key.id, "plain": b64encode(key.plain).decode(), "wrapped": b64encode(key.wrapped).decode()}


async def _seats(uow: UnitOfWork, places: Sequence[Seat], shown: ConsentText) -> list[dict[str, Any]]:
    answers = await answers_of(uow, [seat.id for seat in places], shown)
    return [
        {
            "seat": seat.id,
            "person": seat.person_id,
            "name": seat.name,
            "role": seat.role,
            "staff": seat.staff,
            "lang": seat.lang,
            "consent": {item: answer for item, answer in answers[seat.id].items() if item in _IN_CALL},
            "rules_accepted": seat.rules_accepted_at is not None,
            "revoked": seat.revoked_at is not None,
        }
        for seat in places
    ]


async def documents_of(uow: UnitOfWork, appointment: Appointment) -> list[Document]:
    """What may be looked at together: the documents of the appointment and of the application it serves."""
    mine = documents.c.appointment_id == appointment.id
    if appointment.application_id is not None:
        mine = or_(mine, documents.c.application_id == appointment.application_id)
    return await uow.rows(Document).where(mine, order_by=[documents.c.uploaded_at, documents.c.id])


async def _next(uow: UnitOfWork, assignment: Assignment, appointment: Appointment) -> str | None:
    """When somebody is next, soon after the end: in the same room, or for somebody who hosts here."""
    query = (
        select(func.min(appointments.c.starts_at))
        .join(assignments, assignments.c.appointment_id == appointments.c.id)
        .where(
            _shares(assignment.room_id, appointment),
            appointments.c.status.in_((Status.CONFIRMED, Status.OPEN)),
            appointments.c.starts_at >= appointment.ends_at,
            appointments.c.starts_at <= appointment.ends_at + NEXT_WITHIN,
        )
    )
    following = (await uow.execute(query)).scalar_one_or_none()
    return _stamp(following) if following else None


async def next_changed(uow: UnitOfWork, room_id: str, appointment: Appointment, now: datetime) -> None:
    """This appointment begins, or began, at that time in that room: calls that end just before it know so at once."""
    query = (
        select(assignments.c.call_id)
        .join(appointments, appointments.c.id == assignments.c.appointment_id)
        .where(
            _shares(room_id, appointment),
            appointments.c.status.in_(TALKING | {Status.OPEN}),
            appointments.c.ends_at <= appointment.starts_at,
            appointments.c.ends_at >= appointment.starts_at - NEXT_WITHIN,
        )
    )
    for call_id in (await uow.execute(query)).scalars().all():
        await call_changed(uow, call_id, now)


def _shares(room_id: str, appointment: Appointment) -> ColumnElement[bool]:
    """Appointments in this room, or of somebody who hosts this one."""
    hosts = select(seats.c.person_id).where(seats.c.appointment_id == appointment.id, seats.c.staff.is_(True))
    theirs = select(seats.c.appointment_id).where(seats.c.person_id.in_(hosts), seats.c.staff.is_(True))
    return or_(assignments.c.room_id == room_id, appointments.c.id.in_(theirs))


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
