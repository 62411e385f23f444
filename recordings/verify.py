"""Checks that everything stored of a recording is there and is what was written, and says precisely what is not.

Reads each part once. Compares with what the node said of it (`Part`), authenticates every record, and looks for holes
in the count of parts: a part that was closed and never told shows as a missing number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import groupby, pairwise

from recordings.errors import RecordingError
from recordings.material import ReadObject
from recordings.model import Part, PartId
from recordings.spool import PartReader


class Fault(StrEnum):
    """What is wrong with a part."""

    MISSING_OBJECT = "missing_object"  # the file store does not have it
    MISSING_NUMBER = "missing_number"  # its neighbours are there; nobody told of it
    CHANGED = "changed"  # size or hash is not what was handed over
    UNREADABLE = "unreadable"  # no header of ours, another key, or another part in its place
    DAMAGED_RECORDS = "damaged_records"  # some records do not authenticate
    TORN = "torn"  # its writer was killed; what follows the last whole record is lost


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `detail`: how much, or the code of the error."""

    part: PartId
    fault: Fault
    detail: str = ""


def verify(parts: Iterable[Part], read: ReadObject, content_key: bytes) -> list[Problem]:
    """Every problem, in the order of the parts; empty when the recording is whole. `read` as in material.py."""
    in_order = sorted(parts, key=lambda part: part.id)
    problems = [problem for part in in_order for problem in _examined(part, read, content_key)]
    return sorted([*problems, *_holes([part.id for part in in_order])], key=lambda problem: problem.part)


def _examined(part: Part, read: ReadObject, content_key: bytes) -> Iterator[Problem]:
    try:
        stored = read(part.id.object_name)
    except FileNotFoundError:
        yield Problem(part.id, Fault.MISSING_OBJECT)
        return
    if len(stored) != part.size_bytes or sha256(stored).hexdigest() != part.sha256:
        yield Problem(part.id, Fault.CHANGED, f"{len(stored)} of {part.size_bytes} bytes")
    try:
        reader = PartReader(stored, content_key, part.id)
    except RecordingError as error:
        yield Problem(part.id, Fault.UNREADABLE, error.code)
        return
    for _ in reader.entries():
        pass
    if reader.damaged_records:
        yield Problem(part.id, Fault.DAMAGED_RECORDS, str(reader.damaged_records))
    if not reader.sealed:
        yield Problem(part.id, Fault.TORN, f"{reader.torn_bytes} bytes")


def _holes(parts: Sequence[PartId]) -> Iterator[Problem]:
    for _, group in groupby(parts, key=lambda part: (part.recording, part.track, part.epoch, part.run)):
        own = list(group)
        numbers = [-1, *(part.part for part in own)]
        for before, after in pairwise(numbers):
            for number in range(before + 1, after):
                yield Problem(_numbered(own[0], number), Fault.MISSING_NUMBER)


def _numbered(part: PartId, number: int) -> PartId:
    return PartId(part.call, part.recording, part.track, part.epoch, part.run, number)
