"""Tables of the case file and of what people write about an appointment: attendance, notes, summaries, documents."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from server.domain.attendance import AttendanceStatus
from server.domain.cases import EntryKind
from server.domain.notes import Amendment, NoteStatus
from server.domain.summaries import Line, SummaryStatus
from server.storage.tables.metadata import HASH_LENGTH, ID_LENGTH, metadata
from server.storage.tables.recordings import OBJECT_LENGTH
from server.storage.types import Choice, Shaped, UtcDateTime


def _line(row: Mapping[str, Any]) -> Line:
    at = row.get("at")
    return Line(**{**row, "evidence": tuple(row["evidence"]), "at": datetime.fromisoformat(at) if at else None})


def _line_row(line: Line) -> dict[str, Any]:
    return {**asdict(line), "at": line.at.isoformat() if line.at else None}


def _amendment(row: Mapping[str, Any]) -> Amendment:
    return Amendment(**{**row, "at": datetime.fromisoformat(row["at"])})


def _amendment_row(amendment: Amendment) -> dict[str, Any]:
    return {**asdict(amendment), "at": amendment.at.isoformat()}


cases = Table(
    "cases",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("seeker_id", ForeignKey("people.id"), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    UniqueConstraint("tenant_id", "seeker_id"),
)

case_entries = Table(
    "case_entries",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("kind", Choice(EntryKind), nullable=False),
    Column("object_id", String(ID_LENGTH), nullable=False),
    Column("appointment_id", ForeignKey("appointments.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("case_id", "kind", "object_id"),
)

attendances = Table(
    "attendances",
    metadata,
    Column("appointment_id", ForeignKey("appointments.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("status", Choice(AttendanceStatus), nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("proposed", Choice(AttendanceStatus), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("confirmed_by", ForeignKey("people.id"), nullable=False),
    Column("confirmed_at", UtcDateTime, nullable=False),
)

session_notes = Table(
    "session_notes",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("appointment_id", ForeignKey("appointments.id"), nullable=False),
    Column("seeker_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("author_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Choice(NoteStatus), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("signed_at", UtcDateTime),
    Column(
        "amendments",
        Shaped(lambda rows: tuple(_amendment(row) for row in rows), lambda items: [_amendment_row(i) for i in items]),
        nullable=False,
    ),
    UniqueConstraint("appointment_id", "seeker_id", "author_id"),
)

room_notes = Table(
    "room_notes",
    metadata,
    Column("appointment_id", ForeignKey("appointments.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

summaries = Table(
    "summaries",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("appointment_id", ForeignKey("appointments.id"), nullable=False),
    Column(
        "lines",
        Shaped(lambda rows: tuple(_line(row) for row in rows), lambda lines: [_line_row(line) for line in lines]),
        nullable=False,
    ),
    Column("version", Integer, nullable=False),
    Column("status", Choice(SummaryStatus), nullable=False),
    Column("drafted_at", UtcDateTime, nullable=False),
    Column("approved_by", ForeignKey("people.id")),
    Column("approved_at", UtcDateTime),
    UniqueConstraint("appointment_id"),
)

summary_links = Table(
    "summary_links",
    metadata,
    Column("secret_hash", String(HASH_LENGTH), primary_key=True),
    Column("summary_id", ForeignKey("summaries.id"), nullable=False, index=True),
    Column("issued_by", ForeignKey("people.id"), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

documents = Table(
    "documents",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("appointment_id", ForeignKey("appointments.id"), index=True),
    Column("application_id", ForeignKey("applications.id"), index=True),
    Column("title", String(240), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String(HASH_LENGTH), nullable=False),
    Column("object", String(OBJECT_LENGTH), nullable=False),
    Column("uploaded_by", ForeignKey("people.id"), nullable=False),
    Column("uploaded_at", UtcDateTime, nullable=False),
    Index("ix_documents_tenant_id", "tenant_id"),
)
