"""Seekers of one's tenant, and the colleagues one may book."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field
from sqlalchemy import select

from server.actions.cards import AppointmentCard, cards
from server.actions.register_seeker import NewSeeker, register_seeker, seekers
from server.api.adapter import Answer, Body, Query
from server.api.ask import StaffAsk
from server.domain.appointments import Appointment
from server.domain.cases import Case
from server.domain.people import Language, Person, Registration, Role, Staff
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.cases import cases
from server.storage.tables.people import staff
from server.storage.unit_of_work import UnitOfWork


class SeekerRegistration(Body):
    """A seeker to register."""

    name: str = Field(min_length=1, max_length=4096)
    phone: str = Field(min_length=1, max_length=40)
    lang: Language = Field(Language.KO, strict=False)


class SeekerSearch(Query):
    """Part of a name or number."""

    q: str = Field("", max_length=60)
    limit: int = Field(50, ge=1, le=200)


class Seeker(Answer):
    """A seeker."""

    id: str
    name: str
    phone: str | None
    lang: Language
    created_at: datetime
    case_id: str | None  # null where one may not read the case, and for employers, who keep none


class SeekerPage(Answer):
    """A seeker, who is responsible, and the appointments within reach, newest first."""

    seeker: Seeker
    responsible_id: str
    responsible_name: str
    appointments: list[AppointmentCard]


class Colleague(Answer):
    """A member of staff one may book as host."""

    id: str
    name: str
    role: Role


async def create_seeker(ask: StaffAsk, uow: UnitOfWork, body: SeekerRegistration) -> Seeker:
    """Register a seeker; one is responsible for them from then on."""
    new = NewSeeker(name=body.name, phone=body.phone, lang=body.lang)
    person = await register_seeker(uow, new, ask.scope, ask.at, ask.services.new_id)
    return (await _seekers(uow, [person]))[0]


async def list_seekers(ask: StaffAsk, uow: UnitOfWork, query: SeekerSearch) -> list[Seeker]:
    """Seekers within reach, by name."""
    return await _seekers(uow, await seekers(uow, query.q, query.limit))


async def read_seeker(ask: StaffAsk, uow: UnitOfWork, seeker_id: str) -> SeekerPage:
    """One seeker."""
    registration = await uow.rows(Registration).one(seeker_id, ask.scope.tenant_id)
    responsible = await uow.rows(Person).one(registration.responsible_id)
    seated = select(seats.c.appointment_id).where(seats.c.person_id == seeker_id)
    found = await uow.rows(Appointment).where(
        appointments.c.id.in_(seated), order_by=[appointments.c.starts_at.desc()], limit=100
    )
    return SeekerPage(
        seeker=(await _seekers(uow, [await uow.rows(Person).one(seeker_id)]))[0],
        responsible_id=responsible.id,
        responsible_name=responsible.name,
        appointments=await cards(uow, found),
    )


async def list_staff(ask: StaffAsk, uow: UnitOfWork) -> list[Colleague]:
    """Colleagues of one's tenant who sit in conversations."""
    accounts = await uow.rows(Staff).where(
        staff.c.disabled_at.is_(None), staff.c.role.not_in((Role.ADMIN, Role.OPERATOR))
    )
    named = [(account, await uow.rows(Person).one(account.id)) for account in accounts]
    found = [Colleague(id=account.id, name=person.name, role=account.role) for account, person in named]
    return sorted(found, key=lambda colleague: (colleague.name, colleague.id))


async def _seekers(uow: UnitOfWork, people: Sequence[Person]) -> list[Seeker]:
    files = await uow.rows(Case).where(cases.c.seeker_id.in_([person.id for person in people]))
    case_ids = {case.seeker_id: case.id for case in files}
    return [
        Seeker(
            id=person.id,
            name=person.name,
            phone=person.phone,
            lang=person.lang,
            created_at=person.created_at,
            case_id=case_ids.get(person.id),
        )
        for person in people
    ]
