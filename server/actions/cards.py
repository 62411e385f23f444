"""Appointments as staff see them: one card with its people, its room and what was noticed. Read only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from server.domain.appointments import AgendaItem, Appointment, Kind, Presence, Seat, SeatRole, Status, in_order
from server.domain.people import Language, Person
from server.domain.permissions import SystemScope
from server.domain.rooms import Assignment, NoticeKind
from server.storage.tables.appointments import appointments, links, seats
from server.storage.tables.people import people, rooms
from server.storage.tables.scheduling import assignments, notices
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("people of appointments within reach")


@dataclass(frozen=True, kw_only=True)
class SeatCard:
    """One person of an appointment."""

    id: str
    person_id: str
    name: str  # the real name: staff see it even where others see a 별칭
    display_name: str
    phone: str | None
    role: SeatRole
    staff: bool
    lang: Language
    presence: Presence
    presence_at: datetime | None
    first_present_at: datetime | None
    device_check: dict[str, object] | None
    has_link: bool


@dataclass(frozen=True, kw_only=True)
class AppointmentCard:
    """One appointment, ready to be shown."""

    id: str
    kind: Kind
    title: str
    status: Status
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    room: str
    call_id: str
    closed_at: datetime | None
    recording_allowed: bool
    application_id: str | None
    replaces_id: str | None
    replaced_by_id: str | None
    cancel_reason: str | None
    agenda: tuple[AgendaItem, ...]
    seats: tuple[SeatCard, ...]
    notices: tuple[NoticeKind, ...]
    my_seat_id: str | None


async def cards(uow: UnitOfWork, found: Sequence[Appointment]) -> list[AppointmentCard]:
    """Cards of these appointments, in the same order. The appointments must come from a scoped query."""
    if not found:
        return []
    everything = uow.beyond(_SYSTEM)
    ids = [appointment.id for appointment in found]
    people_of = await _seat_cards(everything, ids)
    placed = await _placed(everything, ids)
    noticed = await _noticed(everything, ids)
    replaced = await _replaced(everything, ids)
    me = None if isinstance(uow.scope, SystemScope) else uow.scope.person_id
    return [
        _card(appointment, people_of[appointment.id], placed[appointment.id], noticed, replaced.get(appointment.id), me)
        for appointment in found
    ]


async def card_of(uow: UnitOfWork, appointment_id: str) -> AppointmentCard:
    """One card. Raises NotFound."""
    return (await cards(uow, [await uow.rows(Appointment).one(appointment_id)]))[0]


async def between(uow: UnitOfWork, start: datetime, end: datetime, limit: int) -> list[AppointmentCard]:
    """Cards of what overlaps [start, end), in order of time."""
    found = await uow.rows(Appointment).where(
        appointments.c.starts_at < end,
        appointments.c.ends_at > start,
        order_by=[appointments.c.starts_at, appointments.c.id],
        limit=limit,
    )
    return await cards(uow, found)


def _card(
    appointment: Appointment,
    placed_people: Sequence[SeatCard],
    placed: tuple[Assignment, str],
    noticed: dict[str, list[NoticeKind]],
    replaced_by: str | None,
    me: str | None,
) -> AppointmentCard:
    assignment, room = placed
    return AppointmentCard(
        id=appointment.id,
        kind=appointment.kind,
        title=appointment.title,
        status=appointment.status,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        opens_at=appointment.opens_at,
        room=room,
        call_id=assignment.call_id,
        closed_at=assignment.closed_at,
        recording_allowed=appointment.recording_allowed,
        application_id=appointment.application_id,
        replaces_id=appointment.replaces_id,
        replaced_by_id=replaced_by,
        cancel_reason=appointment.cancel_reason,
        agenda=appointment.agenda,
        seats=tuple(placed_people),
        notices=tuple(noticed.get(appointment.id, ())),
        my_seat_id=next((one.id for one in placed_people if one.person_id == me), None),
    )


async def _seat_cards(everything: UnitOfWork, ids: Sequence[str]) -> dict[str, list[SeatCard]]:
    places = in_order(await everything.rows(Seat).where(seats.c.appointment_id.in_(ids)))
    named = {one.id: one for one in await _people(everything, places)}
    query = select(links.c.seat_id).where(
        links.c.seat_id.in_([place.id for place in places]), links.c.revoked_at.is_(None)
    )
    linked = set((await everything.execute(query)).scalars())
    found: dict[str, list[SeatCard]] = {one: [] for one in ids}
    for place in places:
        found[place.appointment_id].append(_seat_card(place, named[place.person_id], place.id in linked))
    return found


async def _people(everything: UnitOfWork, places: Iterable[Seat]) -> list[Person]:
    return await everything.rows(Person).where(people.c.id.in_({place.person_id for place in places}))


def _seat_card(place: Seat, person: Person, has_link: bool) -> SeatCard:
    return SeatCard(
        id=place.id,
        person_id=person.id,
        name=person.name,
        display_name=place.name,
        phone=None if place.staff else person.phone,
        role=place.role,
        staff=place.staff,
        lang=place.lang,
        presence=place.presence,
        presence_at=place.presence_at,
        first_present_at=place.first_present_at,
        device_check=place.device_check,
        has_link=has_link,
    )


async def _placed(everything: UnitOfWork, ids: Sequence[str]) -> dict[str, tuple[Assignment, str]]:
    placed = await everything.rows(Assignment).where(assignments.c.appointment_id.in_(ids))
    query = select(rooms.c.id, rooms.c.name).where(rooms.c.id.in_({one.room_id for one in placed}))
    named = {row.id: row.name for row in await everything.execute(query)}
    return {one.appointment_id: (one, named[one.room_id]) for one in placed}


async def _noticed(everything: UnitOfWork, ids: Sequence[str]) -> dict[str, list[NoticeKind]]:
    query = (
        select(notices.c.appointment_id, notices.c.kind)
        .where(notices.c.appointment_id.in_(ids), notices.c.dismissed_at.is_(None))
        .order_by(notices.c.due_at)
    )
    found: dict[str, list[NoticeKind]] = {}
    for row in await everything.execute(query):
        found.setdefault(row.appointment_id, []).append(row.kind)
    return found


async def _replaced(everything: UnitOfWork, ids: Sequence[str]) -> dict[str, str]:
    query = select(appointments.c.replaces_id, appointments.c.id).where(appointments.c.replaces_id.in_(ids))
    return {row.replaces_id: row.id for row in await everything.execute(query)}
