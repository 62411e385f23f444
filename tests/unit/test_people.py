"""Names and numbers as people type them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.people import NAME_MAX_BYTES, NAME_MAX_CHARACTERS, NameInvalid, PhoneInvalid, clean_name, clean_phone


@given(st.text(max_size=300))
def test_a_name_that_is_kept_is_short_normal_and_all_visible(text: str) -> None:
    try:
        name = clean_name(text)
    except NameInvalid:
        return
    assert 1 <= len(name) <= NAME_MAX_CHARACTERS
    assert len(name.encode()) <= NAME_MAX_BYTES
    assert unicodedata.normalize("NFC", name) == name
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs"}
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  정\u202e하늘\u200f ", "정하늘"),
        ("정 하늘".encode().decode(), "정 하늘"),
        (unicodedata.normalize("NFD", "정하늘"), "정하늘"),
        ("Anna\u0000\u001b[31m Müller", "Anna[31m Müller"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("정\n하늘\t씨", "정 하늘 씨"),
    ],
)
def test_marks_are_taken_out_and_text_stays(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u202e\u200b", "가" * 61, "𝔛" * 61, "가" * 1366])
def test_too_little_and_too_much_are_refused(typed: str) -> None:
    with pytest.raises(NameInvalid):
        clean_name(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("010-1234-5678", "01012345678"), ("+82 10 1234 5678", "+821012345678"), ("(02) 123.4567", "021234567")],
)
def test_numbers_are_kept_without_what_only_separates(typed: str, kept: str) -> None:
    assert clean_phone(typed) == kept


@pytest.mark.parametrize("typed", ["", "1234567", "0" * 16, "010-1234-567a", "٠١٠١٢٣٤٥٦٧٨", "+", "--------"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(PhoneInvalid):
        clean_phone(typed)
