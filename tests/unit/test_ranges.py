"""Byte ranges of a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.ranges import ByteRange, Unsatisfiable, parse_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("", None),
        ("bytes=0-", ByteRange(0, 40)),
        ("bytes=10-19", ByteRange(10, 20)),
        ("bytes=90-200", ByteRange(90, 100)),
        ("bytes=-10", ByteRange(90, 100)),
        ("bytes=-500", ByteRange(0, 40)),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("pieces=0-1", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
        ("bytes=-", None),
    ],
)
def test_a_range_of_a_hundred_bytes_sent_forty_at_a_time(header: str | None, wanted: ByteRange | None) -> None:
    assert parse_range(header, 100, 40) == wanted


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-120", "bytes=-0"])
def test_a_range_beyond_the_end_is_unsatisfiable(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(header, 100, 40)


@given(header=st.text(max_size=30) | st.from_regex(r"bytes=\d{0,5}-\d{0,5}"), size=st.integers(0, 10_000))
def test_whatever_is_asked_a_range_lies_within_the_file(header: str, size: int) -> None:
    try:
        found = parse_range(header, size, 100)
    except Unsatisfiable:
        return
    assert found is None or 0 <= found.start < found.end <= min(size, found.start + 100)
