"""What happened to an appointment can be looked up: each step once, in order, by whom and why."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy as sa

from server.actions.change_appointment import Missing, assignment_of, cancel, confirm_no_show, move
from server.actions.history import history_of
from server.actions.record_facts import Fact, record_facts
from server.domain.appointments import Appointment
from server.domain.errors import NotFound
from server.storage.unit_of_work import Database
from tests.world import HOUR, NOW, SCOPE, World, make_world

MINUTE = timedelta(minutes=1)
START = NOW + HOUR
KIM = "견본 kim"


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


async def lines(world: World, appointment: Appointment, by: str = "kim") -> list[tuple[str, str | None, str | None]]:
    """Step, by whom, why."""
    async with world.database.read(world.scope(by)) as uow:
        found = await history_of(uow, appointment.id)
    assert [one.at for one in found] == sorted(one.at for one in found)
    return [(one.step.value, one.by, one.reason) for one in found]


async def happens(world: World, appointment: Appointment, kind: str, seq: int, epoch: int = 1, **body: Any) -> None:
    """The node says so now."""
    async with world.database.write(SCOPE) as uow:
        call = (await assignment_of(uow, appointment.id)).call_id
        fact = Fact(call_id=call, epoch=epoch, run=1, seq=seq, at=world.clock(), kind=kind, body=body)
        assert await record_facts(uow, [fact], []) == 1


async def test_a_conversation_is_booked_moved_opened_held_and_ended_by_somebody(world: World) -> None:
    appointment = await world.book()
    async with world.database.write(world.scope("kim")) as uow:
        await move(uow, appointment.id, START + HOUR, 50, "부탁하셔서", NOW + MINUTE)
    await world.tick(START + 50 * MINUTE)
    places = await world.seats(appointment)
    world.clock.now = START + HOUR
    for seq, name in enumerate(("kim", "jung"), 1):
        await happens(world, appointment, "presence", seq, seat=places[name].id, state="connected", cause="entered")
    world.clock.now += 40 * MINUTE
    await happens(world, appointment, "call_ended", 3, by=places["kim"].id, cause="host")
    assert await lines(world, appointment) == [
        ("booked", KIM, None),
        ("moved", KIM, "부탁하셔서"),
        ("opened", None, None),
        ("in_progress", None, None),
        ("completed", KIM, None),
    ]
    async with world.database.read(world.scope("kim")) as uow:
        times = [one.starts_at for one in await history_of(uow, appointment.id)]
    assert times == [START, START + HOUR, None, None, None]


async def test_a_cancellation_has_its_reason(world: World) -> None:
    appointment = await world.book()
    async with world.database.write(world.scope("admin")) as uow:
        await cancel(uow, appointment.id, "구직자가 취업함", NOW)
    assert (await lines(world, appointment))[1:] == [("cancelled", "견본 admin", "구직자가 취업함")]


async def test_a_possible_no_show_is_raised_once_dismissed_or_confirmed_and_then_replaced(world: World) -> None:
    appointment = await world.book()
    for minutes in (-20, 6, 7, 11, 12):
        await world.tick(START + minutes * MINUTE)
    async with world.database.write(world.scope("kim")) as uow:
        await confirm_no_show(uow, appointment.id, Missing.HOST, confirmed=False, now=START + 13 * MINUTE)
        await confirm_no_show(uow, appointment.id, Missing.GUEST, confirmed=True, now=START + 14 * MINUTE)
    world.clock.now = START + 15 * MINUTE
    again = await world.book(at=START + 3 * HOUR, replaces_id=appointment.id)
    assert await lines(world, appointment) == [
        ("booked", KIM, None),
        ("opened", None, None),
        ("possible_no_show_host", None, None),
        ("possible_no_show_guest", None, None),
        ("no_show_dismissed", KIM, None),
        ("no_show", KIM, None),
        ("rescheduled", KIM, None),
    ]
    assert await lines(world, again) == [("booked", KIM, None)]


async def test_a_conversation_whose_machine_was_lost_was_interrupted_and_went_on(world: World) -> None:
    appointment = await world.book()
    await world.tick(START)
    places = await world.seats(appointment)
    for seq, name in enumerate(("kim", "jung"), 1):
        await happens(world, appointment, "presence", seq, seat=places[name].id, state="connected", cause="entered")
    for seconds in range(9, 70, 9):  # only another machine is heard
        await world.tick(START + timedelta(seconds=seconds), node="node-1")
    for seq, name in enumerate(("kim", "jung"), 1):
        here = {"seat": places[name].id, "state": "connected", "cause": "resumed"}
        await happens(world, appointment, "presence", seq, epoch=2, **here)
    assert [step for step, _by, _why in await lines(world, appointment)] == [
        "booked",
        "opened",
        "in_progress",
        "interrupted",
        "in_progress",
    ]


async def test_a_history_out_of_reach_does_not_exist(world: World) -> None:
    appointment = await world.book()
    for stranger in ("park", "other", "lead"):
        with pytest.raises(NotFound):
            await lines(world, appointment, by=stranger)


async def test_what_was_done_before_there_was_a_history_is_taken_from_the_audit_trail(world: World) -> None:
    moved, missed = await world.book(), await world.book(seekers=("yoon",), at=START + 2 * HOUR)
    async with world.database.write(world.scope("kim")) as uow:
        await move(uow, moved.id, START + HOUR, 50, "사정", NOW)
        await cancel(uow, moved.id, "취업", NOW)
    await world.tick(START + 2 * HOUR)
    async with world.database.write(world.scope("kim")) as uow:
        await confirm_no_show(uow, missed.id, Missing.BOTH, confirmed=True, now=START + 3 * HOUR)
    migration = import_module("server.migrations.versions.0003_history_of_appointments")
    async with world.database.write(SCOPE) as uow:
        await uow.execute(sa.text("DELETE FROM history"))
        for statement in (migration._BOOKED, migration._CHANGED):
            await uow.execute(sa.text(statement))
    assert await lines(world, moved) == [
        ("booked", KIM, None),
        ("moved", KIM, "사정"),
        ("cancelled", KIM, "취업"),
    ]
    assert await lines(world, missed) == [("booked", KIM, None), ("no_show", KIM, None)]
