"""What happened to an appointment, as people look it up afterwards: each step once, by whom, and why. Only added to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.appointments import Status


class Step(StrEnum):
    """What became of an appointment."""

    BOOKED = "booked"  # confirmed for a time
    MOVED = "moved"  # confirmed for another time
    OPENED = "opened"  # its room was opened
    IN_PROGRESS = "in_progress"  # host and guest have met
    INTERRUPTED = "interrupted"  # the room was lost while they talked
    COMPLETED = "completed"  # it is over
    CANCELLED = "cancelled"  # called off
    POSSIBLE_NO_SHOW_HOST = "possible_no_show_host"  # raised: nobody hosts
    POSSIBLE_NO_SHOW_GUEST = "possible_no_show_guest"  # raised: no guest came
    NO_SHOW_DISMISSED = "no_show_dismissed"  # a person said that it was none
    NO_SHOW = "no_show"  # a person said that it was one
    RESCHEDULED = "rescheduled"  # another appointment stands in for it


STEP_TO = {status: Step(status.value) for status in Status if status.value in set(Step)} | {Status.OPEN: Step.OPENED}


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """One step of an appointment."""

    appointment_id: str
    at: datetime
    step: Step
    actor_id: str | None  # None: the server itself, by the clock or by what happened in the room
    reason: str | None
    starts_at: datetime | None  # booked or moved: the time it then had
