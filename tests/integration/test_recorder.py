"""The recorder on a real disk: what is written, what never is, and what if the store or the keys are away."""

import asyncio
from pathlib import Path

import pytest

from recordings.spool import Kind, read_dropped
from signaling.media.port import Source
from tests.recording_node import a_node, keys
from tests.rtp_media import START_NS, a_track
from tests.waiting import until

ALICE = a_track("alice", Source.MIC)
ALICE_CAMERA = a_track("alice", Source.CAMERA)
BOB = a_track("bob", Source.MIC)


def packet(number: int, size: int = 100) -> bytes:
    return number.to_bytes(4) * (size // 4)


async def test_what_is_permitted_is_written_whole_and_nothing_else_is(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record()
        recorder.write_only({ALICE.id})
        for number in range(50):
            recorder.on_packet(ALICE, packet(number), START_NS + number)
            recorder.on_packet(BOB, packet(number), START_NS + number)
        recorder.on_sender_report(ALICE, 5, 6, START_NS + 50)
        recorder.on_sender_report(BOB, 5, 6, START_NS + 50)
        await recorder.close()
        read = node.read(ALICE.id)
        assert [entry.data for entry in read if entry.kind == Kind.RTP] == [packet(number) for number in range(50)]
        assert [entry.kind for entry in read][-1] == Kind.SENDER_REPORT
        assert {part.id.track for part in node.listener.parts} == {ALICE.id}
        assert all(part.sealed for part in node.listener.parts)
        assert node.spool == []


async def test_no_packet_lies_readable_on_the_disk(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record()
        recorder.write_only({ALICE.id})
        recorder.on_packet(ALICE, b"a person's voice" * 20, START_NS)
        await until(lambda: node.spool)
        assert not any(b"voice" in path.read_bytes() for path in node.spool)
        await recorder.close()
        assert b"voice" not in node.store.bytes_of(node.listener.parts[0])


async def test_withdrawing_ends_the_writing_at_that_packet_and_granting_again_goes_on(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record()
        for number in range(30):
            if number % 10 == 0:
                recorder.write_only({ALICE.id, BOB.id} if number != 10 else {BOB.id})
            recorder.on_packet(ALICE, packet(number), START_NS + number)
        await recorder.close()
        numbers = [int.from_bytes(entry.data[:4]) for entry in node.read(ALICE.id)]
        assert numbers == [*range(10), *range(20, 30)]
        assert sorted(part.id.part for part in node.listener.parts) == [0, 1]


async def test_stopping_and_starting_the_recording_goes_on_counting_parts(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        for _ in range(2):
            recorder = node.record()
            recorder.write_only({ALICE.id})
            recorder.on_packet(ALICE, packet(1), START_NS)
            await recorder.close()
        assert sorted(part.id.part for part in node.listener.parts) == [0, 1]


async def test_a_video_track_begins_by_asking_for_a_key_frame(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record()
        recorder.write_only({ALICE.id, ALICE_CAMERA.id})
        recorder.on_packet(ALICE, packet(1), START_NS)
        recorder.on_packet(ALICE_CAMERA, packet(1), START_NS)
        recorder.on_packet(ALICE_CAMERA, packet(2), START_NS)
        assert node.key_frames == [ALICE_CAMERA.id]
        await recorder.close()


async def test_a_large_part_is_closed_and_handed_over_while_the_call_goes_on(tmp_path: Path) -> None:
    async with a_node(tmp_path, part_bytes=2_000) as node:
        recorder = node.record()
        recorder.write_only({ALICE.id})
        for number in range(3):
            recorder.on_packet(ALICE, packet(number, 4_000), START_NS + number)
            await until(lambda number=number: len(node.listener.parts) == number + 1)  # type: ignore[misc]  # default binds
        await recorder.close()
        assert [part.id.part for part in node.listener.parts] == [0, 1, 2]
        assert [int.from_bytes(entry.data[:4]) for entry in node.read(ALICE.id)] == [0, 1, 2]


async def test_a_part_of_a_track_that_fell_silent_is_handed_over_when_its_time_is_up(tmp_path: Path) -> None:
    async with a_node(tmp_path, part_s=0.05) as node:
        recorder = node.record()
        recorder.write_only({ALICE.id})
        recorder.on_packet(ALICE, packet(0), START_NS)
        await until(lambda: node.listener.parts)
        assert node.listener.parts[0].sealed
        await recorder.close()
        assert len(node.listener.parts) == 1


async def test_without_a_key_nothing_is_written_and_the_call_is_told_once(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record(key_count=1)
        recorder.write_only({ALICE.id, BOB.id})
        recorder.on_packet(ALICE, packet(1), START_NS)
        recorder.on_packet(BOB, packet(1), START_NS)
        recorder.on_packet(BOB, packet(1), START_NS)
        await recorder.close()
        assert node.listener.failures == ["no_keys"]
        assert [part.id.track for part in node.listener.parts] == [ALICE.id]


async def test_keys_that_arrive_later_serve_tracks_that_arrive_later(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record(key_count=1)
        recorder.add_keys(keys(2))
        recorder.write_only({ALICE.id, BOB.id})
        recorder.on_packet(ALICE, packet(1), START_NS)
        recorder.on_packet(BOB, packet(1), START_NS)
        await recorder.close()
        assert node.listener.failures == []
        assert len({part.key_id for part in node.listener.parts}) == 2


async def test_a_disk_that_cannot_keep_up_costs_marked_packets_and_nothing_else(tmp_path: Path) -> None:
    async with a_node(tmp_path, held_bytes=10_000) as node:
        recorder = node.record()
        recorder.write_only({ALICE_CAMERA.id})
        for number in range(50):  # the loop is not given up, so the queue cannot be told of any progress in time
            recorder.on_packet(ALICE_CAMERA, packet(number, 40_000), START_NS + number)
        await until(lambda: node.recorders.figures.stored_bytes)
        recorder.on_packet(ALICE_CAMERA, packet(99), START_NS + 99)
        await recorder.close()
        read = node.read(ALICE_CAMERA.id)
        written = [entry for entry in read if entry.kind == Kind.RTP]
        dropped = sum(read_dropped(entry.data)[1] for entry in read if entry.kind == Kind.DROPPED)
        assert dropped > 0
        assert len(written) + dropped == 51
        assert len(node.key_frames) > 1
        assert node.recorders.figures.dropped_packets == dropped


async def test_a_store_that_is_away_delays_parts_and_loses_none(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        node.store.refusals = 5
        recorder = node.record()
        recorder.write_only({ALICE.id, BOB.id})
        recorder.on_packet(ALICE, packet(1), START_NS)
        recorder.on_packet(BOB, packet(1), START_NS)
        await recorder.close()
        assert {part.id.track for part in node.listener.parts} == {ALICE.id, BOB.id}


async def test_closing_waits_for_an_absent_store_and_given_up_leaves_the_rest_to_the_next_run(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        node.store.refusals = 10**9
        recorder = node.record()
        recorder.write_only({ALICE.id})
        recorder.on_packet(ALICE, packet(7), START_NS)
        closing = asyncio.create_task(recorder.close())
        await until(lambda: node.store.refusals < 10**9)
        assert not closing.done()
        closing.cancel()
        assert node.listener.parts == []
        assert len(node.spool) == 1
    async with a_node(tmp_path) as node:
        assert node.recorders.unclaimed_parts == 1
        await node.record(run=2).close()
        assert [part.sealed for part in node.listener.parts] == [True]
        assert [entry.data for entry in node.read(ALICE.id)] == [packet(7)]
        assert node.recorders.unclaimed_parts == 0
        await until(lambda: node.spool == [])


async def test_a_nearly_full_disk_refuses_a_new_recording_at_once(tmp_path: Path) -> None:
    async with a_node(tmp_path, refuse_below_bytes=2**62) as node:
        recorder = node.record()
        await until(lambda: node.listener.failures)
        recorder.write_only({ALICE.id})
        recorder.on_packet(ALICE, packet(1), START_NS)
        await recorder.close()
        assert node.listener.failures == ["disk_full"]
        assert node.listener.parts == []


async def test_stopping_the_node_seals_what_is_open(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record()
        recorder.write_only({ALICE.id})
        recorder.on_packet(ALICE, packet(7), START_NS)
    async with a_node(tmp_path) as next_node:
        await next_node.record(run=2).close()
        told = node.listener.parts + next_node.listener.parts  # whichever run came to store it
        assert [part.sealed for part in told] == [True]


async def test_a_file_without_a_whole_header_is_cleared_away(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    directory.mkdir()
    (directory / "rec1.alice.mic.e1.r1.p00000.spool").write_bytes(b"IEUMSPO1\x01")
    async with a_node(tmp_path) as node:
        assert node.recorders.unclaimed_parts == 0
        assert node.spool == []


@pytest.mark.parametrize("count", [0, 1])
async def test_closing_a_recorder_that_wrote_nothing_is_immediate(tmp_path: Path, count: int) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record(key_count=count)
        await recorder.close()
        await recorder.close()
        assert node.listener.parts == []
        assert node.listener.failures == []
