"""A small invented world for tests of the server: two centres, an employer, their people, and browsers at its door."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from server.actions.book import Wish, book
from server.actions.contact import InstallationContact
from server.actions.links import issue_link
from server.actions.nodes import announce
from server.actions.passwords import Passwords
from server.actions.schedule import run_tick
from server.actions.sign_in import add_staff, scope_of
from server.api.application import create
from server.api.ask import Services
from server.api.attempts import Attempts
from server.domain.appointments import Appointment, Kind, Seat
from server.domain.engines import Engine
from server.domain.nodes import Node
from server.domain.organisations import Room, Tenant, TenantKind
from server.domain.people import Language, Person, Registration, Role, Staff
from server.domain.permissions import StaffScope, SystemScope
from server.domain.rooms import Decision
from server.storage.files import FolderStore
from server.storage.keys import Keys
from server.storage.tables.appointments import seats
from server.storage.unit_of_work import Database

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday, 10:00 in Seoul
PASSWORD = "correct horse battery"
ORIGIN = "http://localhost:8080"
SCOPE = SystemScope("tests")
HOUR = timedelta(hours=1)


def new_id() -> str:
    return uuid4().hex


def new_secret() -> str:
    return uuid4().hex


@dataclass
class Clock:
    """A clock moved by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """Who is there. Staff by a short name: kim, park, admin (centre); lead, panel (employer); other (second centre)."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    seekers: dict[str, Person] = field(default_factory=dict)
    passwords: Passwords = field(
        default_factory=lambda: Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    )

    def scope(self, name: str) -> StaffScope:
        return scope_of(self.staff[name])

    async def book(
        self,
        by: str = "kim",
        kind: Kind = Kind.COUNSELLING,
        seekers: tuple[str, ...] = ("jung",),
        hosts: tuple[str, ...] = ("kim",),
        at: datetime = NOW + HOUR,
        minutes: int = 50,
        **more: Any,
    ) -> Appointment:
        wish = Wish(
            kind=kind,
            seeker_ids=[self.seekers[name].id for name in seekers],
            host_ids=[self.staff[name].id for name in hosts],
            starts_at=at,
            minutes=minutes,
            **more,
        )
        async with self.database.write(self.scope(by)) as uow:
            return await book(uow, wish, self.scope(by), self.clock(), new_id)

    async def interview(self, at: datetime = NOW + HOUR, **more: Any) -> Appointment:
        return await self.book("lead", Kind.INTERVIEW, ("jung",), ("lead", "panel"), at, **more)

    async def seats(self, appointment: Appointment) -> dict[str, Seat]:
        """Seats by the name of their person."""
        async with self.database.read(SCOPE) as uow:
            found = await uow.rows(Seat).where(seats.c.appointment_id == appointment.id)
        people = {person.id: name for name, person in self.seekers.items()}
        people |= {one.id: name for name, one in self.staff.items()}
        return {people[seat.person_id]: seat for seat in found}

    async def link(self, appointment: Appointment, by: str = "kim", seeker: str = "jung") -> str:
        """The secret of a fresh link for this seeker."""
        seat = (await self.seats(appointment))[seeker]
        async with self.database.write(self.scope(by)) as uow:
            issued = await issue_link(uow, appointment.id, seat.id, self.scope(by), self.clock(), new_secret, ORIGIN)
        return issued.url.partition("#")[2]

    async def tick(self, now: datetime, node: str = "node-0") -> list[Decision]:
        """The scheduler's tick at this time, with a living node."""
        self.clock.now = now
        await self.announce(node)
        async with self.database.write(SCOPE) as uow:
            return await run_tick(uow, now)

    async def announce(
        self,
        name: str = "node-0",
        seat_capacity: int = 120,
        seats_taken: int = 0,
        engine: Engine = Engine.SFU,
        link_url: str = "",
        packets_per_s: float | None = None,
    ) -> None:
        node = Node(
            name=name,
            link_url=link_url or f"unix:{name}",
            version=1,
            calls=0,
            seats=seats_taken,
            seat_capacity=seat_capacity,
            seen_at=self.clock(),
            engine=engine,
            packets_per_s=packets_per_s,
        )
        async with self.database.write(SCOPE) as uow:
            await announce(uow, node)


async def make_world(database: Database) -> World:
    world = World(database)
    async with database.write(SCOPE) as uow:
        for name, kind, title in [
            ("centre", TenantKind.CENTRE, "한빛고용센터(견본)"),
            ("employer", TenantKind.EMPLOYER, "누리물류(견본)"),
            ("elsewhere", TenantKind.CENTRE, "바다고용센터(견본)"),
        ]:
            tenant = Tenant(id=new_id(), kind=kind, name=title, phone="0212345678", zone="Asia/Seoul")
            world.tenants[name] = tenant
            await uow.rows(Tenant).add(tenant)
            for number in (1, 2, 3):
                await uow.rows(Room).add(Room(id=new_id(), tenant_id=tenant.id, name=f"{number}번 방"))
        for name, at, role in [
            ("kim", "centre", Role.COUNSELLOR),
            ("park", "centre", Role.COUNSELLOR),
            ("admin", "centre", Role.ADMIN),
            ("lead", "employer", Role.LEAD_INTERVIEWER),
            ("panel", "employer", Role.INTERVIEWER),
            ("other", "elsewhere", Role.COUNSELLOR),
            ("ops", "centre", Role.OPERATOR),
        ]:
            world.staff[name] = await add_staff(
                uow,
                world.passwords,
                tenant_id=world.tenants[at].id,
                name=f"견본 {name}",
                email=f"{name}@example.kr",
                role=role,
                password=PASSWORD,
                now=NOW,
                new_id=new_id,
            )
        for name, registered in [
            ("jung", [("centre", "kim"), ("employer", "lead")]),
            ("yoon", [("centre", "kim")]),
            ("bae", [("centre", "park")]),
            ("han", [("employer", "lead")]),
            ("far", [("elsewhere", "other")]),
        ]:
            person = Person(id=new_id(), name=f"견본 {name}", phone="01012345678", lang=Language.KO, created_at=NOW)
            world.seekers[name] = person
            await uow.rows(Person).add(person)
            for tenant_name, responsible in registered:
                await uow.rows(Registration).add(
                    Registration(
                        person_id=person.id,
                        tenant_id=world.tenants[tenant_name].id,
                        responsible_id=world.staff[responsible].id,
                        registered_at=NOW,
                    )
                )
    return world


def services_of(world: World, folder: Path, **more: Any) -> Services:
    return Services(
        database=world.database,
        clock=world.clock,
        new_id=new_id,
        new_secret=new_secret,
        passwords=world.passwords,
        attempts=Attempts(),
        contact=InstallationContact(world.database, more.pop("contact_phone", "")),
        keys=more.pop("keys", Keys(bytes(32))),
        files=FolderStore(folder / "store"),
        public_url=ORIGIN,
        static_dir=folder / "static",
        **more,
    )


@dataclass
class Browser:
    """One browser at the HTTP door, with its own cookies."""

    client: TestClient[Any, Any]
    visit: str | None = None

    async def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> ClientResponse:
        given = {"Origin": ORIGIN, **(headers or {})}
        if self.visit:
            given["Authorization"] = f"Bearer {self.visit}"
        return await self.client.request(method, path, json=body, headers=given)

    async def get(self, path: str, status: int = 200) -> Any:
        return await self.expect("GET", path, None, status)

    async def post(self, path: str, body: object = None, status: int = 200, **headers: str) -> Any:
        return await self.expect("POST", path, body, status, headers)

    async def expect(
        self, method: str, path: str, body: object, status: int, headers: dict[str, str] | None = None
    ) -> Any:
        response = await self.send(method, path, body, headers)
        text = await response.text()
        assert response.status == status, f"{method} {path}: {response.status} {text}"
        return await response.json(content_type=None) if text else None

    async def sign_in(self, name: str) -> "Browser":
        await self.post("/api/session", {"email": f"{name}@example.kr", "password": PASSWORD})
        return self

    async def open_link(self, secret: str) -> Any:
        answer = await self.post("/api/join", {"secret": secret})
        self.visit = answer["visit"]
        return answer


Browsers = Callable[[], Browser]


@asynccontextmanager
async def served(services: Services) -> AsyncIterator[Browsers]:
    """The application, running; each call makes another browser."""
    server = TestServer(create(services))
    await server.start_server()
    opened: list[TestClient[Any, Any]] = []

    def browser() -> Browser:
        opened.append(TestClient(server))
        return Browser(opened[-1])

    try:
        yield browser
    finally:
        for client in opened:
            await client.close()
        await server.close()
