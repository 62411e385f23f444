"""`ieum verify`, run as an operator runs it, on a recording that went all the way and was then tampered with."""

import asyncio
import base64
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from server.domain.recordings import Recording, RecordingPart
from server.storage.tables.recordings import recording_parts
from server.storage.unit_of_work import Database
from tests.studio import Studio, a_studio
from tests.world import SCOPE


@dataclass
class Store:
    """The stored objects of one recording that is ready to be played."""

    studio: Studio
    folder: Path
    recording: Recording
    parts: Sequence[RecordingPart]

    def path(self, number: int) -> Path:
        return self.folder / "store" / self.parts[number].object

    @property
    def playable(self) -> Path:
        return self.folder / "store" / (self.recording.file or "")

    async def verify(self, *ids: str) -> tuple[int, list[str]]:
        """Exit status, and the lines without the id that each begins with."""
        environment = {
            **os.environ,
            "IEUM_DATA_DIR": str(self.folder),
            "IEUM_DATABASE_URL": self.studio.world.database.url.render_as_string(hide_password=False),
            "IEUM_KEK": base64.b64encode(bytes(32)).decode(),
        }
        command = [sys.executable, "-m", "server", "verify", *ids]
        run = subprocess.run
        done = await asyncio.to_thread(run, command, env=environment, capture_output=True, text=True, check=False)
        lines = (done.stdout + done.stderr).splitlines()
        return done.returncode, [line.removeprefix(f"{self.recording.id} ") for line in lines]


@pytest.fixture
async def store(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    database = Database(sqlite_url)
    studio = await a_studio(database, tmp_path)
    journal = await studio.recorded(await studio.world.book(recording=True), "kim")
    await studio.work()
    async with database.read(SCOPE) as uow:
        parts = await uow.rows(RecordingPart).where(order_by=[recording_parts.c.object])
    yield Store(studio, tmp_path, await studio.recording(journal), parts)
    await database.close()


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def swap(one: Path, other: Path) -> None:
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


async def test_a_recording_as_it_was_written_is_well(store: Store) -> None:
    for ids in ([], [store.recording.id]):
        well = ["available: 2 parts as written", "1 verified, 0 damaged"]
        assert await store.verify(*ids) == (0, well)


@pytest.mark.parametrize(
    ("tamper", "faults"),
    [
        (lambda store: flip_a_byte(store.path(1)), [(1, "changed"), (1, "damaged_records (1)")]),
        (lambda store: store.path(0).unlink(), [(0, "missing_object")]),
        (
            lambda store: swap(store.path(0), store.path(1)),
            [(number, fault) for number in (0, 1) for fault in ("changed", "unreadable (recording_misplaced)")],
        ),
    ],
    ids=["a flipped byte", "a missing part", "two parts exchanged"],
)  # fmt: skip
async def test_what_is_wrong_with_a_part_is_a_line_and_a_status(
    store: Store, tamper: Callable[[Store], None], faults: list[tuple[int, str]]
) -> None:
    tamper(store)
    status, lines = await store.verify()
    assert status == 1
    assert lines[-1] == "1 verified, 1 damaged"
    said = sorted(lines[:-1])
    expected = sorted(f"{store.parts[number].object}: {fault}" for number, fault in faults)
    assert [line.startswith(begin) for line, begin in zip(said, expected, strict=True)] == [True] * len(expected), said


async def test_a_playable_file_that_was_changed_or_lost_is_named(store: Store) -> None:
    flip_a_byte(store.playable)
    assert await store.verify() == (1, [f"{store.recording.file}: object_damaged", "1 verified, 1 damaged"])
    store.playable.unlink()
    assert await store.verify() == (1, [f"{store.recording.file}: object_missing", "1 verified, 1 damaged"])


async def test_a_part_that_a_killed_node_left_open_is_told_and_is_no_damage(store: Store) -> None:
    async with store.studio.world.database.write(SCOPE) as uow:
        path, part = store.path(0), store.parts[0]
        torn = path.read_bytes()[:-20]
        path.write_bytes(torn)
        size, digest = len(torn), sha256(torn).hexdigest()
        await uow.rows(RecordingPart).save(replace(part, size_bytes=size, sha256=digest, sealed=False))
    well = ["available: 2 parts as written, 1 left open by a crash", "1 verified, 0 damaged"]
    assert await store.verify() == (0, well)


async def test_an_id_that_is_none_is_refused_in_one_sentence(store: Store) -> None:
    status, lines = await store.verify("0" * 32)
    assert (status, lines) == (1, ["ieum: There is nothing here, or nothing that you may see."])
