"""Attendance: what presence during a call proposes, and how a person confirms it, naming only the exceptions.

The proposal is arithmetic over presence facts; it never excuses or blames. Only a person does, with a reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.domain.errors import Invalid

_IN_ROOM = frozenset({"connected", "reconnecting"})  # presence states that hold a place in the room


class AttendanceStatus(StrEnum):
    """How one person attended one meeting (domain.md, status machines)."""

    PRESENT = "present"  # there for the meeting
    LATE = "late"  # came after the tolerated minutes
    LEFT_EARLY = "left_early"  # left before the end
    PARTIAL = "partial"  # there for a part only
    ABSENT_EXCUSED = "absent_excused"  # did not come, a person accepted the reason
    ABSENT_UNEXCUSED = "absent_unexcused"  # did not come
    TECHNICAL_EXCUSED = "technical_excused"  # the line or the service failed them; counts as excused


class ReasonMissing(Invalid):
    """A status that differs from the proposed one needs a reason."""

    code = "attendance_reason_missing"


class UnknownAttendee(Invalid):
    """Attendance was given for somebody who has no seat in this appointment."""

    code = "attendance_unknown_person"


@dataclass(frozen=True, slots=True)
class AttendanceRules:
    """From when a person counts as late, gone early or there for a part only."""

    late_after: timedelta = timedelta(minutes=10)
    left_early_before: timedelta = timedelta(minutes=10)
    full_share: float = 0.8  # of the meeting, for `present`
    part_share: float = 0.5  # below this the person was there for a part only, however it came about


@dataclass(frozen=True, slots=True)
class Stay:
    """An unbroken time in the room. A short reconnection does not break it: the seat was kept."""

    joined_at: datetime
    left_at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the presence facts say of one person."""

    person_id: str
    status: AttendanceStatus
    minutes: int
    joins: int
    joined_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Correction:
    """The status a person gives instead of the proposed one, and why."""

    status: AttendanceStatus
    reason: str


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """The confirmed attendance of one person, beside the proposal it may depart from."""

    appointment_id: str
    person_id: str
    status: AttendanceStatus
    minutes: int
    proposed: AttendanceStatus
    reason: str  # empty when the proposal was taken as it was
    confirmed_by: str
    confirmed_at: datetime


def stays(presence: Sequence[tuple[datetime, str]], ended_at: datetime) -> list[Stay]:
    """The times in the room, from `(at, presence state)` in the order the call decided them.

    `reconnecting` keeps the seat and so the stay; a stay still open is closed by the end of the call.
    """
    found: list[Stay] = []
    joined_at: datetime | None = None
    for at, state in presence:
        in_room = state in _IN_ROOM
        if in_room and joined_at is None:
            joined_at = at
        elif not in_room and joined_at is not None:
            found.append(Stay(joined_at, max(joined_at, at)))
            joined_at = None
    if joined_at is not None:
        found.append(Stay(joined_at, max(joined_at, ended_at)))
    return found


def propose(
    person_id: str, attended: Sequence[Stay], starts_at: datetime, ended_at: datetime, rules: AttendanceRules
) -> Proposal:
    """What the stays of one person say. Minutes before the start and after the end do not count."""
    within = [
        Stay(max(s.joined_at, starts_at), min(s.left_at, ended_at))
        for s in attended
        if s.left_at > starts_at and s.joined_at < ended_at
    ]
    if not within:
        return Proposal(person_id, AttendanceStatus.ABSENT_UNEXCUSED, 0, 0, None, None)
    present = sum((s.left_at - s.joined_at for s in within), timedelta())
    status = _status(present, within[0].joined_at, within[-1].left_at, starts_at, ended_at, rules)
    return Proposal(
        person_id, status, int(present.total_seconds() // 60), len(within), attended[0].joined_at, attended[-1].left_at
    )


def _status(
    present: timedelta,
    joined_at: datetime,
    left_at: datetime,
    starts_at: datetime,
    ended_at: datetime,
    rules: AttendanceRules,
) -> AttendanceStatus:
    """Late, gone early, or there for a part: what departs from the whole meeting."""
    meeting = ended_at - starts_at
    late = joined_at > starts_at + rules.late_after
    early = left_at < ended_at - rules.left_early_before
    if present < meeting * rules.part_share or (late and early):
        return AttendanceStatus.PARTIAL
    if late:
        return AttendanceStatus.LATE
    if early:
        return AttendanceStatus.LEFT_EARLY
    return AttendanceStatus.PRESENT if present >= meeting * rules.full_share else AttendanceStatus.PARTIAL


def confirm(
    appointment_id: str,
    proposals: Sequence[Proposal],
    corrections: Mapping[str, Correction],
    by: str,
    now: datetime,
) -> list[Attendance]:
    """Everybody's attendance as proposed, except where corrected. Raises `UnknownAttendee` and `ReasonMissing`."""
    known = {proposal.person_id for proposal in proposals}
    if corrections.keys() - known:
        raise UnknownAttendee()
    confirmed = []
    for proposal in proposals:
        status, reason = _corrected(proposal, corrections.get(proposal.person_id))
        confirmed.append(
            Attendance(
                appointment_id=appointment_id,
                person_id=proposal.person_id,
                status=status,
                minutes=proposal.minutes,
                proposed=proposal.status,
                reason=reason,
                confirmed_by=by,
                confirmed_at=now,
            )
        )
    return confirmed


def _corrected(proposal: Proposal, correction: Correction | None) -> tuple[AttendanceStatus, str]:
    if correction is None or correction.status is proposal.status:
        return proposal.status, ""
    if not correction.reason.strip():
        raise ReasonMissing()
    return correction.status, correction.reason.strip()
