"""A room may ask for nodes of one engine, and a node says which it has."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("rooms", sa.Column("engine", sa.String(length=32)))
    op.add_column("nodes", sa.Column("engine", sa.String(length=32), nullable=False, server_default="sfu"))
