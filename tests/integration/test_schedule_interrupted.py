"""Appointments that are moved while their room is open, and days in which no server ran."""

from datetime import timedelta

import pytest

from server.actions import schedule
from server.actions.call_orders import CloseCall, OpenCall
from server.actions.change_appointment import move
from server.actions.nodes import room_refused
from server.actions.schedule import run_tick
from server.domain.appointments import Appointment, Presence, Status
from server.domain.occupancy import HostBusy
from server.domain.rooms import Assign, CloseEmpty, NoticeKind
from server.storage.tables.appointments import occupancy
from server.storage.tables.scheduling import notices
from server.storage.unit_of_work import Database
from tests.scheduling import Journal, appointment_now, assignment_now, opened, order, tick
from tests.world import HOUR, NOW, SCOPE, World, make_world


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


async def moved(world: World, appointment: Appointment, to_hours: float) -> Appointment:
    async with world.database.write(world.scope("kim")) as uow:
        return await move(uow, appointment.id, NOW + to_hours * HOUR, 50, "", world.clock())


async def test_an_open_appointment_that_is_moved_opens_again_at_its_new_time_whatever_is_told_of_the_old_call(
    world: World,
) -> None:
    appointment, old = await opened(world)
    guest = (await world.seats(appointment))["jung"].id
    await old.tell("presence", seat=guest, state="waiting", cause="arrived")
    await moved(world, appointment, 4)
    assert isinstance(await order(world, old.call), CloseCall)
    await old.tell("presence", seat=guest, state="left", cause="closed")
    await old.tell("call_ended", by=None, cause="empty")
    assert (await assignment_now(world, appointment)).closed_at is None
    assert (await world.seats(appointment))["jung"].presence is Presence.INVITED
    with pytest.raises(HostBusy):
        await world.book(seekers=("yoon",), at=NOW + 4 * HOUR)

    await tick(world, 150)
    assert (await appointment_now(world, appointment)).status is Status.OPEN
    sent = await order(world, old.call)
    assert isinstance(sent, OpenCall)
    assert sent.spec["epoch"] > old.epoch + 1
    again = Journal(world, old.call, sent.spec["epoch"])
    for name in ("kim", "jung"):
        await again.tell("presence", seat=(await world.seats(appointment))[name].id, state="connected", cause="x")
    assert (await appointment_now(world, appointment)).status is Status.IN_PROGRESS


async def test_an_appointment_whose_host_ended_it_alone_opens_again_once_it_is_moved(world: World) -> None:
    appointment, journal = await opened(world)
    host = (await world.seats(appointment))["kim"].id
    await journal.tell("presence", seat=host, state="connected", cause="entered")
    await journal.tell("presence", seat=host, state="left", cause="left")
    await journal.tell("call_ended", by=host, cause="host")
    await moved(world, appointment, 4)
    await tick(world, 150)
    assert (await appointment_now(world, appointment)).status is Status.OPEN
    assert (await assignment_now(world, appointment)).closed_at is None


async def test_what_a_tick_decided_before_a_move_was_committed_does_not_touch_the_new_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appointment, old = await opened(world)
    now = world.clock()
    overtaken = [
        CloseEmpty(appointment.id, old.call, old.epoch, now, completed=False),
        Assign(appointment.id, old.call, "node-1", old.epoch + 1, now),
    ]
    await moved(world, appointment, 4)
    after = await assignment_now(world, appointment)
    monkeypatch.setattr(schedule, "tick", lambda *_: overtaken)
    await world.tick(now)
    assert await assignment_now(world, appointment) == after
    assert (await appointment_now(world, appointment)).status is Status.CONFIRMED


async def test_a_host_who_was_there_before_a_move_and_not_after_it_is_noticed(world: World) -> None:
    appointment, journal = await opened(world)
    host = (await world.seats(appointment))["kim"].id
    await journal.tell("presence", seat=host, state="connected", cause="entered")
    await journal.tell("presence", seat=host, state="left", cause="left")
    await moved(world, appointment, 4)
    await tick(world, 150)
    await tick(world, 186)
    async with world.database.read(SCOPE) as uow:
        kinds = {row.kind for row in await uow.execute(notices.select())}
    assert kinds == {NoticeKind.POSSIBLE_NO_SHOW_HOST}


async def test_a_call_that_waits_for_another_node_is_not_closed_meanwhile(world: World) -> None:
    appointment, journal = await opened(world)
    async with world.database.write(SCOPE) as uow:
        await room_refused(uow, "node-0", journal.call, journal.epoch, world.clock())
    assert (await assignment_now(world, appointment)).node is None
    assert await order(world, journal.call) is None


async def weekend_off(world: World, appointment: Appointment) -> None:
    """Everything was switched off soon after the start, and is on again on the third day; people have gone home."""
    for minutes in (0, 0.1, 11, 11.1):
        await tick(world, 3 * 24 * 60 + minutes)
    assert (await assignment_now(world, appointment)).closed_at is not None
    async with world.database.read(SCOPE) as uow:
        assert (await uow.execute(occupancy.select())).all() == []
        told = await uow.execute(notices.select().where(notices.c.appointment_id == appointment.id))
        noticed = {row.kind for row in told}
    assert bool(noticed) == ((await appointment_now(world, appointment)).status is Status.OPEN)


async def test_a_room_that_nobody_came_to_before_days_without_a_server_is_closed_and_the_no_show_noticed(
    world: World,
) -> None:
    appointment, _ = await opened(world)
    await weekend_off(world, appointment)
    assert (await appointment_now(world, appointment)).status is Status.OPEN


async def test_an_appointment_that_fell_into_days_without_a_server_waits_for_a_persons_word(world: World) -> None:
    appointment = await world.book()
    await weekend_off(world, appointment)
    assert (await appointment_now(world, appointment)).status is Status.OPEN


@pytest.mark.parametrize("back", ["node-0", "node-1"])
async def test_a_conversation_cut_by_days_without_a_server_is_over_and_so_is_its_recording(
    world: World, back: str
) -> None:
    appointment, journal = await opened(world)
    for name in ("kim", "jung"):
        await journal.tell("presence", seat=(await world.seats(appointment))[name].id, state="connected", cause="x")
    days_later = NOW + HOUR + timedelta(days=3)
    for seconds in range(0, 96, 6):
        await world.tick(days_later + timedelta(seconds=seconds), back)
    if back == "node-0":  # its journal was replayed: whoever was inside does not come back
        for name in ("kim", "jung"):
            await journal.tell("presence", seat=(await world.seats(appointment))[name].id, state="dropped", cause="x")
    for minutes in (12, 12.5):
        await world.tick(days_later + timedelta(minutes=minutes), back)
    assert (await assignment_now(world, appointment)).closed_at is not None
    assert (await appointment_now(world, appointment)).status in (Status.COMPLETED, Status.INTERRUPTED)


async def test_what_begins_now_is_placed_before_what_an_outage_left_behind(world: World) -> None:
    await world.book()
    now = NOW + HOUR + timedelta(days=3)
    fresh = await world.book(seekers=("yoon",), at=now + timedelta(minutes=15))
    world.clock.now = now
    await world.announce("node-0", seat_capacity=2)
    async with world.database.write(SCOPE) as uow:
        await run_tick(uow, now)
    assert (await assignment_now(world, fresh)).node == "node-0"
