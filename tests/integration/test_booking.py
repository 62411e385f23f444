"""Booking, moving and cancelling, on both databases: nobody and no room twice, whoever is faster."""

import asyncio
import sys
from datetime import timedelta
from typing import Any

import pytest

from server.actions import change_appointment
from server.actions.change_appointment import Missing
from server.domain.appointments import (
    Appointment,
    Kind,
    KindNotOffered,
    LengthInvalid,
    PeopleInvalid,
    ReasonMissing,
    ReplacesAnother,
    SeatRole,
    Status,
    WrongState,
)
from server.domain.errors import NotFound
from server.domain.occupancy import HostBusy, NoRoomFree, PersonBusy
from server.domain.organisations import Room
from server.storage.tables.people import rooms
from server.storage.tables.trail import audit, changes
from server.storage.unit_of_work import Database
from tests.world import HOUR, NOW, SCOPE, World, make_world


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


async def test_a_booking_seats_everybody_and_takes_a_room(world: World) -> None:
    appointment = await world.book(hosts=("kim", "park"), kind=Kind.SMALL_GROUP, seekers=("jung", "yoon"))
    seats = await world.seats(appointment)
    assert {name: seat.role for name, seat in seats.items()} == {
        "kim": SeatRole.HOST,
        "park": SeatRole.CO_HOST,
        "jung": SeatRole.GUEST,
        "yoon": SeatRole.GUEST,
    }
    assert not appointment.recording_allowed


async def test_an_interview_may_be_recorded_and_its_second_interviewer_sits_on_the_panel(world: World) -> None:
    appointment = await world.interview()
    assert appointment.recording_allowed
    assert (await world.seats(appointment))["panel"].role is SeatRole.PANEL


async def test_a_host_cannot_be_booked_twice(world: World) -> None:
    await world.book(seekers=("jung",))
    with pytest.raises(HostBusy):
        await world.book(seekers=("yoon",), at=NOW + HOUR + timedelta(minutes=45))


async def test_one_may_follow_right_after_another(world: World) -> None:
    await world.book(seekers=("jung",))
    assert (await world.book(seekers=("yoon",), at=NOW + HOUR + timedelta(minutes=50))).status is Status.CONFIRMED


async def test_a_seeker_booked_by_another_tenant_is_busy_and_nothing_more_is_told(world: World) -> None:
    await world.book(seekers=("jung",))
    with pytest.raises(PersonBusy) as refused:
        await world.interview()
    assert refused.value.details == {}
    assert refused.value.sentence == "This person is not free at that time."


async def test_when_every_room_is_taken_there_is_no_room(world: World) -> None:
    async with world.database.write(SCOPE) as uow:
        await uow.rows(Room).delete(rooms.c.tenant_id == world.tenants["centre"].id, rooms.c.name != "1번 방")
    await world.book(seekers=("jung",), hosts=("kim",))
    with pytest.raises(NoRoomFree):
        await world.book("admin", seekers=("bae",), hosts=("park",))


async def test_what_fails_leaves_nothing_behind(world: World) -> None:
    await world.book(seekers=("jung",))
    async with world.database.read(SCOPE) as uow:
        before = await uow.rows(Appointment).count()
    with pytest.raises(PersonBusy):
        await world.book("admin", seekers=("jung",), hosts=("park",))
    async with world.database.read(SCOPE) as uow:
        assert await uow.rows(Appointment).count() == before


async def test_a_cancelled_time_is_free_again(world: World) -> None:
    appointment = await world.book()
    async with world.database.write(world.scope("kim")) as uow:
        cancelled = await change_appointment.cancel(uow, appointment.id, "구직자 요청", NOW)
    assert (cancelled.status, cancelled.cancel_reason) == (Status.CANCELLED, "구직자 요청")
    assert (await world.book()).status is Status.CONFIRMED


async def test_cancelling_needs_a_reason(world: World) -> None:
    appointment = await world.book()
    with pytest.raises(ReasonMissing):
        async with world.database.write(world.scope("kim")) as uow:
            await change_appointment.cancel(uow, appointment.id, " \u202e ", NOW)


async def test_moving_frees_the_old_time_and_takes_the_new(world: World) -> None:
    appointment = await world.book(seekers=("jung",))
    async with world.database.write(world.scope("kim")) as uow:
        await change_appointment.move(uow, appointment.id, NOW + 3 * HOUR, 30, "", NOW)
    assert (await world.book(seekers=("yoon",))).status is Status.CONFIRMED
    with pytest.raises(HostBusy):
        await world.book(seekers=("yoon",), at=NOW + 3 * HOUR)


async def test_a_move_onto_a_taken_time_changes_nothing(world: World) -> None:
    first = await world.book(seekers=("jung",))
    await world.book(seekers=("yoon",), at=NOW + 3 * HOUR)
    with pytest.raises(HostBusy):
        async with world.database.write(world.scope("kim")) as uow:
            await change_appointment.move(uow, first.id, NOW + 3 * HOUR, 30, "", NOW)
    async with world.database.read(SCOPE) as uow:
        assert await uow.rows(Appointment).one(first.id) == first
    with pytest.raises(HostBusy):
        await world.book(seekers=("yoon",))


async def test_another_tenants_appointment_does_not_exist(world: World) -> None:
    appointment = await world.book()
    for name in ("lead", "other"):
        with pytest.raises(NotFound):
            async with world.database.write(world.scope(name)) as uow:
                await change_appointment.cancel(uow, appointment.id, "x", NOW)


async def test_a_colleagues_case_does_not_exist_for_a_counsellor_but_for_the_administrator(world: World) -> None:
    appointment = await world.book()
    async with world.database.read(world.scope("park")) as uow:
        assert await uow.rows(Appointment).get(appointment.id) is None
    async with world.database.read(world.scope("admin")) as uow:
        assert await uow.rows(Appointment).get(appointment.id) == appointment


async def test_a_no_show_can_only_be_confirmed_once_the_room_was_open(world: World) -> None:
    appointment = await world.book()
    with pytest.raises(WrongState):
        async with world.database.write(world.scope("kim")) as uow:
            await change_appointment.confirm_no_show(uow, appointment.id, Missing.GUEST, True, NOW)


@pytest.mark.parametrize("minutes", [0, 4, 7, 485, -30])
async def test_odd_lengths_are_refused(world: World, minutes: int) -> None:
    with pytest.raises(LengthInvalid):
        await world.book(minutes=minutes)


async def test_people_must_fit_the_kind_and_be_ones_own(world: World) -> None:
    for seekers, hosts in [(("jung", "yoon"), ("kim",)), ((), ("kim",)), (("far",), ("kim",)), (("bae",), ("kim",))]:
        with pytest.raises(PeopleInvalid):
            await world.book(seekers=seekers, hosts=hosts)
    with pytest.raises(PeopleInvalid):
        await world.book(hosts=("admin",))
    with pytest.raises(PeopleInvalid):
        await world.book(hosts=("lead",))


async def test_a_centre_holds_no_interviews_and_an_employer_no_counselling(world: World) -> None:
    with pytest.raises(KindNotOffered):
        await world.book(kind=Kind.INTERVIEW)
    with pytest.raises(KindNotOffered):
        await world.book("lead", Kind.COUNSELLING, hosts=("lead",))


async def missed(world: World, **booking: Any) -> Appointment:
    """An appointment to which nobody came, as a person has said."""
    appointment = await world.book(**booking)
    await world.tick(appointment.starts_at)
    async with world.database.write(world.scope("kim")) as uow:
        return await change_appointment.confirm_no_show(uow, appointment.id, Missing.BOTH, True, world.clock())


async def test_a_group_is_replaced_by_a_group_of_its_people_and_by_nothing_else(world: World) -> None:
    group: dict[str, Any] = {"kind": Kind.SMALL_GROUP, "seekers": ("jung", "yoon")}
    old = await missed(world, **group)
    later: dict[str, Any] = {"at": NOW + 30 * HOUR, "replaces_id": old.id}
    for wrong in ({"seekers": ("jung",)}, {**group, "seekers": ("bae",), "by": "admin", "hosts": ("park",)}):
        with pytest.raises(ReplacesAnother):
            await world.book(**{**wrong, **later})
    assert (await world.book(**{**group, "seekers": ("yoon",), **later})).replaces_id == old.id


async def test_every_act_leaves_an_audit_row_and_news_for_its_own_tenant(world: World) -> None:
    appointment = await world.book()
    async with world.database.write(world.scope("kim")) as uow:
        await change_appointment.cancel(uow, appointment.id, "사유", NOW)
    async with world.database.read(SCOPE) as uow:
        deeds = list(await uow.execute(audit.select().where(audit.c.object_id == appointment.id)))
        news = list(await uow.execute(changes.select().where(changes.c.object_id == appointment.id)))
    assert [(deed.action, deed.actor_id) for deed in deeds] == [
        ("appointment.booked", world.staff["kim"].id),
        ("appointment.cancelled", world.staff["kim"].id),
    ]
    assert {row.tenant_id for row in news} == {world.tenants["centre"].id}


_RIVAL = """
import asyncio, sys
from datetime import datetime, timedelta
from server.actions.book import Wish, book
from server.domain.appointments import Kind
from server.domain.errors import Conflict
from server.domain.people import Role
from server.domain.permissions import StaffScope
from server.storage.unit_of_work import Database
from uuid import uuid4

async def main(url, tenant, person, seeker, start):
    database, scope = Database(url), StaffScope(tenant_id=tenant, person_id=person, role=Role.COUNSELLOR)
    print("ready", flush=True)
    sys.stdin.readline()
    won = 0
    for hour in range(12):
        at = datetime.fromisoformat(start) + timedelta(hours=hour)
        wish = Wish(kind=Kind.COUNSELLING, seeker_ids=[seeker], host_ids=[person], starts_at=at, minutes=50)
        try:
            async with database.write(scope) as uow:
                await book(uow, wish, scope, at, lambda: uuid4().hex)
            won += 1
        except Conflict as refused:
            assert refused.code in ("person_busy", "host_busy"), refused.code
    await database.close()
    print(won, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_of_two_processes_that_book_the_same_times_exactly_one_wins_each(world: World, database_url: str) -> None:
    arguments = [
        database_url,
        world.tenants["centre"].id,
        world.staff["kim"].id,
        world.seekers["jung"].id,
        (NOW + HOUR).isoformat(),
    ]
    pipe = asyncio.subprocess.PIPE
    rivals = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", _RIVAL, *arguments, stdin=pipe, stdout=pipe)
        for _ in range(2)
    ]
    for rival in rivals:
        assert rival.stdout is not None
        assert await rival.stdout.readline() == b"ready\n"
    outcomes = await asyncio.gather(*(rival.communicate(b"go\n") for rival in rivals))
    assert sum(int(out) for out, _ in outcomes) == 12
    async with world.database.read(SCOPE) as uow:
        assert await uow.rows(Appointment).count() == 12
