"""PROTOCOL.md and the front end's types say what the code says."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from server.domain.consent import ItemText, Wording
from signaling.call.conduct import MAX_BOOKMARKS, MAX_NEXT_STEPS
from signaling.call.entering import DROPPED_AFTER, MEDIA_OUTLIVES, RESUME_FOR
from signaling.call.spec import StageSpec
from signaling.call.talk import MAX_LINES
from signaling.client import BURST, EVENTS_PER_S, MAX_UNANSWERED
from signaling.errors import Code
from signaling.gateway import ANSWER_WITHIN_S
from signaling.limited_json import MAX_DEPTH, MAX_DIGITS
from signaling.messages import requests
from signaling.messages.reference import WORDS, meanings_of
from signaling.messages.shapes import MAX_FRAME_BYTES, Message
from signaling.messages.table import HERE, PUSHES, REQUESTS, SEATED, SPEAKERS, STAFF, RequestRule
from signaling.messages.typescript import render
from signaling.presented import MAX_SECRET_CHARS
from signaling.sockets import MAX_UNREAD, PING_EVERY_S, PONG_WITHIN_S, SocketLimits

ROOT = Path(__file__).parents[2]
PROTOCOL = (ROOT / "signaling/PROTOCOL.md").read_text(encoding="utf-8")
CLIENT_SECTION, SERVER_SECTION = PROTOCOL.split("\n## 6. ", 1)


def rows(section: str, columns: int) -> list[tuple[str, ...]]:
    cells = r" \| ".join([r"`([\w.]+)`", *[r"([^|\n]+?)"] * (columns - 1)])
    return re.findall(rf"^\| {cells} \|$", section, re.MULTILINE)


def examples(section: str, event: str) -> list[str]:
    found = re.search(rf"^### `{re.escape(event)}`\n(.*?)(?=^##|\Z)", section, re.MULTILINE | re.DOTALL)
    assert found, f"{event} has no part in PROTOCOL.md"
    return re.findall(r"```json\n(.*?)```", found[1], re.DOTALL)


def described(event: str, rule: RequestRule) -> tuple[str, ...]:
    who = (
        "hosting"
        if rule.hosting
        else "staff"
        if rule.roles == STAFF
        else "speakers"
        if rule.roles == SPEAKERS
        else "all"
    )
    when = {SEATED: "seated", HERE: "here"}[rule.presence]
    return event, who, when, str(rule.max_bytes), ", ".join(rule.journal) or f"none: {rule.unjournalled}"


def test_the_table_of_requests_is_the_table_in_code() -> None:
    assert rows(CLIENT_SECTION, 5) == [described(event, rule) for event, rule in REQUESTS.items()]


def test_the_table_of_pushes_is_the_table_in_code() -> None:
    assert rows(SERVER_SECTION.split("\n## 7. ")[0], 3) == [
        (event, push.to, "its own" if event == "state" else "next" if push.delta else "none")
        for event, push in PUSHES.items()
    ]


def test_every_code_is_explained_and_nothing_else() -> None:
    assert [code for code, _ in rows(PROTOCOL.split("\n## 7. ")[1], 2)] == [code.value for code in Code]


LIMITS, STAGE = SocketLimits(), StageSpec()
IN_LETTERS = {5: "five", 9: "nine"}


@pytest.mark.parametrize(
    "said",
    [
        f"A frame is at most\n{MAX_FRAME_BYTES:,} bytes, JSON at most {MAX_DEPTH} levels deep",
        f"a number at most {MAX_DIGITS} digits",
        f"pings every {PING_EVERY_S} s and\ngives up {PONG_WITHIN_S} s later",
        f"has not joined the namespace within {LIMITS.join_within_s:.0f} s is closed",
        f"while {LIMITS.unjoined_per_address} of one address or {LIMITS.unjoined:,} of all are joining",
        f"leaves {MAX_UNREAD:,} events unread is closed",
        f"at most {MAX_SECRET_CHARS} characters long",
        f"while the connection lives and {RESUME_FOR.total_seconds() / 60:.0f} minutes longer",
        f"goes on without the connection for {MEDIA_OUTLIVES.seconds} s",
        f"after {DROPPED_AFTER.seconds} s `dropped`",
        f"At most {EVENTS_PER_S:.0f} events per second, {BURST:.0f} in a burst",
        f"{MAX_UNANSWERED} that wait for their answer",
        f"an answer comes within {ANSWER_WITHIN_S:.0f} s",
        f"`too_many` ({MAX_LINES:,} lines in the call)",
        f"`too_many` ({MAX_BOOKMARKS})",
        f"`too_many` ({MAX_NEXT_STEPS})",
        f"at most {IN_LETTERS[STAGE.narrow]} for a narrow screen (a telephone's)",
        f"one of at most {IN_LETTERS[STAGE.wide]} for a wide one",
    ],
)
def test_a_limit_that_the_page_names_is_the_limit_in_code(said: str) -> None:
    assert said in PROTOCOL


def test_every_word_of_the_state_says_what_it_means() -> None:
    for enum in WORDS.values():
        assert list(meanings_of(enum)) == [word.value for word in enum]


@pytest.mark.parametrize("event", REQUESTS)
def test_the_examples_of_a_request_are_valid(event: str) -> None:
    request, *answer = examples(CLIENT_SECTION, event)
    rule = REQUESTS[event]
    rule.model.model_validate_json(request)
    assert len(request.encode()) < rule.max_bytes
    assert bool(answer) == (rule.answer not in (requests.Answer, PUSHES["state"].model))
    for example in answer:
        rule.answer.model_validate_json(example)


@pytest.mark.parametrize("event", PUSHES)
def test_the_example_of_a_push_is_valid_and_complete(event: str) -> None:
    (example,) = examples(SERVER_SECTION, event)
    parsed = PUSHES[event].model.model_validate_json(example)
    assert set(json.loads(example)) == set(type(parsed).model_fields)


def test_the_example_of_a_consent_item_has_all_the_words_that_are_sent() -> None:
    (example,) = examples(SERVER_SECTION, "consent.ask")
    (item,) = json.loads(example)["consent"]["items"]
    assert item.keys() == {field.name for field in fields(ItemText)}
    for language in ("ko", "en"):
        assert item[language].keys() == {field.name for field in fields(Wording)}


def test_every_event_says_what_the_journal_keeps_or_why_nothing() -> None:
    assert [event for event, rule in REQUESTS.items() if bool(rule.journal) == bool(rule.unjournalled)] == []


def test_pushes_that_change_the_state_carry_a_revision_and_no_others() -> None:
    with_rev = {event for event, push in PUSHES.items() if "rev" in push.model.model_fields}
    assert with_rev == {event for event, push in PUSHES.items() if push.delta} | {"state"}


def test_every_shape_has_a_sentence() -> None:
    shapes: list[type[Message]] = [rule.model for rule in REQUESTS.values()] + [push.model for push in PUSHES.values()]
    assert [shape.__name__ for shape in shapes if not shape.__doc__] == []


def test_the_types_of_the_front_end_are_current() -> None:
    assert (ROOT / "web/src/net/messages.gen.ts").read_text(encoding="utf-8") == render(), (
        "run: python -m signaling.messages.typescript > web/src/net/messages.gen.ts"
    )
