"""Postings are made, edited and closed, applications withdrawn; a scorecard keeps the attributes it was begun with."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_scorecards = sa.table(
    "scorecards", sa.column("appointment_id"), sa.column("interviewer_id"), sa.column("attributes", sa.JSON)
)
_appointments = sa.table("appointments", sa.column("id"), sa.column("application_id"))
_applications = sa.table("applications", sa.column("id"), sa.column("posting_id"))
_postings = sa.table("postings", sa.column("id"), sa.column("kit", sa.JSON))


def upgrade() -> None:
    op.add_column("postings", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("postings", sa.Column("closed_at", sa.DateTime(timezone=True)))
    op.add_column("applications", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("applications", sa.Column("withdrawal_reason", sa.String(length=300)))
    op.add_column("scorecards", sa.Column("attributes", sa.JSON(), nullable=False, server_default="[]"))
    _keep_attributes()


def _keep_attributes() -> None:
    """Cards begun before this revision judge by the kit as it is now: until now no kit could be edited."""
    begun = (
        sa.select(_scorecards.c.appointment_id, _postings.c.kit)
        .join(_appointments, _appointments.c.id == _scorecards.c.appointment_id)
        .join(_applications, _applications.c.id == _appointments.c.application_id)
        .join(_postings, _postings.c.id == _applications.c.posting_id)
    )
    connection = op.get_bind()
    for row in connection.execute(begun).all():
        kept = sa.update(_scorecards).where(_scorecards.c.appointment_id == row.appointment_id)
        connection.execute(kept.values(attributes=row.kit["attributes"]))
