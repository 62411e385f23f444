"""What a seat is asked for consent, what it answered, and keeping both, whether answered on the page or in the call."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select

from server.actions.open_case import take_out_shared
from server.domain.appointments import Appointment, Seat
from server.domain.consent import (
    Answer,
    Circumstances,
    ConsentAnswer,
    ConsentText,
    Item,
    check_answers,
    standing,
    texts_for,
)
from server.domain.organisations import Tenant, TenantKind
from server.domain.people import Language
from server.domain.permissions import SystemScope
from server.domain.retention import policy_for
from server.storage.tables.appointments import seats
from server.storage.tables.people import registrations, tenants
from server.storage.tables.trail import consent_texts, consents
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("consent of a seat within reach")


async def asked(uow: UnitOfWork, appointment: Appointment) -> ConsentText:
    """What is asked in this appointment, in words that name who will hold and see it."""
    everything = uow.beyond(_SYSTEM)
    owner = await everything.rows(Tenant).one(appointment.tenant_id)
    centre = None if owner.kind is TenantKind.CENTRE else await centre_of(everything, appointment)
    circumstances = Circumstances(
        kind=appointment.kind,
        recording=appointment.recording_allowed,
        owner=owner.name,
        centre=centre.name if centre is not None else None,
        keep_days=policy_for(appointment.kind).days,
    )
    return texts_for(circumstances)


async def answers_of(uow: UnitOfWork, seat_ids: Sequence[str], shown: ConsentText) -> dict[str, Mapping[Item, Answer]]:
    """What counts now, per seat."""
    given = (
        await uow.beyond(_SYSTEM)
        .rows(ConsentAnswer)
        .where(consents.c.seat_id.in_(seat_ids), order_by=[consents.c.answered_at, consents.c.id])
    )
    return {seat_id: standing([one for one in given if one.seat_id == seat_id], shown) for seat_id in seat_ids}


async def keep_text(uow: UnitOfWork, shown: ConsentText, now: datetime) -> None:
    """Keep the words for as long as answers refer to them."""
    body = [asdict(item) for item in shown.items]
    await uow.insert_new(consent_texts, [{"version": shown.version, "body": body, "first_shown_at": now}])


async def give_answers(
    uow: UnitOfWork,
    appointment: Appointment,
    seat: Seat,
    text_version: str,
    answers: Mapping[Item, Answer],
    lang: Language,
    now: datetime,
) -> Mapping[Item, Answer]:
    """Keep the answers given on the page; what counts then. Sharing that is taken back ends at once.

    Raises ConsentTextChanged, ConsentItemUnknown.
    """
    shown = await asked(uow, appointment)
    check_answers(shown, text_version, list(answers))
    await keep_text(uow, shown, now)
    rows = [
        ConsentAnswer(
            seat_id=seat.id,
            person_id=seat.person_id,
            item=item,
            answer=answer,
            text_version=text_version,
            lang=lang,
            channel="page",
            answered_at=now,
        )
        for item, answer in answers.items()
    ]
    await uow.beyond(_SYSTEM).rows(ConsentAnswer).add(*rows)
    if answers.get(Item.CENTRE_SHARING, Answer.GRANTED) is not Answer.GRANTED:
        await take_out_shared(uow, appointment.id, seat.person_id)
    return (await answers_of(uow, [seat.id], shown))[seat.id]


async def centre_of(uow: UnitOfWork, appointment: Appointment) -> Tenant | None:
    """The centre where the guest is registered: the only third party an interview can be shared with."""
    query = (
        select(tenants.c.id)
        .join(registrations, registrations.c.tenant_id == tenants.c.id)
        .join(seats, seats.c.person_id == registrations.c.person_id)
        .where(
            seats.c.appointment_id == appointment.id,
            seats.c.staff.is_(False),
            tenants.c.kind == TenantKind.CENTRE,
        )
        .order_by(registrations.c.registered_at)
    )
    centre_id = (await uow.execute(query)).scalars().first()
    return await uow.beyond(_SYSTEM).rows(Tenant).one(centre_id) if centre_id is not None else None
