"""Tables of appointments, their history, seats, the buckets of time they occupy, links, visits and tickets."""

from dataclasses import asdict

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from server.domain.appointments import AgendaItem, Kind, Presence, SeatRole, Status
from server.domain.history import Step
from server.domain.occupancy import Resource
from server.domain.people import Language
from server.storage.tables.metadata import HASH_LENGTH, ID_LENGTH, SERIAL, metadata
from server.storage.types import Choice, Shaped, UtcDateTime

appointments = Table(
    "appointments",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("kind", Choice(Kind), nullable=False),
    Column("title", String(200), nullable=False),
    Column("status", Choice(Status), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("recording_allowed", Boolean, nullable=False),
    Column("application_id", String(ID_LENGTH), index=True),
    Column("replaces_id", ForeignKey("appointments.id")),
    Column(
        "agenda",
        Shaped(lambda rows: tuple(AgendaItem(**row) for row in rows), lambda items: [asdict(item) for item in items]),
        nullable=False,
    ),
    Column("cancel_reason", String(500)),
    Column("created_by", ForeignKey("people.id"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_appointments_tenant_id_starts_at", "tenant_id", "starts_at"),
    Index("ix_appointments_status_starts_at", "status", "starts_at"),
)

history = Table(
    "history",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("appointment_id", ForeignKey("appointments.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("step", Choice(Step), nullable=False),
    Column("actor_id", ForeignKey("people.id")),
    Column("reason", String(500)),
    Column("starts_at", UtcDateTime),
)

seats = Table(
    "seats",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("appointment_id", ForeignKey("appointments.id"), nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("role", Choice(SeatRole), nullable=False),
    Column("staff", Boolean, nullable=False),
    Column("name", String(120), nullable=False),
    Column("lang", Choice(Language), nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("rules_accepted_at", UtcDateTime),
    Column("device_check", JSON(none_as_null=True)),
    Column("presence", Choice(Presence), nullable=False),
    Column("presence_at", UtcDateTime),
    Column("first_present_at", UtcDateTime),
    UniqueConstraint("appointment_id", "person_id"),
)

occupancy = Table(
    "occupancy",
    metadata,
    Column("resource", Choice(Resource), primary_key=True),
    Column("resource_id", String(ID_LENGTH), primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("appointment_id", ForeignKey("appointments.id"), nullable=False, index=True),
)

links = Table(
    "links",
    metadata,
    Column("secret_hash", String(HASH_LENGTH), primary_key=True),
    Column("seat_id", ForeignKey("seats.id"), nullable=False, index=True),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("issued_by", ForeignKey("people.id"), nullable=False),
    Column("revoked_at", UtcDateTime),
)

visits = Table(
    "visits",
    metadata,
    Column("secret_hash", String(HASH_LENGTH), primary_key=True),
    Column("seat_id", ForeignKey("seats.id"), nullable=False, index=True),
    Column("link_hash", ForeignKey("links.secret_hash"), nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("secret_hash", String(HASH_LENGTH), primary_key=True),
    Column("seat_id", ForeignKey("seats.id"), nullable=False, index=True),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)
