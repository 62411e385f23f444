"""What a killed worker leaves in its scratch folder: encrypted files that nobody will ever finish. They are deleted."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

# Since its last write. Leases last half a minute; a file of an hour that is written no more is on its way nowhere.
LEFT_AFTER = timedelta(hours=1)
LOOK_EVERY = timedelta(minutes=10)

log = structlog.get_logger(__name__)


def sweep(scratch: Path, now: datetime) -> int:
    """Delete the sealed files that were left in this folder; how many there were. Nothing beneath it is touched."""
    left = [path for path in scratch.glob("*.sealed") if _is_left(path, now)]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _is_left(path: Path, now: datetime) -> bool:
    try:
        return now.timestamp() - path.stat().st_mtime >= LEFT_AFTER.total_seconds()
    except FileNotFoundError:  # whoever made it has just finished
        return False


async def keep_swept(scratch: Path, clock: Callable[[], datetime]) -> None:
    """Until cancelled: each worker looks after the disk of its own machine."""
    while True:
        try:
            count = await asyncio.to_thread(sweep, scratch, clock())
            if count:
                log.warning("scratch_swept", files=count)
        except OSError as error:
            log.warning("scratch_not_swept", reason=error.strerror)
        await asyncio.sleep(LOOK_EVERY.total_seconds())
