"""Tables of people and organisations."""

from sqlalchemy import Column, ForeignKey, String, Table, UniqueConstraint

from server.domain.engines import Engine
from server.domain.organisations import TenantKind
from server.domain.people import Language, Role
from server.storage.tables.metadata import HASH_LENGTH, ID_LENGTH, metadata
from server.storage.types import Choice, UtcDateTime

tenants = Table(
    "tenants",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("kind", Choice(TenantKind), nullable=False),
    Column("name", String(120), nullable=False),
    Column("phone", String(20), nullable=False),
    Column("zone", String(64), nullable=False),
)

rooms = Table(
    "rooms",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("engine", Choice(Engine)),
)

people = Table(
    "people",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("phone", String(20)),
    Column("lang", Choice(Language), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", ForeignKey("people.id"), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False, index=True),
    Column("role", Choice(Role), nullable=False),
    Column("email", String(254), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("disabled_at", UtcDateTime),
    UniqueConstraint("email"),
)

registrations = Table(
    "registrations",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), primary_key=True),
    Column("responsible_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("registered_at", UtcDateTime, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(HASH_LENGTH), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
