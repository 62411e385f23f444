"""Every table, and which class of the domain is a row of which table. Field names are column names."""

from collections.abc import Mapping

from sqlalchemy import Table

from server.domain.appointments import Appointment, Seat
from server.domain.organisations import Room, Tenant
from server.domain.people import Person, Registration, Session, Staff
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.metadata import metadata
from server.storage.tables.people import people, registrations, rooms, sessions, staff, tenants
from server.storage.tables.scheduling import facts
from server.storage.tables.trail import audit

RECORDS: Mapping[type, Table] = {
    Tenant: tenants,
    Room: rooms,
    Person: people,
    Staff: staff,
    Registration: registrations,
    Session: sessions,
    Appointment: appointments,
    Seat: seats,
}

__all__ = ["RECORDS", "audit", "facts", "metadata"]
