"""Postings (채용공고) as an employer makes them, and applications (지원) as they come in: limits, edits, withdrawal.

The kit of a posting may be edited at any time. What is asked and judged stays fair all the same: an interview keeps the
questions it was booked with as its agenda, and is judged by the attributes with which its first scorecard was begun.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from server.domain.appointments import AgendaItem
from server.domain.errors import Conflict, Invalid
from server.domain.interviews import Application, Attribute, Kit, Posting, Question
from server.domain.people import clean_text

TITLE_MAX_CHARACTERS = 100
QUESTIONS_MAX = 30
QUESTION_MAX_CHARACTERS = 300
QUESTION_MAX_MINUTES = 60
ATTRIBUTES_MAX = 12
ATTRIBUTE_MAX_CHARACTERS = 60
ANCHOR_MAX_CHARACTERS = 200
ANCHORED = (1, 3, 5)  # the ratings whose meaning is said; 2 and 4 lie between
OPEN_POSTINGS_MAX = 200  # of one employer at a time: they fit on one page
APPLICANTS_MAX = 300  # of one posting
IN_A_ROW_MAX = 20  # interviews booked in one go
BREAK_MAX_MINUTES = 120
REASON_MAX_CHARACTERS = 300


class PostingTitleInvalid(Invalid):
    """A posting needs a title of 1 to 100 visible characters."""

    code = "posting_title_invalid"


class KitInvalid(Invalid):
    """Every question needs a text, every attribute a name and what 1, 3 and 5 mean."""

    code = "kit_invalid"


class PostingsFull(Conflict):
    """So many postings are open that another one does not fit; close one first."""

    code = "postings_full"


class PostingChangedElsewhere(Conflict):
    """Somebody else changed this posting meanwhile."""

    code = "posting_changed_elsewhere"


class PostingClosed(Conflict):
    """This posting is closed and takes no new applicants."""

    code = "posting_closed"


class ApplicantsFull(Conflict):
    """This posting has as many applicants as one posting may have."""

    code = "applicants_full"


class AlreadyApplied(Conflict):
    """This person is an applicant for this posting already."""

    code = "already_applied"


class ApplicantNameDiffers(Conflict):
    """This phone number is known under another name."""

    code = "applicant_name_differs"


class ApplicationWithdrawn(Conflict):
    """This application was withdrawn."""

    code = "application_withdrawn"


@dataclass(frozen=True, kw_only=True)
class KitDraft:
    """A kit as it is typed: questions as (text, minutes), attributes as (name, what 1, 3 and 5 mean)."""

    questions: Sequence[tuple[str, int]]
    attributes: Sequence[tuple[str, Mapping[int, str]]]


def clean_title(text: str) -> str:
    """A title as it is stored. Raises PostingTitleInvalid."""
    title = clean_text(text)
    if not 1 <= len(title) <= TITLE_MAX_CHARACTERS:
        raise PostingTitleInvalid(max_characters=TITLE_MAX_CHARACTERS)
    return title


def kit_of(draft: KitDraft, before: Kit, new_id: Callable[[], str]) -> Kit:
    """The kit as it is stored. What says the same as `before` keeps its id. Raises KitInvalid."""
    questions = [Question("", _said(text), minutes) for text, minutes in draft.questions]
    attributes = [
        Attribute("", _said(name), {at: _said(anchors.get(at, "")) for at in ANCHORED})
        for name, anchors in draft.attributes
    ]
    known = {_says(one): one.id for one in before.questions} | {_says(one): one.id for one in before.attributes}
    return Kit(
        tuple(replace(one, id=known.pop(_says(one), "") or new_id()) for one in questions),
        tuple(replace(one, id=known.pop(_says(one), "") or new_id()) for one in attributes),
    )


def edited(posting: Posting, title: str, kit: Kit, version: int) -> Posting:
    """The posting with another title and kit, by somebody who read `version`. Raises PostingChangedElsewhere."""
    if version != posting.version:
        raise PostingChangedElsewhere()
    return replace(posting, title=title, kit=kit, version=version + 1)


def require_open(posting: Posting) -> None:
    """Raise PostingClosed when it takes no applicants any more."""
    if posting.closed_at is not None:
        raise PostingClosed()


def applied_again(application: Application, now: datetime) -> Application:
    """The application of somebody who withdrew it and comes back. Raises AlreadyApplied."""
    if application.withdrawn_at is None:
        raise AlreadyApplied()
    return replace(application, applied_at=now, withdrawn_at=None, withdrawal_reason=None)


def withdrawn(application: Application, reason: str, now: datetime) -> Application:
    """The application, taken back for this reason. Raises ApplicationWithdrawn."""
    require_standing(application)
    return replace(application, withdrawn_at=now, withdrawal_reason=reason)


def require_standing(application: Application) -> None:
    """Raise ApplicationWithdrawn when it was taken back."""
    if application.withdrawn_at is not None:
        raise ApplicationWithdrawn()


def agenda_of(kit: Kit, new_id: Callable[[], str]) -> tuple[AgendaItem, ...]:
    """The questions as the agenda of one interview: a copy, which later edits of the kit do not reach."""
    return tuple(AgendaItem(id=new_id(), text=one.text, minutes=one.minutes) for one in kit.questions)


def spellings(phone: str) -> tuple[str, ...]:
    """Both ways to write a Korean number, with and without the country's code; any other number as it is."""
    if phone.startswith("+82"):
        return phone, "0" + phone.removeprefix("+82")
    return (phone, "+82" + phone.removeprefix("0")) if phone.startswith("0") else (phone,)


def same_name(one: str, other: str) -> bool:
    """Whether two spellings of a name differ in nothing but spaces and capitals."""
    return one.replace(" ", "").casefold() == other.replace(" ", "").casefold()


def _says(one: Question | Attribute) -> tuple[object, ...]:
    return (one.text, one.minutes) if isinstance(one, Question) else (one.name, *sorted(one.anchors.items()))


def _said(text: str) -> str:
    said = clean_text(text)
    if not said:
        raise KitInvalid()
    return said
