"""Whatever happens to stored parts, verifying names the part and what is wrong with it."""

from collections.abc import Callable

import pytest

from recordings.verify import Fault, verify
from tests.rtp_media import Sender
from tests.stored_recording import CONTENT_KEY, StoredRecording


def a_recording() -> StoredRecording:
    """Eight seconds of one voice in five parts."""
    return StoredRecording(part_s=2).add(Sender("alice").audio([bytes(40)] * 400))


def found(stored: StoredRecording, key: bytes = CONTENT_KEY) -> list[tuple[int, Fault]]:
    return [(problem.part.part, problem.fault) for problem in verify(stored.parts, stored.read, key)]


def test_a_whole_recording_has_no_problems() -> None:
    assert found(a_recording()) == []


def test_a_part_the_store_does_not_have_is_named() -> None:
    stored = a_recording()
    del stored.objects[stored.parts[2].id.object_name]
    assert found(stored) == [(2, Fault.MISSING_OBJECT)]


@pytest.mark.parametrize("gone", [0, 1, 3])
def test_a_part_that_nobody_told_of_is_a_hole_in_the_count(gone: int) -> None:
    stored = a_recording()
    del stored.parts[gone]
    assert found(stored) == [(gone, Fault.MISSING_NUMBER)]


def cut(data: bytes) -> bytes:
    return data[:-200]


def flip(data: bytes) -> bytes:
    return data[:2_000] + bytes([data[2_000] ^ 1]) + data[2_001:]


def erase(data: bytes) -> bytes:
    return bytes(len(data))


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (cut, [Fault.CHANGED, Fault.TORN]),
        (flip, [Fault.CHANGED, Fault.DAMAGED_RECORDS]),
        (erase, [Fault.CHANGED, Fault.UNREADABLE]),
    ],
)
def test_a_changed_part_is_named_with_what_is_wrong(change: Callable[[bytes], bytes], faults: list[Fault]) -> None:
    stored = a_recording()
    name = stored.parts[1].id.object_name
    stored.objects[name] = change(stored.objects[name])
    assert found(stored) == [(1, fault) for fault in faults]


def test_two_parts_in_each_other_s_place_are_both_named() -> None:
    stored = a_recording()
    one, other = (part.id.object_name for part in stored.parts[:2])
    stored.objects[one], stored.objects[other] = stored.objects[other], stored.objects[one]
    assert {(0, Fault.UNREADABLE), (1, Fault.UNREADABLE)} <= set(found(stored))


def test_with_the_key_of_another_case_nothing_is_readable() -> None:
    assert found(a_recording(), bytes(32)) == [(number, Fault.UNREADABLE) for number in range(5)]
