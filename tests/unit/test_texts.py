"""Texts of several lines as they are stored."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.texts import clean_lines


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("첫째 줄\r\n둘째 줄\r셋째 줄", "첫째 줄\n둘째 줄\n셋째 줄"),
        ("a\u202eb\u0000c", "abc"),
        ("\u1112\u1161\u11ab", "한"),
        ("<b>진하게</b>\t끝", "<b>진하게</b>\t끝"),
        ("👩\u200d🏫", "👩\u200d🏫"),
    ],
)
def test_a_text_keeps_what_people_see(typed: str, stored: str) -> None:
    assert clean_lines(typed) == stored


@given(text=st.text())
def test_cleaning_again_changes_nothing_and_leaves_nothing_a_database_refuses(text: str) -> None:
    cleaned = clean_lines(text)
    assert clean_lines(cleaned) == cleaned
    assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in cleaned)
    cleaned.encode()
