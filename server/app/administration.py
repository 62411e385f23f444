"""Commands that run once and end: preparing the database, checking an installation and its recordings, accounts."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from zoneinfo import available_timezones

from server.actions.nodes import drain
from server.actions.passwords import Passwords
from server.actions.sign_in import add_staff
from server.actions.verify_recordings import recordings_to_verify, verify_recording
from server.app.resources import Resources, opened
from server.config import Settings
from server.domain.engines import Engine
from server.domain.errors import Refused
from server.domain.organisations import Room, Tenant, TenantKind
from server.domain.people import Role
from server.domain.permissions import SystemScope
from server.preparation import CannotStart, check_ports, data_directory
from server.storage import schema
from server.storage.unit_of_work import UnitOfWork

ROOMS = 8  # conversations at one time; rooms are places in the plan and cost nothing while empty
_SCOPE = SystemScope("command line")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who will sign in."""

    name: str
    email: str
    role: Role
    password: str = field(repr=False)


async def prepare(settings: Settings) -> None:
    """Before `ieum serve` starts its processes: make secrets, and bring SQLite to this version. Raises CannotStart."""
    async with opened(settings, check_schema=not settings.is_sqlite) as resources:
        if settings.is_sqlite:
            await _migrate(resources)


async def migrate(settings: Settings) -> None:
    """`ieum migrate`. Raises CannotStart."""
    async with opened(settings, check_schema=False) as resources:
        await _migrate(resources)


async def check(settings: Settings) -> list[str]:
    """`ieum check`: what is well. Raises CannotStart with the first thing that is not."""
    with data_directory(settings.data_dir):
        check_ports(settings)
        async with opened(settings) as resources:
            version = await schema.current(resources.database)
    return [
        f"data directory: {settings.data_dir.resolve()}",
        f"database: {'SQLite' if settings.is_sqlite else 'PostgreSQL'}, version {version}",
        f"pages: {settings.public_url}",
        "ports: free",
    ]


async def verify(settings: Settings, wanted: Sequence[str]) -> AsyncIterator[tuple[str, bool]]:
    """`ieum verify`: a line for each thing there is to say, and whether it is well. Raises CannotStart."""
    async with opened(settings) as resources:
        with _refusals_said():
            ids = await recordings_to_verify(resources.database, wanted)
        damaged = 0
        for recording_id in ids:
            with _refusals_said():
                found = await verify_recording(resources.database, resources.files, resources.keys, recording_id)
            damaged += bool(found.faults)
            for fault in found.faults:
                yield f"{recording_id} {fault}", False
            if not found.faults:
                torn = f", {found.torn} left open by a crash" if found.torn else ""
                yield f"{recording_id} {found.status}: {found.parts} parts as written{torn}", True
        yield f"{len(ids)} verified, {damaged} damaged", not damaged


async def create_organisation(
    settings: Settings, kind: TenantKind, name: str, phone: str, zone: str, first: Account
) -> str:
    """An organisation with `ROOMS` rooms and its first account; returns its id. Raises CannotStart."""
    async with opened(settings) as resources:
        new_id = resources.new_id
        tenant = Tenant(id=new_id(), kind=kind, name=name, phone=phone, zone=_known_zone(zone))
        rooms = [Room(id=new_id(), tenant_id=tenant.id, name=str(number)) for number in range(1, ROOMS + 1)]
        with _refusals_said():
            async with resources.database.write(_SCOPE) as uow:
                await uow.rows(Tenant).add(tenant)
                await uow.rows(Room).add(*rooms)
                await _add(resources, uow, tenant, first)
        return tenant.id


async def add_account(settings: Settings, organisation: str, account: Account) -> None:
    """One more account in an organisation, named by id or, if only one has it, by name. Raises CannotStart."""
    async with opened(settings) as resources:
        with _refusals_said():
            async with resources.database.write(_SCOPE) as uow:
                await _add(resources, uow, await _organisation(uow, organisation), account)


async def choose_engine(settings: Settings, organisation: str, room: str, engine: Engine | None) -> int:
    """Have the rooms of an organisation, or the one of that name, ask for an engine; returns how many do now.

    Raises CannotStart.
    """
    async with opened(settings) as resources, resources.database.write(_SCOPE) as uow:
        tenant = await _organisation(uow, organisation)
        found = [one for one in await uow.rows(Room).where() if one.tenant_id == tenant.id and room in ("", one.name)]
        if not found:
            raise CannotStart(f"{organisation} has no room called {room}.")
        for one in found:
            await uow.rows(Room).save(replace(one, engine=engine))
        return len(found)


async def _organisation(uow: UnitOfWork, organisation: str) -> Tenant:
    """The one of this id or, if only one has it, of this name. Raises CannotStart."""
    tenants = [one for one in await uow.rows(Tenant).where() if organisation in (one.id, one.name)]
    if len(tenants) != 1:
        raise CannotStart(f"{len(tenants)} organisations are called {organisation}; name it by its id.")
    return tenants[0]


async def drain_node(settings: Settings, name: str, *, wanted: bool) -> str:
    """Have a node's rooms go elsewhere, or let it take rooms again; what to say of it. Raises CannotStart."""
    async with opened(settings) as resources:
        with _refusals_said():
            async with resources.database.write(_SCOPE) as uow:
                node = await drain(uow, name, resources.clock() if wanted else None)
    if not wanted:
        return f"{name} takes rooms again."
    return f"{name} takes no new room; {node.calls} now on it go to other nodes, or end here where there is no other."


async def _add(resources: Resources, uow: UnitOfWork, tenant: Tenant, account: Account) -> None:
    await add_staff(
        uow,
        Passwords(),
        tenant_id=tenant.id,
        name=account.name,
        email=account.email,
        role=account.role,
        password=account.password,
        now=resources.clock(),
        new_id=resources.new_id,
    )


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise CannotStart(f"{zone} is not a time zone; use an IANA name such as Asia/Seoul.")
    return zone


@contextmanager
def _refusals_said() -> Iterator[None]:
    """What the domain refuses is a sentence on the command line."""
    try:
        yield
    except Refused as refused:
        raise CannotStart(refused.sentence) from refused


async def _migrate(resources: Resources) -> None:
    try:
        await schema.migrate(resources.database, resources.clock())
    except schema.SchemaWrong as error:
        raise CannotStart(str(error)) from error
