"""The `/desk` namespace: tells a browser which ids changed; it fetches them over the API, which asks who it is."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any

import socketio
import structlog

from server.api.ask import Services
from server.api.doors import staff_scope
from server.api.session import cookie_name
from server.domain.errors import Refused
from server.storage.changes import Change, ChangeReader

READ_EVERY_S = 0.5
AWAY_FOR_S = 2.0
OnCall = Callable[[str], Awaitable[None]]
log = structlog.get_logger()


class DeskNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # python-socketio has no types
    """Signed-in staff, one room per tenant. Browsers send nothing here."""

    def __init__(self, services: Services) -> None:
        super().__init__("/desk")
        self._services = services

    async def on_connect(self, sid: str, environ: Mapping[str, Any], _auth: object = None) -> None:
        """Let in who has a session; refuse everybody else with a code."""
        try:
            cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        except CookieError:
            cookies = SimpleCookie()
        secret = cookies.get(cookie_name(self._services))
        try:
            scope = await staff_scope(self._services, secret.value if secret else "")
        except Refused as refused:
            raise socketio.exceptions.ConnectionRefusedError(refused.code) from None
        await self.enter_room(sid, scope.tenant_id)

    async def trigger_event(self, event: str, *args: Any) -> Any:
        """Only connecting and disconnecting mean anything here."""
        if event in ("connect", "disconnect"):
            return await super().trigger_event(event, *args)
        return {"ok": False, "error": {"code": "event_unknown"}}

    async def tell(self, news: Iterable[Change]) -> None:
        """Emit `changed {kind, ids}` to the tenants concerned, one message per tenant and kind."""
        grouped: dict[tuple[str, str], dict[str, None]] = {}
        for change in news:
            if change.tenant_id is not None:
                grouped.setdefault((change.tenant_id, change.kind), {})[change.object_id] = None
        for (tenant_id, kind), ids in grouped.items():
            await self.emit("changed", {"kind": kind, "ids": list(ids)}, room=tenant_id)


async def follow_changes(reader: ChangeReader, desk: DeskNamespace, on_call: OnCall) -> None:
    """Until cancelled: bring new rows to browsers, and changed calls to `on_call`. Waits while the database is away."""
    while True:
        wait_s = READ_EVERY_S
        try:
            news: Sequence[Change] = await reader.read()
            await desk.tell(news)
            for call_id in dict.fromkeys(change.object_id for change in news if change.kind == "call"):
                await on_call(call_id)
        except Refused as refused:
            log.warning("news_not_read", code=refused.code)
            wait_s = AWAY_FOR_S
        await asyncio.sleep(wait_s)
