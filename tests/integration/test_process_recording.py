"""From a call that was recorded to a playable file, a draft and entries: once, where they belong, whatever happens."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import av
import pytest
from sqlalchemy import text

from server.actions.after_call import read_after_call
from server.actions.case_file import read_case
from server.actions.consents import asked, give_answers
from server.actions.draft_summary import DRAFT_SUMMARY, draft_summary, retry_draft
from server.actions.finalise_abandoned import ABANDONED_AFTER, finalise_abandoned
from server.actions.follow_recording import PARTS_GRACE, follow_recordings
from server.actions.playback import about_playable
from server.actions.process_recording import process_recording
from server.actions.recordings import RecordingView, read_recording, retry_processing
from server.actions.summaries import approve_summary, edit_summary, read_summary
from server.actions.visit import afterwards
from server.domain.appointments import Appointment, Kind
from server.domain.cases import Case, CaseEntry, EntryKind
from server.domain.consent import Answer, Item
from server.domain.errors import NotFound
from server.domain.jobs import Job, JobNotFailed, JobStatus
from server.domain.people import Language
from server.domain.permissions import VisitScope
from server.domain.recordings import PLAYABLE, ContentKey, Recording, RecordingNotFailed, RecordingStatus
from server.domain.rooms import Assignment
from server.domain.summaries import LineEdit, Summary, SummaryStatus
from server.jobs.registry import job_kinds
from server.jobs.retry import RetryPolicy
from server.jobs.scratch import LEFT_AFTER, keep_swept, sweep
from server.jobs.worker import Worker
from server.storage.files import FolderStore
from server.storage.sealed_objects import open_sealed
from server.storage.tables.jobs import jobs
from server.storage.unit_of_work import Database
from tests.journal import Journal, opened
from tests.processing_worker import workshop
from tests.studio import LATER, SECONDS, START, Studio, a_studio
from tests.waiting import until
from tests.world import NOW, SCOPE, new_id


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


async def test_an_interview_belongs_to_the_employer_and_enters_the_case_only_with_consent(studio: Studio) -> None:
    world = studio.world
    for answer, entered in ((Answer.REFUSED, 0), (Answer.GRANTED, 2)):
        at = NOW + timedelta(hours=3 if entered else 5)
        world.clock.now = NOW
        interview = await shared_with_the_centre(studio, answer, await world.interview(at=at, recording=True))
        await studio.recorded(interview, "lead", "jung")
        await studio.work()
        mine = [one for one in await studio.all(CaseEntry) if one.appointment_id == interview.id]
        assert len(mine) == entered


async def shared_with_the_centre(studio: Studio, answer: Answer, interview: Appointment | None = None) -> Appointment:
    """An interview whose seeker says this to sharing it with the centre."""
    interview = interview or await studio.world.interview(recording=True)
    seat = (await studio.world.seats(interview))["jung"]
    async with studio.world.database.write(SCOPE) as uow:
        shown = await asked(uow, interview)
        answers = {Item.CENTRE_SHARING: answer}
        await give_answers(uow, interview, seat, shown.version, answers, Language.KO, NOW)
    return interview


async def recording_seen_by(studio: Studio, name: str, journal: Journal) -> RecordingView:
    async with studio.world.database.write(studio.world.scope(name)) as uow:
        return await read_recording(uow, journal.call_id, studio.world.clock())


async def case_seen_by(studio: Studio, name: str) -> list[tuple[str, str]]:
    (case,) = await studio.all(Case)
    async with studio.world.database.write(studio.world.scope(name)) as uow:
        entries = (await read_case(uow, case.id, studio.world.clock(), "")).entries
    return sorted((entry.kind, entry.status) for entry in entries)


async def test_a_centre_gets_a_shared_interviews_recording_and_none_of_the_panels_own_marks(studio: Studio) -> None:
    journal = await studio.recorded(await shared_with_the_centre(studio, Answer.GRANTED), "lead", "jung")
    await studio.work()
    own, shared = [await recording_seen_by(studio, name, journal) for name in ("lead", "kim")]
    assert [mark.text for mark in own.marks] == ["목표"]
    assert (own.job is None, own.summary_job is None) == (False, False)
    assert (shared.tracks, shared.gaps, shared.duration_s) == (own.tracks, own.gaps, own.duration_s)
    assert shared.tracks
    assert (shared.marks, shared.job, shared.summary_job, shared.summary_id) == ((), None, None, None)


async def test_a_shared_interviews_summary_is_the_centres_only_while_it_is_approved(studio: Studio) -> None:
    journal = await studio.recorded(await shared_with_the_centre(studio, Answer.GRANTED), "lead", "jung")
    await studio.work()
    (summary,) = await studio.all(Summary)
    lead, kim, now = studio.world.scope("lead"), studio.world.scope("kim"), studio.world.clock()

    async def is_the_centres() -> bool:
        async with studio.world.database.write(kim) as uow:
            with suppress(NotFound):
                await read_summary(uow, summary.id, now, "")
                return True
        return False

    assert not await is_the_centres()
    assert await case_seen_by(studio, "kim") == [("recording", "available")]
    async with studio.world.database.write(lead) as uow:
        await approve_summary(uow, summary.id, summary.version, lead, now)
    assert await is_the_centres()
    assert (await recording_seen_by(studio, "kim", journal)).summary_id == summary.id
    assert (await recording_seen_by(studio, "kim", journal)).marks == ()
    assert await case_seen_by(studio, "kim") == [("recording", "available"), ("summary", "approved")]
    async with studio.world.database.write(lead) as uow:
        await edit_summary(uow, summary.id, [LineEdit(None, "고침", "Changed")], summary.version, lead, new_id, now)
    assert not await is_the_centres()
    assert (await recording_seen_by(studio, "kim", journal)).summary_id is None
    assert await case_seen_by(studio, "kim") == [("recording", "available")]


async def test_sharing_that_is_taken_back_closes_the_centres_view_at_once(studio: Studio) -> None:
    interview = await shared_with_the_centre(studio, Answer.GRANTED)
    journal = await studio.recorded(interview, "lead", "jung")
    await studio.work()
    assert (await recording_seen_by(studio, "kim", journal)).tracks
    await shared_with_the_centre(studio, Answer.WITHDRAWN, interview)
    with pytest.raises(NotFound):
        await recording_seen_by(studio, "kim", journal)
    assert await studio.all(CaseEntry) == []
    assert (await recording_seen_by(studio, "lead", journal)).tracks


async def test_a_groups_recording_enters_nobodys_case(studio: Studio) -> None:
    group = await studio.world.book("kim", Kind.SMALL_GROUP, ("jung", "yoon"), ("kim",), recording=True)
    journal = await studio.recorded(group, "kim", "jung")
    await studio.work()
    assert (await studio.recording(journal)).owner.id == group.id
    assert len(await studio.all(Summary)) == 1
    assert await studio.all(CaseEntry) == []


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
