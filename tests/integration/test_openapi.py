"""The OpenAPI document is valid and true: random requests made from it never find a fault of ours."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.api.adapter import Door, Route, operation_of
from server.api.openapi import document
from server.api.routes import ROUTES
from server.domain.permissions import Reach
from server.storage.files import FolderStore
from server.storage.schema import migrate
from server.storage.unit_of_work import Database
from tests.possessions import Ids, make_possessions
from tests.world import NOW, ORIGIN, PASSWORD, Browser, make_world, served, services_of

# For this file alone: at the end of a run it imports a report writer, which every other run can do without.
pytest_plugins = ["schemathesis.pytest.plugin"]

schemathesis.openapi.media_type("application/pdf", st.binary(max_size=2000))


@schemathesis.serializer("application/pdf")
def _as_it_is(_context: object, value: Any) -> bytes:
    return bytes(value)


DOCUMENT = document([operation_of(route) for route in ROUTES])
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SESSIONS = {"kim": "kim", "lead": "lead", "ops": "ops", "who leaves": "kim"}  # of whom
NODE = "node-0"


def asker(route: Route) -> tuple[str, str]:
    """Who is let in by this route, and whose things they ask about."""
    if isinstance(route.allow, Door):
        return "visit", "kim"
    if route.name == "delete_session":  # nobody else's session ends with it
        return "who leaves", "kim"
    if route.allow.counsellor is not Reach.NOTHING:
        return "kim", "kim"
    return ("lead", "lead") if route.allow.lead_interviewer is not Reach.NOTHING else ("ops", "kim")


ASKS = {route.name: asker(route) for route in ROUTES}
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)


def test_the_document_is_valid_openapi_3_1() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")


def test_every_operation_says_what_it_does_and_is_named_once() -> None:
    operations = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(ROUTES)
    assert all(operation["summary"].endswith(".") for operation in operations)


class Site:
    """A server in a thread of its own, and for each who asks the header that proves it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready, self._stop = threading.Event(), asyncio.Event()
        self.url = ""
        self.proofs: dict[str, dict[str, str]] = {}
        self.ids: Mapping[str, Ids] = {}

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        database = Database(f"sqlite+aiosqlite:///{self._folder}/ieum.db")
        await migrate(database, NOW)
        world = await make_world(database)
        self.ids = (await make_possessions(world, FolderStore(self._folder / "store"))).of
        await world.announce(NODE)
        async with served(services_of(world, self._folder)) as browsers:
            for session, name in SESSIONS.items():
                self.proofs[session] = await self._cookie(browsers(), name)
            page = browsers()
            await page.open_link(await world.link(await world.book(at=NOW.replace(hour=20))))
            self.proofs["visit"] = {"Authorization": f"Bearer {page.visit}"}
            self.url = str(page.client.make_url("/")).rstrip("/")
            self._ready.set()
            await self._stop.wait()
        await database.close()

    async def _cookie(self, browser: Browser, name: str) -> dict[str, str]:
        answer = await browser.send("POST", "/api/session", {"email": f"{name}@example.kr", "password": PASSWORD})
        return {"Cookie": f"ieum={answer.cookies['ieum'].value}"}

    @contextmanager
    def running(self) -> Iterator["Site"]:
        thread = threading.Thread(target=lambda: asyncio.run(self.run()))
        thread.start()
        assert self._ready.wait(60), "the server did not start"
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            thread.join(60)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("openapi")).running() as running:
        yield running


@SCHEMA.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
def test_no_request_finds_a_fault_of_ours(case: Any, site: Site) -> None:
    who, whose = ASKS[case.operation.definition.raw["operationId"]]
    known = {name: site.ids[whose][name] for name in case.path_parameters or {} if name in site.ids[whose]}
    case.path_parameters = {**(case.path_parameters or {}), **known}
    if isinstance(case.body, dict) and isinstance(case.body.get("node"), str):
        case.body = {**case.body, "node": NODE}
    response = case.call(base_url=site.url, headers={**site.proofs[who], "Origin": ORIGIN})
    case.validate_response(response, checks=list(CHECKS))
    if who in SESSIONS and who != "who leaves":
        assert response.status_code != 401, "signed in, so that more is asked than the door"
