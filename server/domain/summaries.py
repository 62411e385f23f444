"""The summary of an appointment: drafted from facts, approved by a named person, then shared.

Every line says who wrote it; one of the machine always carries the facts it rests on, when that was and, where there is
a recording, that moment in it. A line of a person carries the person. Sharing with the seeker is a separate act.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from server.domain.appointments import Kind
from server.domain.errors import Conflict, Invalid

MACHINE = "machine"  # the author of a drafted line; a person's line carries the person's id
MAX_LINES = 500


class SummaryStatus(StrEnum):
    """How far a summary is (domain.md, status machines)."""

    DRAFTED = "drafted"  # as the machine made it, nobody has touched it
    IN_REVIEW = "in_review"  # a person has changed it and nobody has approved it
    APPROVED = "approved"  # a named person stands for it
    SHARED = "shared"  # approved, and open to the seeker on a link


class SummaryApproved(Conflict):
    """An approved summary is not approved again."""

    code = "summary_approved"


class SummaryNotApproved(Conflict):
    """Only an approved summary can be shared with the seeker."""

    code = "summary_not_approved"


class SummaryIsShared(Conflict):
    """A shared summary is changed only after its link is taken back."""

    code = "summary_shared"


class SummaryNotShareable(Conflict):
    """Only the summary of a one-to-one counselling can be shared: others hold the words of other people."""

    code = "summary_not_shareable"


class SummaryChanged(Conflict):
    """The summary was changed elsewhere since it was read; read it again."""

    code = "summary_changed_elsewhere"


class SummaryEmpty(Invalid):
    """A summary without a line cannot be approved."""

    code = "summary_empty"


class LineUnknown(Invalid):
    """A changed line names a line that this summary does not have, or names one twice."""

    code = "summary_line_unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of a summary."""

    id: str
    kind: str  # who_was_there, agenda, bookmark, chat, next_step, or added by a person: note
    text_ko: str
    text_en: str
    at_s: float | None  # its moment in the playable file
    evidence: tuple[str, ...]  # references of the facts it rests on; empty for a person's own line
    author: str  # MACHINE or the id of the person who last changed it
    by: str | None = None  # the person whose words or deed a drafted line tells
    at: datetime | None = None  # when that was; a person's own line has no moment, and old ones were kept without

    def __post_init__(self) -> None:
        if self.author == MACHINE and not self.evidence:
            raise ValueError("a drafted line rests on at least one fact")


@dataclass(frozen=True, slots=True)
class LineEdit:
    """What a person wants a line to say; without an id, a line of the person's own."""

    id: str | None
    text_ko: str
    text_en: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The summary of one appointment."""

    id: str
    tenant_id: str
    appointment_id: str
    lines: tuple[Line, ...]
    version: int  # grows with every change, so that two tabs cannot overwrite each other
    status: SummaryStatus
    drafted_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SummaryLink:
    """The link on which a seeker reads a shared summary. `secret_hash` is the SHA-256 of its secret."""

    secret_hash: str
    summary_id: str
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def edit(summary: Summary, edits: Sequence[LineEdit], new_ids: Sequence[str], version: int, by: str) -> Summary:
    """The summary with exactly these lines in this order; a line not named is taken out.

    An unchanged line keeps its author; a changed or added one is the person's. `new_ids` supplies ids for added lines.
    An approval does not outlive a change. Raises `SummaryIsShared`, `SummaryChanged`, `LineUnknown`.
    """
    if summary.status is SummaryStatus.SHARED:
        raise SummaryIsShared()
    if version != summary.version:
        raise SummaryChanged()
    known = {line.id: line for line in summary.lines}
    kept = [e.id for e in edits if e.id is not None]
    if len(kept) != len(set(kept)) or set(kept) - known.keys():
        raise LineUnknown()
    ids = iter(new_ids)
    lines = tuple(_edited(known[e.id], e, by) if e.id is not None else _added(next(ids), e, by) for e in edits)
    if lines == summary.lines:
        return summary
    return replace(
        summary,
        lines=lines,
        version=summary.version + 1,
        status=SummaryStatus.IN_REVIEW,
        approved_by=None,
        approved_at=None,
    )


def _edited(line: Line, wanted: LineEdit, by: str) -> Line:
    if (line.text_ko, line.text_en) == (wanted.text_ko, wanted.text_en):
        return line
    return replace(line, text_ko=wanted.text_ko, text_en=wanted.text_en, author=by)


def _added(line_id: str, wanted: LineEdit, by: str) -> Line:
    return Line(line_id, "note", wanted.text_ko, wanted.text_en, None, (), by)


def approve(summary: Summary, version: int, by: str, now: datetime) -> Summary:
    """The summary as approved (승인) by the person `by`, who has read `version`.

    Raises `SummaryApproved`, `SummaryChanged`, `SummaryEmpty`.
    """
    if summary.status in (SummaryStatus.APPROVED, SummaryStatus.SHARED):
        raise SummaryApproved()
    if version != summary.version:
        raise SummaryChanged()
    if not summary.lines:
        raise SummaryEmpty()
    return replace(summary, status=SummaryStatus.APPROVED, approved_by=by, approved_at=now)


def share(summary: Summary, kind: Kind) -> Summary:
    """The summary as open to the seeker (구직자에게 공개). Sharing again replaces the link.

    Raises `SummaryNotShareable`, `SummaryNotApproved`.
    """
    if kind is not Kind.COUNSELLING:
        raise SummaryNotShareable()
    if summary.status not in (SummaryStatus.APPROVED, SummaryStatus.SHARED):
        raise SummaryNotApproved()
    return replace(summary, status=SummaryStatus.SHARED)


def unshare(summary: Summary) -> Summary:
    """The summary with its link taken back; approved as before. Doing it twice changes nothing."""
    if summary.status is not SummaryStatus.SHARED:
        return summary
    return replace(summary, status=SummaryStatus.APPROVED)
