"""Appointments: book, look up, move, cancel, miss, close; links for guests and the ticket to one's own seat."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from server.actions import change_appointment, links
from server.actions.book import Wish, book
from server.actions.book_interviews import book_for_application
from server.actions.cards import AppointmentCard, between, card_of
from server.actions.change_appointment import Missing
from server.actions.history import HistoryLine, history_of
from server.actions.join_call import ticket_for_staff
from server.api.adapter import Answer, Body, Query
from server.api.ask import StaffAsk
from server.domain.appointments import AgendaItem, Kind
from server.domain.errors import Invalid
from server.domain.organisations import Tenant
from server.domain.people import clean_text
from server.domain.time_zones import to_utc, zone_of
from server.storage.unit_of_work import UnitOfWork

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
LISTED_SPAN = timedelta(days=62)
LISTED_MAX = 1000


class TimeMissing(Invalid):
    """Say when: either a moment in UTC, or a wall-clock time."""

    code = "time_missing"


class When(Body):
    """A moment (`starts_at`), or a wall-clock time (`starts_local`) in `zone`, or else in the tenant's zone."""

    starts_at: AwareDatetime | None = Field(None, description="RFC 3339, with an offset")
    starts_local: str | None = Field(None, pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d$")
    zone: str | None = Field(None, max_length=64)
    minutes: int = Field(description="5 to 480, in steps of 5")


class AgendaLine(Body):
    """One topic or question, in order."""

    text: str = Field(min_length=1, max_length=300)
    minutes: int = Field(0, ge=0, le=480)


class NewAppointment(When):
    """What to book. Interviews name an application instead of a seeker, or a seeker of one's own."""

    kind: Kind = Field(strict=False)
    seeker_ids: list[Id] = Field(default=[], max_length=19)
    application_id: Id | None = None
    host_ids: list[Id] = Field(min_length=1, max_length=19)
    title: str = Field("", max_length=120)
    recording: bool | None = Field(None, description="null: as is usual for the kind")
    agenda: list[AgendaLine] = Field(
        default=[], max_length=50, description="empty: the questions of the posting, if any"
    )
    replaces_id: Id | None = Field(None, description="the missed or interrupted appointment this one stands in for")


class Move(When):
    """Another time."""

    reason: str = Field("", max_length=300)


class Cancellation(Body):
    """Why it is called off; the guest reads it."""

    reason: str = Field(max_length=300)


class NoShow(Body):
    """A person's word on a possible no-show."""

    who: Missing = Field(strict=False)
    confirmed: bool


class Agenda(Body):
    """The whole agenda, in order."""

    items: list[AgendaLine] = Field(max_length=50)


class Span(Query):
    """From when to when; at most two months."""

    start: AwareDatetime = Field(alias="from")
    end: AwareDatetime = Field(alias="to")


class LinkAnswer(Answer):
    """A fresh link and texts to copy. It is shown this once."""

    url: str
    message_ko: str
    message_en: str


class JoinAnswer(Answer):
    """A ticket to one's own seat, good for one connection within a minute."""

    ticket: str
    expires_at: datetime


async def book_appointment(ask: StaffAsk, uow: UnitOfWork, body: NewAppointment) -> AppointmentCard:
    """Book people, time and a room."""
    wish = Wish(
        kind=body.kind,
        seeker_ids=body.seeker_ids,
        host_ids=body.host_ids,
        starts_at=await moment(uow, ask, body),
        minutes=body.minutes,
        title=body.title,
        recording=body.recording,
        application_id=body.application_id,
        replaces_id=body.replaces_id,
        agenda=_agenda(ask, body.agenda),
    )
    act = book if body.application_id is None else book_for_application
    booked = await act(uow, wish, ask.scope, ask.at, ask.services.new_id)
    return await card_of(uow, booked.id)


async def list_appointments(ask: StaffAsk, uow: UnitOfWork, query: Span) -> list[AppointmentCard]:
    """Appointments within reach that overlap a span of time."""
    return await between(uow, query.start, min(query.end, query.start + LISTED_SPAN), LISTED_MAX)


async def read_appointment(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> AppointmentCard:
    """One appointment."""
    return await card_of(uow, appointment_id)


async def read_history(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> list[HistoryLine]:
    """What happened to it: each step in order, by whom and why."""
    return await history_of(uow, appointment_id)


async def move_appointment(ask: StaffAsk, uow: UnitOfWork, appointment_id: str, body: Move) -> AppointmentCard:
    """Move it to another time, with everybody."""
    starts_at = await moment(uow, ask, body)
    await change_appointment.move(uow, appointment_id, starts_at, body.minutes, body.reason, ask.at)
    return await card_of(uow, appointment_id)


async def cancel_appointment(
    ask: StaffAsk, uow: UnitOfWork, appointment_id: str, body: Cancellation
) -> AppointmentCard:
    """Call it off."""
    await change_appointment.cancel(uow, appointment_id, body.reason, ask.at)
    return await card_of(uow, appointment_id)


async def confirm_no_show(ask: StaffAsk, uow: UnitOfWork, appointment_id: str, body: NoShow) -> AppointmentCard:
    """Confirm or dismiss a possible no-show."""
    await change_appointment.confirm_no_show(uow, appointment_id, body.who, body.confirmed, ask.at)
    return await card_of(uow, appointment_id)


async def close_appointment(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> AppointmentCard:
    """It is over."""
    await change_appointment.close(uow, appointment_id, ask.at)
    return await card_of(uow, appointment_id)


async def set_agenda(ask: StaffAsk, uow: UnitOfWork, appointment_id: str, body: Agenda) -> AppointmentCard:
    """Replace the agenda."""
    await change_appointment.set_agenda(uow, appointment_id, _agenda(ask, body.items), ask.at)
    return await card_of(uow, appointment_id)


async def issue_link(ask: StaffAsk, uow: UnitOfWork, appointment_id: str, seat_id: str) -> LinkAnswer:
    """A new link for a guest; the old one stops working."""
    services = ask.services
    issued = await links.issue_link(
        uow, appointment_id, seat_id, ask.scope, ask.at, services.new_secret, services.public_url
    )
    return LinkAnswer(url=issued.url, message_ko=issued.message_ko, message_en=issued.message_en)


async def join_appointment(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> JoinAnswer:
    """A ticket to one's own seat."""
    secret, ticket = await ticket_for_staff(uow, appointment_id, ask.scope, ask.at, ask.services.new_secret)
    return JoinAnswer(ticket=secret, expires_at=ticket.expires_at)


async def moment(uow: UnitOfWork, ask: StaffAsk, when: When) -> datetime:
    """The moment meant. Raises TimeMissing, ZoneUnknown, TimeDoesNotExist, TimeAmbiguous."""
    if when.starts_at is not None and when.starts_local is None:
        return when.starts_at.astimezone(UTC)
    if when.starts_local is None or when.starts_at is not None:
        raise TimeMissing()
    zone = when.zone or (await uow.rows(Tenant).one(ask.scope.tenant_id)).zone
    try:
        local = datetime.fromisoformat(when.starts_local)
    except ValueError as error:
        raise TimeMissing() from error
    return to_utc(local, zone_of(zone))


def _agenda(ask: StaffAsk, lines: list[AgendaLine]) -> list[AgendaItem]:
    return [AgendaItem(id=ask.services.new_id(), text=clean_text(line.text), minutes=line.minutes) for line in lines]
