"""Nodes tell how full they are and by what; a person may drain one; a call that moves says from where."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    told: tuple[sa.Column[Any], ...] = (
        sa.Column("fullness", sa.Float(), nullable=False, server_default="0"),
        sa.Column("processor", sa.Float(), nullable=False, server_default="0"),
        sa.Column("packets_per_s", sa.Float(), nullable=False, server_default="0"),
        sa.Column("packet_limit", sa.Float()),
        sa.Column("late_s", sa.Float(), nullable=False, server_default="0"),
        sa.Column("free_bytes", sa.BigInteger()),
        sa.Column("takes_rooms", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("leaving", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("drained_at", sa.DateTime(timezone=True)),
    )
    for column in told:
        op.add_column("nodes", column)
    op.add_column("assignments", sa.Column("moved_from", sa.String(length=64)))
