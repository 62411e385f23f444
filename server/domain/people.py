"""People: seekers, who may hold no account, and staff, who sign in; and the cleaning of names and numbers."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.errors import Invalid

NAME_MAX_CHARACTERS = 60
NAME_MAX_BYTES = 240
_PHONE = re.compile(r"\+?[0-9]{8,15}")
# Unicode categories that carry no text: controls, format marks (bidi overrides, joiners), surrogates, private use,
# unassigned.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class Language(StrEnum):
    """The language a person reads."""

    KO = "ko"  # Korean, the default
    EN = "en"  # English


class Role(StrEnum):
    """What a member of staff is in their tenant."""

    COUNSELLOR = "counsellor"  # 직업상담사: owns cases, hosts counselling and groups
    ADMIN = "admin"  # 센터 관리자: schedule, rooms, staff; never the content of a case
    LEAD_INTERVIEWER = "lead_interviewer"  # 주 면접관: books, admits, ends and decides
    INTERVIEWER = "interviewer"  # 면접관: sits on panels
    OPERATOR = "operator"  # 시스템 운영자: nodes and counts of the whole installation; no name, no schedule, no content


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who can hold a seat."""

    id: str
    name: str
    phone: str | None
    lang: Language
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Staff:
    """A person's account in one tenant; `id` is the person's id."""

    id: str
    tenant_id: str
    role: Role
    email: str
    password_hash: str
    disabled_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A seeker known to a tenant, and who there is responsible (담당자)."""

    person_id: str
    tenant_id: str
    responsible_id: str
    registered_at: datetime


@dataclass(frozen=True, kw_only=True)
class Session:
    """A sign-in on one browser; `id` is the SHA-256 of the cookie's secret."""

    id: str
    staff_id: str
    created_at: datetime
    expires_at: datetime


class NameInvalid(Invalid):
    """A name needs 1 to 60 visible characters."""

    code = "name_invalid"


class PhoneInvalid(Invalid):
    """A phone number needs 8 to 15 digits."""

    code = "phone_invalid"


def clean_text(text: str) -> str:
    """NFC, without control or bidirectional marks, white space folded. HTML stays what it is: text."""
    spaced = "".join(" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    visible = "".join(character for character in spaced if unicodedata.category(character) not in _UNPRINTABLE)
    return " ".join(visible.split())


def clean_name(text: str) -> str:
    """A name as it is stored. Raises NameInvalid when nothing visible is left, or too much of it."""
    name = clean_text(text)
    if not name or len(name) > NAME_MAX_CHARACTERS or len(name.encode()) > NAME_MAX_BYTES:
        raise NameInvalid(max_characters=NAME_MAX_CHARACTERS)
    return name


def clean_phone(text: str) -> str:
    """Digits with an optional plus sign. Raises PhoneInvalid."""
    phone = re.sub(r"[\s().-]", "", text)
    if not _PHONE.fullmatch(phone):
        raise PhoneInvalid()
    return phone
