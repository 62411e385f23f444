"""Registering a seeker: name and phone are enough; no account is made."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from server.actions.open_case import case_of
from server.domain.organisations import Tenant, TenantKind
from server.domain.people import Language, Person, Registration, clean_name, clean_phone
from server.domain.permissions import StaffScope
from server.storage.tables.people import people
from server.storage.trail import Deed, record_deed
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class NewSeeker:
    """What is typed in."""

    name: str
    phone: str
    lang: Language


async def register_seeker(
    uow: UnitOfWork, new: NewSeeker, by: StaffScope, now: datetime, new_id: Callable[[], str]
) -> Person:
    """A seeker of the asker's tenant, for whom the asker is responsible. Raises NameInvalid, PhoneInvalid."""
    person = Person(id=new_id(), name=clean_name(new.name), phone=clean_phone(new.phone), lang=new.lang, created_at=now)
    await uow.rows(Person).add(person)
    await uow.rows(Registration).add(
        Registration(person_id=person.id, tenant_id=by.tenant_id, responsible_id=by.person_id, registered_at=now)
    )
    if (await uow.rows(Tenant).one(by.tenant_id)).kind is not TenantKind.EMPLOYER:
        await case_of(uow, by.tenant_id, person.id, new_id, now)
    deed = Deed(
        action="seeker.registered",
        object_kind="person",
        object_id=person.id,
        tenant_id=by.tenant_id,
        subject_id=person.id,
    )
    await record_deed(uow, deed, now)
    return person


async def seekers(uow: UnitOfWork, search: str, limit: int) -> list[Person]:
    """Seekers within reach whose name or number contains the words, by name."""
    reach = [registration.person_id for registration in await uow.rows(Registration).where()]
    named = people.c.name.contains(search, autoescape=True) | people.c.phone.contains(search, autoescape=True)
    return await uow.rows(Person).where(
        people.c.id.in_(reach), named, order_by=[people.c.name, people.c.id], limit=limit
    )
