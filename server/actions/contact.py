"""Whom a seeker can call when nothing else is known: not even which organisation the link was from.

It depends on nothing that was asked, so it says nothing about any link.
"""

from dataclasses import dataclass

from server.domain.organisations import Tenant, TenantKind
from server.domain.permissions import SystemScope
from server.storage.tables.people import tenants
from server.storage.unit_of_work import Database, StorageAway, StorageBusy

_SCOPE = SystemScope("contact of the installation")


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A number, and whose it is; both None where nobody can be named."""

    name: str | None = None
    phone: str | None = None


class InstallationContact:
    """The configured number, else that of the only organisation or only centre.

    While the database is away: what was known last.
    """

    def __init__(self, database: Database, configured_phone: str) -> None:
        self._database = database
        self._configured_phone = configured_phone
        self._known = Contact()

    async def find(self) -> Contact:
        """Whom to call now. Never raises for want of a database."""
        if self._configured_phone:
            return Contact(phone=self._configured_phone)
        try:
            async with self._database.read(_SCOPE) as uow:
                found = await uow.rows(Tenant).where(limit=2)
                centres = await uow.rows(Tenant).where(tenants.c.kind == TenantKind.CENTRE, limit=2)
        except (StorageAway, StorageBusy):
            return self._known
        only = next((one[0] for one in (found, centres) if len(one) == 1), None)
        self._known = Contact(name=only.name, phone=only.phone) if only else Contact()
        return self._known
