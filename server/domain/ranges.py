"""Byte ranges of an HTTP request (RFC 9110, 14): one range or none; what cannot be satisfied is said so."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Unsatisfiable(Exception):
    """The range begins beyond the end."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes [start, end)."""

    start: int
    end: int


def parse_range(header: str | None, size_bytes: int, longest_bytes: int) -> ByteRange | None:
    """The range to send, at most `longest_bytes` of it; None: send everything. Raises Unsatisfiable.

    A malformed header, or several ranges at once, are ignored as the RFC allows.
    """
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:  # the last so many bytes
        suffix = int(match[2])
        if not suffix or not size_bytes:
            raise Unsatisfiable
        start, end = max(0, size_bytes - suffix), size_bytes
    else:
        start = int(match[1])
        end = min(int(match[2]) + 1, size_bytes) if match[2] else size_bytes
        if match[2] and int(match[2]) < start:
            return None
    if start >= size_bytes:
        raise Unsatisfiable
    return ByteRange(start, min(end, start + longest_bytes))
