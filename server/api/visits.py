"""The seeker's door: from a link to a page, and what the page reads and answers. No account; a visit token instead."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal

from pydantic import Field

from server.actions import visit
from server.actions.consents import give_answers
from server.actions.contact import Contact
from server.actions.join_call import ticket_for_visit
from server.actions.visit import VisitState, VisitView
from server.api.adapter import Answer, Body
from server.api.ask import Ask, VisitAsk
from server.api.attempts import LINKS_PER_ADDRESS
from server.domain.appointments import Appointment, Kind
from server.domain.consent import Answer as ConsentAnswer
from server.domain.consent import Item, ItemText
from server.domain.errors import Refused
from server.domain.people import Language
from server.domain.permissions import SystemScope
from server.storage.unit_of_work import UnitOfWork
from signaling.media.port import SeatId

Verdict = Literal["ok", "missing", "denied", "busy", "failed", "skipped"]


class LinkSecret(Body):
    """What stands behind the `#` of a link."""

    secret: str = Field(max_length=4096)


class AppointmentOfVisit(Answer):
    """Who and when. No name of any other guest."""

    id: str
    kind: Kind
    title: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    zone: str
    hosts: list[str]
    organisation: str
    phone: str
    cancel_reason: str | None
    host_runs_late: bool


class ConsentOfVisit(Answer):
    """What is asked and what was answered. `recording` false: nothing is recorded and nothing is asked."""

    recording: bool
    text_version: str
    items: list[ItemText]
    answers: dict[Item, ConsentAnswer]


class RulesOfVisit(Answer):
    """Ground rules of a group: confidentiality, no recording of one's own."""

    required: bool
    accepted_at: datetime | None


class VisitAnswer(Answer):
    """Everything a seeker's page shows."""

    state: VisitState
    appointment: AppointmentOfVisit
    name: str
    display_name: str
    lang: Language
    consent: ConsentOfVisit
    rules: RulesOfVisit
    device_check: dict[str, object] | None
    now: datetime


class JoinedAnswer(VisitAnswer):
    """The page, and the token that reads it again. Keep it in the tab and nowhere else."""

    visit: str


class Answers(Body):
    """Answers to consent items, to exactly the words of this version."""

    text_version: str = Field(max_length=64)
    answers: dict[Item, Literal["granted", "refused", "unanswered", "withdrawn"]] = Field(strict=False, max_length=10)
    lang: Language = Field(Language.KO, strict=False)


class RulesAcceptance(Body):
    """The ground rules, accepted; in a group one may go by another name."""

    accepted: Literal[True]
    display_name: str | None = Field(None, max_length=4096)


class DeviceCheck(Body):
    """What the device check found. It never blocks."""

    camera: Verdict
    microphone: Verdict
    speaker: Verdict
    connection: Verdict
    detail: str = Field("", max_length=200)


class MediaProbeOfVisit(Answer):
    """Where a node answers ICE checks of somebody who has no seat yet. Nothing else is answered there."""

    ufrag: str
    password: str
    hosts: list[str]
    port: int


class IceServer(Answer):
    """A relay, as RTCPeerConnection takes it."""

    urls: list[str]
    username: str
    credential: str


class ConnectionAnswer(Answer):
    """What the device check needs to try whether media gets through, directly or through a relay."""

    probe: MediaProbeOfVisit | None
    ice_servers: list[IceServer]


class TicketAnswer(Answer):
    """A ticket to the lobby, good for one connection within a minute."""

    ticket: str
    expires_at: datetime


class AfterAnswer(Answer):
    """The page after the conversation: what was kept, and the next date if there is one."""

    recorded: bool
    kept: list[Item]
    next_starts_at: datetime | None


async def read_contact(ask: Ask) -> Contact:
    """Whom a seeker can call where no link tells: the installation's contact, or nobody. Always the same answer."""
    return await ask.services.contact.find()


async def join(ask: Ask, body: LinkSecret) -> JoinedAnswer:
    """Open a link. Early, ended and cancelled are states of the page, not errors."""
    services = ask.services
    await services.attempts.check(LINKS_PER_ADDRESS, ask.origin)
    try:
        async with services.database.write(SystemScope("link")) as uow:
            secret, scope = await visit.open_link(uow, body.secret, ask.at, services.new_secret)
            seen = await visit.view(uow, scope, ask.at)
            await visit.keep_shown_text(uow, seen.consent, ask.at)
    except Refused:
        await services.attempts.failed(LINKS_PER_ADDRESS, ask.origin)
        raise
    return JoinedAnswer(visit=secret, **dict(_answer(seen, ask.at)))


async def read_visit(ask: VisitAsk, uow: UnitOfWork) -> VisitAnswer:
    """The page again."""
    return _answer(await visit.view(uow, ask.scope, ask.at), ask.at)


async def answer_consents(ask: VisitAsk, uow: UnitOfWork, body: Answers) -> VisitAnswer:
    """Answer consent items; what is left out stays as it is."""
    seen = await visit.view(uow, ask.scope, ask.at)
    answers = {item: ConsentAnswer(answer) for item, answer in body.answers.items()}
    await give_answers(uow, seen.appointment, seen.seat, body.text_version, answers, body.lang, ask.at)
    await visit.changed_for_call(uow, seen.appointment.id, ask.at)
    return await read_visit(ask, uow)


async def accept_rules(ask: VisitAsk, uow: UnitOfWork, body: RulesAcceptance) -> VisitAnswer:
    """Accept the ground rules, once."""
    await visit.accept_rules(uow, ask.scope, body.display_name, ask.at)
    return await read_visit(ask, uow)


async def read_connection(ask: VisitAsk) -> ConnectionAnswer:
    """How to try whether media gets through. `probe` null: there is nothing to try it on just now."""
    probe = ask.services.media_probe()
    given = ask.services.ice_servers(SeatId(ask.scope.seat_id), ask.at)
    return ConnectionAnswer(
        probe=MediaProbeOfVisit(**asdict(probe)) if probe else None,
        ice_servers=[IceServer(**server) for server in given.servers],
    )


async def keep_device_check(ask: VisitAsk, uow: UnitOfWork, body: DeviceCheck) -> None:
    """Keep what the device check found, for the one who helps."""
    await visit.keep_device_check(uow, ask.scope, body.model_dump(), ask.at)


async def create_ticket(ask: VisitAsk, uow: UnitOfWork) -> TicketAnswer:
    """A ticket to the lobby."""
    secret, ticket = await ticket_for_visit(uow, ask.scope.seat_id, ask.at, ask.services.new_secret)
    return TicketAnswer(ticket=secret, expires_at=ticket.expires_at)


async def read_afterwards(ask: VisitAsk, uow: UnitOfWork) -> AfterAnswer:
    """The page after the conversation."""
    after = await visit.afterwards(uow, ask.scope, ask.at)
    return AfterAnswer(recorded=bool(after.kept), kept=list(after.kept), next_starts_at=after.next_starts_at)


def _answer(seen: VisitView, now: datetime) -> VisitAnswer:
    return VisitAnswer(
        state=seen.state,
        appointment=_appointment(seen, seen.appointment),
        name=seen.name,
        display_name=seen.seat.name,
        lang=seen.seat.lang,
        consent=ConsentOfVisit(
            recording=seen.appointment.recording_allowed,
            text_version=seen.consent.version,
            items=list(seen.consent.items),
            answers=dict(seen.answers),
        ),
        rules=RulesOfVisit(required=seen.rules_required, accepted_at=seen.seat.rules_accepted_at),
        device_check=seen.seat.device_check,
        now=now,
    )


def _appointment(seen: VisitView, appointment: Appointment) -> AppointmentOfVisit:
    return AppointmentOfVisit(
        id=appointment.id,
        kind=appointment.kind,
        title=appointment.title,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        opens_at=appointment.opens_at,
        zone=seen.tenant.zone,
        hosts=list(seen.hosts),
        organisation=seen.tenant.name,
        phone=seen.tenant.phone,
        cancel_reason=appointment.cancel_reason,
        host_runs_late=seen.host_runs_late,
    )
