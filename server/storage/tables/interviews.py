"""Tables of postings, applications and scorecards."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from server.domain.interviews import Attribute, Decision, Kit, Question, Recommendation, ScorecardStatus
from server.storage.tables.metadata import ID_LENGTH, metadata
from server.storage.types import Choice, Shaped, UtcDateTime


def _kit(row: Mapping[str, Any]) -> Kit:
    questions = tuple(Question(**question) for question in row["questions"])
    return Kit(questions, _attributes(row["attributes"]))


def _attributes(rows: Iterable[Mapping[str, Any]]) -> tuple[Attribute, ...]:
    # JSON knows only text as keys; the anchors' keys are ratings.
    return tuple(
        Attribute(a["id"], a["name"], {int(rating): text for rating, text in a["anchors"].items()}) for a in rows
    )


postings = Table(
    "postings",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False, index=True),
    Column("title", String(200), nullable=False),
    Column("kit", Shaped(_kit, asdict), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("closed_at", UtcDateTime),
)

applications = Table(
    "applications",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("tenant_id", ForeignKey("tenants.id"), nullable=False),
    Column("posting_id", ForeignKey("postings.id"), nullable=False),
    Column("seeker_id", ForeignKey("people.id"), nullable=False),
    Column("applied_at", UtcDateTime, nullable=False),
    Column("decision", Choice(Decision)),
    Column("decided_by", ForeignKey("people.id")),
    Column("decided_at", UtcDateTime),
    Column("decision_reason", String(500)),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawal_reason", String(300)),
    UniqueConstraint("posting_id", "seeker_id"),
)

scorecards = Table(
    "scorecards",
    metadata,
    Column("appointment_id", ForeignKey("appointments.id"), primary_key=True),
    Column("interviewer_id", ForeignKey("people.id"), primary_key=True),
    Column("ratings", JSON, nullable=False),
    Column("recommendation", Choice(Recommendation)),
    Column("comment", Text, nullable=False),
    Column("status", Choice(ScorecardStatus), nullable=False),
    Column("submitted_at", UtcDateTime),
    Column("attributes", Shaped(_attributes, lambda items: [asdict(one) for one in items]), nullable=False),
)
