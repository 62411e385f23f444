"""The web application: routes, middleware, sockets, pages and health, made from services."""

from typing import Any

from aiohttp import web
from sqlalchemy import text

from server.api.adapter import Api
from server.api.ask import Services
from server.api.doors import Doors, Networks
from server.api.middleware import problems, request_ids, same_origin, secure_headers
from server.api.openapi import document
from server.api.pages import add_pages, cache_assets
from server.api.routes import ROUTES
from server.domain.errors import Refused
from server.domain.permissions import SystemScope
from signaling.sockets import SocketServer


def create(services: Services, trusted_proxies: Networks = (), sockets: SocketServer | None = None) -> web.Application:
    """Everything that is served at the public address; `sockets` come with their namespaces registered."""
    app = web.Application(
        middlewares=[request_ids, problems, same_origin(services.public_url)],
        # Operations bound their own bodies (adapter); this stops whatever reads one without asking.
        client_max_size=64 * 1024,
    )
    api = Api(ROUTES, services, Doors(services, trusted_proxies).table())
    api.add_to(app)
    openapi: dict[str, Any] = {}

    async def read_openapi(_request: web.Request) -> web.Response:
        if not openapi:
            openapi.update(document(api.operations))
        return web.json_response(openapi)

    app.router.add_get("/openapi.json", read_openapi)
    add_health(app, services)
    if sockets is not None:
        sockets.attach(app)
    add_pages(app, services.static_dir)
    app.on_response_prepare.append(secure_headers(services.public_url))
    app.on_response_prepare.append(cache_assets)
    return app


def add_health(app: web.Application, services: Services) -> None:
    """`/health/live`: the process answers. `/health/ready`: it can do its work, the database included."""

    async def live(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(_request: web.Request) -> web.Response:
        try:
            async with services.database.read(SystemScope("health")) as uow:
                await uow.execute(text("SELECT 1"))
        except Refused as refused:
            return web.json_response({"status": refused.code}, status=503)
        return web.json_response({"status": "ok"})

    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
