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


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """When a meeting was held. It may begin before its booked start, and be over by then."""

    starts_at: datetime  # as booked; nobody is late before
    begun_at: datetime  # when the first guest was let in, at the latest as booked
    ended_at: datetime


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


def held(
    guests: Sequence[Sequence[Stay]], hosts: Sequence[Sequence[Stay]], starts_at: datetime, closed_at: datetime
) -> Meeting:
    """When the meeting was held, from everybody's stays: until the last one went, and never longer than the room."""
    begun_at = min((found[0].joined_at for found in guests if found), default=starts_at)
    last_left_at = max((found[-1].left_at for found in [*guests, *hosts] if found), default=closed_at)
    return Meeting(starts_at=starts_at, begun_at=min(begun_at, starts_at), ended_at=min(last_left_at, closed_at))


def propose(person_id: str, attended: Sequence[Stay], meeting: Meeting, rules: AttendanceRules) -> Proposal:
    """What the stays of one person say. Minutes after the end do not count.

    Whoever was let in early is given those minutes; nobody owes any before the booked start.
    """
    within = _within(attended, meeting.begun_at, meeting.ended_at)
    if not within:
        return Proposal(person_id, AttendanceStatus.ABSENT_UNEXCUSED, 0, 0, None, None)
    status = _status(within, meeting, rules)
    minutes = int(_total(within).total_seconds() // 60)
    return Proposal(person_id, status, minutes, len(within), attended[0].joined_at, attended[-1].left_at)


def _within(attended: Sequence[Stay], begun_at: datetime, ended_at: datetime) -> list[Stay]:
    cut = [Stay(max(stay.joined_at, begun_at), min(stay.left_at, ended_at)) for stay in attended]
    return [stay for stay in cut if stay.left_at > stay.joined_at]


def _total(attended: Sequence[Stay]) -> timedelta:
    return sum((stay.left_at - stay.joined_at for stay in attended), timedelta())


def _share(attended: Sequence[Stay], meeting: Meeting) -> float:
    """How much of the meeting: of the booked one or of the whole one, whichever is kinder."""
    spans = [(begun_at, meeting.ended_at) for begun_at in (meeting.starts_at, meeting.begun_at)]
    return max(_total(_within(attended, *span)) / (span[1] - span[0]) for span in spans if span[0] < span[1])


def _status(attended: Sequence[Stay], meeting: Meeting, rules: AttendanceRules) -> AttendanceStatus:
    """Late, gone early, or there for a part: what departs from the whole meeting."""
    share = _share(attended, meeting)
    late = attended[0].joined_at > meeting.starts_at + rules.late_after
    early = attended[-1].left_at < meeting.ended_at - rules.left_early_before
    if share < rules.part_share or (late and early):
        return AttendanceStatus.PARTIAL
    if late:
        return AttendanceStatus.LATE
    if early:
        return AttendanceStatus.LEFT_EARLY
    return AttendanceStatus.PRESENT if share >= rules.full_share else AttendanceStatus.PARTIAL


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
