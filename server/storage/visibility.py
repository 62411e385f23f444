"""The one place where a Scope becomes SQL: which rows of which table who may see.

A table without an entry is visible to the server itself and to nobody else. Every query of `Rows` carries the
condition; a row outside it does not exist for the asker.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, false, or_, select, true

from server.domain.permissions import Scope, StaffScope, SystemScope, VisitScope, sees_whole_tenant
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.cases import documents
from server.storage.tables.people import people, registrations, rooms, staff, tenants
from server.storage.visibility_of_content import CONTENT, Mine

Condition = ColumnElement[bool]


def visible(table: Table, scope: Scope) -> Condition:
    """The condition every query on this table carries for this asker."""
    if isinstance(scope, SystemScope):
        return true()
    if isinstance(scope, StaffScope):
        rule = STAFF.get(table.name) or _content_rule(table.name)
        return rule(scope) if rule else false()
    visit_rule = VISIT.get(table.name)
    return visit_rule(scope) if visit_rule else false()


def appointments_of_staff(scope: StaffScope) -> Condition:
    """Own tenant's appointments: all of them for planners, for others those they sit in or made."""
    own_tenant = appointments.c.tenant_id == scope.tenant_id
    if sees_whole_tenant(scope.role):
        return own_tenant
    seated = select(seats.c.appointment_id).where(seats.c.person_id == scope.person_id, seats.c.staff.is_(True))
    return own_tenant & or_(appointments.c.created_by == scope.person_id, appointments.c.id.in_(seated))


def appointment_ids(scope: StaffScope) -> Condition:
    """`seats` of visible appointments; usable for any table with an appointment_id."""
    return seats.c.appointment_id.in_(select(appointments.c.id).where(appointments_of_staff(scope)))


def people_of_staff(scope: StaffScope) -> Condition:
    """Colleagues, seekers one is responsible for, and people one has an appointment with."""
    colleagues = select(staff.c.id).where(staff.c.tenant_id == scope.tenant_id)
    met = select(seats.c.person_id).where(appointment_ids(scope))
    return or_(people.c.id.in_(colleagues), people.c.id.in_(_seeker_ids(scope)), people.c.id.in_(met))


def registrations_of_staff(scope: StaffScope) -> Condition:
    """Own seekers; all of the tenant's for planners."""
    own_tenant = registrations.c.tenant_id == scope.tenant_id
    return (
        own_tenant
        if sees_whole_tenant(scope.role)
        else own_tenant & (registrations.c.responsible_id == scope.person_id)
    )


def _content_rule(table_name: str) -> Callable[[StaffScope], Condition] | None:
    rule = CONTENT.get(table_name)
    if rule is None:
        return None
    return lambda scope: rule(
        Mine(
            scope=scope,
            appointment_ids=select(appointments.c.id).where(appointments_of_staff(scope)),
            seeker_ids=_seeker_ids(scope),
        )
    )


def _seeker_ids(scope: StaffScope) -> Select[Any]:
    return select(registrations.c.person_id).where(registrations_of_staff(scope))


STAFF: Mapping[str, Callable[[StaffScope], Condition]] = {
    "tenants": lambda scope: tenants.c.id == scope.tenant_id,
    "rooms": lambda scope: rooms.c.tenant_id == scope.tenant_id,
    "staff": lambda scope: staff.c.tenant_id == scope.tenant_id,
    "people": people_of_staff,
    "registrations": registrations_of_staff,
    "appointments": appointments_of_staff,
    "seats": appointment_ids,
}

VISIT: Mapping[str, Callable[[VisitScope], Condition]] = {
    "appointments": lambda scope: appointments.c.id == scope.appointment_id,
    "seats": lambda scope: seats.c.id == scope.seat_id,
    "people": lambda scope: people.c.id == scope.person_id,
    "documents": lambda scope: or_(
        documents.c.appointment_id == scope.appointment_id,
        documents.c.application_id.in_(
            select(appointments.c.application_id).where(appointments.c.id == scope.appointment_id)
        ),
    ),
}
