"""Encrypted objects of the file store, read by ranges and never plain on disk. Their format: recordings/sealed.py."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO

from recordings.errors import RecordingError
from recordings.sealed import SEALED_MAGIC, SEGMENT_BYTES, SealedReader, SealedWriter
from recordings.vault import HEADER_MAX_BYTES, new_header
from server.domain.errors import Unavailable
from server.storage.files import FileStore
from signaling.media.recorders import DataKey

PIECE_BYTES = 8 * SEGMENT_BYTES  # read and decrypted at a time


class ObjectDamaged(Unavailable):
    """What is stored is not what was written, or not what it should be; an operator has to look."""

    code = "object_damaged"


def sealed(data: bytes, data_key: DataKey, about: Mapping[str, str | int]) -> bytes:
    """`data` as it is stored. `about` says what it is, so that it can pass for nothing else."""
    stored = BytesIO()
    header = new_header(SEALED_MAGIC, data_key.id, data_key.wrapped, about)
    writer = SealedWriter(stored, header, data_key.plain)
    writer.write(data)
    writer.close()
    return stored.getvalue()


class SealedObject:
    """One opened object."""

    def __init__(self, files: FileStore, name: str, reader: SealedReader) -> None:
        self._files = files
        self._name = name
        self._reader = reader

    @property
    def size_bytes(self) -> int:
        """In the clear."""
        return self._reader.size_bytes

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Plain bytes [start, end), in pieces. Raises ObjectDamaged, ObjectMissing, FileStoreAway."""
        while start < end:
            until = min(end, (start // PIECE_BYTES + 1) * PIECE_BYTES)
            offset, length = self._reader.stored_range(start, until)
            stored = await self._files.get_range(self._name, offset, length)
            with _damage_said():
                plain = self._reader.open(start, until, stored)
            yield plain
            start = until


async def open_sealed(files: FileStore, name: str, content_key: bytes, about: Mapping[str, str | int]) -> SealedObject:
    """Raises ObjectDamaged, ObjectMissing, FileStoreAway."""
    start = await files.get_range(name, 0, HEADER_MAX_BYTES)
    stored_bytes = await files.size(name)
    with _damage_said():
        return SealedObject(files, name, SealedReader(start, stored_bytes, content_key, about))


@contextmanager
def _damage_said() -> Iterator[None]:
    try:
        yield
    except RecordingError as error:
        raise ObjectDamaged() from error
