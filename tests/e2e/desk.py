"""What staff do at their desk, over the API: the stories in browsers begin where a booking ends."""

import asyncio
import itertools
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp

from tests.e2e.product import PASSWORD, Product, SampleProduct, email_of

STEP = timedelta(minutes=5)
_numbers = itertools.count(1)


def soon(minutes: int = 5) -> str:
    """A start on a 5-minute step, about so many minutes from now: its room is open already."""
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    return (moment - (moment - datetime.min.replace(tzinfo=UTC)) % STEP).isoformat().replace("+00:00", "Z")


def around_now() -> str:
    """Where the samples are listed, whatever the time of day: today may end before the last of them."""
    now = datetime.now(UTC)
    span = {"from": (now - timedelta(hours=4)).isoformat(), "to": (now + timedelta(hours=4)).isoformat()}
    return f"/api/appointments?{urlencode(span)}"


class Desk:
    """One signed-in member of staff."""

    def __init__(self, session: aiohttp.ClientSession, product: Product) -> None:
        self._session = session
        self._product = product
        self.me: dict[str, Any] = {}

    async def ask(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        """One request; the JSON of its answer. The status must be as expected."""
        headers = {"Origin": self._product.url, "Idempotency-Key": f"e2e-{next(_numbers):020d}"}
        async with self._session.request(method, f"{self._product.url}{path}", json=body, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == expect, f"{method} {path}: {answer.status} {text}"
            return json.loads(text) if text else None

    async def sign_in(self, email: str, password: str) -> Self:
        """Begin a session."""
        self.me = await self.ask("POST", "/api/session", {"email": email, "password": password})
        return self

    async def colleague(self, name: str) -> str:
        """The id of somebody one works with."""
        staff = await self.ask("GET", "/api/staff")
        return next(str(one["id"]) for one in staff if one["name"].startswith(name))

    async def seeker(self, name: str, phone: str = "01012345678") -> str:
        """Register somebody; their id."""
        return str((await self.ask("POST", "/api/seekers", {"name": name, "phone": phone}, expect=201))["id"])

    async def book(self, kind: str, *seekers: str, hosts: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
        """Book these people into a conversation that can be joined now."""
        body = {
            "kind": kind,
            "seeker_ids": list(seekers),
            "host_ids": [self.me["id"], *hosts],
            "starts_at": soon(),
            "minutes": 30,
            **more,
        }
        appointment: dict[str, Any] = await self.ask("POST", "/api/appointments", body, expect=201)
        return appointment

    async def when(self, path: str, so: Callable[[Any], Any], within_s: float = 180.0) -> Any:
        """What is at `path` once it is so."""
        async with asyncio.timeout(within_s):
            while not so(answer := await self.ask("GET", path)):
                await asyncio.sleep(0.5)
        return answer

    def deeds(self, action: str, object_id: str) -> int:
        """How many lines the audit trail has of this deed on this object."""
        with closing(sqlite3.connect(f"file:{self._product.data_dir}/ieum.db?mode=ro", uri=True)) as database:
            query = "SELECT count(*) FROM audit WHERE action = ? AND object_id = ?"
            return int(database.execute(query, (action, object_id)).fetchone()[0])

    def node_of(self, appointment: str) -> str:
        """The node that carries this conversation now."""
        with closing(sqlite3.connect(f"file:{self._product.data_dir}/ieum.db?mode=ro", uri=True)) as database:
            query = "SELECT node FROM assignments WHERE appointment_id = ?"
            return str(database.execute(query, (appointment,)).fetchone()[0])

    async def link(self, appointment: dict[str, Any], seeker: str) -> str:
        """A fresh join link of this seeker."""
        seat = next(seat for seat in appointment["seats"] if seat["person_id"] == seeker)
        path = f"/api/appointments/{appointment['id']}/seats/{seat['id']}/link"
        return str((await self.ask("POST", path))["url"])


@asynccontextmanager
async def at_the_desk(product: Product, name: str) -> AsyncIterator[Desk]:
    """Signed in as this member of staff."""
    async with _at_a_desk(product, email_of(name), PASSWORD) as desk:
        yield desk


@asynccontextmanager
async def at_the_sample_desk(samples: SampleProduct, name: str) -> AsyncIterator[Desk]:
    """Signed in as this sample member of staff."""
    async with _at_a_desk(samples.product, *samples.account(name)) as desk:
        yield desk


@asynccontextmanager
async def _at_a_desk(product: Product, email: str, password: str) -> AsyncIterator[Desk]:
    connector = aiohttp.TCPConnector(ssl=False)  # the certificates are the tests' own
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield await Desk(session, product).sign_in(email, password)
