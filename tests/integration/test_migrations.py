"""What a migration does to rows that were there before it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from server.domain.interviews import Posting, Scorecard
from server.domain.permissions import SystemScope
from server.storage.schema import MIGRATIONS, migrate
from server.storage.unit_of_work import Database
from tests.postgresql import Cluster

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SCOPE = SystemScope("tests")
KIT = {
    "questions": [],
    "attributes": [{"id": "a", "name": "정확성", "anchors": {"1": "낮음", "3": "보통", "5": "높음"}}],
}
BEFORE = """
INSERT INTO tenants (id, kind, name, phone, zone) VALUES ('t', 'employer', '견본', '1', 'UTC');
INSERT INTO people (id, name, lang, created_at) VALUES ('p', '견본', 'ko', '2026-03-02 01:00:00');
INSERT INTO postings (id, tenant_id, title, kit, created_at) VALUES ('po', 't', '견본', '{kit}', '2026-03-02 01:00:00');
INSERT INTO applications (id, tenant_id, posting_id, seeker_id, applied_at)
    VALUES ('ap', 't', 'po', 'p', '2026-03-02 01:00:00');
INSERT INTO appointments (id, tenant_id, kind, title, status, starts_at, ends_at, recording_allowed, application_id,
    agenda, created_by, created_at) VALUES ('a', 't', 'interview', '', 'completed', '2026-03-02 01:00:00',
    '2026-03-02 01:30:00', {no}, 'ap', '[]', 'p', '2026-03-02 01:00:00');
INSERT INTO scorecards (appointment_id, interviewer_id, ratings, comment, status)
    VALUES ('a', 'p', '{ratings}', '', 'draft')
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/ieum.db"
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"empty_{uuid4().hex}"
    cluster.create(name)
    return cluster.url(name)


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    """A database without any table."""
    found = Database(empty_url)
    yield found
    await found.close()


def upgrade_to(connection: sa.Connection, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


async def test_scorecards_begun_before_kits_could_be_edited_keep_the_attributes_of_then(empty: Database) -> None:
    rows = BEFORE.format(kit=json.dumps(KIT), ratings='{"a": 4}', no="0" if empty.is_sqlite else "false")
    async with empty.write(SCOPE) as uow:
        await uow.connection.run_sync(upgrade_to, "0002")
        for statement in rows.split(";\n"):
            await uow.connection.exec_driver_sql(statement)
    await migrate(empty, NOW)
    async with empty.read(SCOPE) as uow:
        card = await uow.rows(Scorecard).one("a", "p")
        posting = await uow.rows(Posting).one("po")
    assert card.ratings == {"a": 4}
    assert card.attributes == posting.kit.attributes
    assert (posting.version, posting.closed_at) == (1, None)
