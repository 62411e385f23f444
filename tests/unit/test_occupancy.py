"""Five-minute buckets: two spans share one exactly when they overlap on the grid."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.occupancy import BUCKET_S, Claim, Resource, buckets, claims

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
spans = st.tuples(st.integers(0, 500), st.integers(1, 96)).map(
    lambda grid: (START + grid[0] * timedelta(minutes=5), START + (grid[0] + grid[1]) * timedelta(minutes=5))
)


def test_fifty_minutes_are_ten_buckets() -> None:
    assert len(buckets(START, START + timedelta(minutes=50))) == 10


def test_a_span_off_the_grid_takes_every_bucket_it_touches() -> None:
    assert len(buckets(START + timedelta(minutes=2), START + timedelta(minutes=7))) == 2


@given(spans, spans)
def test_spans_on_the_grid_share_a_bucket_exactly_when_they_overlap(
    one: tuple[datetime, datetime], other: tuple[datetime, datetime]
) -> None:
    overlap = one[0] < other[1] and other[0] < one[1]
    assert bool(set(buckets(*one)) & set(buckets(*other))) is overlap


@given(spans)
def test_the_buckets_cover_the_span_and_no_more(span: tuple[datetime, datetime]) -> None:
    found = buckets(*span)
    assert found.start * BUCKET_S == span[0].timestamp()
    assert found.stop * BUCKET_S == span[1].timestamp()


def test_claims_come_sorted_so_that_two_bookings_cannot_wait_for_each_other() -> None:
    found = claims(Resource.HOST, ["b", "a"], START, START + timedelta(minutes=10))
    assert found == sorted(found)
    assert Claim(Resource.HOST, "a", found[0].bucket) == found[0]
