"""The audit trail only grows: the database itself refuses to change or delete a row of it."""

from alembic import op

revision = "0002"
down_revision = "0001"

_SQLITE = """
CREATE TRIGGER audit_is_not_{verb}d BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
_FUNCTION = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(_SQLITE.format(verb=verb))
    else:
        op.execute(_FUNCTION)
        op.execute(_POSTGRESQL)
