"""Wall-clock times: every time a zone really has becomes its moment; those it skips or repeats are refused."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.time_zones import TimeAmbiguous, TimeDoesNotExist, ZoneUnknown, to_utc, zone_of

BERLIN, SEOUL = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Seoul")
ZONES = ["Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]


wall = datetime.fromisoformat


def test_seoul_is_nine_hours_ahead() -> None:
    assert to_utc(wall("2026-03-02T10:00"), SEOUL) == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_the_hour_that_spring_skips_does_not_exist() -> None:
    with pytest.raises(TimeDoesNotExist):
        to_utc(wall("2026-03-29T02:00"), BERLIN)
    assert to_utc(wall("2026-03-29T03:00"), BERLIN) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_the_hour_that_autumn_repeats_is_ambiguous_and_both_moments_are_named() -> None:
    with pytest.raises(TimeAmbiguous) as refused:
        to_utc(wall("2026-10-25T02:30"), BERLIN)
    assert refused.value.details == {
        "zone": "Europe/Berlin",
        "earlier": "2026-10-25T00:30:00Z",
        "later": "2026-10-25T01:30:00Z",
    }


@pytest.mark.parametrize("name", ["Asia/Nowhere", "", "../etc/passwd", "/etc/localtime", "Asia\0", "가" * 200])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ZoneUnknown):
        zone_of(name)


@given(st.sampled_from(ZONES), st.datetimes(wall("2020-01-01"), wall("2040-01-01")))
def test_a_time_that_is_accepted_shows_the_same_on_the_wall(name: str, local: datetime) -> None:
    zone = ZoneInfo(name)
    try:
        moment = to_utc(local, zone)
    except (TimeDoesNotExist, TimeAmbiguous):
        return
    assert moment.astimezone(zone).replace(tzinfo=None) == local.replace(fold=0)


@given(st.sampled_from(ZONES), st.datetimes(wall("2020-01-01"), wall("2040-01-01")))
def test_a_real_moment_is_found_again_unless_the_clock_shows_it_twice(name: str, utc: datetime) -> None:
    moment, zone = utc.replace(tzinfo=UTC), ZoneInfo(name)
    local = moment.astimezone(zone).replace(tzinfo=None)
    try:
        assert to_utc(local, zone) == moment
    except TimeAmbiguous as refused:
        moments = {datetime.fromisoformat(str(refused.details[which])) for which in ("earlier", "later")}
        assert moment.replace(microsecond=0) in {one.replace(microsecond=0) for one in moments}
