"""The live file of a track: what a reader finds after a crash, a flipped bit or an attack on its format."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.errors import Misplaced, UnknownFormat, WrongKey
from recordings.model import Part, PartId
from recordings.spool import Entry, Kind, PartReader, encode_record, is_sealed, read_start, start_of
from recordings.vault import Segments, wrap
from signaling.media.port import CallId, Source, TrackId
from signaling.media.recorders import DataKey

CONTENT_KEY = bytes(range(32))
KEY = DataKey("key-1", bytes(range(32, 64)), wrap(bytes(range(32, 64)), CONTENT_KEY))
PART = PartId(CallId("c1"), "r1", TrackId("s1.mic"), epoch=1, run=2, part=3)
RECORDS = [[Entry(1_000 + number * 10 + n, Kind.RTP, bytes([number]) * 40) for n in range(3)] for number in range(5)]
ALL = [entry for record in RECORDS for entry in record]


def stored(records: list[list[Entry]] = RECORDS, *, closed: bool = True) -> bytes:
    header = start_of(PART, 1_000, KEY)
    segments = Segments(header, KEY.plain)
    body = [
        encode_record(segments, number, entries, last=closed and number == len(records) - 1)
        for number, entries in enumerate(records)
    ]
    return header.encode() + b"".join(body)


FILE = stored()
BODY_AT = read_start(FILE)[1]
RECORD_BYTES = (len(FILE) - BODY_AT) // len(RECORDS)


def test_a_closed_part_reads_as_written_and_says_that_it_is_whole() -> None:
    reader = PartReader(FILE, CONTENT_KEY, PART)
    assert list(reader.entries()) == ALL
    assert (reader.sealed, reader.torn_bytes, reader.damaged_records) == (True, 0, 0)
    assert reader.start.started_at_ns == 1_000


def test_a_part_whose_writer_was_killed_reads_to_its_last_record() -> None:
    data = stored(closed=False)
    reader = PartReader(data, CONTENT_KEY)
    assert list(reader.entries()) == ALL
    assert not reader.sealed
    assert not is_sealed(data)


@settings(deadline=None)
@given(st.integers(0, len(FILE) - BODY_AT))
def test_a_part_cut_anywhere_reads_to_its_last_whole_record(cut: int) -> None:
    reader = PartReader(FILE[: len(FILE) - cut], CONTENT_KEY)
    whole = (len(FILE) - BODY_AT - cut) // RECORD_BYTES
    assert list(reader.entries()) == ALL[: 3 * whole]
    assert reader.sealed == (cut == 0)
    assert reader.torn_bytes == len(FILE) - cut - BODY_AT - whole * RECORD_BYTES


@settings(deadline=None)
@given(st.integers(BODY_AT, len(FILE) - 1), st.integers(1, 255))
def test_a_changed_byte_costs_its_record_and_never_brings_forth_anything_else(at: int, change: int) -> None:
    data = bytearray(FILE)
    data[at] ^= change
    reader = PartReader(bytes(data), CONTENT_KEY)
    read = list(reader.entries())
    assert set(read) <= set(ALL)
    assert len(read) < len(ALL)
    assert reader.damaged_records or reader.torn_bytes
    in_length = (at - BODY_AT) % RECORD_BYTES < 4
    assert in_length or len(read) == len(ALL) - 3


@settings(deadline=None)
@given(st.integers(0, BODY_AT - 1), st.integers(1, 255))
def test_a_changed_header_opens_nothing(at: int, change: int) -> None:
    data = bytearray(FILE)
    data[at] ^= change
    try:
        assert list(PartReader(bytes(data), CONTENT_KEY).entries()) == []
    except (UnknownFormat, WrongKey):
        return


def test_a_record_in_the_wrong_place_is_not_read() -> None:
    first, second = BODY_AT, BODY_AT + RECORD_BYTES
    swapped = FILE[:first] + FILE[second : second + RECORD_BYTES] + FILE[first:second] + FILE[second + RECORD_BYTES :]
    reader = PartReader(swapped, CONTENT_KEY)
    assert list(reader.entries()) == ALL[3:]
    assert reader.damaged_records == 1


def test_a_record_that_stands_twice_is_read_once() -> None:
    first, second = BODY_AT, BODY_AT + RECORD_BYTES
    reader = PartReader(FILE[:second] + FILE[first:], CONTENT_KEY)
    assert list(reader.entries()) == ALL
    assert reader.damaged_records == 1


def test_a_part_in_the_place_of_another_is_refused() -> None:
    other = PartId(PART.call, PART.recording, PART.track, PART.epoch, PART.run, part=4)
    with pytest.raises(Misplaced):
        PartReader(FILE, CONTENT_KEY, other)


def test_the_key_of_another_case_opens_nothing() -> None:
    with pytest.raises(WrongKey):
        PartReader(FILE, bytes(32))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_behind_a_header_are_skipped_or_torn(junk: bytes) -> None:
    header = start_of(PART, 1_000, KEY).encode()
    reader = PartReader(header + junk, CONTENT_KEY)
    assert list(reader.entries()) == []
    assert not reader.sealed or reader.damaged_records


@settings(deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_without_a_header_are_refused(junk: bytes) -> None:
    with pytest.raises(UnknownFormat):
        PartReader(junk, CONTENT_KEY)


@settings(deadline=None)
@given(st.lists(st.builds(Entry, st.integers(0, 2**64 - 1), st.sampled_from(Kind), st.binary(max_size=2_000))))
def test_entries_of_any_size_come_back(entries: list[Entry]) -> None:
    assert list(PartReader(stored([entries]), CONTENT_KEY).entries()) == entries


def test_a_part_names_its_object_seat_and_source() -> None:
    assert PART.object_name == "recordings/r1/s1.mic.e1.r2.p00003.spool"
    assert (PART.seat, PART.source) == ("s1", Source.MIC)


def test_a_part_survives_its_own_json() -> None:
    part = Part(PART, 10, "aa", 1, 2, "key-1", "AAAA", sealed=True)
    data = part.to_json()
    assert Part.from_json(data) == part
    assert (data["seat"], data["source"], data["object"]) == ("s1", "mic", PART.object_name)
