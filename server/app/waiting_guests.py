"""Two sample guests who wait in their lobbies for as long as the product runs with samples."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from server.actions.sample_guests import EmptySeats, missing_guests
from server.app.resources import Resources
from server.domain.errors import Refused
from server.domain.permissions import SystemScope
from server.preparation import SAMPLES_FILE

LOOK_EVERY_S = 2.0

log = structlog.get_logger(__name__)


async def keep_guests_waiting(resources: Resources, send: Callable[[EmptySeats], Awaitable[None]]) -> None:
    """Until cancelled: bring the sample guests that wait back into their lobbies, whatever was restarted meanwhile.

    Returns at once where there are none. While one waits this costs a query every two seconds, and the node nothing.
    """
    waiting = _waiting_seats(resources.settings.data_dir / SAMPLES_FILE)
    while waiting:
        try:
            async with resources.database.read(SystemScope("sample guests")) as uow:
                missing = await missing_guests(uow, waiting, resources.clock())
            for empty in missing:
                await send(empty)
        except Refused as refused:  # the node is not linked yet, or the database is away
            log.debug("sample_guests_not_sent", code=refused.code)
        await asyncio.sleep(LOOK_EVERY_S)


def _waiting_seats(path: Path) -> tuple[str, ...]:
    """The seats that the last start with samples named."""
    try:
        return tuple(map(str, json.loads(path.read_text())["waiting"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return ()
