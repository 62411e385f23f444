"""The `/desk` namespace: tells a browser which ids changed; it fetches them over the API, which asks who it is.

A socket lives no longer than the session it came with. Whoever ended that, each web looks for itself before it tells.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

import socketio
import structlog

from server.actions.sign_in import live_sessions
from server.api.ask import Services
from server.api.doors import staff_scope
from server.api.session import cookie_name
from server.domain.errors import Refused
from server.domain.links import hash_of
from server.domain.permissions import SystemScope
from server.storage.changes import Change, ChangeReader

READ_EVERY_S = 0.5
AWAY_FOR_S = 2.0
OnCall = Callable[[str], Awaitable[None]]
_SCOPE = SystemScope("desk sockets")
log = structlog.get_logger()


class DeskNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # python-socketio has no types
    """Signed-in staff, one room per tenant. Browsers send nothing here."""

    def __init__(self, services: Services) -> None:
        super().__init__("/desk")
        self._services = services
        self._sessions: dict[str, str] = {}  # the session that each socket came with

    async def on_connect(self, sid: str, environ: Mapping[str, Any], _auth: object = None) -> None:
        """Let in who has a session; refuse everybody else with a code."""
        try:
            cookies = SimpleCookie(environ.get("HTTP_COOKIE", ""))
        except CookieError:
            cookies = SimpleCookie()
        cookie = cookies.get(cookie_name(self._services))
        secret = cookie.value if cookie else ""
        try:
            scope = await staff_scope(self._services, secret)
        except Refused as refused:
            raise socketio.exceptions.ConnectionRefusedError(refused.code) from None
        self._sessions[sid] = hash_of(secret)
        await self.enter_room(sid, scope.tenant_id)

    async def on_disconnect(self, sid: str, _reason: object = None) -> None:
        """Whoever closed it."""
        self._sessions.pop(sid, None)

    async def end_with_sessions(self) -> None:
        """Hang up on whose session ended: signed out, expired, account closed. Raises StorageAway, StorageBusy."""
        if not self._sessions:
            return
        services = self._services
        async with services.database.read(_SCOPE) as uow:
            live = await live_sessions(uow, set(self._sessions.values()), services.clock())
        for sid in [sid for sid, session in self._sessions.items() if session not in live]:
            await self.server.leave(sid, self.namespace)

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
    """Until cancelled: bring new rows to browsers whose session lives, and changed calls to `on_call`.

    Waits while the database is away.
    """
    news: list[Change] = []
    while True:
        wait_s = READ_EVERY_S
        try:
            news += await reader.read()
            await desk.end_with_sessions()  # read after the news: who had left by then hears nothing of them
            await desk.tell(news)
            for call_id in dict.fromkeys(change.object_id for change in news if change.kind == "call"):
                await on_call(call_id)
            news.clear()
        except Refused as refused:
            log.warning("news_not_read", code=refused.code)
            wait_s = AWAY_FOR_S
        await asyncio.sleep(wait_s)
