"""Postings and applications: what may be typed, what an edit keeps, and who is the same person."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import pytest

from server.domain.interviews import Application, Attribute, Kit, Posting, Question
from server.domain.postings import (
    AlreadyApplied,
    ApplicationWithdrawn,
    KitDraft,
    KitInvalid,
    PostingChangedElsewhere,
    PostingTitleInvalid,
    agenda_of,
    applied_again,
    clean_title,
    edited,
    kit_of,
    same_name,
    spellings,
    withdrawn,
)

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ANCHORS = {1: "어렵다", 3: "스스로 한다", 5: "남을 돕는다"}
KIT = Kit((Question("q1", "재고 차이", 5), Question("q2", "자기소개", 3)), (Attribute("a1", "정확성", ANCHORS),))
POSTING = Posting(id="p1", tenant_id="employer", title="물류 사무원", kit=KIT, created_at=NOW)
APPLICATION = Application(id="ap1", tenant_id="employer", posting_id="p1", seeker_id="s1", applied_at=NOW)


def numbered() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"new{next(numbers)}"


def test_what_says_the_same_keeps_its_id_wherever_it_stands_now() -> None:
    draft = KitDraft(questions=[("자기소개", 3), ("재고 차이", 6)], attributes=[("정확성", ANCHORS)])
    kit = kit_of(draft, KIT, numbered())
    assert [one.id for one in kit.questions] == ["q2", "new1"]
    assert kit.attributes == KIT.attributes


def test_two_questions_that_say_the_same_have_two_ids() -> None:
    kit = kit_of(KitDraft(questions=[("자기소개", 3), ("자기소개", 3)], attributes=[]), KIT, numbered())
    assert [one.id for one in kit.questions] == ["q2", "new1"]


@pytest.mark.parametrize("text", ["", "  ", "\u202e\u200b"])
def test_a_kit_without_words_is_refused(text: str) -> None:
    for draft in (
        KitDraft(questions=[(text, 3)], attributes=[]),
        KitDraft(questions=[], attributes=[(text, ANCHORS)]),
        KitDraft(questions=[], attributes=[("정확성", {**ANCHORS, 3: text})]),
    ):
        with pytest.raises(KitInvalid):
            kit_of(draft, KIT, numbered())


def test_a_kit_is_stored_without_invisible_marks_and_says_what_one_three_and_five_mean() -> None:
    draft = KitDraft(questions=[("자기\u202e소개\n", 3)], attributes=[("정확성", {**ANCHORS, 2: "그 사이"})])
    kit = kit_of(draft, Kit((), ()), numbered())
    assert kit.questions[0].text == "자기소개"
    assert kit.attributes[0].anchors == ANCHORS


@pytest.mark.parametrize("typed", ["", " \u200b", "가" * 101])
def test_a_title_has_one_to_a_hundred_characters(typed: str) -> None:
    with pytest.raises(PostingTitleInvalid):
        clean_title(typed)
    assert clean_title("  물류\n사무원 ") == "물류 사무원"


def test_an_edit_of_what_somebody_else_changed_is_refused() -> None:
    once = edited(POSTING, "물류 사무원 (야간)", KIT, 1)
    assert (once.title, once.version) == ("물류 사무원 (야간)", 2)
    with pytest.raises(PostingChangedElsewhere):
        edited(once, "물류 사무원", KIT, 1)


def test_an_agenda_is_a_copy_of_the_questions_in_order() -> None:
    items = agenda_of(KIT, numbered())
    assert [(item.text, item.minutes) for item in items] == [("재고 차이", 5), ("자기소개", 3)]
    assert {item.id for item in items} == {"new1", "new2"}


def test_an_application_is_withdrawn_once_and_can_be_made_again() -> None:
    gone = withdrawn(APPLICATION, "다른 곳에 취업", NOW)
    assert (gone.withdrawn_at, gone.withdrawal_reason) == (NOW, "다른 곳에 취업")
    with pytest.raises(ApplicationWithdrawn):
        withdrawn(gone, "다시", NOW)
    assert applied_again(gone, NOW) == APPLICATION
    with pytest.raises(AlreadyApplied):
        applied_again(APPLICATION, NOW)


@pytest.mark.parametrize(
    ("phone", "found"),
    [
        ("01012345678", {"01012345678", "+821012345678"}),
        ("+821012345678", {"01012345678", "+821012345678"}),
        ("+4915112345678", {"+4915112345678"}),
        ("15881234", {"15881234"}),
    ],
)
def test_a_korean_number_is_the_same_with_and_without_the_countrys_code(phone: str, found: set[str]) -> None:
    assert set(spellings(phone)) == found


def test_a_name_is_the_same_whatever_its_spaces_and_capitals() -> None:
    assert same_name("김 하나", "김하나")
    assert same_name("Anna Müller", "ANNA MÜLLER")
    assert not same_name("김하나", "김한나")
