"""Nodes tell webs that they are there: the node's side posts, the web's side writes it down."""

import asyncio
import hmac
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime

import aiohttp
import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from server.actions.nodes import announce
from server.domain.errors import Refused
from server.domain.permissions import SystemScope
from server.domain.rooms import Node
from server.storage.unit_of_work import Database
from signaling.frames import LINK_VERSION
from signaling.link import DialFault, PlainHttpRefused, fault_of, refuse_plain_http

PATH = "/link/announce"
EVERY_S = 3.0
AGAIN_S = 0.5  # until the first web has heard it
ANSWER_WITHIN_S = 2.0

log = structlog.get_logger(__name__)


class Announcement(BaseModel):
    """What a node says of itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(max_length=40)
    link_url: str = Field(max_length=300)
    version: int = LINK_VERSION
    calls: int = Field(ge=0)
    seats: int = Field(ge=0)
    seat_capacity: int = Field(ge=0)


async def keep_announcing(
    webs: Sequence[str], secret: str, trust: ssl.SSLContext, current: Callable[[], Announcement]
) -> None:
    """Until cancelled: tell any one of the webs; it writes for all of them."""
    headers = {"Authorization": f"Bearer {secret}"}
    timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
    connector = aiohttp.TCPConnector(ssl=trust)
    faults: dict[str, DialFault | None] = {}
    async with aiohttp.ClientSession(headers=headers, timeout=timeout, connector=connector) as session:
        while True:
            heard = await _tell_one(session, webs, current(), faults)
            await asyncio.sleep(EVERY_S if heard else AGAIN_S)


async def _tell_one(
    session: aiohttp.ClientSession, webs: Sequence[str], said: Announcement, faults: dict[str, DialFault | None]
) -> bool:
    """Whether one has heard it. Each web's fault is logged when it is another than before."""
    for url in webs:
        try:
            refuse_plain_http(url)
            async with session.post(f"{url.rstrip('/')}{PATH}", json=said.model_dump(), raise_for_status=True):
                faults[url] = None
                return True
        except (aiohttp.ClientError, TimeoutError, PlainHttpRefused) as error:
            fault = fault_of(error)
            if fault not in (DialFault.AWAY, faults.get(url)):
                log.warning("announcement_refused", web=url, reason=str(fault))
            faults[url] = fault
    return False


def add_announcements(app: web.Application, database: Database, secret: str, clock: Callable[[], datetime]) -> None:
    """Hear announcements on the private site of a web."""

    async def hear(request: web.Request) -> web.Response:
        presented = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(presented.encode(), secret.encode()):
            raise web.HTTPForbidden
        try:
            said = Announcement.model_validate_json(await request.read())
            async with database.write(SystemScope("announcement")) as uow:
                await announce(uow, Node(seen_at=clock(), **said.model_dump()))
        except ValidationError:
            raise web.HTTPUnprocessableEntity from None
        except Refused:
            raise web.HTTPServiceUnavailable from None
        return web.Response(status=204)

    app.router.add_post(PATH, hear)
