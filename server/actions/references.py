"""How people and appointments are named beside something else: an id and what a reader needs to recognise them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from server.domain.appointments import Appointment, Kind
from server.domain.people import Person
from server.domain.permissions import SystemScope
from server.storage.tables.people import people
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("names beside what the asker may see")


@dataclass(frozen=True, kw_only=True)
class PersonRef:
    """A person by their real name."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class AppointmentRef:
    """An appointment by its title and time."""

    id: str
    kind: Kind
    title: str
    starts_at: datetime


async def named(uow: UnitOfWork, person_ids: Iterable[str | None]) -> Mapping[str, PersonRef]:
    """These people. The ids must come from rows the asker may see."""
    wanted = {person_id for person_id in person_ids if person_id is not None}
    found = await uow.beyond(_SYSTEM).rows(Person).where(people.c.id.in_(wanted)) if wanted else []
    return {person.id: PersonRef(id=person.id, name=person.name) for person in found}


async def appointment_ref(uow: UnitOfWork, appointment_id: str) -> AppointmentRef:
    """The appointment behind something the asker may see."""
    one = await uow.beyond(_SYSTEM).rows(Appointment).one(appointment_id)
    return AppointmentRef(id=one.id, kind=one.kind, title=one.title, starts_at=one.starts_at)
