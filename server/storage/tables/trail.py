"""Tables that only grow: audit trail, changes browsers are told of, idempotency keys, consent texts and answers."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from server.domain.consent import Answer, Item
from server.domain.people import Language
from server.storage.tables.metadata import HASH_LENGTH, ID_LENGTH, SERIAL, metadata
from server.storage.types import Choice, UtcDateTime

audit = Table(
    "audit",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("tenant_id", String(ID_LENGTH), index=True),
    Column("actor_id", String(ID_LENGTH)),
    Column("action", String(60), nullable=False),
    Column("object_kind", String(40), nullable=False),
    Column("object_id", String(ID_LENGTH), nullable=False, index=True),
    Column("subject_id", String(ID_LENGTH), index=True),
    Column("origin", String(64)),
    Column("reason", String(500)),
)

changes = Table(
    "changes",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("tenant_id", String(ID_LENGTH)),
    Column("kind", String(40), nullable=False),
    Column("object_id", String(ID_LENGTH), nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("actor_id", String(ID_LENGTH), primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("operation", String(60), nullable=False),
    Column("request_hash", String(HASH_LENGTH), nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("status", Integer),
    Column("answer", LargeBinary),
)

consent_texts = Table(
    "consent_texts",
    metadata,
    Column("version", String(HASH_LENGTH), primary_key=True),
    Column("body", JSON, nullable=False),
    Column("first_shown_at", UtcDateTime, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("seat_id", ForeignKey("seats.id"), nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("item", Choice(Item), nullable=False),
    Column("answer", Choice(Answer), nullable=False),
    Column("text_version", String(HASH_LENGTH), nullable=False),
    Column("lang", Choice(Language), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("answered_at", UtcDateTime, nullable=False),
    Index("ix_consents_seat_id_item_answered_at", "seat_id", "item", "answered_at"),
)
