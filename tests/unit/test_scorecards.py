"""Scorecards: each interviewer judges alone."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.interviews import (
    Application,
    Attribute,
    Decision,
    DecisionReasonMissing,
    Kit,
    OwnScorecardFirst,
    Question,
    RatingUnknown,
    Recommendation,
    Scorecard,
    ScorecardIncomplete,
    ScorecardStatus,
    ScorecardSubmitted,
    blank_scorecard,
    cards_of_others,
    decide,
    fill,
    submit,
)

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ANCHORS = {1: "설명이 어렵다", 3: "스스로 설명한다", 5: "수치로 설명한다"}
KIT = Kit(
    questions=(Question("q1", "재고 차이를 찾은 경험", 5),),
    attributes=(Attribute("accuracy", "정확성", ANCHORS), Attribute("speech", "의사소통", ANCHORS)),
)
PANEL = ["lead", "second"]


def a_draft(by: str, ratings: Mapping[str, int] | None = None) -> Scorecard:
    full = {"accuracy": 4, "speech": 3} if ratings is None else ratings
    return fill(blank_scorecard("a1", by), KIT, full, Recommendation.YES, "차분함")


def a_submitted(by: str) -> Scorecard:
    return submit(a_draft(by), KIT, NOW)


def test_a_card_begins_unwritten_and_becomes_a_draft() -> None:
    assert blank_scorecard("a1", "lead").status is ScorecardStatus.NOT_STARTED
    assert a_draft("lead").status is ScorecardStatus.DRAFT


def test_a_card_without_every_rating_is_not_submitted() -> None:
    with pytest.raises(ScorecardIncomplete):
        submit(a_draft("lead", {"accuracy": 4}), KIT, NOW)


def test_a_card_without_a_recommendation_is_not_submitted() -> None:
    card = fill(blank_scorecard("a1", "lead"), KIT, {"accuracy": 4, "speech": 3}, None, "")
    with pytest.raises(ScorecardIncomplete):
        submit(card, KIT, NOW)


def test_a_submitted_card_is_locked() -> None:
    card = a_submitted("lead")
    with pytest.raises(ScorecardSubmitted):
        fill(card, KIT, {}, None, "")
    with pytest.raises(ScorecardSubmitted):
        submit(card, KIT, NOW)


@given(attribute=st.sampled_from(["accuracy", "speech"]), rating=st.integers().filter(lambda r: not 1 <= r <= 5))
def test_a_rating_lies_between_one_and_five(attribute: str, rating: int) -> None:
    with pytest.raises(RatingUnknown):
        a_draft("lead", {attribute: rating})


def test_a_rating_of_something_not_in_the_kit_is_refused() -> None:
    with pytest.raises(RatingUnknown):
        a_draft("lead", {"age": 3})


@pytest.mark.parametrize("own", [[], [blank_scorecard("a1", "second")], [a_draft("second")]])
def test_the_others_card_is_hidden_until_ones_own_is_submitted(own: list[Scorecard]) -> None:
    with pytest.raises(OwnScorecardFirst):
        cards_of_others([a_submitted("lead"), *own], PANEL, "second")


def test_after_submitting_the_others_submitted_card_is_shown() -> None:
    found = cards_of_others([a_submitted("lead"), a_submitted("second")], PANEL, "second")
    assert [card.interviewer_id for card in found] == ["lead"]


def test_anothers_draft_is_never_shown() -> None:
    assert cards_of_others([a_draft("lead"), a_submitted("second")], PANEL, "second") == []


def test_someone_who_decides_without_interviewing_sees_submitted_cards_only() -> None:
    found = cards_of_others([a_draft("lead"), a_submitted("second")], PANEL, "hr")
    assert [card.interviewer_id for card in found] == ["second"]


def an_application() -> Application:
    return Application(id="ap1", tenant_id="employer", posting_id="p1", seeker_id="seeker", applied_at=NOW)


def test_a_decision_names_the_person_who_made_it() -> None:
    decided = decide(an_application(), Decision.PASSED, "", "lead", NOW)
    assert (decided.decision, decided.decided_by, decided.decided_at) == (Decision.PASSED, "lead", NOW)


def test_replacing_a_decision_needs_a_reason() -> None:
    on_hold = decide(an_application(), Decision.ON_HOLD, "", "lead", NOW)
    with pytest.raises(DecisionReasonMissing):
        decide(on_hold, Decision.PASSED, " ", "lead", NOW)
    assert decide(on_hold, Decision.PASSED, "추가 서류 확인", "lead", NOW).decision_reason == "추가 서류 확인"
