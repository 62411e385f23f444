"""A web hears which nodes are there and writes it down for all. The nodes' side: `announcing.py`."""

import hmac
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from pydantic import ValidationError

from server.actions.nodes import announce
from server.app.announcing import PATH, Announcement
from server.domain.errors import Refused
from server.domain.nodes import Node
from server.domain.permissions import SystemScope
from server.storage.unit_of_work import Database


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
