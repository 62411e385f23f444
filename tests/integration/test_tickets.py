"""Tickets: good once and for a minute, and with all that the node must know, also of who is next."""

from datetime import timedelta

import pytest

from server.actions.call_orders import OpenCall
from server.actions.change_appointment import cancel
from server.actions.join_call import redeem, ticket_for_staff
from server.domain.appointments import Kind
from server.domain.links import TicketRefused
from server.domain.occupancy import Resource, claims
from server.domain.rooms import Assignment, RoomNotReady
from server.storage.occupancy import take
from server.storage.tables.trail import changes
from server.storage.unit_of_work import Database
from signaling.call.spec import CallSpec
from tests.scheduling import assignment_now, no_keys, opened, order, tick
from tests.world import HOUR, NOW, SCOPE, World, make_world, new_secret


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


async def test_a_ticket_opens_once_and_brings_what_the_node_needs(world: World) -> None:
    await world.interview()
    world.clock.now = NOW + HOUR
    appointment = await world.book("lead", Kind.INTERVIEW, ("jung",), ("lead",), NOW + 3 * HOUR)
    await tick(world, 91)
    async with world.database.write(world.scope("lead")) as uow:
        secret, _ = await ticket_for_staff(uow, appointment.id, world.scope("lead"), world.clock(), new_secret)
    async with world.database.write(SCOPE) as uow:
        admission = await redeem(uow, secret, world.clock(), no_keys)
    spec = CallSpec.model_validate(admission.spec)
    assert (spec.call, admission.node) == (admission.call, "node-0")
    assert spec.recording.allowed
    assert len(spec.keys) == 8
    assert {seat.name for seat in spec.seats} == {"견본 lead", "견본 jung"}
    with pytest.raises(TicketRefused):
        async with world.database.write(SCOPE) as uow:
            await redeem(uow, secret, world.clock(), no_keys)


async def test_a_ticket_is_dead_after_a_minute(world: World) -> None:
    appointment, _ = await opened(world)
    async with world.database.write(world.scope("kim")) as uow:
        secret, _ticket = await ticket_for_staff(uow, appointment.id, world.scope("kim"), world.clock(), new_secret)
    world.clock.now += timedelta(seconds=60)
    with pytest.raises(TicketRefused):
        async with world.database.write(SCOPE) as uow:
            await redeem(uow, secret, world.clock(), no_keys)


async def test_a_room_that_no_node_carries_yet_is_not_ready(world: World) -> None:
    appointment = await world.book(at=NOW + timedelta(minutes=10))
    async with world.database.write(world.scope("kim")) as uow:
        secret, _ticket = await ticket_for_staff(uow, appointment.id, world.scope("kim"), NOW, new_secret)
    with pytest.raises(RoomNotReady):
        async with world.database.write(SCOPE) as uow:
            await redeem(uow, secret, NOW, no_keys)


async def next_starts_at(world: World, call: str) -> str | None:
    sent = await order(world, call)
    assert isinstance(sent, OpenCall)
    found: str | None = sent.spec["next_starts_at"]
    return found


async def news_of(world: World, call: str) -> int:
    """How often webs were told that this call changed."""
    async with world.database.read(SCOPE) as uow:
        return len((await uow.execute(changes.select().where(changes.c.object_id == call))).all())


async def test_a_call_knows_who_is_next_only_if_they_come_soon_and_still_will(world: World) -> None:
    _, journal = await opened(world)
    end = NOW + HOUR + timedelta(minutes=50)
    await world.book(seekers=("yoon",), at=end + timedelta(minutes=35))
    assert await next_starts_at(world, journal.call) is None
    soon = await world.book(seekers=("yoon",), at=end + timedelta(minutes=5), minutes=30)
    assert await next_starts_at(world, journal.call) == "2026-03-02T02:55:00Z"
    told = await news_of(world, journal.call)
    async with world.database.write(world.scope("kim")) as uow:
        await cancel(uow, soon.id, "견본", world.clock())
    assert await next_starts_at(world, journal.call) is None
    assert await news_of(world, journal.call) == told + 1


async def test_the_hosts_next_in_another_room_is_next_too(world: World) -> None:
    _, journal = await opened(world)
    end = NOW + HOUR + timedelta(minutes=50)
    other = await world.book("admin", seekers=("bae",), hosts=("park",), at=NOW + 9 * HOUR)
    async with world.database.write(SCOPE) as uow:
        room = (await uow.rows(Assignment).one(journal.call)).room_id
        await take(uow, other.id, claims(Resource.ROOM, [room], end, end + HOUR))
    following = await world.book(seekers=("yoon",), at=end + timedelta(minutes=10))
    assert (await assignment_now(world, following)).room_id != room
    assert await next_starts_at(world, journal.call) == "2026-03-02T03:00:00Z"
