"""The case file (상담이력): all about one seeker at one centre, as a timeline of entries that point at what was kept.

An entry is made exactly once for each thing. Content stays where it belongs: an entry of a group meeting holds the
seeker's own attendance and note and never another person's name, face or words.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry of a case points at."""

    ATTENDANCE = "attendance"  # the seeker's own confirmed attendance
    RECORDING = "recording"  # a recording that belongs to this case
    SUMMARY = "summary"  # its summary
    NOTE = "note"  # a session note on this seeker


@dataclass(frozen=True, kw_only=True)
class Case:
    """One seeker's file at one centre."""

    id: str
    tenant_id: str
    seeker_id: str
    opened_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseEntry:
    """One line of the timeline."""

    id: str
    case_id: str
    kind: EntryKind
    object_id: str  # of the recording, summary or note; of the appointment for attendance
    appointment_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RoomNote:
    """What one member of staff writes down for themselves during an appointment. Nobody else ever reads it."""

    appointment_id: str
    person_id: str
    text: str
    updated_at: datetime
