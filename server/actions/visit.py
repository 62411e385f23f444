"""A seeker's page: from the secret of a link to a visit, and what the visit reads and answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from server.actions.consents import answers_of, asked, keep_text
from server.actions.news import appointment_changed, call_changed
from server.domain.appointments import Appointment, Kind, Presence, Seat, Status, in_order
from server.domain.consent import Answer, ConsentText, Item
from server.domain.links import Link, Visit, check_link, check_secret, check_visit, hash_of, visit_ends_at
from server.domain.organisations import Tenant
from server.domain.people import Person, clean_name
from server.domain.permissions import SystemScope, VisitScope
from server.domain.recordings import RecordingStatus
from server.domain.rooms import Assignment
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.recordings import recording_parts, recordings
from server.storage.tables.scheduling import assignments, facts
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("page of a seat")
_UNMADE = (RecordingStatus.RECORDING, RecordingStatus.PAUSED, RecordingStatus.FINALISING)
_WRITES = {Item.SOUND: {"mic", "screen_audio"}, Item.PICTURE: {"camera", "screen"}}


class VisitState(StrEnum):
    """What the page of a link shows."""

    EARLY = "early"  # who, when, a countdown and the device check
    OPEN = "open"  # may enter the lobby
    ENDED = "ended"  # over: thanks, and what was kept
    CANCELLED = "cancelled"  # called off, with the reason
    NO_SHOW = "no_show"  # missed; no blame, and the number to call


@dataclass(frozen=True, kw_only=True)
class VisitView:
    """Everything the page needs."""

    appointment: Appointment
    seat: Seat
    name: str
    tenant: Tenant
    hosts: Sequence[str]
    state: VisitState
    consent: ConsentText
    answers: Mapping[Item, Answer]
    rules_required: bool
    host_runs_late: bool


async def open_link(
    uow: UnitOfWork, secret: str, now: datetime, new_secret: Callable[[], str]
) -> tuple[str, VisitScope]:
    """Start a visit: its secret and its scope. Raises LinkGarbled, LinkUnknown, LinkRevoked, LinkExpired."""
    everything = uow.beyond(_SYSTEM)
    link = await everything.rows(Link).get(hash_of(check_secret(secret)))
    seat = await everything.rows(Seat).get(link.seat_id, lock=True) if link else None
    appointment = await everything.rows(Appointment).get(seat.appointment_id) if seat else None
    tenant = await everything.rows(Tenant).get(appointment.tenant_id) if appointment else None
    check_link(link, appointment, tenant, now)
    assert link is not None  # noqa: S101  check_link has raised otherwise
    assert seat is not None  # noqa: S101
    assert appointment is not None  # noqa: S101
    visit_secret = new_secret()
    visit = Visit(
        secret_hash=hash_of(visit_secret),
        seat_id=seat.id,
        link_hash=link.secret_hash,
        started_at=now,
        expires_at=visit_ends_at(appointment, now),
    )
    await everything.rows(Visit).add(visit)
    if seat.presence is Presence.INVITED:
        await everything.rows(Seat).save(replace(seat, presence=Presence.CHECKING, presence_at=now))
        await appointment_changed(everything, await everything.rows(Appointment).one(seat.appointment_id), now)
    return visit_secret, _scope(seat)


async def identify_visit(uow: UnitOfWork, secret: str, now: datetime) -> VisitScope:
    """Whose visit this is. Raises VisitOver."""
    everything = uow.beyond(_SYSTEM)
    visit = await everything.rows(Visit).get(hash_of(secret))
    link = await everything.rows(Link).get(visit.link_hash) if visit else None
    seat = await everything.rows(Seat).one(check_visit(visit, link, now).seat_id)
    return _scope(seat)


async def view(uow: UnitOfWork, scope: VisitScope, now: datetime) -> VisitView:
    """What the page shows now."""
    everything = uow.beyond(_SYSTEM)
    appointment = await everything.rows(Appointment).one(scope.appointment_id)
    seat = await everything.rows(Seat).one(scope.seat_id)
    hosts = await everything.rows(Seat).where(seats.c.appointment_id == appointment.id, seats.c.staff.is_(True))
    shown = await asked(uow, appointment)
    return VisitView(
        appointment=appointment,
        seat=seat,
        name=(await everything.rows(Person).one(seat.person_id)).name,
        tenant=await everything.rows(Tenant).one(appointment.tenant_id),
        hosts=[host.name for host in in_order(hosts)],
        state=state_of(appointment, await _assignment(uow, appointment.id), now),
        consent=shown,
        answers=(await answers_of(uow, [seat.id], shown))[seat.id],
        rules_required=appointment.kind is Kind.SMALL_GROUP,
        host_runs_late=await _host_runs_late(everything, appointment, now),
    )


async def _host_runs_late(everything: UnitOfWork, appointment: Appointment, now: datetime) -> bool:
    """Whether somebody who hosts this is still in an earlier conversation that should have ended."""
    mine, theirs = seats.alias(), seats.alias()
    overrun = (
        select(appointments.c.id)
        .join(theirs, theirs.c.appointment_id == appointments.c.id)
        .join(mine, mine.c.person_id == theirs.c.person_id)
        .where(
            mine.c.appointment_id == appointment.id,
            mine.c.staff.is_(True),
            appointments.c.id != appointment.id,
            appointments.c.status == Status.IN_PROGRESS,
            appointments.c.ends_at <= now,
        )
    )
    return (await everything.execute(overrun)).first() is not None


def state_of(appointment: Appointment, assignment: Assignment | None, now: datetime) -> VisitState:
    """What the page shows of this appointment."""
    if appointment.status is Status.CANCELLED:
        return VisitState.CANCELLED
    if appointment.status is Status.NO_SHOW:
        return VisitState.NO_SHOW
    closed = assignment is not None and assignment.closed_at is not None
    if closed or appointment.status in (Status.COMPLETED, Status.RESCHEDULED):
        return VisitState.ENDED
    return VisitState.EARLY if now < appointment.opens_at else VisitState.OPEN


async def accept_rules(uow: UnitOfWork, scope: VisitScope, name: str | None, now: datetime) -> None:
    """The ground rules are accepted, once; a group's guest may go by a 별칭. Raises NameInvalid."""
    everything = uow.beyond(_SYSTEM)
    seat = await everything.rows(Seat).one(scope.seat_id, lock=True)
    appointment = await everything.rows(Appointment).one(seat.appointment_id)
    in_group = appointment.kind is Kind.SMALL_GROUP
    shown_as = clean_name(name) if name is not None and in_group else seat.name
    await everything.rows(Seat).save(replace(seat, rules_accepted_at=seat.rules_accepted_at or now, name=shown_as))
    await changed_for_call(uow, scope.appointment_id, now)


async def keep_device_check(uow: UnitOfWork, scope: VisitScope, result: dict[str, Any], now: datetime) -> None:
    """What the device check found; the desk sees it beside the name. It never blocks."""
    everything = uow.beyond(_SYSTEM)
    seat = await everything.rows(Seat).one(scope.seat_id, lock=True)
    await everything.rows(Seat).save(replace(seat, device_check={**result, "at": now.isoformat()}))
    await appointment_changed(everything, await everything.rows(Appointment).one(seat.appointment_id), now)


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """What the page after the conversation tells."""

    kept: Sequence[Item]  # what of the guest was written, of what they had agreed to
    next_starts_at: datetime | None


async def afterwards(uow: UnitOfWork, scope: VisitScope, now: datetime) -> Afterwards:
    """What of the guest was kept, and their next date with the same organisation."""
    everything = uow.beyond(_SYSTEM)
    appointment = await everything.rows(Appointment).one(scope.appointment_id)
    sources = await _written(everything, scope)
    following = (
        select(func.min(appointments.c.starts_at))
        .join(seats, seats.c.appointment_id == appointments.c.id)
        .where(
            seats.c.person_id == scope.person_id,
            appointments.c.tenant_id == appointment.tenant_id,
            appointments.c.status == Status.CONFIRMED,
            appointments.c.starts_at > max(now, appointment.starts_at),
        )
    )
    return Afterwards(
        kept=[item for item, heard in _WRITES.items() if sources & heard],
        next_starts_at=(await everything.execute(following)).scalar_one_or_none(),
    )


async def _written(everything: UnitOfWork, scope: VisitScope) -> set[str]:
    """Which sources of this seat are in a recording: its parts, and until all have come what the call let be written.

    The page asks the moment that a conversation ends, and the parts of a short one are stored only then.
    """
    mine = recordings.c.appointment_id == scope.appointment_id
    parts = (
        select(recording_parts.c.source)
        .join(recordings, recordings.c.id == recording_parts.c.recording_id)
        .where(mine, recording_parts.c.seat == scope.seat_id)
    )
    permitted = (
        select(facts.c.body)
        .join(recordings, recordings.c.id == facts.c.call_id)
        .where(mine, recordings.c.status.in_(_UNMADE), facts.c.kind.in_(("recording_started", "recording_changed")))
    )
    written = set((await everything.execute(parts.distinct())).scalars())
    for body in (await everything.execute(permitted)).scalars():
        places = [str(track).rpartition(".") for track in body["tracks"]]
        written |= {source for seat, _, source in places if seat == scope.seat_id}
    return written


async def keep_shown_text(uow: UnitOfWork, shown: ConsentText, now: datetime) -> None:
    """The words a page was shown are kept before anybody can answer them, here or in the call."""
    if shown.items:
        await keep_text(uow, shown, now)


async def changed_for_call(uow: UnitOfWork, appointment_id: str, now: datetime) -> None:
    """A running call learns of it through a refreshed specification."""
    assignment = await _assignment(uow, appointment_id)
    if assignment is not None and assignment.node is not None:
        await call_changed(uow, assignment.call_id, now)


async def _assignment(uow: UnitOfWork, appointment_id: str) -> Assignment | None:
    return await uow.beyond(_SYSTEM).rows(Assignment).first(assignments.c.appointment_id == appointment_id)


def _scope(seat: Seat) -> VisitScope:
    return VisitScope(person_id=seat.person_id, seat_id=seat.id, appointment_id=seat.appointment_id)
