"""The summary: drafted from facts, approved by a person, shared as a separate act."""

from datetime import UTC, datetime

import pytest

from server.domain.appointments import Kind
from server.domain.summaries import (
    MACHINE,
    Line,
    LineEdit,
    LineUnknown,
    Summary,
    SummaryApproved,
    SummaryChanged,
    SummaryEmpty,
    SummaryIsShared,
    SummaryNotApproved,
    SummaryNotShareable,
    SummaryStatus,
    approve,
    edit,
    share,
    unshare,
)

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def a_line(line_id: str, text: str = "구직 목표를 확인함") -> Line:
    return Line(line_id, "agenda", text, "Agreed on the goal", 61.5, ("c1:1:1:7",), MACHINE)


def a_draft(*lines: Line) -> Summary:
    return Summary(
        id="s1",
        tenant_id="centre",
        appointment_id="a1",
        lines=lines or (a_line("l1"), a_line("l2")),
        version=1,
        status=SummaryStatus.DRAFTED,
        drafted_at=NOW,
    )


def as_is(line: Line) -> LineEdit:
    return LineEdit(line.id, line.text_ko, line.text_en)


def test_a_drafted_line_without_evidence_cannot_exist() -> None:
    with pytest.raises(ValueError, match="at least one fact"):
        Line("l1", "agenda", "근거 없음", "No evidence", None, (), MACHINE)


def test_an_unchanged_line_keeps_its_author_and_a_changed_one_takes_the_editors() -> None:
    draft = a_draft()
    edited = edit(draft, [as_is(draft.lines[0]), LineEdit("l2", "다시 씀", "Rewritten")], [], 1, "kim")
    assert [line.author for line in edited.lines] == [MACHINE, "kim"]
    assert edited.lines[1].evidence == draft.lines[1].evidence
    assert edited.status is SummaryStatus.IN_REVIEW


def test_an_added_line_belongs_to_the_person_who_wrote_it() -> None:
    edited = edit(a_draft(), [LineEdit(None, "덧붙임", "Added")], ["new"], 1, "kim")
    assert edited.lines == (Line("new", "note", "덧붙임", "Added", None, (), "kim"),)


def test_saving_without_a_change_changes_nothing() -> None:
    draft = a_draft()
    assert edit(draft, [as_is(line) for line in draft.lines], [], 1, "kim") is draft


@pytest.mark.parametrize("ids", [["nobody"], ["l1", "l1"]])
def test_a_line_that_is_not_there_cannot_be_changed(ids: list[str]) -> None:
    with pytest.raises(LineUnknown):
        edit(a_draft(), [LineEdit(i, "x", "x") for i in ids], [], 1, "kim")


def test_a_second_tab_cannot_overwrite_or_approve_what_it_has_not_read() -> None:
    edited = edit(a_draft(), [LineEdit("l1", "먼저", "First")], [], 1, "kim")
    with pytest.raises(SummaryChanged):
        edit(edited, [LineEdit("l1", "나중", "Later")], [], 1, "kim")
    with pytest.raises(SummaryChanged):
        approve(edited, 1, "kim", NOW)


def test_an_approval_names_the_person_and_does_not_outlive_a_change() -> None:
    approved = approve(a_draft(), 1, "kim", NOW)
    assert (approved.status, approved.approved_by, approved.approved_at) == (SummaryStatus.APPROVED, "kim", NOW)
    changed = edit(approved, [LineEdit("l1", "고침", "Corrected")], [], 1, "park")
    assert (changed.status, changed.approved_by) == (SummaryStatus.IN_REVIEW, None)


def test_an_approved_summary_is_not_approved_again() -> None:
    with pytest.raises(SummaryApproved):
        approve(approve(a_draft(), 1, "kim", NOW), 1, "park", NOW)


def test_an_empty_summary_is_not_approved() -> None:
    emptied = edit(a_draft(), [], [], 1, "kim")
    with pytest.raises(SummaryEmpty):
        approve(emptied, emptied.version, "kim", NOW)


def test_only_an_approved_summary_is_shared() -> None:
    with pytest.raises(SummaryNotApproved):
        share(a_draft(), Kind.COUNSELLING)


@pytest.mark.parametrize("kind", [Kind.INTERVIEW, Kind.SMALL_GROUP])
def test_a_summary_with_the_words_of_others_is_never_shared(kind: Kind) -> None:
    with pytest.raises(SummaryNotShareable):
        share(approve(a_draft(), 1, "kim", NOW), kind)


def test_a_shared_summary_is_changed_only_after_it_is_taken_back() -> None:
    shared = share(approve(a_draft(), 1, "kim", NOW), Kind.COUNSELLING)
    with pytest.raises(SummaryIsShared):
        edit(shared, [], [], 1, "kim")
    taken_back = unshare(shared)
    assert taken_back.status is SummaryStatus.APPROVED
    assert unshare(taken_back) is taken_back
    assert edit(taken_back, [], [], 1, "kim").status is SummaryStatus.IN_REVIEW
