"""The session note: drafted, signed, then only amended."""

from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.domain.notes import (
    NoteChanged,
    NoteEmpty,
    NoteLocked,
    NoteNotSigned,
    NoteStatus,
    NotTheAuthor,
    SessionNote,
    amend,
    sign,
    write,
)

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def a_draft(text: str = "이력서 보완을 함께 정함") -> SessionNote:
    return SessionNote(
        id="n1",
        tenant_id="centre",
        appointment_id="a1",
        seeker_id="seeker",
        author_id="author",
        text=text,
        version=1,
        status=NoteStatus.DRAFT,
        updated_at=NOW,
    )


def test_a_draft_is_overwritten_and_its_version_grows() -> None:
    note = write(a_draft(), "고침", 1, "author", NOW)
    assert (note.text, note.version) == ("고침", 2)


def test_a_second_tab_cannot_overwrite_what_it_has_not_read() -> None:
    note = write(a_draft(), "첫째 창", 1, "author", NOW)
    with pytest.raises(NoteChanged):
        write(note, "둘째 창", 1, "author", NOW)


def test_a_colleague_can_neither_change_nor_sign_nor_amend() -> None:
    with pytest.raises(NotTheAuthor):
        write(a_draft(), "x", 1, "colleague", NOW)
    with pytest.raises(NotTheAuthor):
        sign(a_draft(), 1, "colleague", NOW)
    with pytest.raises(NotTheAuthor):
        amend(sign(a_draft(), 1, "author", NOW), "x", "y", "colleague", NOW)


def test_a_signed_note_is_never_overwritten() -> None:
    note = sign(a_draft(), 1, "author", NOW)
    with pytest.raises(NoteLocked):
        write(note, "다른 글", 1, "author", NOW)
    with pytest.raises(NoteLocked):
        sign(note, 1, "author", NOW)


def test_what_is_signed_is_what_was_read() -> None:
    note = write(a_draft(), "나중 글", 1, "author", NOW)
    with pytest.raises(NoteChanged):
        sign(note, 1, "author", NOW)


def test_an_empty_note_is_not_signed() -> None:
    with pytest.raises(NoteEmpty):
        sign(a_draft("  \n"), 1, "author", NOW)


def test_a_draft_is_not_amended() -> None:
    with pytest.raises(NoteNotSigned):
        amend(a_draft(), "덧붙임", "빠뜨림", "author", NOW)


def test_an_amendment_needs_a_text_and_a_reason() -> None:
    note = sign(a_draft(), 1, "author", NOW)
    for text, reason in (("", "빠뜨림"), ("덧붙임", " ")):
        with pytest.raises(NoteEmpty):
            amend(note, text, reason, "author", NOW)


class NoteHistory(RuleBasedStateMachine):
    """Whatever is tried, the signed text stays and the amendments only grow."""

    def __init__(self) -> None:
        super().__init__()
        self.note = a_draft()
        self.signed_text: str | None = None
        self.amended: list[str] = []

    @rule(text=st.text(max_size=20), stale=st.booleans())
    def writes(self, text: str, stale: bool) -> None:
        try:
            self.note = write(self.note, text, self.note.version - stale, "author", NOW)
        except (NoteLocked, NoteChanged):
            return
        assert self.signed_text is None

    @rule()
    def signs(self) -> None:
        try:
            self.note = sign(self.note, self.note.version, "author", NOW)
        except (NoteLocked, NoteEmpty):
            return
        assert self.signed_text is None
        self.signed_text = self.note.text

    @precondition(lambda self: self.signed_text is not None)
    @rule(text=st.text(min_size=1, max_size=20).filter(str.strip))
    def amends(self, text: str) -> None:
        self.note = amend(self.note, text, "사유", "author", NOW)
        self.amended.append(text)

    @invariant()
    def the_signed_text_stays(self) -> None:
        assert self.signed_text is None or self.note.text == self.signed_text
        assert [a.text for a in self.note.amendments] == self.amended
        assert [a.number for a in self.note.amendments] == list(range(1, len(self.amended) + 1))


TestNoteHistory = NoteHistory.TestCase
