"""The file store: objects by name, encrypted before they come here. A folder today, and only what any store can do.

Names are made by the program from ids (`recordings/<id>/…`, `documents/<id>`), never from what people type.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from obstore.exceptions import BaseError
from obstore.store import LocalStore

from server.domain.errors import Unavailable


class FileStoreAway(Unavailable, OSError):
    """The file store cannot be reached; try again shortly."""

    # An OSError as well, for the recorder's hand-over, which knows files and nothing of the server.

    code = "file_store_away"


class ObjectMissing(Unavailable):
    """An object that the database names is not in the file store."""

    code = "object_missing"


class FileStore(Protocol):
    """Objects by name. All methods raise FileStoreAway; a put is complete or did not happen."""

    async def put(self, object_name: str, source: Path | bytes) -> None:
        """Store a file or bytes under this name, replacing what is there; safe on disk when it returns."""

    async def get(self, object_name: str) -> bytes:
        """The whole object. Raises ObjectMissing."""

    async def get_range(self, object_name: str, start: int, length: int) -> bytes:
        """`length` bytes from `start`, fewer where the object ends. Raises ObjectMissing."""

    async def size(self, object_name: str) -> int:
        """Stored bytes. Raises ObjectMissing."""

    async def delete(self, object_name: str) -> None:
        """Remove the object. Idempotent."""

    async def names(self, prefix: str) -> list[str]:
        """Names of the objects under this folder-like prefix."""


class FolderStore:
    """A FileStore in a folder that only its owner may enter."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder.resolve()
        self._store = LocalStore(str(self._folder), automatic_cleanup=True)

    async def put(self, object_name: str, source: Path | bytes) -> None:
        """See FileStore. The name appears only when all bytes are there."""
        with _said_plainly():
            await self._store.put_async(object_name, source)
            await asyncio.to_thread(self._make_durable, self._folder / object_name)

    async def get(self, object_name: str) -> bytes:
        """See FileStore."""
        with _said_plainly():
            return bytes(await (await self._store.get_async(object_name)).bytes_async())

    async def get_range(self, object_name: str, start: int, length: int) -> bytes:
        """See FileStore."""
        with _said_plainly():
            return bytes(await self._store.get_range_async(object_name, start=start, length=length))

    async def size(self, object_name: str) -> int:
        """See FileStore."""
        with _said_plainly():
            return (await self._store.head_async(object_name))["size"]

    async def delete(self, object_name: str) -> None:
        """See FileStore."""
        with _said_plainly(), suppress(FileNotFoundError):
            await self._store.delete_async(object_name)

    async def names(self, prefix: str) -> list[str]:
        """See FileStore."""
        with _said_plainly():
            return sorted([item["path"] async for page in self._store.list(prefix) for item in page])

    def _make_durable(self, path: Path) -> None:
        """Wait until the bytes and the name have reached the disk, which the store itself does not."""
        for target in (path, path.parent):
            descriptor = os.open(target, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Turn what the store says into our two refusals."""
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing() from error
    except (OSError, BaseError) as error:
        raise FileStoreAway() from error
