"""Facts of a call as its node ships them: each kept once, in their order, and none of a node that was replaced."""

from datetime import timedelta

import pytest

from server.domain.appointments import Presence
from server.domain.consent import Answer, ConsentAnswer
from server.storage.tables.scheduling import facts
from server.storage.unit_of_work import Database
from tests.scheduling import Journal, opened
from tests.world import SCOPE, World, make_world


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


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
