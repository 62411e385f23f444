"""Who may do what, tried for real: every route of the table × every role × own, a colleague's and another tenant's.

Of a route on one thing the status tells whether it is reached, of a list whether the answer holds it. The expectations
are not written here: they are the rows of server/api/routes.py. A body is given for each route that reads one, so that
a refusal is about who asks and not about what was sent; a route without one fails, as does a list that is not said to
be of something.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from server.actions.sample_people import resume_pdf
from server.api.adapter import Door, Route, operation_of
from server.api.application import create
from server.api.routes import ROUTES
from server.domain.appointments import Presence as SeatPresence
from server.domain.people import Role
from server.domain.permissions import Allow, Reach
from server.domain.summaries import SummaryStatus
from server.storage.files import FolderStore
from server.storage.schema import migrate
from server.storage.tables.appointments import seats
from server.storage.tables.cases import summaries
from server.storage.unit_of_work import Database
from signaling.messages.shapes import Presence
from signaling.messages.shapes import Role as SeatRole
from signaling.messages.table import REQUESTS
from tests.possessions import VIDEO, Ids, Possessions, make_possessions
from tests.world import HOUR, NOW, SCOPE, Browser, Clock, World, make_world, new_id, served, services_of

Asking = tuple[str, str, str, tuple[str, ...]]  # who asks, whose things are their own, a colleague's, elsewhere
ROLES: dict[Role, Asking] = {
    Role.COUNSELLOR: ("kim", "kim", "park", ("other", "lead", "agent")),
    Role.ADMIN: ("admin", "kim", "park", ("other", "lead", "agent")),
    Role.LEAD_INTERVIEWER: ("lead", "lead", "second", ("kim", "rival", "agent")),
    Role.INTERVIEWER: ("panel", "lead", "second", ("kim", "rival", "agent")),
    Role.OPERATOR: ("ops", "kim", "park", ("other", "lead", "agent")),
}
# Postings and applications are an employer's, and so is the administrator who has any.
EMPLOYERS_ADMIN: dict[Role, Asking] = {Role.ADMIN: ("hr", "lead", "second", ("kim", "rival", "agent"))}
DENIED = (403, 404)
WHEN = {"starts_at": "2026-03-05T01:00:00Z", "minutes": 30}
BODIES: dict[str, Any] = {
    "create_seeker": {"name": "견본", "phone": "01012345678"},
    "book_appointment": {**WHEN, "kind": "counselling", "seeker_ids": ["0" * 32], "host_ids": ["0" * 32]},
    "move_appointment": WHEN,
    "cancel_appointment": {"reason": "사유"},
    "confirm_no_show": {"who": "guest", "confirmed": False},
    "set_agenda": {"items": []},
    "confirm_attendance": {"exceptions": []},
    "write_my_room_note": {"text": "견본"},
    "open_note": {"seeker_id": "0" * 32},
    "write_note": {"text": "견본", "version": 1},
    "sign_note": {"version": 1},
    "amend_note": {"text": "견본", "reason": "사유"},
    "edit_summary": {"version": 1, "lines": []},
    "approve_summary": {"version": 1},
    "open_playback": {"reason": "사유"},
    "create_posting": {"title": "견본", "questions": [], "attributes": []},
    "edit_posting": {"title": "견본", "questions": [], "attributes": [], "version": 1},
    "create_application": {"name": "견본", "phone": "01087654321"},
    "book_interviews": {**WHEN, "application_ids": ["0" * 32], "host_ids": ["0" * 32]},
    "withdraw_application": {"reason": "사유"},
    "decide_application": {"decision": "on_hold"},
    "write_my_scorecard": {"ratings": {}},
}
# What each list is of, by its name in Possessions, and what a good query is.
DAY = "?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z"
HOLDS = {
    "read_session": ("tenant_id", ""),
    "read_desk": ("appointment_id", ""),
    "list_seekers": ("seeker_id", ""),
    "list_staff": ("staff_id", ""),
    "read_board": ("appointment_id", ""),
    "read_nodes": ("appointment_id", ""),
    "list_appointments": ("appointment_id", DAY),
    "list_postings": ("posting_id", ""),
}
PDF = resume_pdf("jeong")
STAFF = [route for route in ROUTES if isinstance(route.allow, Allow)]
FILES = [route for route in STAFF if operation_of(route).body is bytes]  # these name their thing in the query
ON_THINGS = FILES + [route for route in STAFF if "{" in route.path and "{token}" not in route.path]
LISTS = [route for route in STAFF if "{" not in route.path and route.method == "GET"]


@dataclass
class Site:
    """A running server with possessions."""

    world: World
    owned: Possessions
    browsers: Any
    signed_in: dict[str, Browser] = field(default_factory=dict)

    async def browser_of(self, name: str) -> Browser:
        if name not in self.signed_in:
            self.signed_in[name] = await self.browsers().sign_in(name)
        return self.signed_in[name]

    async def begin_everything(self) -> None:
        """All rooms are open, each guest waits, each summary is a draft: what the board and the desk are about."""
        await self.world.tick(NOW + HOUR)
        async with self.world.database.write(SCOPE) as uow:
            await uow.execute(update(seats).where(seats.c.staff.is_(False)).values(presence=SeatPresence.WAITING))
            await uow.execute(update(summaries).values(status=SummaryStatus.DRAFTED))

    async def ask(self, route: Route, name: str, whose: str) -> int:
        """The status this person is answered about things of that owner."""
        ids = {"seat_id": "0" * 32, **self.owned.of[whose]}
        path = route.path
        for part in operation_of(route).path_names:
            path = path.replace("{" + part + "}", ids.get(part) or new_id())
        browser = await self.browser_of(name)
        if route in FILES:
            query = f"?title=x&appointment_id={ids['appointment_id']}"
            response = await browser.client.post(path + query, data=PDF, headers={"Content-Type": route.consumes})
        else:
            response = await browser.send(route.method, path, self._body(route, ids))
        return response.status

    def _body(self, route: Route, ids: dict[str, str]) -> object:
        if operation_of(route).body is None:
            return None
        assert route.name in BODIES, f"{route.name} reads a body: say in BODIES what a good one is"
        body = BODIES[route.name]
        return {**body, "seeker_id": ids["seeker_id"]} if route.name == "open_note" else body


async def _prepare(path: Path) -> tuple[World, Possessions]:
    database = Database(f"sqlite+aiosqlite:///{path}")
    await migrate(database, NOW)
    world = await make_world(database)
    owned = await make_possessions(world, FolderStore(path.parent / "store"))
    await database.close()
    return world, owned


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Possessions]:
    """A world with possessions in a closed SQLite file, to be copied."""
    return asyncio.run(_prepare(tmp_path_factory.mktemp("possessions") / "ieum.db"))


@pytest.fixture
async def site(prepared: tuple[World, Possessions], tmp_path: Path) -> AsyncIterator[Site]:
    world, owned = prepared
    kept = Path(str(world.database.url.database))
    shutil.copy(kept, tmp_path / "ieum.db")
    shutil.copytree(kept.parent / "store", tmp_path / "store")
    mine = replace(world, database=Database(f"sqlite+aiosqlite:///{tmp_path}/ieum.db"), clock=Clock())
    async with served(services_of(mine, tmp_path)) as browsers:
        yield Site(mine, owned, browsers)
    await mine.database.close()


def expected(allow: Allow, role: Role, whose: str) -> bool:
    """Whether the table lets this role through to what is `own`, `colleague` or `elsewhere`."""
    reach = allow.reach(role)
    return whose == "own" if reach is Reach.OWN else whose != "elsewhere" and reach is Reach.TENANT


@pytest.mark.parametrize("route", ON_THINGS, ids=lambda route: route.name)
async def test_a_route_reaches_for_each_role_exactly_as_far_as_its_row_says(route: Route, site: Site) -> None:
    assert isinstance(route.allow, Allow)
    wrong = []
    asking = ROLES | (EMPLOYERS_ADMIN if {"posting_id", "application_id"} & set(operation_of(route).path_names) else {})
    for role, (name, own, colleague, elsewhere) in asking.items():
        # What is denied comes first, while nothing has been changed by what is allowed.
        tries = [("elsewhere", whose) for whose in elsewhere] + [("colleague", colleague), ("own", own)]
        for relation, whose in tries:
            status = await site.ask(route, name, whose)
            assert status < 500, f"{name} on {whose}'s: {status}"
            if (status in DENIED) is expected(route.allow, role, relation):
                wrong.append(f"{role} on {relation} ({whose}'s): {status}")
    assert wrong == []


def against_its_row(route: Route, role: Role, asking: Asking, owned: Mapping[str, Ids], answer: str) -> list[str]:
    """What this answer to a list lacks, or holds, and should not."""
    assert isinstance(route.allow, Allow)
    _, own, colleague, elsewhere = asking
    thing, _ = HOLDS[route.name]
    known = set(owned[own].values())
    if route.allow.reach(role) is Reach.FIGURES:
        known = {ids["recording_id"] for ids in owned.values()}  # rooms are counted by the id of their call
    wrong = []
    for relation, whose in [("own", own), ("colleague", colleague), *(("elsewhere", one) for one in elsewhere)]:
        theirs = owned[whose]
        if not expected(route.allow, role, relation):
            shown = [name for name, value in theirs.items() if value in answer and value not in known]
            wrong += [f"{role} sees the {name} of {relation} ({whose})" for name in shown]
        elif thing in theirs and theirs[thing] not in answer:
            wrong.append(f"{role} misses the {thing} of {relation} ({whose})")
    return wrong


@pytest.mark.parametrize("route", LISTS, ids=lambda route: route.name)
async def test_a_list_holds_exactly_what_its_row_reaches(route: Route, site: Site) -> None:
    assert route.name in HOLDS, f"{route.name} answers about many things: say in HOLDS about what"
    assert isinstance(route.allow, Allow)
    thing, query = HOLDS[route.name]
    await site.begin_everything()
    asked, wrong = set(), []
    for role, asking in [*ROLES.items(), *EMPLOYERS_ADMIN.items()]:
        if route.allow.reach(role) is not Reach.NOTHING:
            response = await (await site.browser_of(asking[0])).send("GET", route.path + query)
            assert response.status == 200, f"{role}: {response.status}"
            wrong += against_its_row(route, role, asking, site.owned.of, await response.text())
            asked |= {role} if thing in site.owned.of[asking[1]] else set()
    assert wrong == []
    assert asked == {role for role in Role if route.allow.reach(role) is not Reach.NOTHING}, "no one owns such a thing"


@pytest.mark.parametrize("route", STAFF, ids=lambda route: route.name)
async def test_nobody_without_a_session_and_no_role_without_reach_gets_in(route: Route, site: Site) -> None:
    path = route.path.replace("{token}", new_id())
    for part in operation_of(route).path_names:
        path = path.replace("{" + part + "}", new_id())
    assert (await site.browsers().send(route.method, path)).status == 401
    assert isinstance(route.allow, Allow)
    for role, (name, *_) in ROLES.items():
        if route.allow.reach(role) is Reach.NOTHING:
            browser = await site.browser_of(name)
            assert (await browser.send(route.method, path)).status == 403


async def test_a_playback_token_plays_for_the_person_it_was_given_to(site: Site) -> None:
    path = f"/api/playback/{site.owned.of['kim']['token']}"
    for name in ("park", "admin", "lead", "panel", "other"):
        assert (await (await site.browser_of(name)).send("GET", path)).status in (403, 404, 410)
    response = await (await site.browser_of("kim")).send("GET", path)
    assert (response.status, await response.read()) == (200, VIDEO)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.allow is Door.VISIT], ids=lambda route: route.name)
async def test_the_seekers_routes_open_to_a_visit_only_and_to_its_own_things_only(route: Route, site: Site) -> None:
    path = route.path.replace("{document_id}", site.owned.of["park"]["document_id"])
    for browser in (site.browsers(), await site.browsers().sign_in("kim")):
        assert (await browser.send(route.method, path)).status == 401
    if "{" in route.path:
        appointment = await site.world.book(at=NOW.replace(hour=12))
        page = site.browsers()
        await page.open_link(await site.world.link(appointment))
        assert (await page.send(route.method, path)).status == 404


async def test_there_is_no_api_beside_the_table(site: Site, tmp_path: Path) -> None:
    app = create(services_of(site.world, tmp_path))
    served_paths = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api")
    }
    assert served_paths == {(route.method, route.path) for route in ROUTES}
    assert len({route.name for route in ROUTES}) == len(ROUTES)


def test_every_socket_event_has_a_row_that_says_who_and_when() -> None:
    for event, rule in REQUESTS.items():
        assert rule.roles, event
        assert rule.roles <= set(SeatRole), event
        assert rule.presence <= {Presence.CONNECTED, Presence.WAITING}, f"{event}: only who is here may send"
        assert rule.journal or rule.unjournalled, f"{event}: what is kept of it, or why nothing is"
