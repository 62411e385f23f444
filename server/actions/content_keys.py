"""Whose key protects what an appointment leaves behind, and fresh data keys for the node that carries its call."""

from collections.abc import Callable, Sequence
from datetime import datetime

from server.actions.call_spec import IssueKeys
from server.actions.open_case import case_of
from server.domain.appointments import Appointment, Kind, Seat, SeatRole
from server.domain.permissions import SystemScope
from server.domain.recordings import ContentKey, Owner, owner_of
from server.storage.keys import Keys
from server.storage.tables.appointments import seats
from server.storage.unit_of_work import UnitOfWork
from signaling.media.recorders import DataKey

_SYSTEM = SystemScope("whose recording it is")


def key_issuer(keys: Keys, new_id: Callable[[], str], clock: Callable[[], datetime]) -> IssueKeys:
    """What `spec_of` and answers to `keys.wanted` take fresh data keys from."""

    async def issue(uow: UnitOfWork, appointment: Appointment, count: int) -> Sequence[DataKey]:
        key = await content_key_of(uow, appointment, keys, new_id, clock())
        return keys.issue(key, count, new_id)

    return issue


async def content_key_of(
    uow: UnitOfWork, appointment: Appointment, keys: Keys, new_id: Callable[[], str], now: datetime
) -> ContentKey:
    """The key over what this appointment leaves behind, made if its owner has none."""
    owner = await owner_of_appointment(uow, appointment, new_id, now)
    return await keys.of_owner(uow, appointment.tenant_id, owner, new_id, now)


async def owner_of_appointment(
    uow: UnitOfWork, appointment: Appointment, new_id: Callable[[], str], now: datetime
) -> Owner:
    """Whose the recording is; the seeker of a counselling gets a case if there is none yet."""
    case_ids = []
    if appointment.kind is Kind.COUNSELLING:
        case_ids = [
            (await case_of(uow, appointment.tenant_id, seeker_id, new_id, now)).id
            for seeker_id in await seekers_of(uow, appointment.id)
        ]
    return owner_of(appointment.kind, appointment.id, case_ids, appointment.application_id)


async def only_seeker_of(uow: UnitOfWork, appointment_id: str) -> str | None:
    """The id of the one person an appointment is for; None for a group."""
    seeker_ids = await seekers_of(uow, appointment_id)
    return seeker_ids[0] if len(seeker_ids) == 1 else None


async def seekers_of(uow: UnitOfWork, appointment_id: str) -> list[str]:
    """The ids of the people an appointment is for."""
    everything = uow.beyond(_SYSTEM)
    guests = await everything.rows(Seat).where(
        seats.c.appointment_id == appointment_id, seats.c.role == SeatRole.GUEST, seats.c.staff.is_(False)
    )
    return [seat.person_id for seat in guests]
