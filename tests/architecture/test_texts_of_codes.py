"""Whatever a page can be refused has words for people, in both languages, where that page looks for them."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from server.domain.errors import Refused
from signaling.errors import Code
from tests.architecture.test_refusals import REFUSALS

LOCALES = Path(__file__).parents[2] / "web/src/locales"
LANGUAGES = ("ko", "en")

# Refusals of no one page: of the doors, of storage, of what every request has in common.
ANYWHERE = ("server.domain.errors", "server.api.errors", "server.api.idempotency", "server.storage")
OF_THE_SEEKERS_WAY = {
    "appointment_cancelled",
    "consent_item_unknown",
    "consent_text_changed",
    "name_invalid",
    "nodes_full",
    "not_yet_open",
    "room_not_ready",
    "rules_not_accepted",
    "ticket_refused",
    "visit_over",
}
OF_THE_STAFF_DOOR = {
    "appointment_cancelled",
    "appointment_ended",
    "nodes_full",
    "no_seat",
    "not_yet_open",
    "room_not_ready",
    "seat_revoked",
}
# A socket that does not open, or says goodbye: each side has its own page about it.
OF_THE_SOCKETS_DOOR = {
    Code.AUTH_REQUIRED,
    Code.BAD_SDP,
    Code.BUSY,
    Code.INTERNAL,
    Code.NODE_UNAVAILABLE,
    Code.NODES_FULL,
    Code.RESUME_INVALID,
    Code.TICKET_INVALID,
    Code.UNKNOWN_CALL,
}
# No page meets these as a refusal.
NEVER_TOLD = {
    "email_taken",  # of `ieum admin`
    "password_too_short",  # of `ieum admin`
    Code.LEFT,  # one's own doing, with a page of its own
    Code.MOVED,  # a page of its own
    Code.RESTARTING,  # the page resumes by itself
    Code.VERSION_MISMATCH,  # between a node and web
}
# The page itself found out.
OF_THE_PAGE = {"title", "offline", "unexpected"}


@cache
def texts(language: str, area: str) -> dict[str, str]:
    """The texts of problems in one area, by code."""
    found: dict[str, str] = json.loads((LOCALES / language / f"{area}.json").read_text()).get("problem", {})
    return found


def areas() -> list[str]:
    return [path.stem for path in (LOCALES / "ko").glob("*.json")]


def untold(codes: Iterable[str], *where: str) -> set[tuple[str, str]]:
    """Which of these have no text in any of these areas, and in which language."""
    return {
        (language, str(code))
        for language in LANGUAGES
        for code in codes
        if code not in NEVER_TOLD and not any(texts(language, area).get(code) for area in where)
    }


def test_every_refusal_of_the_server_has_a_text() -> None:
    # A link that opens nothing has a page of its own, and the same codes for a shared summary.
    assert untold((refusal.code for refusal in REFUSALS), *areas()) == set()


def test_what_any_request_can_be_refused_has_a_text_on_every_page() -> None:
    refusals: list[type[Refused]] = [*REFUSALS, Refused]
    anywhere = [refusal.code for refusal in refusals if refusal.__module__.startswith(ANYWHERE)]
    assert untold(set(anywhere) - {"refused"}, "common") == set()


@pytest.mark.parametrize(
    ("area", "codes"),
    [("join", OF_THE_SEEKERS_WAY), ("room", OF_THE_STAFF_DOOR), ("join", OF_THE_SOCKETS_DOOR), ("room", set(Code))],
    ids=["the seeker's way", "the staff's door", "the socket's door", "in the room"],
)
def test_a_page_has_the_texts_of_what_it_can_be_refused(area: str, codes: set[str]) -> None:
    assert untold(codes, area, "common") == set()


def test_no_text_is_about_a_code_that_does_not_exist() -> None:
    codes = {refusal.code for refusal in REFUSALS} | set(Code) | OF_THE_PAGE
    assert {code for area in areas() for code in texts("ko", area)} - codes == set()
