"""The live board over HTTP: a lead sees own rooms with names and lines, an operator nodes and counts and no name."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.actions.join_call import redeem, ticket_for_staff
from server.actions.nodes import announce, drain, node_of, room_refused
from server.actions.record_facts import fact_of, record_facts
from server.actions.schedule import run_tick
from server.domain.appointments import Appointment, Kind
from server.domain.nodes import Node
from server.domain.rooms import Assignment, Move, NodesFull, RoomNotReady
from server.storage.tables.scheduling import assignments, nodes
from server.storage.tables.trail import audit
from server.storage.unit_of_work import Database, UnitOfWork
from signaling.frames import ReceivedTrack, SeatFigures, SeatTracks, SentTrack
from signaling.media.recorders import DataKey
from tests.world import HOUR, NOW, SCOPE, World, make_world, new_secret, served, services_of

START = NOW + HOUR


@dataclass
class Site:
    world: World
    browsers: Any
    lines: dict[str, dict[str, SeatFigures]] = field(default_factory=dict)
    tracks: dict[tuple[str, str], SeatTracks] = field(default_factory=dict)

    def lines_of(self, call: str) -> Mapping[str, SeatFigures]:
        return self.lines.get(call, {})


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


@pytest.fixture
async def site(world: World, tmp_path: Path) -> AsyncIterator[Site]:
    lines: dict[str, dict[str, SeatFigures]] = {}
    tracks: dict[tuple[str, str], SeatTracks] = {}
    told: dict[str, Any] = {
        "lines_of": lambda call: lines.get(call, {}),
        "tracks_of": lambda call, seat: tracks.get((call, seat)),
    }
    async with served(services_of(world, tmp_path, **told)) as browsers:
        yield Site(world, browsers, lines, tracks)


async def assignment_of(world: World, appointment: Appointment) -> Assignment:
    async with world.database.read(SCOPE) as uow:
        return (await uow.rows(Assignment).where(assignments.c.appointment_id == appointment.id))[0]


async def present(world: World, appointment: Appointment, seat: str, state: str, epoch: int = 1, seq: int = 1) -> None:
    call = (await assignment_of(world, appointment)).call_id
    line = {"call": call, "epoch": epoch, "run": 1, "seq": seq, "at": world.clock().isoformat(), "kind": "presence"}
    async with world.database.write(SCOPE) as uow:
        await record_facts(uow, [fact_of({**line, "seat": seat, "state": state, "cause": "test"})], [])


async def test_a_lead_sees_the_open_rooms_of_the_own_centre_with_troubles_first(site: Site) -> None:
    world = site.world
    good = await world.book(at=START)
    bad = await world.book("park", seekers=("bae",), hosts=("park",), at=START)
    other = await world.book("other", seekers=("far",), hosts=("other",), at=START)
    await world.tick(START)
    seats = await world.seats(good)
    await present(world, good, seats["kim"].id, "connected")
    await present(world, good, seats["jung"].id, "connected", seq=2)
    call = (await assignment_of(world, good)).call_id
    site.lines[call] = {seats["jung"].id: SeatFigures(seat=seats["jung"].id, rtt_ms=40.0, down_loss_percent=1.0)}
    world.clock.now = START + timedelta(minutes=6)
    await world.announce()

    told = await (await site.browsers().sign_in("admin")).get("/api/board")
    assert [room["appointment_id"] for room in told["rooms"]] == [bad.id, good.id]
    assert told["rooms"][0]["troubles"] == ["host_late"]
    assert told["rooms"][1]["troubles"] == []
    lines = {seat["name"]: seat["line"] for seat in told["rooms"][1]["seats"]}
    assert lines["견본 jung"]["rtt_ms"] == 40.0
    assert lines["견본 kim"] is None
    assert other.id not in json.dumps(told)

    site.lines[call][seats["jung"].id] = SeatFigures(seat=seats["jung"].id, down_loss_percent=12.0)
    told = await (await site.browsers().sign_in("admin")).get("/api/board")
    assert {room["appointment_id"]: room["troubles"] for room in told["rooms"]}[good.id] == ["weak_line"]


async def test_a_lead_opens_a_seat_of_the_own_centre_and_sees_its_tracks(site: Site) -> None:
    world = site.world
    appointment = await world.book(at=START)
    await world.tick(START)
    seats = await world.seats(appointment)
    kim, jung = seats["kim"].id, seats["jung"].id
    call = (await assignment_of(world, appointment)).call_id
    site.tracks[call, jung] = SeatTracks(
        seat=jung,
        sends=[SentTrack(track=f"{jung}.mic", layer=0, height=0, bitrate_bps=30_000, loss_percent=1.0)],
        receives=[
            ReceivedTrack(track=f"{kim}.camera", layer=1, height=360, bitrate_bps=400_000, freezes_per_minute=3.0),
            ReceivedTrack(track="nobody.camera", layer=1, bitrate_bps=1),
        ],
    )
    admin, path = await site.browsers().sign_in("admin"), f"/api/board/{appointment.id}/seats/{jung}"
    assert await admin.get(path) == {"sends": [], "receives": []}, "nobody is there yet"
    await present(world, appointment, jung, "connected")
    told = await admin.get(path)
    assert told["sends"] == [{"source": "mic", "layer": 0, "height": None, "bitrate_bps": 30_000, "loss_percent": 1.0}]
    (received,) = told["receives"]
    assert (received["name"], received["source"], received["height"]) == ("견본 kim", "camera", 360)
    assert (received["freezes_per_minute"], received["concealed_percent"]) == (3.0, None)
    await admin.get(f"/api/board/{appointment.id}/seats/{'0' * 32}", 404)
    for other in ("other", "kim", "ops"):  # another centre's, and who looks after no rooms
        answer = await (await site.browsers().sign_in(other)).send("GET", path)
        assert answer.status in (403, 404)


async def test_an_operator_sees_nodes_and_counts_and_nobodys_name(site: Site) -> None:
    world = site.world
    centre, employer = await world.book(seekers=("yoon",), at=START), await world.interview(at=START)
    await world.tick(START)
    for appointment, name in ((centre, "kim"), (employer, "lead")):
        await present(world, appointment, (await world.seats(appointment))[name].id, "connected")
    told = await (await site.browsers().sign_in("ops")).get("/api/nodes")
    assert [(node["name"], node["troubles"]) for node in told["nodes"]] == [("node-0", [])]
    assert sorted((room["inside"], room["waiting"], room["node"]) for room in told["rooms"]) == [(1, 0, "node-0")] * 2
    words = json.dumps(told, ensure_ascii=False)
    for hidden in ("견본", centre.id, employer.id, *(tenant.id for tenant in world.tenants.values())):
        assert hidden not in words


async def test_of_a_node_that_counts_no_packets_no_number_is_told(site: Site) -> None:
    world = site.world
    ops = await site.browsers().sign_in("ops")
    for packets_per_s in (512.0, None):
        await world.announce(packets_per_s=packets_per_s)
        assert [node["packets_per_s"] for node in (await ops.get("/api/nodes"))["nodes"]] == [packets_per_s]


async def test_an_operator_drains_a_node_and_it_is_written_down_who_did(site: Site) -> None:
    world = site.world
    await world.book(at=START)
    await world.tick(START)
    ops = await site.browsers().sign_in("ops")
    answer = await ops.send("POST", "/api/nodes/drain", {"node": "node-0", "wanted": True})
    assert answer.status == 200
    (node,) = (await ops.get("/api/nodes"))["nodes"]
    assert node["drained_at"] is not None
    async with world.database.read(SCOPE) as uow:
        (row,) = await uow.execute(audit.select().where(audit.c.action == "node.drained"))
    assert (row.actor_id, row.object_id) == (world.staff["ops"].id, "node-0")
    assert (await ops.send("POST", "/api/nodes/drain", {"node": "nobody", "wanted": True})).status == 404
    assert (await ops.send("POST", "/api/nodes/drain", {"node": "node-0", "wanted": False})).status == 200
    (node,) = (await ops.get("/api/nodes"))["nodes"]
    assert node["drained_at"] is None


async def test_a_room_on_a_drained_node_moves_with_everybody_in_it(world: World) -> None:
    appointment = await world.book(at=START)
    await world.tick(START)
    seats = await world.seats(appointment)
    await present(world, appointment, seats["kim"].id, "connected")
    await world.announce("node-1")
    async with world.database.write(SCOPE) as uow:
        await drain(uow, "node-0", START)
    decisions = await world.tick(START + timedelta(seconds=3))
    assert [type(one) for one in decisions] == [Move]
    placed = await assignment_of(world, appointment)
    assert (placed.node, placed.epoch, placed.moved_from) == ("node-1", 2, "node-0")
    assert (await world.seats(appointment))["kim"].presence == "connected"
    # The node that hands it over is believed to the end.
    await present(world, appointment, seats["jung"].id, "waiting", epoch=1, seq=2)
    assert (await world.seats(appointment))["jung"].presence == "waiting"
    assert await world.tick(START + timedelta(seconds=6)) == []


async def test_an_announcement_undoes_no_drain(world: World) -> None:
    await world.announce()
    async with world.database.write(SCOPE) as uow:
        await drain(uow, "node-0", NOW)
    await world.announce()
    async with world.database.read(SCOPE) as uow:
        assert (await uow.rows(Node).one("node-0")).drained_at == NOW


async def test_a_refused_room_gets_another_node_and_a_refused_move_goes_back(world: World) -> None:
    appointment = await world.book(at=START)
    await world.tick(START)
    call = (await assignment_of(world, appointment)).call_id
    async with world.database.write(SCOPE) as uow:
        await room_refused(uow, "node-0", call, 1, START)
        await room_refused(uow, "node-0", call, 1, START)  # another web tells the same
    await world.announce("node-1")
    async with world.database.write(SCOPE) as uow:
        await announce(uow, await full(uow))
    await world.tick(START + timedelta(seconds=3), "node-1")
    placed = await assignment_of(world, appointment)
    assert (placed.node, placed.epoch) == ("node-1", 2)

    await world.announce("node-2")
    async with world.database.write(SCOPE) as uow:
        await drain(uow, "node-1", START)
    await world.tick(START + timedelta(seconds=6), "node-2")
    assert (await assignment_of(world, appointment)).node == "node-2"
    async with world.database.write(SCOPE) as uow:
        await room_refused(uow, "node-2", call, 3, START)
    placed = await assignment_of(world, appointment)
    assert (placed.node, placed.epoch, placed.moved_from) == ("node-1", 2, None)


async def full(uow: UnitOfWork) -> Node:
    """The first node, as it announces itself when it is full."""
    (known,) = await uow.rows(Node).where(nodes.c.name == "node-0")
    return Node(**{**known.__dict__, "takes_rooms": False, "fullness": 0.8})


async def no_keys(uow: UnitOfWork, appointment: Appointment, count: int) -> list[DataKey]:
    return []


async def enter(world: World, appointment: Appointment, host: str = "kim") -> None:
    async with world.database.write(world.scope(host)) as uow:
        secret, _ = await ticket_for_staff(uow, appointment.id, world.scope(host), world.clock(), new_secret)
    async with world.database.write(SCOPE) as uow:
        await redeem(uow, secret, world.clock(), no_keys)


async def test_whoever_comes_while_every_node_is_full_is_told_so_and_not_that_something_broke(world: World) -> None:
    appointment = await world.book(at=START)
    world.clock.now = START
    await world.announce()
    with pytest.raises(RoomNotReady):
        await enter(world, appointment)
    async with world.database.write(SCOPE) as uow:
        await announce(uow, await full(uow))
    with pytest.raises(NodesFull):
        await enter(world, appointment)


async def node_0_is_lost(world: World, seat_capacity: int) -> None:
    """It falls silent, while another with so many seats goes on to say that it is there."""
    for _ in range(14):
        world.clock.now += timedelta(seconds=5)
        await world.announce("node-1", seat_capacity=seat_capacity)


async def test_whoever_comes_back_to_a_room_of_a_lost_node_while_all_others_are_full_is_told_so(world: World) -> None:
    appointment = await world.book(at=START)
    await world.tick(START)
    call = (await assignment_of(world, appointment)).call_id
    await enter(world, appointment)
    await node_0_is_lost(world, seat_capacity=1)
    async with world.database.write(SCOPE) as uow:
        await run_tick(uow, world.clock())
    with pytest.raises(NodesFull):
        await enter(world, appointment)
    async with world.database.read(SCOPE) as uow:
        with pytest.raises(NodesFull):
            await node_of(uow, call, world.clock())


async def test_a_room_of_a_lost_node_that_another_will_take_is_made_ready(world: World) -> None:
    appointment = await world.book(at=START)
    await world.tick(START)
    call = (await assignment_of(world, appointment)).call_id
    await node_0_is_lost(world, seat_capacity=4)
    with pytest.raises(RoomNotReady):
        await enter(world, appointment)
    async with world.database.write(SCOPE) as uow:
        await run_tick(uow, world.clock())
        assert await node_of(uow, call, world.clock()) == "node-1"
    await enter(world, appointment)


async def test_a_node_whose_seats_are_given_away_is_full_though_nobody_has_come_to_them(site: Site) -> None:
    world = site.world
    await world.book(at=START)
    await world.tick(START)
    next_one = await world.book("park", seekers=("bae",), hosts=("park",), at=START)
    ops = await site.browsers().sign_in("ops")
    await world.announce(seat_capacity=3)
    with pytest.raises(NodesFull):
        await enter(world, next_one, "park")
    (node,) = (await ops.get("/api/nodes"))["nodes"]
    assert (node["troubles"], node["seats"], node["seats_taken"]) == (["full"], 0, 2)

    await world.announce(seat_capacity=4)
    with pytest.raises(RoomNotReady):
        await enter(world, next_one, "park")
    (node,) = (await ops.get("/api/nodes"))["nodes"]
    assert node["troubles"] == []


async def test_a_large_room_waits_for_a_node_that_would_take_a_small_one(world: World) -> None:
    group = await world.book(kind=Kind.SMALL_GROUP, seekers=("jung", "yoon"), hosts=("kim",), at=START)
    world.clock.now = START
    await world.announce(seat_capacity=2)
    with pytest.raises(NodesFull):
        await enter(world, group)
    await world.announce("node-1", seat_capacity=3)
    with pytest.raises(RoomNotReady):
        await enter(world, group)
