"""Tables of recordings: what was recorded, its parts, the keys that open it and the grants to play it."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from server.domain.recordings import OwnerKind, RecordingStatus
from server.storage.tables.metadata import HASH_LENGTH, ID_LENGTH, metadata
from server.storage.types import Choice, UtcDateTime

OBJECT_LENGTH = 200  # name of an object in the file store

content_keys = Table(
    "content_keys",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("owner_kind", Choice(OwnerKind), nullable=False),
    Column("owner_id", String(ID_LENGTH), nullable=False),
    Column("wrapped", LargeBinary(40), nullable=False),
    Column("kek_id", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("owner_kind", "owner_id"),
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("appointment_id", ForeignKey("appointments.id"), nullable=False, index=True),
    Column("owner_kind", Choice(OwnerKind), nullable=False),
    Column("owner_id", String(ID_LENGTH), nullable=False),
    Column("content_key_id", ForeignKey("content_keys.id"), nullable=False),
    Column("status", Choice(RecordingStatus), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("failure", String(60)),
    Column("file", String(OBJECT_LENGTH)),
    Column("size_bytes", BigInteger),
    Column("duration_s", Float),
    Column("contents", JSON(none_as_null=True)),
    Column("delete_on", Date),
    Column("purged_at", UtcDateTime),
    Index("ix_recordings_status_delete_on", "status", "delete_on"),
    Index("ix_recordings_owner_kind_owner_id", "owner_kind", "owner_id"),
)

recording_parts = Table(
    "recording_parts",
    metadata,
    Column("recording_id", ForeignKey("recordings.id"), primary_key=True),
    Column("track", String(80), primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("seat", String(ID_LENGTH), nullable=False),
    Column("source", String(16), nullable=False),
    Column("object", String(OBJECT_LENGTH), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(HASH_LENGTH), nullable=False),
    Column("started_at_ns", BigInteger, nullable=False),
    Column("ended_at_ns", BigInteger, nullable=False),
    Column("key_id", String(ID_LENGTH), nullable=False),
    Column("wrapped_key", String(64), nullable=False),
    Column("sealed", Boolean, nullable=False),
)

playback_grants = Table(
    "playback_grants",
    metadata,
    Column("token_hash", String(HASH_LENGTH), primary_key=True),
    Column("recording_id", ForeignKey("recordings.id"), nullable=False, index=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
