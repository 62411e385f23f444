"""Alembic's scripts: numbered, forward only, the same for SQLite and PostgreSQL."""
