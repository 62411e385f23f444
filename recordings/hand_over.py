"""From a node's spool to the file store: each closed part is stored, told, and only then deleted here.

The spool directory is the queue: what is not handed over when the node stops is found there when it starts again.
"""

import asyncio
import base64
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from recordings.errors import UnknownFormat
from recordings.model import Part
from recordings.spool import is_sealed, read_start

logger = logging.getLogger(__name__)


class PartStore(Protocol):
    """Where parts go: a folder or an object store."""

    async def put(self, object_name: str, path: Path) -> None:
        """Store the file under this name, replacing what is there. Raises OSError when it cannot be done now."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    path: Path
    part: Part
    stored: Callable[[Part], None]


class HandOver:
    """Hands parts over one after the other, for as long as it takes; `run` is its one task."""

    def __init__(self, store: PartStore, retry_s: float) -> None:
        self._store, self._first_retry_s = store, retry_s
        self._waiting: deque[_Waiting] = deque()  # bounded by the disk: each entry is a file in the spool
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, path: Path, part: Part, stored: Callable[[Part], None]) -> None:
        """Hand this file over; `stored` is called on the loop when it is safe."""
        self._waiting.append(_Waiting(path, part, stored))
        self._filled.set()

    async def run(self) -> None:
        """Until cancelled. A part that fails goes to the end of the line, so it holds up no other."""
        retry_s = self._first_retry_s
        while True:
            while not self._waiting:
                self._filled.clear()
                await self._filled.wait()
            try:
                await self._hand_over(self._waiting[0])
            except OSError as error:
                part = self._waiting[0].part.id
                logger.warning("part %s not stored: %s", part.object_name, error, extra={"call": part.call})
                self._waiting.rotate(-1)
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, 60 * self._first_retry_s)
            else:
                self._waiting.popleft()
                retry_s = self._first_retry_s

    async def _hand_over(self, waiting: _Waiting) -> None:
        await self._store.put(waiting.part.id.object_name, waiting.path)
        # Told before deleted: a kill in between stores the same part once more and loses nothing.
        waiting.stored(waiting.part)
        waiting.path.unlink(missing_ok=True)


def leftovers(spool: Path) -> list[tuple[Path, Part]]:
    """The parts that a killed node left in its spool, ready to be handed over. Blocks on the disk.

    Their ends may be torn; the reader copes. No key is needed. What has no whole header can be read by nobody and is
    deleted.
    """
    found = []
    for path in sorted(spool.glob("*.spool")):
        try:
            found.append((path, _leftover(path)))
        except UnknownFormat:
            path.unlink()
    return found


def _leftover(path: Path) -> Part:
    stored = path.read_bytes()
    start, _ = read_start(stored)
    return Part(
        id=start.id,
        size_bytes=len(stored),
        sha256=sha256(stored).hexdigest(),
        started_at_ns=start.started_at_ns,
        ended_at_ns=max(start.started_at_ns, path.stat().st_mtime_ns),
        key_id=start.header.key_id,
        wrapped_key=base64.b64encode(start.header.wrapped_key).decode(),
        sealed=is_sealed(stored),
    )
