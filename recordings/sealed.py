"""A finished file, encrypted in segments of 64 KiB so that any range of it can be read without the rest.

The reader asks for no file and no network: it says which stored bytes hold a range, and opens them. So the same reader
serves a local folder, an object store and an HTTP Range request (RFC 9110 14).
"""

import io
from collections.abc import Mapping
from typing import BinaryIO, Final

from recordings.errors import Misplaced, UnknownFormat
from recordings.vault import TAG_BYTES, Header, Segments, parse_header, unwrap

SEALED_MAGIC: Final = b"IEUMSEA1"
SEGMENT_BYTES: Final = 65_536
_STORED_BYTES = SEGMENT_BYTES + TAG_BYTES


class SealedWriter:
    """A file-like object: what is written to it reaches `file` encrypted, never in the clear.

    The first `head_bytes` are held in memory and may be written again until `close`, as an MP4 muxer needs for the
    index it puts in front; what follows can only be appended.
    """

    def __init__(self, file: BinaryIO, header: Header, data_key: bytes, head_bytes: int = 0) -> None:
        self._file = file
        encoded = header.encode()
        self._body_at = file.tell() + len(encoded)
        file.write(encoded)
        self._segments = Segments(header, data_key)
        self._head_segments = -(-head_bytes // SEGMENT_BYTES)
        self._head = bytearray()
        self._tail = bytearray()
        self._tail_number = self._head_segments  # the segment that the tail begins
        self._position = 0
        self._closed = False

    @property
    def size_bytes(self) -> int:
        """Plain bytes written so far."""
        if self._tail_number == self._head_segments and not self._tail:
            return len(self._head)
        return self._tail_number * SEGMENT_BYTES + len(self._tail)

    def tell(self) -> int:
        """The position of the next write."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, as any file does."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size_bytes}[whence]
        self._position = base + offset
        return self._position

    def write(self, data: bytes) -> int:
        """Raises ValueError for a write beyond the head that is not at the end."""
        view = memoryview(data)
        held = max(0, self._head_segments * SEGMENT_BYTES - self._position)
        if held:
            self._write_head(view[:held])
        if len(view) > held:
            self._append(view[held:])
        self._position += len(view)
        return len(view)

    def close(self) -> None:
        """Seal what is held; the last segment carries the mark that makes truncation visible. `file` stays open."""
        if self._closed:
            return
        self._closed = True
        has_tail = self._tail_number > self._head_segments or bool(self._tail)
        parts = [self._head[at : at + SEGMENT_BYTES] for at in range(0, len(self._head), SEGMENT_BYTES)]
        if not has_tail and not parts:
            parts = [bytearray()]
        for number, part in enumerate(parts):
            self._store(number, part, last=not has_tail and number == len(parts) - 1)
        if has_tail:
            self._store(self._tail_number, self._tail, last=True)
        self._file.flush()

    def _write_head(self, view: memoryview) -> None:
        missing = self._position + len(view) - len(self._head)
        if missing > 0:
            self._head.extend(bytes(missing))
        self._head[self._position : self._position + len(view)] = view

    def _append(self, view: memoryview) -> None:
        head_bytes = self._head_segments * SEGMENT_BYTES
        self._head.extend(bytes(head_bytes - len(self._head)))
        if max(self._position, head_bytes) != self._tail_number * SEGMENT_BYTES + len(self._tail):
            raise ValueError("only the head of a sealed file may be written again")
        self._tail += view
        while len(self._tail) > SEGMENT_BYTES:  # never equal: the last segment must be known as such when it is sealed
            self._store(self._tail_number, self._tail[:SEGMENT_BYTES], last=False)
            del self._tail[:SEGMENT_BYTES]
            self._tail_number += 1

    def _store(self, number: int, plain: bytearray, *, last: bool) -> None:
        self._file.seek(self._body_at + number * _STORED_BYTES)
        self._file.write(self._segments.seal(number, bytes(plain), last=last))


class SealedReader:
    """Opens ranges of one sealed file. `start` holds its first bytes (`vault.HEADER_MAX_BYTES`, or all if shorter)."""

    def __init__(self, start: bytes, stored_bytes: int, content_key: bytes, about: Mapping[str, str | int]) -> None:
        """Raises UnknownFormat, WrongKey; Misplaced when the file is not the one described by `about`."""
        header, self._body_at = parse_header(start, SEALED_MAGIC)
        if dict(header.about) != dict(about):
            raise Misplaced
        self._segments = Segments(header, unwrap(header.wrapped_key, content_key))
        body = stored_bytes - self._body_at
        self._count = -(-body // _STORED_BYTES)
        if body < TAG_BYTES or body - (self._count - 1) * _STORED_BYTES < TAG_BYTES:
            raise UnknownFormat("cut off")
        self.size_bytes = body - self._count * TAG_BYTES

    def stored_range(self, start: int, end: int) -> tuple[int, int]:
        """Offset and length of the stored bytes that hold plain bytes [start, end); 0 <= start < end <= size_bytes."""
        first, last = start // SEGMENT_BYTES, (end - 1) // SEGMENT_BYTES
        length = min((last + 1) * _STORED_BYTES, self.size_bytes + self._count * TAG_BYTES) - first * _STORED_BYTES
        return self._body_at + first * _STORED_BYTES, length

    def open(self, start: int, end: int, stored: bytes) -> bytes:
        """Plain bytes [start, end) from exactly the bytes that `stored_range` named. Raises Damaged."""
        first = start // SEGMENT_BYTES
        pieces = [stored[at : at + _STORED_BYTES] for at in range(0, len(stored), _STORED_BYTES)]
        plain = b"".join(
            self._segments.open(number, piece, last=number == self._count - 1)
            for number, piece in enumerate(pieces, start=first)
        )
        skipped = start - first * SEGMENT_BYTES
        return plain[skipped : skipped + end - start]

    def open_all(self, stored: bytes) -> bytes:
        """The whole plain file from the whole stored one. Raises Damaged."""
        body = memoryview(stored)[self._body_at :]
        return b"".join(
            self._segments.open(
                number,
                bytes(body[number * _STORED_BYTES : (number + 1) * _STORED_BYTES]),
                last=number == self._count - 1,
            )
            for number in range(self._count)
        )
