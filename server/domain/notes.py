"""The session note (상담일지): one per person and appointment, written by one counsellor, never shown to the seeker.

A draft is overwritten freely. Signing (확정) locks the text for good; afterwards there are only amendments beside it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from server.domain.errors import Conflict, Invalid, NotAllowed


class NoteStatus(StrEnum):
    """How far a note is. `signed` and `amended` are both locked."""

    DRAFT = "draft"  # its author may change it
    SIGNED = "signed"  # 확정: locked as signed
    AMENDED = "amended"  # locked as signed, with amendments beside it


class NoteLocked(Conflict):
    """A signed note is never overwritten; it can be amended."""

    code = "note_locked"


class NoteNotSigned(Conflict):
    """Only a signed note is amended; a draft is changed directly."""

    code = "note_not_signed"


class NoteEmpty(Invalid):
    """There is nothing to sign or to add."""

    code = "note_empty"


class NotTheAuthor(NotAllowed):
    """Only the person who wrote a note may change, sign or amend it."""

    code = "note_not_the_author"


class NoteChanged(Conflict):
    """The note was changed elsewhere since it was read; read it again."""

    code = "note_changed_elsewhere"


@dataclass(frozen=True, slots=True)
class Amendment:
    """A later addition to a signed note: numbered, reasoned, signed by itself."""

    number: int  # from 1
    text: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SessionNote:
    """One professional's note on one seeker in one appointment."""

    id: str
    tenant_id: str
    appointment_id: str
    seeker_id: str
    author_id: str
    text: str
    version: int  # grows with every saved draft, so that two tabs cannot overwrite each other
    status: NoteStatus
    updated_at: datetime
    signed_at: datetime | None = None
    amendments: tuple[Amendment, ...] = ()


def write(note: SessionNote, text: str, version: int, by: str, now: datetime) -> SessionNote:
    """The draft with a new text. Raises `NotTheAuthor`, `NoteLocked`, `NoteChanged`."""
    _require_author(note, by)
    if note.status is not NoteStatus.DRAFT:
        raise NoteLocked()
    if version != note.version:
        raise NoteChanged()
    return replace(note, text=text, version=note.version + 1, updated_at=now)


def sign(note: SessionNote, version: int, by: str, now: datetime) -> SessionNote:
    """The note, locked with the text its author has read as `version`.

    Raises `NotTheAuthor`, `NoteLocked`, `NoteChanged`, `NoteEmpty`.
    """
    _require_author(note, by)
    if note.status is not NoteStatus.DRAFT:
        raise NoteLocked()
    if version != note.version:
        raise NoteChanged()
    if not note.text.strip():
        raise NoteEmpty()
    return replace(note, status=NoteStatus.SIGNED, signed_at=now, updated_at=now)


def amend(note: SessionNote, text: str, reason: str, by: str, now: datetime) -> SessionNote:
    """The signed note with one more amendment. Raises `NotTheAuthor`, `NoteNotSigned`, `NoteEmpty`."""
    _require_author(note, by)
    if note.status is NoteStatus.DRAFT:
        raise NoteNotSigned()
    if not text.strip() or not reason.strip():
        raise NoteEmpty()
    addition = Amendment(len(note.amendments) + 1, text, reason.strip(), by, now)
    return replace(note, status=NoteStatus.AMENDED, amendments=(*note.amendments, addition), updated_at=now)


def _require_author(note: SessionNote, by: str) -> None:
    if note.author_id != by:
        raise NotTheAuthor()
