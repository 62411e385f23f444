"""Envelope and sealed files: what they open, and above all what they refuse. The vectors are frozen: every release must
read them."""

import io
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.errors import Damaged, Misplaced, RecordingError, UnknownFormat, WrongKey
from recordings.sealed import SEALED_MAGIC, SEGMENT_BYTES, SealedReader, SealedWriter
from recordings.vault import HEADER_MAX_BYTES, TAG_BYTES, Header, Segments, new_header, parse_header, unwrap, wrap

CONTENT_KEY = bytes(range(32))
DATA_KEY = bytes(range(32, 64))
ABOUT = {"recording": "r1", "name": "play.mp4"}


def counting(count: int) -> bytes:
    return bytes(range(count))


def a_header(**changes: str) -> Header:
    return new_header(SEALED_MAGIC, "key-1", wrap(DATA_KEY, CONTENT_KEY), ABOUT | changes, random=counting)


def sealed(plain: bytes, head_bytes: int = 0) -> bytes:
    file = io.BytesIO()
    writer = SealedWriter(file, a_header(), DATA_KEY, head_bytes)
    writer.write(plain)
    writer.close()
    return file.getvalue()


def reader(stored: bytes, content_key: bytes = CONTENT_KEY, about: dict[str, str] = ABOUT) -> SealedReader:
    return SealedReader(stored[:HEADER_MAX_BYTES], len(stored), content_key, about)


def read(stored: bytes, start: int, end: int) -> bytes:
    opener = reader(stored)
    offset, length = opener.stored_range(start, end)
    return opener.open(start, end, stored[offset : offset + length])


def test_the_frozen_vectors_of_this_format_do_not_change() -> None:
    assert wrap(DATA_KEY, CONTENT_KEY).hex() == VECTORS["wrapped_key"]
    assert sha256(a_header().encode()).hexdigest() == VECTORS["header_sha256"]
    assert Segments(a_header(), DATA_KEY).seal(0, b"abc", last=True).hex() == VECTORS["first_and_last"]
    assert Segments(a_header(), DATA_KEY).seal(7, b"abc", last=False).hex() == VECTORS["segment_7"]
    assert sha256(sealed(bytes(200_000))).hexdigest() == VECTORS["file_of_200000_zeros"]


@pytest.mark.parametrize("size", [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES])
def test_a_sealed_file_of_any_size_opens_to_what_was_written(size: int) -> None:
    plain = (bytes(range(251)) * (size // 251 + 1))[:size]
    stored = sealed(plain)
    assert reader(stored).size_bytes == size
    assert reader(stored).open_all(stored) == plain


@settings(deadline=None)
@given(st.data())
def test_any_range_opens_to_the_same_bytes_as_the_whole(data: st.DataObject) -> None:
    plain = bytes(range(256)) * 600
    stored = STORED_EXAMPLE
    start = data.draw(st.integers(0, len(plain) - 1))
    end = data.draw(st.integers(start + 1, len(plain)))
    assert read(stored, start, end) == plain[start:end]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200_000), st.binary(max_size=300)), max_size=12), st.integers(1, 150_000))
def test_a_writer_with_a_head_behaves_like_a_plain_file(rewrites: list[tuple[int, bytes]], head_bytes: int) -> None:
    file, plain = io.BytesIO(), io.BytesIO()
    writer = SealedWriter(file, a_header(), DATA_KEY, head_bytes)
    for target in (writer, plain):
        target.write(bytes(head_bytes))
        for at, piece in rewrites:
            if at + len(piece) <= head_bytes:
                target.seek(at)
            else:
                target.seek(0, io.SEEK_END)
            assert target.write(piece) == len(piece)
    writer.close()
    stored = file.getvalue()
    assert reader(stored).open_all(stored) == plain.getvalue()


def test_what_is_behind_the_head_cannot_be_written_twice() -> None:
    writer = SealedWriter(io.BytesIO(), a_header(), DATA_KEY, head_bytes=1)
    writer.write(bytes(2 * SEGMENT_BYTES))
    writer.seek(SEGMENT_BYTES + 5)
    with pytest.raises(ValueError, match="head"):
        writer.write(b"again")


def flipped_body(stored: bytes) -> bytes:
    return stored[:-1] + bytes([stored[-1] ^ 1])


def flipped_header(stored: bytes) -> bytes:
    at = stored.index(b'"salt":"') + 9
    return stored[:at] + (b"B" if stored[at : at + 1] != b"B" else b"C") + stored[at + 1 :]


def without_the_last_segment(stored: bytes) -> bytes:
    return stored[: body_at(stored) + 2 * (SEGMENT_BYTES + TAG_BYTES)]


def with_segments_swapped(stored: bytes) -> bytes:
    at, size = body_at(stored), SEGMENT_BYTES + TAG_BYTES
    return stored[:at] + stored[at + size : at + 2 * size] + stored[at : at + size] + stored[at + 2 * size :]


def body_at(stored: bytes) -> int:
    return parse_header(stored, SEALED_MAGIC)[1]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (flipped_body, Damaged),
        (flipped_header, Damaged),
        (without_the_last_segment, Damaged),
        (with_segments_swapped, Damaged),
        (lambda stored: stored[:-TAG_BYTES], Damaged),
        (lambda stored: stored[:40], UnknownFormat),
        (lambda stored: stored[: body_at(stored)], UnknownFormat),
        (lambda stored: stored[: body_at(stored) + 5], UnknownFormat),
        (lambda stored: b"IEUMSEA9" + stored[8:], UnknownFormat),
        (lambda stored: b"", UnknownFormat),
    ],
)
def test_a_changed_file_is_refused(change: Callable[[bytes], bytes], refusal: type[RecordingError]) -> None:
    stored = change(sealed(bytes(2 * SEGMENT_BYTES + 100)))
    with pytest.raises(refusal):
        reader(stored).open_all(stored)


def test_a_file_of_another_case_is_refused() -> None:
    with pytest.raises(WrongKey):
        reader(sealed(b"abc"), content_key=bytes(32))


def test_a_whole_file_in_the_place_of_another_is_refused() -> None:
    with pytest.raises(Misplaced):
        reader(sealed(b"abc"), about=ABOUT | {"recording": "r2"})


def test_rotating_the_outer_key_leaves_the_inner_one() -> None:
    old, new = bytes(32), bytes([1]) * 32
    stored = wrap(CONTENT_KEY, old)
    assert unwrap(wrap(unwrap(stored, old), new), new) == CONTENT_KEY
    with pytest.raises(WrongKey):
        unwrap(stored, new)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_header_or_are_refused(data: bytes) -> None:
    with pytest.raises(UnknownFormat):
        parse_header(SEALED_MAGIC + data, SEALED_MAGIC)


def test_a_header_with_deeply_nested_json_is_refused() -> None:
    body = b"[" * 4_000
    with pytest.raises(UnknownFormat):
        parse_header(SEALED_MAGIC + len(body).to_bytes(2) + body, SEALED_MAGIC)


STORED_EXAMPLE = sealed(bytes(range(256)) * 600)
VECTORS = {
    "wrapped_key": "04f8a3c3c302d3b0b7e94b14dcf85ad1da69cd74056ed7907d3cb49fb27799a4104db058f2901adb",
    "header_sha256": "f99d94ca8f2e7c66b632dfb4a852da1b45f41f6475c607e227688e25e57e76e2",
    "first_and_last": "98719c31e9d57d613ce55018f2ca4af365ed0c",
    "segment_7": "b689ab04197798a660bb8953186d9aa016ac80",
    "file_of_200000_zeros": "f75bbd52a38e6d12532cca21e7939190a0233e0e0f5e541400e16fbf40547e23",
}
