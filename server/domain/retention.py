"""How long what is kept is kept, and why: data, not code paths. Personal Information Protection Act (PIPA), article 21.

Each policy names its purpose and the text that explains its legal basis to people. When the date has come the thing is
deleted without delay; nothing here deletes.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.domain.appointments import Kind


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How many days one purpose justifies keeping something, counted from the end of the appointment."""

    purpose: str
    days: int
    basis_key: str  # text key of the legal basis shown beside the delete-on date


# The day counts are the product's defaults for a recording nobody has asked to keep longer: an interview's serves one
# hiring round, a counselling's the counselling process.
COUNSELLING_RECORDING = RetentionPolicy("counselling_recording", 90, "retention.basis.counselling_recording")
INTERVIEW_RECORDING = RetentionPolicy("interview_recording", 30, "retention.basis.interview_recording")
GROUP_RECORDING = RetentionPolicy("group_recording", 30, "retention.basis.group_recording")

_BY_KIND = {
    Kind.COUNSELLING: COUNSELLING_RECORDING,
    Kind.INTERVIEW: INTERVIEW_RECORDING,
    Kind.SMALL_GROUP: GROUP_RECORDING,
}


def policy_for(kind: Kind) -> RetentionPolicy:
    """The policy of a recording made in this kind of appointment."""
    return _BY_KIND[kind]


def delete_on(policy: RetentionPolicy, ended_at: datetime, zone: ZoneInfo) -> date:
    """The first day, in the zone people live in, on which the thing may no longer be kept."""
    return ended_at.astimezone(zone).date() + timedelta(days=policy.days)


def is_due(day: date, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the delete-on day has come in that zone."""
    return now.astimezone(zone).date() >= day
