"""Taking and giving back buckets of time. The unique key decides between two bookings made at once."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select

from server.domain.occupancy import BUSY, Claim, Resource
from server.storage.tables.appointments import occupancy
from server.storage.unit_of_work import UnitOfWork


async def take(uow: UnitOfWork, appointment_id: str, wanted: Sequence[Claim]) -> None:
    """Take all of these buckets. Raises PersonBusy, HostBusy or NoRoomFree: then nothing may be committed."""
    for resource in Resource:
        part = [claim for claim in wanted if claim.resource is resource]
        if await uow.insert_new(occupancy, [_row(claim, appointment_id) for claim in part]) < len(part):
            raise BUSY[resource]()


async def take_first(uow: UnitOfWork, appointment_id: str, choices: Iterable[Sequence[Claim]]) -> int:
    """Take all buckets of the first choice that is free; its position. Raises NoRoomFree when none is."""
    for position, wanted in enumerate(choices):
        taken = await uow.insert_new(occupancy, [_row(claim, appointment_id) for claim in wanted])
        if taken == len(wanted):
            return position
        await uow.execute(
            delete(occupancy).where(
                occupancy.c.appointment_id == appointment_id,
                occupancy.c.resource == wanted[0].resource,
                occupancy.c.resource_id == wanted[0].resource_id,
            )
        )
    raise BUSY[Resource.ROOM]()


async def give_back(uow: UnitOfWork, appointment_id: str) -> None:
    """Free everything the appointment took."""
    await uow.execute(delete(occupancy).where(occupancy.c.appointment_id == appointment_id))


async def taken(uow: UnitOfWork, resource: Resource, ids: Sequence[str], span: range) -> set[str]:
    """Which of these resources have something in these buckets. A hint only: `take` decides."""
    query = select(occupancy.c.resource_id).where(
        occupancy.c.resource == resource,
        occupancy.c.resource_id.in_(ids),
        occupancy.c.bucket >= span.start,
        occupancy.c.bucket < span.stop,
    )
    return {row.resource_id for row in await uow.execute(query.distinct())}


def _row(claim: Claim, appointment_id: str) -> dict[str, object]:
    return {
        "resource": claim.resource,
        "resource_id": claim.resource_id,
        "bucket": claim.bucket,
        "appointment_id": appointment_id,
    }
