"""A node whose engine does not count packets tells no number of them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("nodes") as nodes:
        nodes.alter_column("packets_per_s", existing_type=sa.Float(), nullable=True, server_default=None)
