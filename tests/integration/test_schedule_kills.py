"""Real `work` and `web` processes, killed between and in ticks: the same rows as those of a server that was not.

Time does not pass, it is moved: between steps every row is shifted into the past by the same amount, so an hour of
appointments takes seconds and the scheduler reads the real clock. Rows are compared by their distance to the start.
"""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.actions.change_appointment import assignment_of
from server.actions.nodes import known_nodes
from server.actions.record_facts import fact_of, record_facts
from server.actions.schedule import run_tick
from server.domain.appointments import Appointment
from server.domain.nodes import NODE_SILENT
from server.storage.schema import migrate
from server.storage.tables.appointments import appointments, occupancy, seats
from server.storage.tables.scheduling import assignments, facts, notices
from server.storage.unit_of_work import Database
from signaling.call.facts import PresenceChanged, to_json
from signaling.media.port import SeatId
from signaling.messages.shapes import Presence
from tests.e2e.product import free_port
from tests.scripted_node import ScriptedNode, scripted_node
from tests.world import SCOPE, World, make_world

SECRET = "only for this test"
TIMES = [
    (appointments, ("starts_at", "ends_at")),
    (seats, ("presence_at", "first_present_at")),
    (assignments, ("opened_at", "empty_since", "closed_at")),
    (notices, ("due_at",)),
    (facts, ("at",)),
]
# Minutes after the first start. Each leaves half a minute for the test itself before anything else is due.
STEPS = (-29.5, 2.5, 20.5, 45.5, 62.5, 115.5)
OFF_FOR = 3 * 24 * 60  # minutes: a weekend, and a holiday
# Who comes (+) and goes (-) when: kim meets jung, nobody comes to yoon's, bae's host is alone, far's is empty.
HAPPENED = {
    2.5: (("met", "kim", 1, Presence.CONNECTED), ("met", "jung", 2, Presence.CONNECTED)),
    20.5: (("alone", "park", 9, Presence.CONNECTED), ("alone", "park", 20, Presence.LEFT)),
    62.5: (("met", "jung", 51, Presence.LEFT), ("met", "kim", 52, Presence.LEFT)),
}


@dataclass
class Plan:
    """The appointments of one world by a short name, and where the scripted facts are."""

    world: World
    booked: dict[str, Appointment] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # seats → short names

    async def now(self) -> float:
        """Minutes after the first start."""
        return (datetime.now(UTC) - await self.started_at()) / timedelta(minutes=1)

    async def started_at(self) -> datetime:
        async with self.world.database.read(SCOPE) as uow:
            return (await uow.rows(Appointment).one(self.booked["met"].id)).starts_at

    async def move_to(self, minutes: float) -> None:
        """Let it be so many minutes after the first start."""
        await shift(self.world.database, timedelta(minutes=minutes - await self.now()))

    async def facts_at(self, step: float) -> list[tuple[str, PresenceChanged]]:
        """What is decided in calls before this step, by call."""
        start = await self.started_at()
        told = []
        for what, who, minute, state in HAPPENED.get(step, ()):
            seat = SeatId((await self.world.seats(self.booked[what]))[who].id)
            at = start + timedelta(minutes=minute)
            told.append((self.calls[what], PresenceChanged(at=at, seat=seat, state=state, cause="joined")))
        return told

    async def rows(self) -> dict[str, list[Any]]:
        """Everything that the scheduler and facts write, with names for ids and minutes for times."""
        start = await self.started_at()
        known = {one.id: what for what, one in self.booked.items()}
        known |= {call: what for what, call in self.calls.items()} | self.names

        def plain(value: object) -> object:
            if isinstance(value, datetime):
                return round((value - start) / timedelta(minutes=1), 3)
            return known.get(value, value) if isinstance(value, str) else str(value)

        found = {}
        async with self.world.database.read(SCOPE) as uow:
            for table, query in queries(list(known)):
                found[table] = sorted([str([plain(value) for value in row]) for row in await uow.execute(query)])
        return found


def queries(ids: Sequence[str]) -> Iterator[tuple[str, sa.Select[Any]]]:
    mine = appointments.c.id.in_(ids)
    yield "appointments", sa.select(appointments.c.id, appointments.c.status, appointments.c.ends_at).where(mine)
    a, s = assignments.c, seats.c
    room = sa.select(a.appointment_id, a.node, a.epoch, a.opened_at, a.empty_since, a.closed_at)
    yield "assignments", room.where(a.appointment_id.in_(ids))
    seat = sa.select(s.appointment_id, s.id, s.presence, s.presence_at, s.first_present_at)
    yield "seats", seat.where(s.appointment_id.in_(ids))
    yield "notices", sa.select(notices.c.appointment_id, notices.c.kind, notices.c.due_at)
    f = facts.c
    yield "facts", sa.select(f.call_id, f.epoch, f.run, f.seq, f.at, f.kind)
    taken = sa.select(occupancy.c.appointment_id, sa.func.count()).group_by(occupancy.c.appointment_id)
    yield "occupancy", taken


async def shift(database: Database, by: timedelta) -> None:
    """Everything that happened, or will, is so much longer ago, or sooner."""
    async with database.write(SCOPE) as uow:
        for table, names in TIMES:
            key = list(table.primary_key)
            columns = [table.c[name] for name in names]
            for row in (await uow.execute(sa.select(*key, *columns))).all():
                moved = {name: getattr(row, name) - by for name in names if getattr(row, name) is not None}
                where = sa.and_(*(column == getattr(row, column.name) for column in key))
                if moved:
                    await uow.execute(sa.update(table).where(where).values(moved))


async def planned(database: Database) -> Plan:
    """Four appointments of the next hours, all of which the scheduler has to do with."""
    world = await make_world(database)
    now = datetime.now(UTC)
    start = now - (now - datetime.min.replace(tzinfo=UTC)) % timedelta(minutes=5) + timedelta(hours=2)
    world.clock.now = now
    plan = Plan(world)
    for what, by, seeker, at, minutes in [
        ("met", "kim", "jung", 0, 50),
        ("nobody", "kim", "yoon", 55, 50),
        ("alone", "park", "bae", 0, 50),
        ("empty", "other", "far", 0, 30),
    ]:
        one = await world.book(by, seekers=(seeker,), hosts=(by,), at=start + timedelta(minutes=at), minutes=minutes)
        plan.booked[what] = one
        async with database.read(SCOPE) as uow:
            plan.calls[what] = (await assignment_of(uow, one.id)).call_id
        plan.names |= {seat.id: name for name, seat in (await world.seats(one)).items()}
    return plan


class _Looked(Exception):
    """Only looked: nothing of this transaction stays."""


async def settled(database: Database) -> bool:
    """Whether a node has been heard of and a tick would decide nothing now."""
    now, decisions = datetime.now(UTC), []
    try:
        async with database.write(SCOPE) as uow:
            heard = await known_nodes(uow, now - NODE_SILENT / 2)
            decisions += await run_tick(uow, now)
            raise _Looked
    except _Looked:
        return bool(heard) and not decisions


class Servers:
    """`ieum web` and `ieum work` on this database, killed and started again."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.private_port, self._folder = free_port(), folder
        self._environment = {
            **os.environ,
            "IEUM_DATA_DIR": str(folder),
            "IEUM_DATABASE_URL": database_url,
            "IEUM_LINK_SECRET": SECRET,
            "IEUM_LISTEN_PORT": str(free_port()),
        }
        self._running: dict[str, asyncio.subprocess.Process] = {}

    async def start(self, what: str) -> None:
        port = str(self.private_port if what == "web" else 0)
        with (self._folder / f"{what}.log").open("ab") as log:
            self._running[what] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server", what,
                env={**self._environment, "IEUM_PRIVATE_PORT": port}, stdin=asyncio.subprocess.DEVNULL, stderr=log,
            )  # fmt: skip

    async def kill(self, what: str) -> None:
        process = self._running.pop(what)
        process.kill()
        await process.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Servers"]:
        try:
            for what in ("web", "work"):
                await self.start(what)
            yield self
        finally:
            for what in list(self._running):
                await self.kill(what)


async def unkilled(database: Database) -> dict[str, list[Any]]:
    """The rows of a server whose clock ticks every half minute and never stops; then all of it is taken away again."""
    plan = await planned(database)
    seqs = dict.fromkeys(plan.calls.values(), 0)
    step = STEPS[0] - 1
    while step <= STEPS[-1]:
        await plan.move_to(step)
        await plan.world.announce(seats_taken=0)
        lines = []
        for call, fact in await plan.facts_at(step):
            seqs[call] += 1
            lines.append({"call": call, "epoch": 1, "run": 1, "seq": seqs[call], **to_json(fact)})
        async with database.write(SCOPE) as uow:
            await record_facts(uow, [fact_of(line) for line in lines], [])
            await run_tick(uow, datetime.now(UTC))
        step += 0.5
    return await plan.rows()


async def killed(plan: Plan, node: ScriptedNode, servers: Servers, order: random.Random) -> dict[str, list[Any]]:
    """The rows of a server that is killed at some moment of every step, and is off for days before the last."""
    for step in STEPS[:-1]:
        await plan.move_to(step)
        for call, fact in await plan.facts_at(step):
            node.tell(call, fact)
        what = order.choice(("work", "web"))
        await asyncio.sleep(order.uniform(0, 0.7))  # the moment of the kill is what is drawn
        await servers.kill(what)
        await servers.start(what)
        await all_written(plan, node)
    for what in ("work", "web"):
        await servers.kill(what)
    await plan.move_to(STEPS[-1] + OFF_FOR)
    for what in ("web", "work"):
        await servers.start(what)
    await all_written(plan, node)
    return await plan.rows()


async def all_written(plan: Plan, node: ScriptedNode) -> None:
    """Until there is nothing more to be told or decided."""
    async with asyncio.timeout(120):
        while not (node.all_told and await settled(plan.world.database)):
            await asyncio.sleep(0.25)


@pytest.fixture
async def undisturbed(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/undisturbed.db")
    await migrate(database, datetime.now(UTC))
    yield database
    await database.close()


@pytest.mark.timeout(420)
async def test_killing_work_and_web_at_any_moment_leaves_the_same_rows(
    database: Database, database_url: str, undisturbed: Database, tmp_path: Path
) -> None:
    expected = await unkilled(undisturbed)
    plan, servers = await planned(database), Servers(database_url, tmp_path)
    web_url = f"http://127.0.0.1:{servers.private_port}"
    async with scripted_node(tmp_path / "journals", free_port(), web_url, SECRET) as node, servers.running():
        found = await killed(plan, node, servers, random.Random(11))
    assert found == expected
    assert len(found["notices"]) == 10  # three warnings, one host who runs late, six possible no-shows
    assert [row for row in found["assignments"] if row.endswith("'None']")] == []  # every room is closed
