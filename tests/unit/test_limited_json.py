"""JSON from strangers is read as the standard says, or refused; never slowly."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling import limited_json
from signaling.limited_json import JsonRefused

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**19), 10**19) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@settings(deadline=None)
@given(values)
def test_what_is_written_is_read_again(value: object) -> None:
    assert limited_json.loads(limited_json.dumps(value)) == value


@settings(deadline=None)
@given(st.text(alphabet='[]{}",:\\0123456789.eE-+truefalsn ', max_size=60))
def test_it_agrees_with_the_standard_reader_or_refuses(text: str) -> None:
    try:
        found = limited_json.loads(text)
    except JsonRefused:
        return
    assert found == json.loads(text)


@pytest.mark.parametrize(
    "text",
    ["[" * 17 + "]" * 17, '{"a":' * 17 + "1" + "}" * 17, "1" * 21, "-" + "9" * 21, "NaN", "Infinity", "1e999", "[1,]"],
)
def test_what_is_deep_long_or_no_number_is_refused(text: str) -> None:
    with pytest.raises(JsonRefused):
        limited_json.loads(text)


@pytest.mark.parametrize("text", ["[" * 16 + "]" * 16, '"' + "[" * 99 + '"', '"' + "1" * 99 + '"', '{"a":"\\"[["}'])
def test_brackets_and_digits_within_strings_do_not_count(text: str) -> None:
    assert limited_json.loads(text) == json.loads(text)


@pytest.mark.parametrize(
    "text", ['"' * 65_535, '"\\"' * 20_000, "[" * 65_535, "\\" * 65_535, '{"' * 30_000, "1" * 65_535]
)
def test_hostile_frames_take_milliseconds(text: str) -> None:
    started_s = time.process_time()
    with pytest.raises(JsonRefused):
        limited_json.loads(text)
    assert time.process_time() - started_s < 0.5
