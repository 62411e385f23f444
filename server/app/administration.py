"""Commands that run once and end: preparing the database, checking an installation, the first account."""

from server.actions.passwords import Passwords
from server.actions.sign_in import add_staff
from server.app.resources import Resources, opened
from server.config import Settings
from server.domain.errors import Refused
from server.domain.organisations import Room, Tenant, TenantKind
from server.domain.people import Role
from server.domain.permissions import SystemScope
from server.preparation import CannotStart, check_ports, data_directory
from server.storage import schema

_SCOPE = SystemScope("command line")


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


async def create_admin(
    settings: Settings, *, centre: str, phone: str, zone: str, name: str, email: str, password: str
) -> None:
    """A centre with one room and its first administrator. Raises CannotStart."""
    async with opened(settings) as resources:
        new_id, now = resources.new_id, resources.clock()
        tenant = Tenant(id=new_id(), kind=TenantKind.CENTRE, name=centre, phone=phone, zone=zone)
        try:
            async with resources.database.write(_SCOPE) as uow:
                await uow.rows(Tenant).add(tenant)
                await uow.rows(Room).add(Room(id=new_id(), tenant_id=tenant.id, name="1"))
                await add_staff(
                    uow,
                    Passwords(),
                    tenant_id=tenant.id,
                    name=name,
                    email=email,
                    role=Role.ADMIN,
                    password=password,
                    now=now,
                    new_id=new_id,
                )
        except Refused as refused:
            raise CannotStart(refused.sentence) from refused


async def _migrate(resources: Resources) -> None:
    try:
        await schema.migrate(resources.database, resources.clock())
    except schema.SchemaWrong as error:
        raise CannotStart(str(error)) from error
