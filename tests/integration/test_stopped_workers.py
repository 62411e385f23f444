"""Work on recordings that another has to finish: of nodes that are lost, of workers that were stopped or killed."""

import asyncio
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from server.actions.finalise_abandoned import ABANDONED_AFTER, finalise_abandoned
from server.domain.cases import CaseEntry
from server.domain.jobs import Job, JobStatus
from server.domain.recordings import PLAYABLE, Recording, RecordingStatus
from server.domain.rooms import Assignment
from server.domain.summaries import Summary
from server.jobs.registry import job_kinds
from server.jobs.scratch import LEFT_AFTER, keep_swept, sweep
from server.jobs.worker import Worker
from server.storage.files import FolderStore
from server.storage.tables.jobs import jobs
from server.storage.unit_of_work import Database
from tests.journal import Journal
from tests.processing_worker import workshop
from tests.studio import LATER, START, Studio, a_studio
from tests.waiting import until
from tests.world import NOW, SCOPE, new_id


@pytest.fixture
async def studio(database: Database, tmp_path: Path) -> Studio:
    return await a_studio(database, tmp_path)


async def test_a_recording_whose_node_was_lost_for_good_is_finalised_with_what_there_is(studio: Studio) -> None:
    journal = await studio.began(await studio.world.book(recording=True))
    await studio.start(journal, "kim")
    for part in await studio.record(journal, "kim"):
        await journal.tell(START, "part_stored", recording=journal.call_id, part=part)

    async def finalised(at: datetime) -> int:
        studio.world.clock.now = at
        async with studio.world.database.write(SCOPE) as uow:
            return await finalise_abandoned(uow, new_id, at)

    assert await finalised(START + LATER) == 0  # the room is still open
    async with studio.world.database.write(SCOPE) as uow:
        assignment = await uow.rows(Assignment).one(journal.call_id)
        await uow.rows(Assignment).save(replace(assignment, closed_at=START + LATER))
    assert await finalised(START + LATER) == 0  # the node may still be heard of
    assert await finalised(START + LATER + ABANDONED_AFTER + timedelta(seconds=1)) == 1
    assert await studio.worker.work_once()
    assert (await studio.recording(journal)).status is RecordingStatus.AVAILABLE


async def test_a_stopped_worker_leaves_the_work_to_the_next(studio: Studio) -> None:
    journal = await studio.recorded(await studio.world.book(recording=True), "kim", "jung")
    stopping, begun = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    kinds = dict(job_kinds(studio.workshop))

    class Watched(FolderStore):
        async def get(self, object_name: str) -> bytes:
            loop.call_soon(begun.set)
            return await super().get(object_name)

    watched = replace(studio.workshop, files=Watched(studio.folder / "store"))
    worker = Worker(studio.world.database, "first", job_kinds(watched), [], studio.world.clock)
    running = asyncio.create_task(worker.run(stopping))
    await asyncio.wait_for(begun.wait(), 30)
    stopping.set()
    await asyncio.wait_for(running, 30)
    heir = Worker(studio.world.database, "heir", kinds, [], studio.world.clock)
    while await heir.work_once():
        pass
    assert (await studio.recording(journal)).status is RecordingStatus.AVAILABLE
    assert len(await studio.all(CaseEntry)) == 2


KILLS = [("claimed", 1), ("files", 1), ("attached", 1), ("drafts", 1), ("drafts", 3)]


async def progress_of(studio: Studio) -> dict[str, int]:
    """How far everything is: jobs begun, playable files, recordings and drafts."""
    names = await studio.workshop.files.names("recordings")
    return {
        "claimed": sum(job.status is not JobStatus.QUEUED for job in await studio.all(Job)),
        "files": sum("playable" in name for name in names),
        "attached": sum(one.status in PLAYABLE for one in await studio.all(Recording)),
        "drafts": len(await studio.all(Summary)),
    }


async def rows_of(studio: Studio, journal: Journal) -> list[object]:
    """What came of this call, without what is drawn by chance."""
    call = journal.call_id
    recording = await studio.recording(journal)
    mine = recording.appointment_id
    files = await studio.workshop.files.names(f"recordings/{call}")
    return [
        (recording.status, recording.failure, recording.duration_s, recording.size_bytes is not None),
        [(one.status, one.version, len(one.lines)) for one in await studio.all(Summary) if one.appointment_id == mine],
        sorted(entry.kind for entry in await studio.all(CaseEntry) if entry.appointment_id == mine),
        sorted((job.kind, job.status) for job in await studio.all(Job) if call in job.key),
        sum("playable" in name for name in files),
    ]


async def test_whenever_a_worker_is_killed_the_same_rows_come_of_every_call(
    studio: Studio, database_url: str, tmp_path: Path
) -> None:
    """kill -9 while composing, before and after attaching, while drafting; the lease is ended instead of waited for."""
    journals = []
    for number in range(3):
        studio.world.clock.now = NOW
        appointment = await studio.world.book(at=NOW + timedelta(hours=2 + 2 * number), recording=True)
        journals.append(await studio.recorded(appointment, "kim"))
    command = [sys.executable, "-m", "tests.processing_worker", database_url, str(tmp_path)]
    for what, count in KILLS:
        worker = await asyncio.create_subprocess_exec(*command)
        async with asyncio.timeout(60):
            while (await progress_of(studio))[what] < count:
                await asyncio.sleep(0.01)
        worker.kill()
        await worker.wait()
        async with studio.world.database.write(SCOPE) as uow:
            await uow.execute(jobs.update().where(jobs.c.lease_until.is_not(None)).values(lease_until=START))
    tools = workshop(studio.world.database, tmp_path)
    heir = Worker(studio.world.database, "heir", job_kinds(tools), [], tools.clock)
    while await heir.work_once():
        pass
    studio.world.clock.now = NOW
    undisturbed = await studio.recorded(await studio.world.book(at=NOW + timedelta(hours=9), recording=True), "kim")
    while await heir.work_once():
        pass
    expected = await rows_of(studio, undisturbed)
    assert [await rows_of(studio, journal) for journal in journals] == [expected] * len(journals)
    assert sum(job.attempts > 1 for job in await studio.all(Job)) >= 2  # those killed in the middle were done again


async def test_what_a_killed_worker_was_composing_is_deleted_once_nobody_can_be_at_it(
    studio: Studio, database_url: str, tmp_path: Path
) -> None:
    await studio.recorded(await studio.world.book(recording=True), "kim")
    scratch = tmp_path / "scratch"
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.processing_worker", database_url, str(tmp_path)
    )
    async with asyncio.timeout(60):
        while not list(scratch.glob("*.sealed")):
            await asyncio.sleep(0.001)
    worker.kill()
    await worker.wait()
    (left,) = scratch.glob("*.sealed")
    (scratch / "samples").mkdir()
    kept = scratch / "samples" / "part.sealed"
    kept.touch()
    written = datetime.fromtimestamp(left.stat().st_mtime, NOW.tzinfo)
    assert sweep(scratch, written + LEFT_AFTER - timedelta(seconds=1)) == 0
    assert sweep(scratch, written + LEFT_AFTER + timedelta(seconds=1)) == 1
    assert not left.exists()
    assert kept.exists()


async def test_a_worker_sweeps_its_scratch_folder_when_it_starts(tmp_path: Path) -> None:
    left = tmp_path / "left.sealed"
    left.touch()
    sweeping = asyncio.create_task(keep_swept(tmp_path, lambda: datetime.now(NOW.tzinfo) + LEFT_AFTER))
    await until(lambda: not left.exists())
    sweeping.cancel()
