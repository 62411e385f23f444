"""Ticks and facts against both databases: rooms open, people meet, a call ends, and everything is written once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from server.actions import schedule
from server.actions.call_orders import CloseCall, OpenCall, order_for
from server.actions.change_appointment import Missing, cancel, confirm_no_show, move
from server.actions.join_call import redeem, ticket_for_staff
from server.actions.nodes import room_refused
from server.actions.record_facts import fact_of, record_facts
from server.actions.schedule import run_tick
from server.domain.appointments import Appointment, Kind, Presence, Status
from server.domain.consent import Answer, ConsentAnswer
from server.domain.engines import Engine
from server.domain.links import TicketRefused
from server.domain.occupancy import HostBusy, Resource, claims
from server.domain.organisations import Room
from server.domain.rooms import Assign, Assignment, CloseEmpty, Decision, NoticeKind, RoomNotReady
from server.storage.occupancy import take
from server.storage.tables.appointments import occupancy
from server.storage.tables.scheduling import assignments, facts, notices
from server.storage.tables.trail import changes
from server.storage.unit_of_work import Database, UnitOfWork
from signaling.call.spec import CallSpec
from signaling.media.recorders import DataKey
from tests.world import HOUR, NOW, SCOPE, World, make_world, new_secret


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


async def tick(world: World, minutes_after_start: float) -> list[Decision]:
    return await world.tick(NOW + HOUR + timedelta(minutes=minutes_after_start))


async def appointment_now(world: World, appointment: Appointment) -> Appointment:
    async with world.database.read(SCOPE) as uow:
        return await uow.rows(Appointment).one(appointment.id)


async def assignment_now(world: World, appointment: Appointment) -> Assignment:
    async with world.database.read(SCOPE) as uow:
        return (await uow.rows(Assignment).where(assignments.c.appointment_id == appointment.id))[0]


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


class Journal:
    """A node's journal of one call."""

    def __init__(self, world: World, call: str, epoch: int = 1) -> None:
        self.world, self.call, self.epoch, self.seq = world, call, epoch, 0

    def line(self, kind: str, **body: Any) -> dict[str, Any]:
        self.seq += 1
        at = self.world.clock().isoformat()
        return {"call": self.call, "epoch": self.epoch, "run": 1, "seq": self.seq, "at": at, "kind": kind, **body}

    async def tell(self, kind: str, **body: Any) -> int:
        return await self.ship(self.line(kind, **body))

    async def ship(self, *lines: Mapping[str, Any]) -> int:
        async with self.world.database.write(SCOPE) as uow:
            return await record_facts(uow, [fact_of(line) for line in lines], [])


async def no_keys(uow: UnitOfWork, appointment: Appointment, count: int) -> list[DataKey]:
    return [DataKey(f"key-{number}", b"p" * 32, b"w" * 40) for number in range(count)]


async def opened(world: World, **booking: Any) -> tuple[Appointment, Journal]:
    appointment = await world.book(**booking)
    await tick(world, -30)
    assignment = await assignment_now(world, appointment)
    return appointment, Journal(world, assignment.call_id, assignment.epoch)


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


async def test_facts_shipped_twice_are_applied_once(world: World) -> None:
    appointment, journal = await opened(world)
    seat = (await world.seats(appointment))["jung"].id
    lines = [
        journal.line("presence", seat=seat, state="connected", cause="joined"),
        journal.line(
            "consent_answered", seat=seat, item="sound", answer="granted", text_version="v", lang="ko", by=seat
        ),
    ]
    assert await journal.ship(*lines) == 2
    assert await journal.ship(*lines) == 0
    async with world.database.read(SCOPE) as uow:
        assert len((await uow.execute(facts.select())).all()) == 2
        answers = await uow.rows(ConsentAnswer).where()
    assert [(one.answer, one.channel) for one in answers] == [(Answer.GRANTED, "call")]


async def test_an_older_line_that_arrives_late_does_not_turn_presence_back(world: World) -> None:
    appointment, journal = await opened(world)
    seat = (await world.seats(appointment))["jung"].id
    old = journal.line("presence", seat=seat, state="connected", cause="joined")
    world.clock.now += timedelta(seconds=5)
    await journal.tell("presence", seat=seat, state="left", cause="left")
    await journal.ship(old)
    assert (await world.seats(appointment))["jung"].presence is Presence.LEFT


async def test_a_replaced_node_keeps_its_history_but_moves_nobody(world: World) -> None:
    appointment, journal = await opened(world)
    zombie = Journal(world, journal.call, epoch=0)
    assert (
        await zombie.tell("presence", seat=(await world.seats(appointment))["jung"].id, state="connected", cause="x")
        == 1
    )
    assert (await world.seats(appointment))["jung"].presence is Presence.INVITED


async def test_words_of_a_newer_node_are_kept_and_hold_nothing_up(world: World) -> None:
    appointment, journal = await opened(world)
    seat = (await world.seats(appointment))["jung"].id
    consent = {"seat": seat, "answer": "granted", "text_version": "v", "lang": "ko", "by": seat}
    lines = [
        journal.line("presence", seat=seat, state="teleported", cause="x"),
        journal.line("presence", state="connected"),
        journal.line("consent_answered", item="employer_sharing", **consent),
        journal.line("something_new", of="tomorrow"),
        journal.line("presence", seat=seat, state="waiting", cause="joined"),
    ]
    assert await journal.ship(*lines) == len(lines)
    assert (await world.seats(appointment))["jung"].presence is Presence.WAITING
    async with world.database.read(SCOPE) as uow:
        assert await uow.rows(ConsentAnswer).where() == []


async def test_facts_of_an_unknown_call_are_dropped(world: World) -> None:
    assert await Journal(world, "nobody").tell("presence", seat="x", state="connected", cause="x") == 0


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


async def moved(world: World, appointment: Appointment, to_hours: float) -> Appointment:
    async with world.database.write(world.scope("kim")) as uow:
        return await move(uow, appointment.id, NOW + to_hours * HOUR, 50, "", world.clock())


async def order(world: World, call: str) -> OpenCall | CloseCall | None:
    async with world.database.write(SCOPE) as uow:
        return await order_for(uow, call, no_keys)


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


async def next_starts_at(world: World, call: str) -> str | None:
    sent = await order(world, call)
    assert isinstance(sent, OpenCall)
    found: str | None = sent.spec["next_starts_at"]
    return found


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
