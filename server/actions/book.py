"""Booking: people, time and a room in one transaction, or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from server.actions.call_spec import next_changed
from server.actions.history import remember
from server.actions.news import appointment_changed
from server.domain import occupancy
from server.domain.appointments import (
    AgendaItem,
    Appointment,
    Kind,
    PeopleInvalid,
    Presence,
    ReplacesAnother,
    Seat,
    SeatRole,
    Status,
    check_kind,
    check_length,
    check_people,
    host_role,
    recorded_by_default,
)
from server.domain.history import Step
from server.domain.occupancy import Resource
from server.domain.organisations import Room, Tenant
from server.domain.people import Person, Registration, Role, Staff, clean_text
from server.domain.permissions import StaffScope, SystemScope
from server.domain.rooms import Assignment
from server.storage import occupancy as claimed
from server.storage.tables.appointments import seats
from server.storage.tables.people import registrations, rooms, staff
from server.storage.trail import Deed, record_deed
from server.storage.unit_of_work import UnitOfWork

TITLE_MAX_CHARACTERS = 120
HOSTING = frozenset({Role.COUNSELLOR, Role.LEAD_INTERVIEWER, Role.INTERVIEWER})


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants to book."""

    kind: Kind
    seeker_ids: Sequence[str]
    host_ids: Sequence[str]  # the first leads
    starts_at: datetime
    minutes: int
    title: str = ""
    recording: bool | None = None  # None: as is usual for the kind
    application_id: str | None = None
    replaces_id: str | None = None
    agenda: Sequence[AgendaItem] = ()


async def book(uow: UnitOfWork, wish: Wish, by: StaffScope, now: datetime, new_id: Callable[[], str]) -> Appointment:
    """Book it. Raises the reason why not: people, time, somebody busy, no room free."""
    tenant = await uow.rows(Tenant).one(by.tenant_id)
    check_kind(wish.kind, tenant.kind)
    check_people(wish.kind, wish.seeker_ids, wish.host_ids)
    ends_at = check_length(wish.starts_at, wish.minutes, now)
    seekers, hosts = await _seekers(uow, wish, by), await _hosts(uow, wish)
    if wish.replaces_id is not None:
        await _replace(uow, wish.replaces_id, wish, now)
    appointment = Appointment(
        id=new_id(),
        tenant_id=by.tenant_id,
        kind=wish.kind,
        title=clean_text(wish.title)[:TITLE_MAX_CHARACTERS],
        status=Status.CONFIRMED,
        starts_at=wish.starts_at,
        ends_at=ends_at,
        recording_allowed=recorded_by_default(wish.kind) if wish.recording is None else wish.recording,
        application_id=wish.application_id,
        replaces_id=wish.replaces_id,
        agenda=tuple(wish.agenda),
        cancel_reason=None,
        created_by=by.person_id,
        created_at=now,
    )
    await uow.rows(Appointment).add(appointment)
    room = await occupy(uow, appointment, wish.seeker_ids, wish.host_ids)
    await _seat(uow, appointment, seekers, hosts, new_id)
    await uow.beyond(SystemScope("booking")).rows(Assignment).add(_assignment(appointment, room, new_id()))
    deed = Deed(
        action="appointment.booked", object_kind="appointment", object_id=appointment.id, tenant_id=by.tenant_id
    )
    await record_deed(uow, deed, now)
    await remember(uow, appointment, now, Step.BOOKED)
    await next_changed(uow, room.id, appointment, now)
    await appointment_changed(uow, appointment, now)
    return appointment


async def _replace(uow: UnitOfWork, replaced_id: str, wish: Wish, now: datetime) -> None:
    """What did not take place gives way. Raises ReplacesAnother, WrongState."""
    old = (await uow.rows(Appointment).one(replaced_id, lock=True)).to(Status.RESCHEDULED)
    mine = seats.c.appointment_id == old.id, seats.c.person_id.in_(wish.seeker_ids)
    if old.kind is not wish.kind or not await uow.rows(Seat).count(*mine):
        raise ReplacesAnother()
    await uow.rows(Appointment).save(old)
    await remember(uow, old, now)


async def occupy(
    uow: UnitOfWork, appointment: Appointment, seeker_ids: Sequence[str], host_ids: Sequence[str], first: str = ""
) -> Room:
    """Take the time of everybody and of the first free room (`first` is tried before the others)."""
    span = appointment.starts_at, appointment.ends_at
    people = occupancy.claims(Resource.PERSON, seeker_ids, *span)
    staffed = occupancy.claims(Resource.HOST, host_ids, *span)
    await claimed.take(uow, appointment.id, [*people, *staffed])
    everything = uow.beyond(SystemScope("rooms of the tenant"))
    all_rooms = await everything.rows(Room).where(
        rooms.c.tenant_id == appointment.tenant_id, order_by=[rooms.c.name, rooms.c.id]
    )
    busy = await claimed.taken(uow, Resource.ROOM, [room.id for room in all_rooms], occupancy.buckets(*span))
    free = sorted((room for room in all_rooms if room.id not in busy), key=lambda room: room.id != first)
    choices = (occupancy.claims(Resource.ROOM, [room.id], *span) for room in free)
    return free[await claimed.take_first(uow, appointment.id, choices)]


async def _seekers(uow: UnitOfWork, wish: Wish, by: StaffScope) -> list[Person]:
    """The seekers, each registered with this tenant and within the asker's reach."""
    known = await uow.rows(Registration).where(
        registrations.c.person_id.in_(wish.seeker_ids), registrations.c.tenant_id == by.tenant_id
    )
    if len(known) != len(wish.seeker_ids):
        raise PeopleInvalid(unknown_seekers=len(wish.seeker_ids) - len(known))
    return [await uow.rows(Person).one(seeker_id) for seeker_id in wish.seeker_ids]


async def _hosts(uow: UnitOfWork, wish: Wish) -> list[Person]:
    """The hosts: active staff of this tenant whose role sits in conversations."""
    able = await uow.rows(Staff).where(staff.c.id.in_(wish.host_ids), staff.c.disabled_at.is_(None))
    if {one.id for one in able if one.role in HOSTING} != set(wish.host_ids):
        raise PeopleInvalid(unknown_hosts=True)
    return [await uow.rows(Person).one(host_id) for host_id in wish.host_ids]


async def _seat(
    uow: UnitOfWork,
    appointment: Appointment,
    seekers: Sequence[Person],
    hosts: Sequence[Person],
    new_id: Callable[[], str],
) -> None:
    roles = [host_role(appointment.kind, position) for position in range(len(hosts))]
    guests = [replace(_new_seat(appointment, person, SeatRole.GUEST), id=new_id()) for person in seekers]
    staffed = [
        replace(_new_seat(appointment, person, role), id=new_id(), staff=True)
        for person, role in zip(hosts, roles, strict=True)
    ]
    await uow.rows(Seat).add(*staffed, *guests)


def _new_seat(appointment: Appointment, person: Person, role: SeatRole) -> Seat:
    return Seat(
        id="",
        appointment_id=appointment.id,
        person_id=person.id,
        role=role,
        staff=False,
        name=person.name,
        lang=person.lang,
        revoked_at=None,
        rules_accepted_at=None,
        device_check=None,
        presence=Presence.INVITED,
        presence_at=None,
        first_present_at=None,
    )


def _assignment(appointment: Appointment, room: Room, call_id: str) -> Assignment:
    return Assignment(
        call_id=call_id,
        appointment_id=appointment.id,
        room_id=room.id,
        node=None,
        epoch=0,
        opened_at=None,
        empty_since=None,
        closed_at=None,
    )
