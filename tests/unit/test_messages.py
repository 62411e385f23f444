"""Requests from strangers: exactly the documented shapes, and nothing else, ever."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.errors import Code, ProtocolError
from signaling.messages.shapes import Message
from signaling.messages.table import PUSHES, REQUESTS, parse_request

ID = "a" * 32
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def parsed(event: str, data: Any) -> Message | None:
    """The request; None for a `ProtocolError`; any other exception is a failure of the test."""
    with contextlib.suppress(ProtocolError):
        return parse_request(event, data)
    return None


@settings(deadline=None)
@given(st.sampled_from(sorted(REQUESTS)) | st.text(max_size=12), json_values)
def test_anything_at_all_is_a_request_or_a_protocol_error(event: str, data: Any) -> None:
    request = parsed(event, data)
    assert request is None or isinstance(request, REQUESTS[event].model)


@settings(deadline=None)
@given(st.data())
def test_a_request_with_one_field_spoilt_is_refused_or_still_typed(data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(sorted(EXAMPLES)))
    spoilt = dict(EXAMPLES[event])
    spoilt[data.draw(st.sampled_from([*spoilt, "surplus"]))] = data.draw(json_values)
    assert parsed(event, spoilt) is None or "surplus" not in spoilt


EXAMPLES: dict[str, dict[str, Any]] = {
    "up.offer": {"neg": 1, "sdp": "v=0", "tracks": [{"mid": "0", "source": "mic"}]},
    "down.want": {"rev": 1, "tracks": [{"track": "s.mic", "max_height": 0, "visible": True, "priority": 1}]},
    "chat.send": {"id": ID, "to": "all", "text": "안녕"},
    "next_step.add": {"id": ID, "text": "할 일", "due": "2026-12-01"},
    "consent.answer": {"item": "sound", "answer": "later", "text_version": "v1", "lang": "ko"},
    "media.reset": {"pc": "up"},
}


@pytest.mark.parametrize("event", EXAMPLES)
def test_the_examples_are_good(event: str) -> None:
    parse_request(event, EXAMPLES[event])


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("up.state", {"mid": "0", "muted": 1}),
        ("up.offer", {"neg": "1", "sdp": "v=0", "tracks": []}),
        ("up.offer", {"neg": 1, "sdp": "x" * 24_577, "tracks": []}),
        ("down.want", {"rev": 1, "tracks": [{"track": "../../x", "max_height": 0, "visible": True}]}),
        ("chat.send", {"id": ID.upper(), "to": "all", "text": "x"}),
        ("chat.send", {"id": ID, "to": "everybody", "text": "x"}),
        ("chat.send", {"id": ID, "to": "all", "text": " \u202e\u0000 "}),
        ("lobby.admit", {"seat": "x" * 65}),
        ("next_step.add", {"id": ID, "text": "x", "due": "tomorrow"}),
        ("hand.raise", []),
        ("hand.raise", None),
    ],
)
def test_almost_right_is_wrong(event: str, data: Any) -> None:
    with pytest.raises(ProtocolError, check=lambda error: error.code == Code.MALFORMED):
        parse_request(event, data)


def test_text_loses_what_misleads_and_keeps_its_words() -> None:
    request = parse_request(
        "chat.send", {"id": ID, "to": "all", "text": " \u202e<b>1\u1112\u1161\u11ab\u0007</b>\n둘 "}
    )
    assert request.model_dump()["text"] == "<b>1한</b>\n둘"


def test_an_error_names_the_field_and_never_repeats_the_value() -> None:
    with pytest.raises(ProtocolError) as caught:
        parse_request("consent.answer", {**EXAMPLES["consent.answer"], "lang": "secret-value"})
    assert caught.value.message.startswith("lang: ")
    assert "secret-value" not in caught.value.message


def test_no_push_is_named_like_a_request_unless_it_answers_one() -> None:
    assert set(PUSHES) & set(REQUESTS) == {"media.reset"}


def test_what_is_wanted_and_counted_in_a_room_of_twenty_fits_its_limits() -> None:
    names = [f"{number:032x}.{source}" for number in range(19) for source in ("mic", "camera")]
    names += [f"{0:032x}.screen", f"{0:032x}.screen_audio"]
    wanted = [{"track": name, "max_height": 1080, "visible": False, "priority": 100} for name in names]
    counted = {"lost_percent": 1 / 3, "freezes": 10, "height": 1080, "frames_per_s": 100 / 3, "jitter_buffer_ms": 2 / 3}
    stats = [{"track": name, "concealed_percent": 1 / 3, **counted} for name in names]
    for event, data in (("down.want", {"rev": 10**6, "tracks": wanted}), ("media.stats", {"tracks": stats})):
        parse_request(event, data)
        assert len(json.dumps(data, separators=(",", ":"))) <= REQUESTS[event].max_bytes
