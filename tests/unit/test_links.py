"""Links, visits and secrets: what still opens a door, and why not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.links import (
    Link,
    LinkExpired,
    LinkGarbled,
    LinkRevoked,
    LinkUnknown,
    Visit,
    VisitOver,
    check_link,
    check_secret,
    check_visit,
    hash_of,
)
from server.domain.organisations import Tenant, TenantKind
from tests.builders import appointment

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LINK = Link(secret_hash="h", seat_id="s", issued_at=NOW, issued_by="p", revoked_at=None)
CENTRE = Tenant(id="t", kind=TenantKind.CENTRE, name="견본센터", phone="0212345678", zone="Asia/Seoul")
VISIT = Visit(secret_hash="v", seat_id="s", link_hash="h", started_at=NOW, expires_at=NOW + timedelta(hours=24))


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_secret_by_shape_or_garbled(text: str) -> None:
    try:
        assert check_secret(text) == text
    except LinkGarbled:
        return
    assert text.isascii()
    assert 22 <= len(text) <= 64


def test_a_link_says_why_it_opens_nothing() -> None:
    booked = appointment()
    check_link(LINK, booked, CENTRE, NOW)
    with pytest.raises(LinkUnknown):
        check_link(None, None, None, NOW)
    with pytest.raises(LinkRevoked):
        check_link(replace(LINK, revoked_at=NOW), booked, CENTRE, NOW)
    with pytest.raises(LinkExpired):
        check_link(LINK, booked, CENTRE, booked.ends_at + timedelta(days=7))


def test_a_visit_ends_with_its_day_and_with_its_link() -> None:
    assert check_visit(VISIT, LINK, NOW) is VISIT
    for visit, link, now in [
        (None, LINK, NOW),
        (VISIT, None, NOW),
        (VISIT, replace(LINK, revoked_at=NOW), NOW),
        (VISIT, LINK, VISIT.expires_at),
    ]:
        with pytest.raises(VisitOver):
            check_visit(visit, link, now)


def test_a_hash_tells_nothing_of_the_secret_but_is_the_same_each_time() -> None:
    assert hash_of("secret") == hash_of("secret") != hash_of("secret ")
    assert len(hash_of("")) == 64
