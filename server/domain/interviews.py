"""Interviews: postings and applications, the question kit, scorecards (면접평가표) and decisions.

Each interviewer judges alone: another's card, and the decision, are hidden until one's own is submitted. Nothing here
adds up, ranks or proposes a result; a decision is what a named person says who has judged first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from server.domain.errors import Conflict, Invalid, NotAllowed


class Recommendation(StrEnum):
    """An interviewer's overall judgement."""

    STRONG_YES = "strong_yes"  # 적극 추천
    YES = "yes"  # 추천
    NO = "no"  # 비추천
    STRONG_NO = "strong_no"  # 강한 비추천


class ScorecardStatus(StrEnum):
    """How far an interviewer's card is (domain.md, status machines)."""

    NOT_STARTED = "not_started"  # nothing written yet
    DRAFT = "draft"  # the interviewer may change it; nobody else sees it
    SUBMITTED = "submitted"  # locked


class Decision(StrEnum):
    """The outcome of an application, as a person decided it."""

    PASSED = "passed"  # 합격
    FAILED = "failed"  # 불합격
    ON_HOLD = "on_hold"  # 보류
    NEXT_STAGE = "next_stage"  # 다음 전형


class ScorecardSubmitted(Conflict):
    """A submitted scorecard is locked."""

    code = "scorecard_submitted"


class ScorecardIncomplete(Invalid):
    """Every attribute needs a rating and the card a recommendation before it is submitted."""

    code = "scorecard_incomplete"


class RatingUnknown(Invalid):
    """A rating names no attribute of this posting's kit, or is not a whole number from 1 to 5."""

    code = "scorecard_rating_unknown"


class OwnScorecardFirst(NotAllowed):
    """The others' scorecards are shown once one's own is submitted."""

    code = "scorecard_own_first"


class DecisionBeforeScorecard(Conflict):
    """An application is decided on once one's own scorecard is submitted, or somebody's where one did not interview."""

    code = "decision_before_scorecard"


class DecisionReasonMissing(Invalid):
    """A decision that replaces an earlier one needs a reason."""

    code = "decision_reason_missing"


@dataclass(frozen=True, slots=True)
class Attribute:
    """What is judged, with the anchors that say what 1, 3 and 5 mean."""

    id: str
    name: str
    anchors: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the kit, with the minutes meant for it."""

    id: str
    text: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Kit:
    """What every candidate for a posting is asked and judged by."""

    questions: tuple[Question, ...]
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A job an employer wants to fill (구인공고), with the kit that is the same for every candidate."""

    id: str
    tenant_id: str
    title: str
    kit: Kit
    created_at: datetime
    version: int = 1  # grows with every edit, so that two tabs cannot overwrite each other
    closed_at: datetime | None = None  # since when it takes no new applicants


@dataclass(frozen=True, kw_only=True)
class Application:
    """One seeker's application for one posting, and what a person decided on it."""

    id: str
    tenant_id: str  # the employer's
    posting_id: str
    seeker_id: str
    applied_at: datetime
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    withdrawn_at: datetime | None = None
    withdrawal_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """One interviewer's judgement of one candidate in one interview."""

    appointment_id: str
    interviewer_id: str
    ratings: Mapping[str, int]
    recommendation: Recommendation | None
    comment: str
    status: ScorecardStatus
    submitted_at: datetime | None = None
    attributes: tuple[Attribute, ...] = ()  # what it judges by, as it was when the card was begun


LOWEST_RATING, HIGHEST_RATING = 1, 5


def blank_scorecard(appointment_id: str, interviewer_id: str) -> Scorecard:
    """The card of an interviewer who has written nothing yet."""
    return Scorecard(
        appointment_id=appointment_id,
        interviewer_id=interviewer_id,
        ratings={},
        recommendation=None,
        comment="",
        status=ScorecardStatus.NOT_STARTED,
    )


def fill(
    card: Scorecard, kit: Kit, ratings: Mapping[str, int], recommendation: Recommendation | None, comment: str
) -> Scorecard:
    """The card as a draft with this content. Raises `ScorecardSubmitted`, `RatingUnknown`."""
    if card.status is ScorecardStatus.SUBMITTED:
        raise ScorecardSubmitted()
    known = {attribute.id for attribute in kit.attributes}
    if any(a not in known or not LOWEST_RATING <= r <= HIGHEST_RATING for a, r in ratings.items()):
        raise RatingUnknown()
    return replace(
        card,
        ratings=dict(ratings),
        recommendation=recommendation,
        comment=comment,
        status=ScorecardStatus.DRAFT,
        attributes=kit.attributes,
    )


def submit(card: Scorecard, kit: Kit, now: datetime) -> Scorecard:
    """The card, locked. Raises `ScorecardSubmitted`, `ScorecardIncomplete`."""
    if card.status is ScorecardStatus.SUBMITTED:
        raise ScorecardSubmitted()
    unrated = {attribute.id for attribute in kit.attributes} - card.ratings.keys()
    if unrated or card.recommendation is None:
        raise ScorecardIncomplete()
    return replace(card, status=ScorecardStatus.SUBMITTED, submitted_at=now)


def cards_of_others(cards: Iterable[Scorecard], panel: Sequence[str], reader_id: str) -> list[Scorecard]:
    """The others' submitted cards. A draft is never shown, and a panel member's own card comes first.

    Raises `OwnScorecardFirst`.
    """
    cards = list(cards)
    own = [card for card in cards if card.interviewer_id == reader_id]
    own_submitted = any(card.status is ScorecardStatus.SUBMITTED for card in own)
    if (reader_id in panel or own) and not own_submitted:
        raise OwnScorecardFirst()
    return [c for c in cards if c.interviewer_id != reader_id and c.status is ScorecardStatus.SUBMITTED]


def check_judged(cards: Iterable[Scorecard], panel: Collection[str], by: str) -> None:
    """Raise `DecisionBeforeScorecard` where a panel sat and nobody of it has judged, or one sat on it and has not."""
    judges = {card.interviewer_id for card in cards if card.status is ScorecardStatus.SUBMITTED}
    if panel and by not in judges and (by in panel or not judges):
        raise DecisionBeforeScorecard()


def decide(application: Application, decision: Decision, reason: str, by: str, now: datetime) -> Application:
    """The application as the named person `by` decided it.

    Raises `DecisionReasonMissing` when it would silently replace another decision.
    """
    if application.decision is not None and not reason.strip():
        raise DecisionReasonMissing()
    return replace(
        application, decision=decision, decided_by=by, decided_at=now, decision_reason=reason.strip() or None
    )
