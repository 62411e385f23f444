"""Consent: what is asked when, by which version, and which answer counts."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.appointments import Kind
from server.domain.consent import (
    Answer,
    Circumstances,
    ConsentAnswer,
    ConsentItemUnknown,
    ConsentTextChanged,
    Item,
    check_answers,
    standing,
    texts_for,
)
from server.domain.people import Language

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
INTERVIEW = Circumstances(
    kind=Kind.INTERVIEW, recording=True, owner="누리물류(견본)", centre="한빛고용센터(견본)", keep_days=30
)
SHOWN = texts_for(INTERVIEW)


def given_answers(*answers: tuple[Item, Answer, str]) -> list[ConsentAnswer]:
    return [
        ConsentAnswer(
            seat_id="s",
            person_id="p",
            item=item,
            answer=answer,
            text_version=version,
            lang=Language.KO,
            channel="page",
            answered_at=NOW + timedelta(seconds=number),
        )
        for number, (item, answer, version) in enumerate(answers)
    ]


def test_nothing_is_asked_where_nothing_is_recorded() -> None:
    assert texts_for(replace(INTERVIEW, recording=False)).items == ()


def test_sharing_is_asked_only_where_there_is_a_named_recipient() -> None:
    def items(case: Circumstances) -> list[Item]:
        return [text.item for text in texts_for(case).items]

    assert items(INTERVIEW) == [Item.SOUND, Item.PICTURE, Item.CENTRE_SHARING]
    assert items(replace(INTERVIEW, centre=None)) == [Item.SOUND, Item.PICTURE]
    assert items(replace(INTERVIEW, kind=Kind.COUNSELLING)) == [Item.SOUND, Item.PICTURE]


@pytest.mark.parametrize(
    "changed", [{"owner": "다른 곳"}, {"keep_days": 31}, {"centre": "다른 센터"}, {"kind": Kind.COUNSELLING}]
)
def test_any_other_word_is_another_version(changed: dict[str, object]) -> None:
    assert texts_for(replace(INTERVIEW, **changed)).version != SHOWN.version  # type: ignore[arg-type]  # by name
    assert texts_for(INTERVIEW).version == SHOWN.version


def test_every_item_is_complete_in_both_languages() -> None:
    for text in SHOWN.items:
        for wording in (text.ko, text.en):
            assert all(value for key, value in asdict(wording).items() if key != "note")


def test_answers_to_other_words_or_other_items_are_refused() -> None:
    check_answers(SHOWN, SHOWN.version, [Item.SOUND])
    with pytest.raises(ConsentTextChanged):
        check_answers(SHOWN, "old", [Item.SOUND])
    unrecorded = texts_for(replace(INTERVIEW, recording=False))
    with pytest.raises(ConsentItemUnknown):
        check_answers(unrecorded, unrecorded.version, [Item.SOUND])


@given(st.lists(st.tuples(st.sampled_from(Item), st.sampled_from(Answer), st.sampled_from([SHOWN.version, "old"]))))
def test_the_latest_answer_to_the_words_shown_now_counts(given_: Sequence[tuple[Item, Answer, str]]) -> None:
    now = standing(given_answers(*given_), SHOWN)
    for item in Item:
        last = next((one for one in reversed(given_) if one[0] is item), None)
        wanted = last[1] if last is not None and last[2] == SHOWN.version else Answer.UNANSWERED
        assert now[item] is wanted
