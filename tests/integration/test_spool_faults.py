"""Bad days of the recorder: a killed node, a full disk, a disk that is gone. What was written stays readable."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from recordings.spool import Kind
from signaling.media.port import Source
from tests.recording_node import Node, a_node
from tests.rtp_media import START_NS, a_track
from tests.small_disk import a_small_disk
from tests.spooling_child import PACKET_EVERY_S
from tests.waiting import until

ALICE = a_track("alice", Source.MIC)
BOB = a_track("bob", Source.CAMERA)
KILLS = 8


async def kill_while_recording(directory: Path, after_packets: int) -> int:
    """Start a recording process and kill it; returns the number of the last packet it took."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.spooling_child", str(directory), stdout=subprocess.PIPE
    )
    assert child.stdout
    taken = -1
    while taken < after_packets:
        taken = int(await child.stdout.readline())
    child.kill()
    rest = (await child.stdout.read()).split()
    await child.wait()
    return int(rest[-1]) if rest else taken


async def test_a_killed_node_loses_at_most_a_second_and_the_next_run_hands_over_the_rest(tmp_path: Path) -> None:
    order = random.Random(7)
    directories = [tmp_path / str(number) for number in range(KILLS)]
    kills = [kill_while_recording(directory, order.randint(40, 120)) for directory in directories]
    last_taken = await asyncio.gather(*kills)
    for directory, taken in zip(directories, last_taken, strict=True):
        async with a_node(directory) as node:
            await node.record(run=2).close()
            assert len(node.listener.parts) == 1
            written = [int.from_bytes(entry.data[:4]) for entry in node.read(ALICE.id)]
            assert written == list(range(len(written)))
            assert (taken - written[-1]) * PACKET_EVERY_S <= 1.0
            assert not node.listener.parts[0].sealed


async def test_a_power_cut_would_cost_at_most_three_records_and_nothing_of_a_closed_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records_when_synced = [0]
    wait_for_disk = os.fdatasync

    def observed(file: int) -> None:
        wait_for_disk(file)
        records_when_synced.append(node.recorders.figures.records)

    monkeypatch.setattr(os, "fdatasync", observed)
    async with a_node(tmp_path) as node:
        recorder = node.record()
        recorder.write_only({ALICE.id})

        def said_enough() -> bool:
            recorder.on_packet(ALICE, bytes(100), START_NS)
            return node.recorders.figures.records >= 30

        await until(said_enough)
        await recorder.close()
        records = node.recorders.figures.records
        assert records_when_synced[-1] == records - 1  # the record that closes a part is counted once it is safe
        assert all(later - earlier <= 3 for earlier, later in pairwise(records_when_synced))
        assert len(records_when_synced) < records


@contextmanager
def a_small_ext4(directory: Path) -> Iterator[Path]:
    """A real file system of 16 MB on a loop device."""
    with a_small_disk(directory, "size=32m") as memory:
        image, mount = memory / "image", memory / "mount"
        mount.mkdir()
        image.write_bytes(b"")
        os.truncate(image, 16 * 1024 * 1024)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
        subprocess.run(["mount", "-o", "loop", str(image), str(mount)], check=True)
        try:
            yield mount
        finally:
            subprocess.run(["umount", "--lazy", str(mount)], check=True)


async def record_until_failure(node: Node) -> None:
    """Record two tracks until the disk refuses."""
    node.store.refusals = 10**9  # nothing leaves the small disk
    recorder = node.record()
    recorder.write_only({ALICE.id, BOB.id})
    offered = 0
    async with asyncio.timeout(60):
        while not node.listener.failures:
            offered += 1
            for track in (ALICE, BOB):
                recorder.on_packet(track, offered.to_bytes(4) * 250, START_NS + offered)
            await asyncio.sleep(0)
    node.store.refusals = 0
    await recorder.close()


def assert_all_in_order(node: Node) -> None:
    """Everything stored is sealed and reads without a hole that is not marked."""
    assert all(part.sealed for part in node.listener.parts)
    for track in (ALICE, BOB):
        entries = node.read(track.id)
        assert entries
        if not any(entry.kind == Kind.DROPPED for entry in entries):
            numbers = [int.from_bytes(entry.data[:4]) for entry in entries]
            assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("options", ["size=6m", "size=32m,nr_inodes=5"])
async def test_a_full_disk_ends_the_recording_in_order_and_is_told_once(tmp_path: Path, options: str) -> None:
    with a_small_disk(tmp_path / "disk", options) as disk:
        async with a_node(tmp_path, disk) as node:
            await record_until_failure(node)
            assert node.listener.failures == ["disk_full"]
            assert_all_in_order(node)


async def test_a_full_ext4_ends_the_recording_in_order(tmp_path: Path) -> None:
    with a_small_ext4(tmp_path / "disk") as disk:
        async with a_node(tmp_path, disk) as node:
            await record_until_failure(node)
            assert node.listener.failures == ["disk_full"]
            assert_all_in_order(node)


async def test_recording_can_begin_again_when_there_is_room_again(tmp_path: Path) -> None:
    with a_small_disk(tmp_path / "disk", "size=6m") as disk:
        async with a_node(tmp_path, disk) as node:
            await record_until_failure(node)
            await until(lambda: not node.spool)
            recorder = node.record()
            recorder.write_only({ALICE.id})
            recorder.on_packet(ALICE, bytes(100), START_NS)
            await recorder.close()
            assert node.listener.failures == ["disk_full"]
            assert [part.id.part for part in node.listener.parts if part.id.track == ALICE.id][-1] >= 1


async def test_the_low_water_mark_stops_recordings_before_the_disk_is_full(tmp_path: Path) -> None:
    with a_small_disk(tmp_path / "disk", "size=12m") as disk:
        async with a_node(tmp_path, disk, stop_below_bytes=4 * 1024 * 1024) as node:
            await record_until_failure(node)
            assert node.listener.failures == ["disk_full"]
            assert_all_in_order(node)


async def test_one_recording_with_a_broken_directory_fails_and_says_so(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        recorder = node.record()
        recorder.write_only({ALICE.id})
        node.recorders.thread.settings.directory.rename(tmp_path / "gone")
        recorder.on_packet(ALICE, bytes(100), START_NS)
        await until(lambda: node.listener.failures)
        assert node.listener.failures == ["disk_error"]
        await recorder.close()
