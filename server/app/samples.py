"""Sample people for trying the product: refreshed at each `ieum serve --sample`, two of them kept waiting."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path

import structlog

from server.actions import refresh_samples as actions
from server.actions.passwords import Passwords
from server.actions.refresh_samples import Samples as Samples
from server.actions.refresh_samples import SampleSite
from server.actions.sample_guests import EmptySeats, missing_guests
from server.app.resources import Resources, opened
from server.app.sample_guests import make_guests
from server.config import Settings
from server.domain.errors import Refused
from server.domain.permissions import SystemScope
from server.preparation import SAMPLES_FILE
from server.secret_files import write_private

LOOK_EVERY_S = 2.0

log = structlog.get_logger(__name__)


def write_samples(folder: Path, samples: Samples) -> None:
    """Keep names, passwords and links where only we can read them."""
    write_private(folder / SAMPLES_FILE, json.dumps(asdict(samples), ensure_ascii=False, indent=2))


async def refresh_samples(settings: Settings) -> Samples:
    """Make or refresh the sample people and their meetings. Raises CannotStart."""
    await asyncio.to_thread(make_guests, settings.data_dir)
    async with opened(settings) as resources:
        site = SampleSite(
            database=resources.database,
            passwords=Passwords(),
            keys=resources.keys,
            files=resources.files,
            spool=settings.data_dir / "scratch" / "samples",
            clock=resources.clock,
            new_id=resources.new_id,
            new_secret=resources.new_secret,
            public_url=str(settings.public_url).rstrip("/"),
        )
        samples = await actions.refresh_samples(site, _known_passwords(settings.data_dir / SAMPLES_FILE))
    write_samples(settings.data_dir, samples)
    return samples


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


def _known_passwords(path: Path) -> dict[str, str]:
    """What was kept at an earlier start, by e-mail."""
    try:
        kept = json.loads(path.read_text())
        return {person["email"]: person["password"] for person in kept["people"]}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}
