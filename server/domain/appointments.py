"""Appointments: a booking of people and time, its seats, and the machine of its states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from server.domain.errors import Conflict, Gone, Invalid
from server.domain.organisations import TenantKind
from server.domain.people import Language

OPENS_BEFORE = timedelta(minutes=30)  # the link opens the lobby this long before the start
LINK_LIVES_AFTER = timedelta(hours=2)  # an overrun is no reason to lock somebody out
MIN_MINUTES = 5
MAX_MINUTES = 480
CAPACITY = 12  # seats in one room
GROUP_CAPACITY = 20  # eight to fifteen seekers, two who lead, three who help


class Kind(StrEnum):
    """What sort of conversation it is."""

    INTERVIEW = "interview"  # 면접
    COUNSELLING = "counselling"  # 취업상담, one seeker
    SMALL_GROUP = "small_group"  # 소그룹


class Status(StrEnum):
    """Where an appointment stands."""

    CONFIRMED = "confirmed"  # 확정: booked, with a room
    OPEN = "open"  # 입장 가능: the join window; a node carries its call
    IN_PROGRESS = "in_progress"  # 진행 중: host and a guest have met
    COMPLETED = "completed"  # 완료
    CANCELLED = "cancelled"  # 취소: by somebody, with a reason
    NO_SHOW = "no_show"  # 불참: confirmed by a person, never by the machine
    INTERRUPTED = "interrupted"  # 중단: ended by a failure
    RESCHEDULED = "rescheduled"  # 일정 변경: an interrupted or missed one that another now replaces


class SeatRole(StrEnum):
    """What a seat may do in the call."""

    HOST = "host"  # admits, ends, asks for recording
    CO_HOST = "co_host"  # hosts as well; takes over at once
    PANEL = "panel"  # 면접관: panel chat and scorecard, neither admits nor ends
    GUEST = "guest"  # the seeker
    OBSERVER = "observer"  # announced, never hidden


class Presence(StrEnum):
    """What is known of a seat's presence."""

    INVITED = "invited"  # has not come yet
    CHECKING = "checking"  # on the page: consent or device check
    WAITING = "waiting"  # in the lobby
    ADMITTED = "admitted"  # let in, media not up yet
    CONNECTED = "connected"  # in the room
    RECONNECTING = "reconnecting"  # lost for less than two minutes
    DROPPED = "dropped"  # lost for longer; the seat is kept
    LEFT = "left"  # left by choice
    REMOVED = "removed"  # removed by a host
    DENIED = "denied"  # not let in


PRESENT = frozenset({Presence.ADMITTED, Presence.CONNECTED, Presence.RECONNECTING})
LIVE = frozenset({Status.OPEN, Status.IN_PROGRESS})
NEXT: dict[Status, frozenset[Status]] = {
    Status.CONFIRMED: frozenset({Status.OPEN, Status.CANCELLED}),
    Status.OPEN: frozenset(
        {Status.CONFIRMED, Status.IN_PROGRESS, Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW, Status.INTERRUPTED}
    ),
    Status.IN_PROGRESS: frozenset({Status.COMPLETED, Status.INTERRUPTED}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.NO_SHOW: frozenset({Status.RESCHEDULED}),
    Status.INTERRUPTED: frozenset({Status.IN_PROGRESS, Status.COMPLETED, Status.RESCHEDULED}),
    Status.RESCHEDULED: frozenset(),
}


class WrongState(Conflict):
    """The appointment is no longer in a state that allows this."""

    code = "appointment_wrong_state"


class AppointmentCancelled(Gone):
    """This appointment was cancelled."""

    code = "appointment_cancelled"


class AppointmentEnded(Gone):
    """This appointment is over."""

    code = "appointment_ended"


class NotYetOpen(Conflict):
    """The room is not open yet."""

    code = "not_yet_open"


class LengthInvalid(Invalid):
    """An appointment takes 5 minutes to 8 hours, in steps of 5 minutes."""

    code = "length_invalid"


class StartsInThePast(Invalid):
    """This time has passed already."""

    code = "starts_in_the_past"


class KindNotOffered(Invalid):
    """This organisation does not offer this kind of appointment."""

    code = "kind_not_offered"


class ReasonMissing(Invalid):
    """Say why, in a few words."""

    code = "reason_missing"


class PeopleInvalid(Invalid):
    """The people do not fit this kind of appointment."""

    code = "people_invalid"


class ReplacesAnother(Invalid):
    """Only an appointment of the same kind, with somebody it was for, can stand in for another."""

    code = "replaces_another"


@dataclass(frozen=True, kw_only=True)
class AgendaItem:
    """One line of 상담 순서, 면접 질문 or 진행 순서."""

    id: str
    text: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """A booking of people and time."""

    id: str
    tenant_id: str
    kind: Kind
    title: str
    status: Status
    starts_at: datetime
    ends_at: datetime
    recording_allowed: bool
    application_id: str | None  # interviews: which application it serves
    replaces_id: str | None  # the interrupted or missed appointment it stands in for
    agenda: tuple[AgendaItem, ...]
    cancel_reason: str | None
    created_by: str
    created_at: datetime

    @property
    def opens_at(self) -> datetime:
        """When the lobby opens."""
        return self.starts_at - OPENS_BEFORE

    def to(self, status: Status) -> "Appointment":
        """This appointment in another state. Raises WrongState when the machine has no such step."""
        if status not in NEXT[self.status]:
            raise WrongState(status=self.status.value, wanted=status.value)
        return replace(self, status=status)

    def cancelled(self, reason: str) -> "Appointment":
        """Cancelled, with the reason people will be told."""
        return replace(self.to(Status.CANCELLED), cancel_reason=reason)

    def moved(self, starts_at: datetime, ends_at: datetime) -> "Appointment":
        """At another time. Only while nobody has met yet; an open one is confirmed again."""
        if self.status not in (Status.CONFIRMED, Status.OPEN):
            raise WrongState(status=self.status.value, wanted="moved")
        return replace(self, status=Status.CONFIRMED, starts_at=starts_at, ends_at=ends_at)

    def may_enter(self, now: datetime) -> None:
        """Raise the reason why nobody can enter now: cancelled, over, or not open yet."""
        if self.status is Status.CANCELLED:
            raise AppointmentCancelled()
        if self.status not in LIVE | {Status.CONFIRMED, Status.INTERRUPTED} or now >= self.ends_at + LINK_LIVES_AFTER:
            raise AppointmentEnded()
        if now < self.opens_at:
            raise NotYetOpen(opens_at=self.opens_at.isoformat())


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A person in an appointment: the identity behind every link, ticket and track."""

    id: str
    appointment_id: str
    person_id: str
    role: SeatRole
    staff: bool
    name: str  # what the others see; a 별칭 in groups
    lang: Language
    revoked_at: datetime | None
    rules_accepted_at: datetime | None
    device_check: dict[str, object] | None
    presence: Presence
    presence_at: datetime | None
    first_present_at: datetime | None


def in_order(seats: Iterable[Seat]) -> list[Seat]:
    """Who leads comes first, then who hosts beside them, the panel, the guests, observers; by name within a role."""
    rank = {role: position for position, role in enumerate(SeatRole)}
    return sorted(seats, key=lambda seat: (rank[seat.role], seat.name, seat.id))


OFFERED: dict[TenantKind, frozenset[Kind]] = {
    TenantKind.CENTRE: frozenset({Kind.COUNSELLING, Kind.SMALL_GROUP}),
    TenantKind.AGENCY: frozenset({Kind.COUNSELLING, Kind.SMALL_GROUP}),
    TenantKind.EMPLOYER: frozenset({Kind.INTERVIEW}),
}


def recorded_by_default(kind: Kind) -> bool:
    """Whether recording may be asked for when nobody said anything: interviews yes, counselling and groups no."""
    return kind is Kind.INTERVIEW


def check_kind(kind: Kind, offered_by: TenantKind) -> None:
    """Raise KindNotOffered unless this sort of organisation holds such appointments."""
    if kind not in OFFERED[offered_by]:
        raise KindNotOffered(kind=kind.value)


def check_length(starts_at: datetime, minutes: int, now: datetime) -> datetime:
    """When it ends. Raises LengthInvalid or StartsInThePast (five minutes of grace)."""
    if not MIN_MINUTES <= minutes <= MAX_MINUTES or minutes % 5:
        raise LengthInvalid(minutes=minutes)
    if starts_at < now - timedelta(minutes=5):
        raise StartsInThePast()
    return starts_at + timedelta(minutes=minutes)


def capacity(kind: Kind) -> int:
    """How many seats such an appointment may have."""
    return GROUP_CAPACITY if kind is Kind.SMALL_GROUP else CAPACITY


def check_people(kind: Kind, seekers: Sequence[str], hosts: Sequence[str]) -> None:
    """Raise PeopleInvalid unless the numbers fit: one seeker, or a group with room for all, and a host."""
    everybody, places = [*seekers, *hosts], capacity(kind)
    single = kind is not Kind.SMALL_GROUP
    if not seekers or not hosts or len(set(everybody)) != len(everybody) or len(everybody) > places:
        raise PeopleInvalid(capacity=places)
    if single and len(seekers) != 1:
        raise PeopleInvalid(seekers=1)


def host_role(kind: Kind, position: int) -> SeatRole:
    """The role of the host at this position: the first leads; others sit on the panel or host as well."""
    if position == 0:
        return SeatRole.HOST
    return SeatRole.PANEL if kind is Kind.INTERVIEW else SeatRole.CO_HOST
