"""Documents people bring: whether a file is a PDF at all, and how many pages it has. ISO 32000-1, 7.5 and 7.7.

The check is structural and bounded: trailer, catalogue and root of the page tree, nothing rendered, and never more than
`MAX_INFLATED_BYTES` inflated. Whatever it cannot follow is refused.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from server.domain.errors import Invalid, TooLarge

MAX_BYTES = 10 * 1024 * 1024
MAX_PAGES = 200
TITLE_MAX_CHARACTERS = 120
MAX_INFLATED_BYTES = 16 * 1024 * 1024
HEADER_WITHIN_BYTES = 1024  # readers accept junk before the header, and so do we
TRAILER_WITHIN_BYTES = 2048

_PIECE_BYTES = 4096
_SEARCHED_BYTES = 64 * 1024  # at a time: while it searches, Python lets no other thread run
_PATTERN_MAX_BYTES = 64

_HEADER = re.compile(rb"%PDF-[12]\.[0-9]")
_START = re.compile(rb"startxref\s{1,8}([0-9]{1,10})\s{1,8}%%EOF")
_XREF = re.compile(rb"\s{0,8}(?:xref\b|[0-9]{1,10}\s{1,8}[0-9]{1,5}\s{1,8}obj\b)")
_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,8})[ \t\r\n]{1,4}[0-9]{1,5}[ \t\r\n]{1,4}obj\b")
_ROOT = re.compile(rb"/Root\s{1,8}([0-9]{1,8})\s{1,8}[0-9]{1,5}\s{1,8}R\b")
_ENCRYPT = re.compile(rb"/Encrypt\s{0,8}(?:<<|[0-9]{1,8}\s{1,8}[0-9]{1,5}\s{1,8}R\b)")
_CATALOGUE = re.compile(rb"/Type\s{0,8}/Catalog\b")
_PAGES = re.compile(rb"/Pages\s{1,8}([0-9]{1,8})\s{1,8}[0-9]{1,5}\s{1,8}R\b")
_PAGE_TREE = re.compile(rb"/Type\s{0,8}/Pages\b")
_COUNT = re.compile(rb"/Count\s{1,8}([0-9]{1,7})\b")
_OBJECT_STREAM = re.compile(rb"/Type\s{0,8}/ObjStm\b")
_N = re.compile(rb"/N\s{1,8}([0-9]{1,5})\b")
_FIRST = re.compile(rb"/First\s{1,8}([0-9]{1,7})\b")


class NotAPdf(Invalid):
    """This file is not a PDF, or it is damaged."""

    code = "document_not_a_pdf"


class DocumentTooLarge(TooLarge):
    """A document may have at most 10 MB."""

    code = "document_too_large"


class DocumentTooManyPages(TooLarge):
    """A document may have at most 200 pages."""

    code = "document_too_many_pages"


class DocumentEncrypted(Invalid):
    """A PDF with a password cannot be shown to others; save it without one."""

    code = "document_encrypted"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A PDF that belongs to an appointment or an application; its bytes are an encrypted object of the file store."""

    id: str
    tenant_id: str
    appointment_id: str | None
    application_id: str | None
    title: str
    pages: int
    size_bytes: int
    sha256: str
    object: str  # name in the file store
    uploaded_by: str
    uploaded_at: datetime


def count_pages(data: bytes) -> int:
    """The pages of a PDF. Raises `NotAPdf`, `DocumentEncrypted`, `DocumentTooLarge`, `DocumentTooManyPages`."""
    if len(data) > MAX_BYTES:
        raise DocumentTooLarge(max_bytes=MAX_BYTES)
    _require_frame(data)
    if any(_found(_ENCRYPT, data)):
        raise DocumentEncrypted()
    pages = _page_count(data)
    if pages < 1:
        raise NotAPdf()
    if pages > MAX_PAGES:
        raise DocumentTooManyPages(max_pages=MAX_PAGES)
    return pages


def _require_frame(data: bytes) -> None:
    """A header at the front, and at the end the place of a cross-reference that is really there."""
    header = _HEADER.search(data[:HEADER_WITHIN_BYTES])
    starts = _START.findall(data[-TRAILER_WITHIN_BYTES:])
    if header is None or not starts:
        raise NotAPdf()
    offset = int(starts[-1])
    # Offsets count from the header, which is not always the first byte of the file.
    if not any(_XREF.match(data, base + offset) for base in (0, header.start())):
        raise NotAPdf()


def _page_count(data: bytes) -> int:
    """`/Count` of the page tree's root, found from the catalogue."""
    root = None
    for match in _found(_ROOT, data):
        root = int(match[1])
    if root is None:
        raise NotAPdf()
    objects = _Objects(data)
    catalogue = objects.text(root)
    pages = _PAGES.search(catalogue)
    if pages is None or not _CATALOGUE.search(catalogue):
        raise NotAPdf()
    tree = objects.text(int(pages[1]))
    count = _COUNT.search(tree)
    if count is None or not _PAGE_TREE.search(tree):
        raise NotAPdf()
    return int(count[1])


def _found(pattern: re.Pattern[bytes], data: bytes) -> Iterator[re.Match[bytes]]:
    """As `pattern.finditer`, for patterns that match at most `_PATTERN_MAX_BYTES` and never within their own match."""
    for start in range(0, len(data), _SEARCHED_BYTES):
        end = start + _SEARCHED_BYTES
        yield from (m for m in pattern.finditer(data, start, end + _PATTERN_MAX_BYTES) if m.start() < end)


class _Objects:
    """The objects of a file by number, plain ones first, those in object streams (7.5.7) only when one is missing."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = {int(m[1]): m.end() for m in _found(_OBJECT, data)}  # a later revision replaces an earlier one
        self._packed: dict[int, memoryview] | None = None

    def text(self, number: int) -> bytes:
        """The source of an object, without stream data. Raises `NotAPdf` when there is none."""
        start = self._starts.get(number)
        if start is not None:
            return self._until(start, b"endobj")
        if self._packed is None:
            self._packed = self._unpack()
        if number not in self._packed:
            raise NotAPdf()
        return bytes(self._packed[number])

    def _until(self, start: int, mark: bytes) -> bytes:
        end = self._data.find(mark, start)
        return self._data[start : end if end >= 0 else len(self._data)]

    def _unpack(self) -> dict[int, memoryview]:
        packed: dict[int, memoryview] = {}
        budget_bytes, unread_bytes = MAX_INFLATED_BYTES, len(self._data)
        for start in self._starts.values():
            mark = self._data.find(b"stream", start, start + 2048)
            if mark < 0 or not _OBJECT_STREAM.search(self._data, start, mark):
                continue
            inflated, read_bytes = _inflated(self._data, mark + len(b"stream"), budget_bytes)
            budget_bytes, unread_bytes = budget_bytes - len(inflated), unread_bytes - read_bytes
            if budget_bytes <= 0 or unread_bytes < 0:  # streams that lie in one another are no honest file
                raise NotAPdf()
            packed.update(_objects_in_stream(self._data[start:mark], inflated))
        return packed


def _inflated(data: bytes, start: int, limit_bytes: int) -> tuple[bytes, int]:
    """Flate data from the line after `stream`, and how much was read of it; what is packed otherwise is nothing."""
    start += 2 if data[start : start + 2] == b"\r\n" else 1
    stream, inflated, at = zlib.decompressobj(), bytearray(), start
    try:
        while at < len(data) and not stream.eof and len(inflated) < limit_bytes:
            inflated += stream.decompress(data[at : at + _PIECE_BYTES], limit_bytes - len(inflated))
            at += _PIECE_BYTES
    except zlib.error:
        inflated.clear()
    return bytes(inflated), min(at, len(data)) - start - len(stream.unused_data)


def _objects_in_stream(dictionary: bytes, inflated: bytes) -> dict[int, memoryview]:
    """Number and source of each object: pairs of integers, then the objects from `/First` on; nothing is copied."""
    count, first = _N.search(dictionary), _FIRST.search(dictionary)
    if count is None or first is None:
        return {}
    body = int(first[1])
    numbers_at_most = 2 * int(count[1])
    head = inflated[:body].split(None, numbers_at_most)[:numbers_at_most]
    if not head or len(head) % 2 or not all(word.isdigit() and len(word) <= 8 for word in head):
        return {}
    numbers, offsets = [int(w) for w in head[::2]], [int(w) for w in head[1::2]]
    ends = [*offsets[1:], len(inflated)]
    whole = memoryview(inflated)
    return {n: whole[body + a : body + b] for n, a, b in zip(numbers, offsets, ends, strict=True)}
