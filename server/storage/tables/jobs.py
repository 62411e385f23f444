"""Tables of the work queue and of the clock that starts recurring work."""

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from server.domain.jobs import JobStatus
from server.storage.tables.metadata import ID_LENGTH, metadata
from server.storage.types import Choice, UtcDateTime

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("args", JSON, nullable=False),
    Column("key", String(120), nullable=False),
    Column("tenant_id", ForeignKey("tenants.id")),
    Column("status", Choice(JobStatus), nullable=False),
    Column("step", String(40), nullable=False),
    Column("progress", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("run_at", UtcDateTime, nullable=False),
    Column("lease_owner", String(64)),
    Column("lease_until", UtcDateTime),
    Column("error", String(60)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("key"),
    Index("ix_jobs_status_run_at", "status", "run_at"),
)

clock = Table(
    "clock",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
)
