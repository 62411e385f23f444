"""A bug of ours behind a request: the person reads an id, the log has the same id and the reason, and nothing leaks."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.actions.contact import InstallationContact
from server.storage.unit_of_work import Database
from tests.logs import lines_of, log_of
from tests.world import World, make_world, served, services_of


class BrokenContact(InstallationContact):
    """As no contact should be."""

    async def find(self) -> Any:
        raise ZeroDivisionError()


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    database = Database(sqlite_url)
    yield await make_world(database)
    await database.close()


async def test_the_id_that_a_person_reads_is_the_one_in_the_log(world: World, tmp_path: Path) -> None:
    broken = replace(services_of(world, tmp_path), contact=BrokenContact(world.database, ""))
    with log_of("web") as log:
        async with served(broken) as browsers:
            response = await browsers().send("GET", "/api/contact?person=hong")
            problem = await response.json(content_type="application/problem+json")
    assert (response.status, problem["code"]) == (500, "internal_error")
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert "ZeroDivision" not in str(problem)
    (line,) = lines_of(log)
    assert (line["event"], line["process"], line["level"]) == ("request_failed", "web", "error")
    assert (line["request"], line["method"], line["path"]) == (problem["request_id"], "GET", "/api/contact")
    assert "ZeroDivisionError" in line["exception"]
    assert "hong" not in log.getvalue()
