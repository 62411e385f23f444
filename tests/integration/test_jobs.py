"""Jobs: added with their cause, done once, seen while they run, taken over from the dead."""

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, count
from pathlib import Path
from uuid import uuid4

import pytest

from server.domain.jobs import Job, JobNotFailed, JobStatus
from server.domain.permissions import SystemScope
from server.jobs.retry import RetryPolicy
from server.jobs.worker import JobKind, Progress, Recurring, Worker
from server.storage.job_queue import LEASE, JobQueue, NewJob, add_job, retry_job, take_turn
from server.storage.unit_of_work import Database
from tests.waiting import until

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SCOPE = SystemScope("tests")
KINDS = ["compose"]


class Clock:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def add(database: Database, key: str = "k", at: datetime = NOW) -> str:
    async with database.write(SCOPE) as uow:
        wanted = NewJob(kind="compose", key=key, args={"recording": "r1"}, tenant_id=None)
        return await add_job(uow, wanted, lambda: uuid4().hex, at)


async def the(database: Database, job_id: str) -> Job:
    async with database.read(SCOPE) as uow:
        return await uow.rows(Job).one(job_id)


async def test_the_same_key_is_the_same_job(database: Database) -> None:
    assert await add(database, "k") == await add(database, "k")
    assert await add(database, "other") != await add(database, "k")


async def test_a_job_vanishes_with_the_transaction_that_caused_it(database: Database) -> None:
    async def cause() -> None:
        async with database.write(SCOPE) as uow:
            wanted = NewJob(kind="compose", key="k", args={}, tenant_id=None)
            await add_job(uow, wanted, lambda: uuid4().hex, NOW)
            raise RuntimeError("the cause failed")

    with pytest.raises(RuntimeError, match="cause"):
        await cause()
    assert await JobQueue(database, "w").claim(KINDS, NOW) is None


async def test_the_job_due_first_is_claimed_first_and_only_when_due(database: Database) -> None:
    later, first = await add(database, "b", NOW + timedelta(seconds=2)), await add(database, "a", NOW)
    queue = JobQueue(database, "w")
    claimed = await queue.claim(KINDS, NOW + timedelta(seconds=1))
    assert claimed is not None
    assert (claimed.id, claimed.attempts, claimed.status) == (first, 1, JobStatus.RUNNING)
    assert await queue.claim(KINDS, NOW + timedelta(seconds=1)) is None
    assert (await queue.claim(KINDS, NOW + timedelta(seconds=2)) or claimed).id == later


async def test_a_worker_takes_only_kinds_it_knows(database: Database) -> None:
    await add(database)
    assert await JobQueue(database, "w").claim(["other"], NOW) is None


async def test_many_workers_claim_every_job_exactly_once(database: Database) -> None:
    ids = [await add(database, f"k{n}") for n in range(40)]
    numbers = count()

    async def claim_all() -> list[str]:
        queue, mine = JobQueue(database, f"w{next(numbers)}"), []
        while (job := await queue.claim(KINDS, NOW)) is not None:
            mine.append(job.id)
        return mine

    claimed = await asyncio.gather(*(claim_all() for _ in range(4)))
    assert sorted(chain.from_iterable(claimed)) == sorted(ids)


async def test_a_job_whose_worker_fell_silent_is_claimed_again_and_the_silent_one_changes_nothing(
    database: Database,
) -> None:
    job_id = await add(database)
    silent, other = JobQueue(database, "silent"), JobQueue(database, "other")
    lost = await silent.claim(KINDS, NOW)
    assert lost is not None
    assert await other.claim(KINDS, NOW + LEASE) is None
    after = NOW + LEASE + timedelta(seconds=1)
    taken = await other.claim(KINDS, after)
    assert taken is not None
    assert (taken.id, taken.attempts) == (job_id, 2)
    assert not await silent.renew(lost, "compose", 0.9, after)
    assert not await silent.done(lost, "compose", after)
    assert await other.done(taken, "compose", after)
    assert (await the(database, job_id)).status is JobStatus.DONE


async def test_a_renewed_lease_is_not_claimed_by_another(database: Database) -> None:
    await add(database)
    holder = JobQueue(database, "holder")
    job = await holder.claim(KINDS, NOW)
    assert job is not None
    assert await holder.renew(job, "compose", 0.5, NOW + LEASE)
    assert await JobQueue(database, "other").claim(KINDS, NOW + LEASE + timedelta(seconds=1)) is None


async def test_only_a_failed_job_is_retried(database: Database) -> None:
    job_id = await add(database)
    async with database.write(SCOPE) as uow:
        with pytest.raises(JobNotFailed):
            await retry_job(uow, job_id, NOW)


def a_worker(database: Database, kind: JobKind, clock: Clock, *recurring: Recurring) -> Worker:
    return Worker(database, "w1", {"compose": kind}, recurring, clock)


async def test_a_job_that_ends_well_is_done_and_its_last_progress_is_whole(database: Database) -> None:
    async def perform(job: Job, progress: Progress) -> None:
        progress.at("compose", 0.5)

    job_id = await add(database)
    assert await a_worker(database, JobKind(perform=perform), Clock()).work_once()
    job = await the(database, job_id)
    assert (job.status, job.step, job.progress, job.finished_at, job.lease_owner) == (
        JobStatus.DONE,
        "compose",
        1.0,
        NOW,
        None,
    )


class Broken(Exception):
    code = "disk_error"


async def test_a_failing_job_is_tried_again_later_then_stays_visible_with_its_step_until_retried(
    database: Database,
) -> None:
    gave_up: list[str] = []

    async def perform(job: Job, progress: Progress) -> None:
        progress.at("compose", 0.4)
        raise Broken

    async def given_up(job: Job, code: str) -> None:
        gave_up.append(code)

    clock = Clock()
    policy = RetryPolicy(max_attempts=2, first_wait_s=5)
    worker = a_worker(database, JobKind(perform=perform, retry=policy, given_up=given_up), clock)
    job_id = await add(database)
    assert await worker.work_once()
    waiting = await the(database, job_id)
    assert (waiting.status, waiting.error, waiting.run_at) == (
        JobStatus.QUEUED,
        "disk_error",
        NOW + timedelta(seconds=5),
    )
    assert not await worker.work_once()
    clock.now += timedelta(seconds=5)
    assert await worker.work_once()
    failed = await the(database, job_id)
    assert (failed.status, failed.step, failed.progress, failed.error) == (
        JobStatus.FAILED,
        "compose",
        0.4,
        "disk_error",
    )
    assert gave_up == ["disk_error"]
    async with database.write(SCOPE) as uow:
        await retry_job(uow, job_id, clock.now)
    assert (await the(database, job_id)).status is JobStatus.QUEUED


async def test_a_failure_that_no_retry_can_help_is_shown_at_once(database: Database) -> None:
    async def perform(job: Job, progress: Progress) -> None:
        raise Broken

    job_id = await add(database)
    await a_worker(database, JobKind(perform=perform, permanent=(Broken,)), Clock()).work_once()
    assert (await the(database, job_id)).status is JobStatus.FAILED


async def test_a_job_that_kills_every_worker_is_given_up(database: Database) -> None:
    async def perform(job: Job, progress: Progress) -> None:
        raise AssertionError("must not be tried again")

    clock = Clock()
    job_id = await add(database)
    for _ in range(2):
        assert await JobQueue(database, "dies").claim(KINDS, clock.now)
        clock.now += LEASE + timedelta(seconds=1)
    await a_worker(database, JobKind(perform=perform, retry=RetryPolicy(max_attempts=2)), clock).work_once()
    failed = await the(database, job_id)
    assert (failed.status, failed.error) == (JobStatus.FAILED, "worker_died")


async def test_a_stopping_worker_gives_its_job_back_without_counting_the_attempt(database: Database) -> None:
    begun = asyncio.Event()

    async def perform(job: Job, progress: Progress) -> None:
        begun.set()
        await asyncio.Event().wait()

    job_id, stopping = await add(database), asyncio.Event()
    running = asyncio.create_task(a_worker(database, JobKind(perform=perform), Clock()).run(stopping))
    await asyncio.wait_for(begun.wait(), 30)
    stopping.set()
    await asyncio.wait_for(running, 30)
    job = await the(database, job_id)
    assert (job.status, job.attempts, job.lease_owner) == (JobStatus.QUEUED, 0, None)


def _says(log: Path, line: str) -> bool:
    return line in log.read_text()


async def test_whoever_is_killed_every_job_ends_done(database: Database, database_url: str, tmp_path: Path) -> None:
    """kill -9 at the begin, in the middle and at the end of jobs; an heir takes over when the lease has run out."""
    ids = [await add(database, f"k{n}", datetime.now(UTC)) for n in range(20)]
    log = tmp_path / "log"
    log.touch()
    for wanted in ("begun 1", "ended 1", "begun 4", "ended 4"):
        command = [sys.executable, "-m", "tests.job_worker", database_url, str(log)]
        worker = await asyncio.create_subprocess_exec(*command)
        await until(partial(_says, log, wanted))
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
        log.write_text("")
    clock = Clock()
    clock.now = datetime.now(UTC) + LEASE + timedelta(seconds=1)
    done: list[str] = []

    async def perform(job: Job, progress: Progress) -> None:
        done.append(job.id)

    heir = a_worker(database, JobKind(perform=perform), clock)
    while await heir.work_once():
        pass
    jobs = [await the(database, job_id) for job_id in ids]
    assert {job.status for job in jobs} == {JobStatus.DONE}
    assert sum(job.attempts > 1 for job in jobs) >= 2  # those killed in the middle were done again
    assert len(done) == len(set(done))


async def test_of_all_workers_one_has_the_turn(database: Database) -> None:
    every = timedelta(seconds=5)

    async def ask(at: datetime) -> bool:
        async with database.write(SCOPE) as uow:
            return await take_turn(uow, "schedule", every, at)

    assert sorted(await asyncio.gather(*(ask(NOW) for _ in range(4)))) == [False, False, False, True]
    assert not await ask(NOW + timedelta(seconds=4))
    assert await ask(NOW + every)


async def test_a_turn_that_fails_does_not_stop_the_clock(database: Database) -> None:
    turns: list[datetime] = []

    async def act(now: datetime) -> None:
        turns.append(now)
        raise Broken

    async def idle(job: Job, progress: Progress) -> None:
        return

    clock = Clock()
    recurring = Recurring(name="schedule", every=timedelta(seconds=5), act=act)
    worker = a_worker(database, JobKind(perform=idle), clock, recurring)
    await worker.turn(recurring)
    clock.now += timedelta(seconds=5)
    await worker.turn(recurring)
    assert turns == [NOW, NOW + timedelta(seconds=5)]
