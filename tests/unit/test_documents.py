"""What counts as a PDF."""

import contextlib
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.documents import (
    MAX_BYTES,
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentTooManyPages,
    NotAPdf,
    count_pages,
)
from server.domain.errors import Refused


def a_pdf(pages: int = 1, trailer: bytes = b"", before: bytes = b"") -> bytes:
    """A small PDF with a cross-reference table."""
    kids = b" ".join(b"%d 0 R" % (3 + i) for i in range(pages))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"] * pages,
    ]
    data = before + b"%PDF-1.7\n"
    for number, body in enumerate(bodies, 1):
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data) - len(before)
    data += b"xref\n0 1\n0000000000 65535 f \n"
    return data + b"trailer\n<< /Size 9 /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (trailer, start)


def a_packed_pdf(pages: int, packed: bytes | None = None) -> bytes:
    """A PDF 1.5 whose catalogue and page tree lie in an object stream, as most programs write it today."""
    catalogue, tree = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count %d >>" % pages
    head = b"1 0 2 %d " % (len(catalogue) + 1)
    body = zlib.compress(head + catalogue + b" " + tree) if packed is None else packed
    data = b"%PDF-1.5\n"
    data += b"8 0 obj\n<< /Type /ObjStm /N 2 /First %d /Filter /FlateDecode /Length %d >>\nstream\n" % (
        len(head),
        len(body),
    )
    data += body + b"\nendstream\nendobj\n"
    start = len(data)
    data += b"9 0 obj\n<< /Type /XRef /Size 10 /Root 1 0 R /W [1 2 1] >>\nstream\n\nendstream\nendobj\n"
    return data + b"startxref\n%d\n%%%%EOF" % start


@pytest.mark.parametrize("pages", [1, 200])
def test_a_pdf_tells_its_pages(pages: int) -> None:
    assert count_pages(a_pdf(pages)) == pages
    assert count_pages(a_packed_pdf(pages)) == pages


def test_a_few_bytes_before_the_header_are_tolerated() -> None:
    assert count_pages(a_pdf(before=b"\xef\xbb\xbf")) == 1


def test_the_last_revision_of_the_page_tree_counts() -> None:
    revised = b"2 0 obj\n<< /Type /Pages /Kids [] /Count 7 >>\nendobj\n"
    data = a_pdf()
    start = len(data) + len(revised)
    assert count_pages(data + revised + b"xref\n0 0\ntrailer\n<< /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start) == 7


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"PK\x03\x04 a spreadsheet",
        b"%PDF-1.7\n",
        a_pdf().replace(b"%PDF-1.7", b"%XYZ-1.7"),
        a_pdf()[: len(a_pdf()) // 2],
        a_pdf().replace(b"/Root 1 0 R", b"/Root 99 0 R"),
        a_pdf().replace(b"/Catalog", b"/Cabinet"),
        a_pdf().replace(b"/Count 1", b"/Count 0"),
        a_pdf().replace(b"xref\n0 1", b"xxxx\n0 1"),
        a_packed_pdf(1, packed=b"not deflated"),
        b"<html>%PDF-1.7</html>",
    ],
)
def test_a_file_that_is_not_a_whole_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPdf):
        count_pages(data)


def test_a_pdf_with_a_password_is_refused() -> None:
    with pytest.raises(DocumentEncrypted):
        count_pages(a_pdf(trailer=b"/Encrypt 5 0 R "))


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(DocumentTooManyPages):
        count_pages(a_pdf(201))


def test_a_file_above_the_limit_is_not_even_looked_at() -> None:
    with pytest.raises(DocumentTooLarge):
        count_pages(b"\0" * (MAX_BYTES + 1))


def test_an_object_stream_that_inflates_without_end_is_refused() -> None:
    bomb = zlib.compress(b"\0" * (64 * 1024 * 1024), 9)
    with pytest.raises(NotAPdf):
        count_pages(a_packed_pdf(1, packed=bomb))


def ending(data: bytes, root: int = 1) -> bytes:
    """The file with a cross-reference stream behind it."""
    return data + b"9 0 obj\n<< /Type /XRef /Root %d 0 R >>\nendobj\nstartxref\n%d\n%%%%EOF" % (root, len(data))


def test_object_streams_are_read_no_further_than_the_file_is_long() -> None:
    """Each of 800 went on through all later ones to the end of the file: 4 GB were read of 9 MB."""
    stored = [b"%d 0 obj<</Type /ObjStm /N 1 /First 4>>stream\n\x78\x9c" % number for number in range(10, 810)]
    empty_blocks = b"\x00\x00\x00\xff\xff" * 2_250
    data = b"%PDF-1.5\n" + stored[0] + empty_blocks
    for header in stored[1:]:
        size = len(header)
        data += b"\x00" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + header + empty_blocks
    began_s = time.thread_time()
    with pytest.raises(NotAPdf):
        count_pages(ending(data, root=5))
    assert time.thread_time() - began_s < 1


@pytest.mark.parametrize("filled", range(64 * 1024 - 90, 64 * 1024))
def test_nothing_is_missed_or_misread_where_one_searched_piece_ends(filled: int) -> None:
    catalogue = b"1 0 obj<</Type /Catalog /Pages 2 0 R>>endobj\n"
    objects = catalogue + b"11 0 obj null endobj 2 0 obj<</Type /Pages /Count 7>>endobj\n"
    before, between = b"%PDF-1.7\n" + b" " * filled + objects, b"%PDF-1.7\n" + objects + b" " * (filled - len(objects))
    assert count_pages(ending(before)) == count_pages(ending(between)) == 7
    with pytest.raises(DocumentEncrypted):
        count_pages(ending(between + b"/Encrypt 5 0 R "))


def test_packed_objects_that_overlap_cost_no_memory() -> None:
    """Offsets that go to and fro named the whole stream 20,000 times: 40 GB of a file of 100 KB."""
    count, size = 20_000, 4_000_000
    head = b"".join(b"%d %d " % (n, 0 if n % 2 else size) for n in range(1, count + 1))
    packed = zlib.compress(head + b" " * size)
    stream = b"8 0 obj\n<</Type /ObjStm /N %d /First %d>>\nstream\n" % (count, len(head)) + packed
    data = ending(b"%PDF-1.5\n" + stream + b"\nendstream\nendobj\n")
    tracemalloc.start()
    try:
        with pytest.raises(NotAPdf):
            count_pages(data)
        assert tracemalloc.get_traced_memory()[1] < 4 * (len(head) + size)
    finally:
        tracemalloc.stop()


@given(noise=st.binary(max_size=2000))
def test_noise_is_refused_and_never_breaks_the_check(noise: bytes) -> None:
    with pytest.raises(NotAPdf):
        count_pages(noise)


@settings(max_examples=300)
@given(data=st.data(), packed=st.booleans())
def test_a_damaged_pdf_is_judged_or_refused_and_nothing_else(data: st.DataObject, packed: bool) -> None:
    whole = bytearray(a_packed_pdf(3) if packed else a_pdf(3))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    with contextlib.suppress(Refused):
        assert 1 <= count_pages(bytes(whole)) <= 200
