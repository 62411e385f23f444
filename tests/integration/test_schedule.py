"""The scheduler's ticks on both databases: rooms open on nodes, people meet, do not come, and leave."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.actions.change_appointment import Missing, confirm_no_show
from server.domain.appointments import Status
from server.domain.engines import Engine
from server.domain.organisations import Room
from server.domain.rooms import NoticeKind
from server.storage.tables.appointments import occupancy
from server.storage.tables.scheduling import notices
from server.storage.unit_of_work import Database
from tests.scheduling import Journal, appointment_now, assignment_now, opened, tick
from tests.world import HOUR, NOW, SCOPE, World, make_world


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


async def test_the_first_node_heard_after_an_outage_of_the_database_takes_no_call_of_another(world: World) -> None:
    appointment = await world.book()
    start = NOW + HOUR
    await world.tick(start, "node-0")
    await world.announce("node-1")
    assert await world.tick(start + timedelta(minutes=2), "node-1") == []
    await world.announce("node-0")
    assert (await assignment_now(world, appointment)).node == "node-0"


async def test_a_machine_lost_during_an_outage_of_the_database_is_replaced(world: World) -> None:
    appointment = await world.book()
    start = NOW + HOUR
    await world.tick(start, "node-0")
    await world.announce("node-1")
    for seconds in range(120, 120 + 66, 6):
        await world.tick(start + timedelta(seconds=seconds), "node-1")
    assignment = await assignment_now(world, appointment)
    assert (assignment.node, assignment.epoch) == ("node-1", 2)


async def test_a_room_that_asks_for_janus_is_opened_on_a_janus_node_of_the_same_installation(world: World) -> None:
    appointment, start = await world.book(), NOW + HOUR
    room_id = (await assignment_now(world, appointment)).room_id
    async with world.database.write(SCOPE) as uow:
        room = await uow.rows(Room).one(room_id)
        await uow.rows(Room).save(replace(room, engine=Engine.JANUS))
    world.clock.now = start
    await world.announce("node-j", seat_capacity=20, engine=Engine.JANUS)
    await world.tick(start, "node-0")
    assert (await assignment_now(world, appointment)).node == "node-j"


async def test_a_tick_opens_the_room_and_a_second_one_has_nothing_to_do(world: World) -> None:
    appointment = await world.book()
    assert await tick(world, -31) == []
    assert len(await tick(world, -30)) == 1
    assert await tick(world, -30) == []
    assert (await appointment_now(world, appointment)).status is Status.OPEN
    assignment = await assignment_now(world, appointment)
    assert (assignment.node, assignment.epoch) == ("node-0", 1)


async def test_it_is_in_progress_when_host_and_guest_have_met_and_completed_when_the_host_ends_it(world: World) -> None:
    appointment, journal = await opened(world)
    seats = await world.seats(appointment)
    await journal.tell("presence", seat=seats["jung"].id, state="waiting", cause="joined")
    await journal.tell("presence", seat=seats["kim"].id, state="connected", cause="joined")
    assert (await appointment_now(world, appointment)).status is Status.OPEN
    await journal.tell("presence", seat=seats["jung"].id, state="connected", cause="admitted")
    assert (await appointment_now(world, appointment)).status is Status.IN_PROGRESS
    await journal.tell("call_ended", by=seats["kim"].id, cause="host")
    assert (await appointment_now(world, appointment)).status is Status.COMPLETED
    async with world.database.read(SCOPE) as uow:
        assert (await uow.execute(occupancy.select())).all() == []


async def test_a_call_that_a_host_ends_before_anybody_came_waits_for_a_persons_word(world: World) -> None:
    appointment, journal = await opened(world)
    host = (await world.seats(appointment))["kim"].id
    await journal.tell("presence", seat=host, state="connected", cause="joined")
    await journal.tell("call_ended", by=host, cause="host")
    assert (await appointment_now(world, appointment)).status is Status.OPEN
    async with world.database.write(world.scope("kim")) as uow:
        missed = await confirm_no_show(uow, appointment.id, Missing.GUEST, True, world.clock())
    assert missed.status is Status.NO_SHOW


async def test_a_possible_no_show_is_noticed_once_and_stays_until_somebody_decides(world: World) -> None:
    appointment, _ = await opened(world)
    for minute in (5, 6, 11, 12):
        await tick(world, minute)
    async with world.database.read(SCOPE) as uow:
        rows = (await uow.execute(notices.select().order_by(notices.c.due_at))).all()
    assert [row.kind for row in rows] == [NoticeKind.POSSIBLE_NO_SHOW_HOST, NoticeKind.POSSIBLE_NO_SHOW_GUEST]
    assert (await appointment_now(world, appointment)).status is Status.OPEN


async def test_an_empty_room_is_closed_but_never_one_with_somebody_in_it(world: World) -> None:
    appointment, journal = await opened(world)
    seats = await world.seats(appointment)
    for name in ("kim", "jung"):
        await journal.tell("presence", seat=seats[name].id, state="connected", cause="joined")
    await tick(world, 200)
    assert (await assignment_now(world, appointment)).closed_at is None
    for name in ("kim", "jung"):
        await journal.tell("presence", seat=seats[name].id, state="left", cause="left")
    await tick(world, 209)
    assert (await assignment_now(world, appointment)).closed_at is None
    await tick(world, 210)
    assert (await assignment_now(world, appointment)).closed_at is not None
    assert (await appointment_now(world, appointment)).status is Status.COMPLETED


async def test_a_lost_machine_interrupts_the_conversation_until_people_meet_again_elsewhere(world: World) -> None:
    appointment, journal = await opened(world)
    seats = await world.seats(appointment)
    for name in ("kim", "jung"):
        await journal.tell("presence", seat=seats[name].id, state="connected", cause="joined")
    for _ in range(8):  # only another machine is heard
        await world.tick(world.clock.now + timedelta(seconds=9), "node-1")
    assignment = await assignment_now(world, appointment)
    assert (assignment.node, assignment.epoch) == ("node-1", 2)
    assert (await appointment_now(world, appointment)).status is Status.INTERRUPTED
    again = Journal(world, journal.call, epoch=2)
    for name in ("kim", "jung"):
        world.clock.now += timedelta(seconds=1)
        await again.tell("presence", seat=seats[name].id, state="connected", cause="resumed")
    assert (await appointment_now(world, appointment)).status is Status.IN_PROGRESS
