"""The live file of one track: encrypted records appended four times a second, readable after a crash to the last one.

Layout: header (vault.py), then records `[length, 4 bytes; its top bit marks the last record][number, 4][AES-256-GCM
segment]`. A record holds entries `[arrived_ns, 8][kind, 1][size, 2][bytes]`. A kill loses what was not appended.
"""

import struct
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from recordings.errors import Damaged, Misplaced, UnknownFormat
from recordings.model import PartId
from recordings.vault import TAG_BYTES, Header, Segments, new_header, parse_header, unwrap
from signaling.media.recorders import DataKey

SPOOL_MAGIC: Final = b"IEUMSPO1"
MAX_RECORD_BYTES: Final = 4 * 1024 * 1024
_LAST = 0x8000_0000
_RECORD = struct.Struct("!II")
_ENTRY = struct.Struct("!QBH")
_SENDER_REPORT = struct.Struct("!QI")
_DROPPED = struct.Struct("!QI")


class Kind(IntEnum):
    """What an entry holds."""

    RTP = 1  # one plain RTP packet
    SENDER_REPORT = 2  # NTP time (64-bit) and RTP time of an RTCP sender report
    DROPPED = 3  # since when and how many packets were thrown away because the disk was too slow


class Entry(NamedTuple):
    """One thing that happened on the track, stamped with the node's wall time."""

    arrived_ns: int
    kind: int  # a Kind, or one that a later version may write
    data: bytes


# What an Entry holds, in the same order, for the packet path: an Entry takes several times as long to make.
PlainEntry = tuple[int, int, bytes]


def pack_sender_report(ntp_time: int, rtp_time: int) -> bytes:
    """The bytes of an entry of kind SENDER_REPORT."""
    return _SENDER_REPORT.pack(ntp_time, rtp_time)


def read_sender_report(data: bytes) -> tuple[int, int]:
    """64-bit NTP time and RTP time. Raises Damaged."""
    return _unpack(_SENDER_REPORT, data)


def pack_dropped(since_ns: int, packets: int) -> bytes:
    """The bytes of an entry of kind DROPPED, written when there is room again."""
    return _DROPPED.pack(since_ns, packets)


def read_dropped(data: bytes) -> tuple[int, int]:
    """Since when (wall time, ns) and how many packets. Raises Damaged."""
    return _unpack(_DROPPED, data)


def _unpack(layout: struct.Struct, data: bytes) -> tuple[int, int]:
    try:
        first, second = layout.unpack(data)
    except struct.error as error:
        raise Damaged("entry") from error
    return first, second


def encode_record(
    segments: Segments, number: int, entries: Iterable[Entry | PlainEntry], *, last: bool = False
) -> bytes:
    """Record `number` of a part, as stored."""
    pieces: list[bytes] = []
    for arrived_ns, kind, data in entries:
        pieces += (_ENTRY.pack(arrived_ns, kind, len(data)), data)
    sealed = segments.seal(number, b"".join(pieces), last=last)
    return _RECORD.pack(len(sealed) | (_LAST if last else 0), number) + sealed


class Start(NamedTuple):
    """What the clear beginning of a part says."""

    header: Header
    id: PartId
    started_at_ns: int


def start_of(part: PartId, started_at_ns: int, key: DataKey) -> Header:
    """The header of a new part."""
    return new_header(SPOOL_MAGIC, key.id, key.wrapped, {**part.about(), "started_at_ns": started_at_ns})


def read_start(stored: bytes) -> tuple[Start, int]:
    """What the part is, read without any key, and where its records begin. Raises UnknownFormat."""
    header, at = parse_header(stored, SPOOL_MAGIC)
    about = dict(header.about)
    try:
        started_at_ns = int(about.pop("started_at_ns"))
        return Start(header, PartId.from_about(about), started_at_ns), at
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownFormat from error


def is_sealed(stored: bytes) -> bool:
    """Whether its writer closed it; without any key, so only as good as the file is honest. Raises UnknownFormat."""
    records = _records(stored, read_start(stored)[1])
    return bool(records) and records[-1].last


class _Record(NamedTuple):
    number: int
    at: int  # where its ciphertext begins
    end: int
    last: bool


class PartReader:
    """Reads one stored part, whatever became of its end. Each record stands for itself."""

    def __init__(self, stored: bytes, content_key: bytes, expected: PartId | None = None) -> None:
        """Raises UnknownFormat, WrongKey; Misplaced when the file is not the `expected` part."""
        self.start, at = read_start(stored)
        if expected is not None and self.start.id != expected:
            raise Misplaced
        self._segments = Segments(self.start.header, unwrap(self.start.header.wrapped_key, content_key))
        self._stored, self._records = stored, _records(stored, at)
        end = self._records[-1].end if self._records else at
        self.sealed = bool(self._records) and self._records[-1].last  # nothing is missing at the end
        self.torn_bytes = len(stored) - end  # what follows the last whole record
        self.damaged_records = 0  # whole records that do not authenticate; counted while reading the others

    def entries(self) -> Iterator[Entry]:
        """What was recorded, in the order of arrival. Damaged records are skipped and counted."""
        self.damaged_records, newest = 0, -1
        for record in self._records:
            try:
                entries = list(_entries(self._open(record, newest)))
            except Damaged:
                self.damaged_records += 1
            else:
                newest = record.number
                yield from entries

    def _open(self, record: _Record, newest: int) -> bytes:
        if record.number <= newest:
            raise Damaged("a record twice")
        return self._segments.open(record.number, self._stored[record.at : record.end], last=record.last)


def _records(stored: bytes, at: int) -> list[_Record]:
    """Where the whole records lie; the list ends at the last one or where the file is torn."""
    found: list[_Record] = []
    while at + _RECORD.size <= len(stored) and not (found and found[-1].last):
        word, number = _RECORD.unpack_from(stored, at)
        at += _RECORD.size
        length = word & ~_LAST
        if not TAG_BYTES <= length <= MAX_RECORD_BYTES or at + length > len(stored):
            break
        found.append(_Record(number, at, at + length, bool(word & _LAST)))
        at += length
    return found


def _entries(plain: bytes) -> Iterator[Entry]:
    at, end = 0, len(plain)
    while at < end:
        try:
            arrived_ns, kind, size = _ENTRY.unpack_from(plain, at)
        except struct.error as error:
            raise Damaged("entry") from error
        at += _ENTRY.size
        yield Entry(arrived_ns, kind, plain[at : at + size])
        at += size
