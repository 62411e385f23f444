"""Who is at the door: the public, a seeker with a visit, staff with a session. What they may do is said elsewhere."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import web

from server.actions.sign_in import identify
from server.actions.visit import identify_visit
from server.api.adapter import Door, Identify
from server.api.ask import Ask, Services, StaffAsk, VisitAsk
from server.api.session import cookie_name
from server.domain.errors import NotSignedIn
from server.domain.links import VisitOver, hash_of
from server.domain.permissions import Allow, StaffScope, SystemScope

Networks = Sequence[IPv4Network | IPv6Network]
_DOOR = SystemScope("door")


class Doors:
    """Turns requests into asks."""

    def __init__(self, services: Services, trusted_proxies: Networks) -> None:
        self._services = services
        self._trusted = trusted_proxies

    def table(self) -> dict[type | Door, Identify]:
        """Which method stands at which door."""
        return {Door.PUBLIC: self.public, Door.VISIT: self.visit, Allow: self.staff}

    async def public(self, request: web.Request) -> Ask:
        """Anybody."""
        return Ask(
            services=self._services, http=request, origin=address_of(request, self._trusted), at=self._services.clock()
        )

    async def staff(self, request: web.Request) -> StaffAsk:
        """Somebody signed in. Raises NotSignedIn."""
        ask = await self.public(request)
        secret = request.cookies.get(cookie_name(self._services))
        if not secret:
            raise NotSignedIn()
        scope = await staff_scope(self._services, secret)
        return StaffAsk(
            services=ask.services,
            http=request,
            origin=ask.origin,
            at=ask.at,
            scope=scope,
            session_id=hash_of(secret),
        )

    async def visit(self, request: web.Request) -> VisitAsk:
        """A seeker's page. Raises VisitOver."""
        ask = await self.public(request)
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise VisitOver()
        async with self._services.database.read(_DOOR) as uow:
            scope = await identify_visit(uow, secret, ask.at)
        return VisitAsk(services=ask.services, http=request, origin=ask.origin, at=ask.at, scope=scope)


def address_of(request: web.Request, trusted: Networks) -> str:
    """The address of the asker: behind trusted proxies the last hop that is not one of them."""
    hops = [request.remote or ""]
    hops += [hop.strip() for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")) if hop.strip()]
    return next((hop for hop in hops if not _is_trusted(hop, trusted)), hops[-1])


def _is_trusted(hop: str, trusted: Networks) -> bool:
    try:
        address = ip_address(hop)
    except ValueError:
        return False
    return any(address in network for network in trusted)


async def staff_scope(services: Services, secret: str) -> StaffScope:
    """Who holds this session secret. Raises NotSignedIn."""
    async with services.database.read(_DOOR) as uow:
        return await identify(uow, secret, services.clock())
