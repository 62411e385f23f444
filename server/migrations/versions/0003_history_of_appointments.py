"""Each step of an appointment is kept. What people did before this revision is taken from the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_BOOKED = """
INSERT INTO history (appointment_id, at, step, actor_id)
SELECT id, created_at, 'booked', created_by FROM appointments ORDER BY created_at
"""
_CHANGED = """
INSERT INTO history (appointment_id, at, step, actor_id, reason)
SELECT object_id, at, CASE action
    WHEN 'appointment.moved' THEN 'moved'
    WHEN 'appointment.cancelled' THEN 'cancelled'
    WHEN 'appointment.closed' THEN 'completed'
    ELSE 'no_show' END, actor_id, reason
FROM audit
WHERE object_kind = 'appointment' AND object_id IN (SELECT id FROM appointments) AND action IN (
    'appointment.moved', 'appointment.cancelled', 'appointment.closed',
    'appointment.no_show_guest', 'appointment.no_show_host', 'appointment.no_show_both')
ORDER BY id
"""


def upgrade() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("appointment_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_history_appointment_id_appointments")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_history_actor_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index(op.f("ix_history_appointment_id"), "history", ["appointment_id"], unique=False)
    op.execute(_BOOKED)
    op.execute(_CHANGED)
