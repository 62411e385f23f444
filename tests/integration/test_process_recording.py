"""From a call that was recorded to a playable file, a draft and entries: once, where they belong, whatever happens."""

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import pytest
from sqlalchemy import text

from server.actions.after_call import read_after_call
from server.actions.draft_summary import DRAFT_SUMMARY, draft_summary, retry_draft
from server.actions.follow_recording import PARTS_GRACE, follow_recordings
from server.actions.playback import about_playable
from server.actions.process_recording import process_recording
from server.actions.recordings import read_recording, retry_processing
from server.actions.visit import afterwards
from server.domain.appointments import Kind
from server.domain.cases import CaseEntry, EntryKind
from server.domain.consent import Item
from server.domain.jobs import Job, JobNotFailed, JobStatus
from server.domain.permissions import VisitScope
from server.domain.recordings import ContentKey, Recording, RecordingNotFailed, RecordingStatus
from server.domain.summaries import Summary, SummaryStatus
from server.jobs.retry import RetryPolicy
from server.storage.sealed_objects import open_sealed
from server.storage.unit_of_work import Database
from tests.journal import Journal, opened
from tests.studio import LATER, SECONDS, START, Studio, a_studio
from tests.world import SCOPE, new_id


@pytest.fixture
async def studio(database: Database, tmp_path: Path) -> Studio:
    return await a_studio(database, tmp_path)


async def test_a_recorded_counselling_becomes_a_playable_file_a_draft_and_two_entries(studio: Studio) -> None:
    journal = await studio.recorded(await studio.world.book(recording=True), "kim", "jung")
    assert (await studio.recording(journal)).status is RecordingStatus.FINALISING
    await studio.work()
    recording = await studio.recording(journal)
    assert recording.status is RecordingStatus.AVAILABLE
    assert recording.delete_on is not None
    assert recording.duration_s == pytest.approx(SECONDS, abs=0.2)
    async with studio.world.database.write(SCOPE) as uow:
        key = await uow.rows(ContentKey).one(recording.content_key_id)
        view = await read_recording(uow, recording.id, studio.world.clock())
    assert [(mark.kind, mark.text) for mark in view.marks] == [("bookmark", "목표")]
    assert {track.source for track in view.tracks} == {"mic", "camera"}
    assert view.job is not None
    assert view.job.status is JobStatus.DONE
    assert recording.file is not None
    sealed = await open_sealed(
        studio.workshop.files, recording.file, studio.workshop.keys.opened(key), about_playable(recording.id)
    )
    mp4 = b"".join([piece async for piece in sealed.read(0, sealed.size_bytes)])
    with av.open(io.BytesIO(mp4)) as file:
        assert {stream.codec_context.name for stream in file.streams} == {"h264", "aac"}
    (summary,) = await studio.all(Summary)
    assert summary.status is SummaryStatus.DRAFTED
    assert all(line.evidence for line in summary.lines)
    assert [line.at_s for line in summary.lines if line.kind == "bookmark"] == [1.0]
    entries = await studio.all(CaseEntry)
    assert {(entry.kind, entry.object_id) for entry in entries} == {
        (EntryKind.RECORDING, recording.id),
        (EntryKind.SUMMARY, summary.id),
    }


async def test_work_that_is_done_twice_attaches_once(studio: Studio) -> None:
    journal = await studio.recorded(await studio.world.book(recording=True), "kim", "jung")
    steps: list[str] = []
    for _ in range(2):
        await process_recording(studio.workshop, journal.call_id, lambda step, share: steps.append(step))
        await draft_summary(studio.world.database, journal.call_id, new_id, studio.world.clock)
    assert list(dict.fromkeys(steps)) == ["survey", "compose", "attach"]
    assert len([job for job in await studio.all(Job) if job.kind == DRAFT_SUMMARY]) == 1
    assert len(await studio.all(Summary)) == 1
    assert len(await studio.all(CaseEntry)) == 2
    playable = [name for name in await studio.workshop.files.names("recordings") if "playable" in name]
    assert len(playable) == 1


async def test_a_draft_that_a_person_has_edited_is_not_replaced(studio: Studio) -> None:
    journal = await studio.recorded(await studio.world.book(recording=True), "kim")
    await studio.work()
    (summary,) = await studio.all(Summary)
    async with studio.world.database.write(SCOPE) as uow:
        await uow.rows(Summary).save(replace(summary, status=SummaryStatus.IN_REVIEW, lines=summary.lines[:1]))
    await draft_summary(studio.world.database, journal.call_id, new_id, studio.world.clock)
    assert len((await studio.all(Summary))[0].lines) == 1


async def test_work_waits_for_outstanding_parts_but_not_for_ever(studio: Studio) -> None:
    journal = await studio.began(await studio.world.book(recording=True))
    await studio.start(journal, "kim")
    parts = await studio.record(journal, "kim")
    await studio.end(journal, [])
    (job,) = [one for one in await studio.all(Job) if one.kind == "process_recording"]
    assert job.run_at == START + timedelta(seconds=SECONDS)  # sealed has hurried it
    await studio.worker.work_once()
    failed = await studio.recording(journal)
    assert (failed.status, failed.failure) == (RecordingStatus.FAILED, "nothing_recorded")
    await studio.work()
    assert [line.at_s for line in (await studio.all(Summary))[0].lines if line.kind == "bookmark"] == [1.0]
    for part in parts:
        await journal.tell(START + LATER, "part_stored", recording=journal.call_id, part=part)
    assert (await studio.recording(journal)).status is RecordingStatus.FINALISING
    assert not await studio.worker.work_once()
    studio.world.clock.now = START + LATER + PARTS_GRACE
    await studio.work()
    found = await studio.recording(journal)
    assert (found.status, found.failure) == (RecordingStatus.AVAILABLE, None)
    assert len(await studio.all(Summary)) == 1
    assert len(await studio.all(CaseEntry)) == 2


async def test_a_guest_is_told_what_was_kept_of_them_though_no_part_has_come_yet(studio: Studio) -> None:
    journal = await studio.began(
        await studio.world.book(seekers=("jung", "yoon"), kind=Kind.SMALL_GROUP, recording=True)
    )
    tracks = [f"{journal.seats['jung'].id}.mic", f"{journal.seats['kim'].id}.camera"]
    await journal.tell(START, "recording_started", recording=journal.call_id, tracks=tracks)
    assert await kept(studio, journal, "jung") == [Item.SOUND]
    await studio.end(journal, [])
    assert await kept(studio, journal, "jung") == [Item.SOUND]
    assert await kept(studio, journal, "yoon") == []
    await studio.work()  # in vain: there is nothing
    assert await kept(studio, journal, "jung") == []


async def kept(studio: Studio, journal: Journal, name: str) -> Sequence[Item]:
    seat = journal.seats[name]
    scope = VisitScope(person_id=seat.person_id, seat_id=seat.id, appointment_id=seat.appointment_id)
    async with studio.world.database.read(scope) as uow:
        return (await afterwards(uow, scope, studio.world.clock())).kept


async def test_facts_told_twice_change_nothing(studio: Studio) -> None:
    journal = await studio.recorded(await studio.world.book(recording=True), "kim")
    jobs_before = len(await studio.all(Job))
    journal.numbers = iter(range(1, 100))
    await studio.start(journal, "kim")
    assert len(await studio.all(Job)) == jobs_before
    assert (await studio.recording(journal)).status is RecordingStatus.FINALISING


async def test_a_recording_of_another_call_is_not_touched(studio: Studio) -> None:
    journal = await studio.began(await studio.world.book(recording=True))
    await journal.tell(START, "recording_started", recording=new_id(), tracks=[])
    assert await studio.all(Recording) == []


async def test_a_failed_step_is_visible_and_can_be_retried(studio: Studio) -> None:
    journal = await studio.recorded(await studio.world.book(recording=True), "kim")
    kim = studio.world.scope("kim")
    async with studio.world.database.write(kim) as uow:
        with pytest.raises(RecordingNotFailed):
            await retry_processing(uow, journal.call_id, kim, studio.world.clock())
    names = await studio.workshop.files.names(f"recordings/{journal.call_id}")
    kept = {name: await studio.workshop.files.get(name) for name in names}
    for name in names:
        await studio.workshop.files.delete(name)
    assert await studio.worker.work_once()
    async with studio.world.database.write(kim) as uow:
        view = await read_recording(uow, journal.call_id, studio.world.clock())
    assert view.status is RecordingStatus.FAILED
    assert view.job is not None
    assert (view.job.status, view.job.error) == (JobStatus.FAILED, "nothing_recorded")
    for name, content in kept.items():
        await studio.workshop.files.put(name, content)
    async with studio.world.database.write(kim) as uow:
        again = await retry_processing(uow, journal.call_id, kim, studio.world.clock())
    assert again.status is RecordingStatus.FINALISING
    await studio.work()
    assert (await studio.recording(journal)).status is RecordingStatus.AVAILABLE


@asynccontextmanager
async def no_summary_can_be_kept(database: Database) -> AsyncIterator[None]:
    """Whoever asks for summaries finds no such table."""
    async with database.write(SCOPE) as uow:
        await uow.execute(text("ALTER TABLE summaries RENAME TO summaries_away"))
    yield
    async with database.write(SCOPE) as uow:
        await uow.execute(text("ALTER TABLE summaries_away RENAME TO summaries"))


async def test_a_summary_that_fails_for_good_leaves_the_recording_ready_and_can_be_retried(studio: Studio) -> None:
    appointment = await studio.world.book(recording=True)
    journal = await studio.recorded(appointment, "kim", "jung")
    kim = studio.world.scope("kim")
    async with no_summary_can_be_kept(studio.world.database):
        for _ in range(1 + RetryPolicy().max_attempts):
            assert await studio.worker.work_once()
            assert (await studio.recording(journal)).status is RecordingStatus.AVAILABLE
            studio.world.clock.now += timedelta(hours=1)
        assert not await studio.worker.work_once()
    assert [entry.kind for entry in await studio.all(CaseEntry)] == [EntryKind.RECORDING]
    now = studio.world.clock()
    async with studio.world.database.write(kim) as uow:
        view, after = (
            await read_recording(uow, journal.call_id, now),
            await read_after_call(uow, appointment.id, kim, now),
        )
    assert (view.status, view.summary_id, after.summary) == (RecordingStatus.AVAILABLE, None, None)
    assert view.job is not None
    assert view.summary_job is not None
    assert (view.job.status, view.summary_job.status) == (JobStatus.DONE, JobStatus.FAILED)
    assert after.summary_job == view.summary_job
    async with studio.world.database.write(kim) as uow:
        again = await retry_draft(uow, appointment.id, studio.world.clock())
    assert (again.id, again.status) == (view.summary_job.id, JobStatus.QUEUED)
    await studio.work()
    (summary,) = await studio.all(Summary)
    assert [line.at_s for line in summary.lines if line.kind == "bookmark"] == [1.0]
    assert {entry.kind for entry in await studio.all(CaseEntry)} == {EntryKind.RECORDING, EntryKind.SUMMARY}
    async with studio.world.database.write(kim) as uow:
        with pytest.raises(JobNotFailed):
            await retry_draft(uow, appointment.id, studio.world.clock())


async def test_a_recording_that_fails_for_good_leaves_a_draft_made_of_facts(studio: Studio) -> None:
    journal = await studio.recorded(await studio.world.book(recording=True), "kim", "jung")
    async with studio.world.database.write(SCOPE) as uow:
        recording = await uow.rows(Recording).one(journal.call_id)
        key = await uow.rows(ContentKey).one(recording.content_key_id)
        await uow.rows(ContentKey).save(replace(key, wrapped=bytes(40)))
    while (await studio.recording(journal)).status is RecordingStatus.FINALISING:
        assert await studio.worker.work_once()
        studio.world.clock.now += timedelta(hours=1)
    await studio.work()
    failed = await studio.recording(journal)
    assert (failed.status, failed.failure) == (RecordingStatus.FAILED, "key_away")
    assert [summary.status for summary in await studio.all(Summary)] == [SummaryStatus.DRAFTED]


async def test_an_unrecorded_call_leaves_a_draft_made_of_its_facts(studio: Studio) -> None:
    journal = await studio.began(await studio.world.book())
    await studio.end(journal, [])
    assert await studio.worker.work_once()
    (summary,) = await studio.all(Summary)
    (marked,) = [line for line in summary.lines if line.kind == "bookmark"]
    assert (marked.at_s, marked.at) == (None, START + timedelta(seconds=1))
    assert all(line.at for line in summary.lines)
    assert [entry.kind for entry in await studio.all(CaseEntry)] == [EntryKind.SUMMARY]
    assert await studio.all(Recording) == []


async def test_a_call_that_nobody_came_to_leaves_no_draft(studio: Studio) -> None:
    journal = await opened(studio.world, await studio.world.book(), [follow_recordings(studio.workshop.keys, new_id)])
    await journal.presence(START, "kim", "connected")
    await studio.end(journal, [])
    assert await studio.worker.work_once()
    assert await studio.all(Summary) == []
