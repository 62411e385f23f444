"""Writes one part to the disk, record by record. Its format is spool.py's; what to write when, track_spool.py's."""

import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from recordings.spool import PlainEntry, encode_record
from recordings.vault import Header, Segments


class PartWriter:
    """Appends records to one new file. Raises OSError; after one, the file ends with its last whole record."""

    def __init__(self, path: Path, header: Header, data_key: bytes) -> None:
        encoded = header.encode()
        self.path = path
        self._segments = Segments(header, data_key)
        self._hash = sha256()
        self._records = 0
        self.size_bytes = self._safe_bytes = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            self._write(encoded)
        except OSError:
            self.close()
            path.unlink()
            raise

    def append(self, entries: Iterable[PlainEntry], *, last: bool = False) -> None:
        """Write one record. It outlives this process at once, a power cut after `sync`."""
        number, self._records = self._records, self._records + 1  # counted even if it fails: a nonce is used once
        self._write(encode_record(self._segments, number, entries, last=last))

    def begin_sync(self) -> None:
        """Have the disk begin with what `sync` will wait for. Of many files, all begun share one journal commit."""
        if self._safe_bytes < self.size_bytes:
            # Of pages not yet written Linux begins the writing and keeps them; see mm/fadvise.c.
            os.posix_fadvise(self._file, self._safe_bytes, 0, os.POSIX_FADV_DONTNEED)

    def sync(self) -> None:
        """Wait until all that was appended is on the disk."""
        if self._safe_bytes < self.size_bytes:
            os.fdatasync(self._file)
            self._safe_bytes = self.size_bytes

    def close(self) -> str:
        """Close the file; returns the SHA-256 of all that was written, in hex. Idempotent."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        return self._hash.hexdigest()

    def _write(self, data: bytes) -> None:
        """All of it or nothing: a record cut short by a full disk is taken back."""
        written = 0
        try:
            while written < len(data):
                written += os.pwrite(self._file, memoryview(data)[written:], self.size_bytes + written)
        except OSError:
            os.ftruncate(self._file, self.size_bytes)
            raise
        self._hash.update(data)
        self.size_bytes += len(data)


def sync_directory(directory: Path) -> None:
    """Make a new file's name survive a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
