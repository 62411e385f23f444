"""A file that says it is a PDF: refused, or of so many pages, in bounded time and memory whatever is packed in it."""

import tracemalloc
import zlib

from server.domain.documents import MAX_INFLATED_BYTES, MAX_PAGES, count_pages
from server.domain.errors import Refused
from tests.fuzz.inputs import bounded_time

MOST_BYTES = 3 * MAX_INFLATED_BYTES


def seeds() -> list[bytes]:
    """One with plain objects, one with packed ones."""
    plain = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Count 3>>\nendobj\n"
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(plain)
    catalogue, tree = b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Count 4>>"
    head = b"1 0 2 %d " % len(catalogue)
    packed = zlib.compress(head + catalogue + tree)
    stream = b"%%PDF-1.5\n8 0 obj\n<</Type /ObjStm /N 2 /First %d>>\nstream\n" % len(head) + packed
    stream += b"\nendstream\nendobj\n"
    end = b"9 0 obj\n<</Type /XRef /Root 1 0 R>>\nendobj\nstartxref\n%d\n%%%%EOF" % len(stream)
    return [plain + table, stream + end]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    tracemalloc.start()
    try:
        with bounded_time():
            pages = count_pages(data)
        assert 1 <= pages <= MAX_PAGES
    except Refused as refused:
        assert refused.code.startswith("document_")
    finally:
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < MOST_BYTES, "too much memory"
