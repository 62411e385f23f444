"""Consent items: what is asked, in which words, and what an answer allows (PIPA Art 15 and 22; trust plan K1, K2).

Joining is not a consent item. Each item names purpose, data, recipients, how long, and that refusing has no
disadvantage. The version of a text is a hash of all its words in both languages, so an answer always belongs to
exactly what was read.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from server.domain.appointments import Kind
from server.domain.errors import Conflict
from server.domain.people import Language


class Item(StrEnum):
    """What is asked, each alone."""

    SOUND = "sound"  # writing one's voice, and the sound of what one shares
    PICTURE = "picture"  # writing one's camera, and the screen one shares
    CENTRE_SHARING = "centre_sharing"  # interviews: recording and summary may be seen by the named centre


class Answer(StrEnum):
    """What a person said to an item."""

    GRANTED = "granted"  # 동의
    REFUSED = "refused"  # 동의하지 않음
    UNANSWERED = "unanswered"  # 나중에 결정: goes on unrecorded
    WITHDRAWN = "withdrawn"  # 철회: from now on


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One item in one language."""

    title: str
    purpose: str
    data: str
    recipients: str
    until: str
    refusing: str
    note: str


@dataclass(frozen=True, kw_only=True)
class ItemText:
    """One item in both languages."""

    item: Item
    ko: Wording
    en: Wording


@dataclass(frozen=True, kw_only=True)
class ConsentText:
    """Everything one seat is asked, under one version. No items: nothing is recorded and nothing is asked."""

    version: str
    items: tuple[ItemText, ...]


@dataclass(frozen=True, kw_only=True)
class ConsentAnswer:
    """One answer, kept for good; the latest of an item counts."""

    seat_id: str
    person_id: str
    item: Item
    answer: Answer
    text_version: str
    lang: Language
    channel: str  # page | call
    answered_at: datetime


class ConsentTextChanged(Conflict):
    """The consent text has changed since it was shown; please read it again."""

    code = "consent_text_changed"


class ConsentItemUnknown(Conflict):
    """This item is not asked here."""

    code = "consent_item_unknown"


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What the words depend on."""

    kind: Kind
    recording: bool
    owner: str  # the tenant that will hold the recording
    centre: str | None  # interviews: the seeker's centre, if there is one to share with
    keep_days: int


def texts_for(case: Circumstances) -> ConsentText:
    """The items that can happen in these circumstances, and their version."""
    items: list[ItemText] = []
    if case.recording:
        items += [_sound(case), _picture(case)]
        if case.kind is Kind.INTERVIEW and case.centre:
            items.append(_centre_sharing(case, case.centre))
    body = [asdict(item) for item in items]
    packed = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return ConsentText(version=hashlib.sha256(packed.encode()).hexdigest()[:16], items=tuple(items))


def check_answers(shown: ConsentText, text_version: str, answered: Sequence[Item]) -> None:
    """Raise ConsentTextChanged or ConsentItemUnknown unless the answers fit what is asked now."""
    if text_version != shown.version:
        raise ConsentTextChanged(text_version=shown.version)
    unknown = set(answered) - {text.item for text in shown.items}
    if unknown:
        raise ConsentItemUnknown(item=min(unknown).value)


def standing(answers: Sequence[ConsentAnswer], shown: ConsentText) -> Mapping[Item, Answer]:
    """What counts now: the latest answer per item to the words shown now; an older text counts as unanswered.

    `answers` are in the order they were given.
    """
    now = dict.fromkeys((text.item for text in shown.items), Answer.UNANSWERED)
    for given in answers:
        if given.item in now:
            now[given.item] = given.answer if given.text_version == shown.version else Answer.UNANSWERED
    return now


_REFUSING = (
    "동의하지 않으셔도 불이익이 없으며 그대로 참여하실 수 있습니다. 나중에 정하거나 언제든 철회하실 수 있습니다.",
    "Refusing has no disadvantage: you take part all the same. You may decide later and withdraw at any time.",
)


def _purposes(kind: Kind) -> tuple[str, str]:
    if kind is Kind.INTERVIEW:
        return "면접 내용을 다시 확인하고 공정하게 평가하기 위해", "To review the interview and to evaluate it fairly"
    return (
        "상담 내용을 정확히 정리하고 이어 가기 위해",
        "To keep an accurate account of the counselling and to continue it",
    )


def _recipients(case: Circumstances) -> tuple[str, str]:
    if case.kind is Kind.INTERVIEW:
        return f"{case.owner}의 이 면접 담당자", f"Those at {case.owner} who are in charge of this interview"
    return f"{case.owner}의 담당 상담사", f"Your counsellor at {case.owner}"


def _wordings(
    case: Circumstances, titles: tuple[str, str], data: tuple[str, str], notes: tuple[str, str]
) -> tuple[Wording, Wording]:
    purpose, recipients = _purposes(case.kind), _recipients(case)
    until = (f"녹화일로부터 {case.keep_days}일 뒤 삭제합니다.", f"Deleted {case.keep_days} days after the recording.")
    ko, en = (
        Wording(
            title=titles[at],
            purpose=purpose[at],
            data=data[at],
            recipients=recipients[at],
            until=until[at],
            refusing=_REFUSING[at],
            note=notes[at],
        )
        for at in (0, 1)
    )
    return ko, en


def _sound(case: Circumstances) -> ItemText:
    ko, en = _wordings(
        case,
        ("내 목소리 녹음", "Recording my voice"),
        ("내 마이크 소리, 내가 공유한 화면의 소리", "The sound of my microphone and of what I share"),
        (
            "동의하지 않아도 다른 사람의 마이크에 내 목소리가 섞여 들어갈 수 있으니, 헤드폰을 쓰면 줄일 수 있습니다.",
            "Even if you refuse, other people's microphones may catch your voice; headphones make that less likely.",
        ),
    )
    return ItemText(item=Item.SOUND, ko=ko, en=en)


def _picture(case: Circumstances) -> ItemText:
    ko, en = _wordings(
        case,
        ("내 화면 녹화", "Recording my picture"),
        ("내 카메라 영상, 내가 공유한 화면", "The picture of my camera and the screen I share"),
        ("", ""),
    )
    return ItemText(item=Item.PICTURE, ko=ko, en=en)


def _centre_sharing(case: Circumstances, centre: str) -> ItemText:
    ko, en = _wordings(
        case,
        (f"{centre}와 공유", f"Sharing with {centre}"),
        ("이 면접의 녹화와 승인된 요약", "The recording and the approved summary of this interview"),
        (
            "공유하지 않으면 참석 여부만 상담이력에 남습니다.",
            "If you refuse, your case file shows your attendance and nothing else.",
        ),
    )
    ko = replace(ko, purpose="이후 취업상담에 활용하기 위해", recipients=f"{centre}의 담당 상담사")
    en = replace(en, purpose="To help with later job counselling", recipients=f"Your counsellor at {centre}")
    return ItemText(item=Item.CENTRE_SHARING, ko=ko, en=en)
