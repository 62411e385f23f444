"""The desk: what one member of staff needs to know now, from the appointments within reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from server.actions.cards import AppointmentCard, SeatCard, between
from server.domain.appointments import Presence, Status
from server.domain.organisations import Tenant
from server.domain.permissions import StaffScope
from server.domain.rooms import NoticeKind
from server.domain.time_zones import zone_of
from server.storage.unit_of_work import UnitOfWork

SOON = timedelta(minutes=30)
DAY_MAX = 500
_NO_SHOWS = {NoticeKind.POSSIBLE_NO_SHOW_GUEST: False, NoticeKind.POSSIBLE_NO_SHOW_HOST: True}


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A guest in a lobby."""

    appointment_id: str
    seat_id: str
    name: str
    since: datetime | None


@dataclass(frozen=True, kw_only=True)
class PossibleNoShow:
    """Somebody has not come; a person decides whether that is a no-show."""

    appointment_id: str
    who: str  # host | guest
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Today:
    """The day of one member of staff, in the zone of the tenant."""

    now: datetime
    zone: str
    waiting: tuple[Waiting, ...]
    soon: tuple[str, ...]  # appointments that start within half an hour and have not begun
    possible_no_shows: tuple[PossibleNoShow, ...]
    today: tuple[AppointmentCard, ...]


async def today(uow: UnitOfWork, scope: StaffScope, now: datetime) -> Today:
    """Today's appointments within reach, and what of them needs somebody."""
    tenant = await uow.rows(Tenant).one(scope.tenant_id)
    zone = zone_of(tenant.zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    # What runs past midnight stays on the desk until it is over.
    start = min(midnight, now - timedelta(hours=3))
    day = await between(uow, start, max(midnight + timedelta(days=1), now + timedelta(hours=3)), DAY_MAX)
    return Today(
        now=now,
        zone=zone.key,
        waiting=tuple(_waiting(day)),
        soon=tuple(card.id for card in day if _is_soon(card, now)),
        possible_no_shows=tuple(_possible_no_shows(day)),
        today=tuple(day),
    )


def _waiting(day: Sequence[AppointmentCard]) -> list[Waiting]:
    found = [
        Waiting(appointment_id=card.id, seat_id=seat.id, name=seat.name, since=seat.presence_at)
        for card in day
        if card.closed_at is None
        for seat in card.seats
        if seat.presence is Presence.WAITING
    ]
    return sorted(found, key=lambda waiting: (waiting.since is None, waiting.since))


def _is_soon(card: AppointmentCard, now: datetime) -> bool:
    return card.status in (Status.CONFIRMED, Status.OPEN) and now < card.starts_at <= now + SOON


def _possible_no_shows(day: Sequence[AppointmentCard]) -> list[PossibleNoShow]:
    return [
        PossibleNoShow(appointment_id=card.id, who="host" if staff else "guest", names=tuple(names))
        for card in day
        if card.status is Status.OPEN
        for kind, staff in _NO_SHOWS.items()
        if kind in card.notices and (names := _absent(card.seats, staff))
    ]


def _absent(people: Sequence[SeatCard], staff: bool) -> list[str]:
    """The names on one side, if nobody of it has been in the room or waits."""
    side = [seat for seat in people if seat.staff is staff]
    came = any(seat.first_present_at is not None or seat.presence is Presence.WAITING for seat in side)
    return [] if came else [seat.name for seat in side]
