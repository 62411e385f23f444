"""The work queue as rows: added in the transaction that causes the work, claimed by one worker at a time under a lease.

A worker that dies stops renewing; when its lease has run out the job is claimed again. All statements here are the
server's own and unscoped: workers act for nobody in particular.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from server.domain.jobs import Job, JobNotFailed, JobStatus
from server.domain.permissions import SystemScope
from server.storage.tables.jobs import clock, jobs
from server.storage.trail import tell
from server.storage.unit_of_work import Database, UnitOfWork

LEASE = timedelta(seconds=30)
_NO_LEASE: Mapping[str, object] = {"lease_owner": None, "lease_until": None}


@dataclass(frozen=True, kw_only=True)
class NewJob:
    """Work to be done once. The same `key` again is the same work."""

    kind: str
    key: str
    args: dict[str, str]
    tenant_id: str | None
    run_at: datetime | None = None  # not before; None: at once


async def add_job(uow: UnitOfWork, wanted: NewJob, new_id: Callable[[], str], now: datetime) -> str:
    """Enqueue in the caller's transaction; the id of the job, also when it was there already."""
    row = {
        "id": new_id(),
        "kind": wanted.kind,
        "args": wanted.args,
        "key": wanted.key,
        "tenant_id": wanted.tenant_id,
        "status": JobStatus.QUEUED,
        "step": "",
        "progress": 0.0,
        "attempts": 0,
        "run_at": wanted.run_at or now,
        "created_at": now,
    }
    await uow.insert_new(jobs, [row])
    found = await uow.execute(select(jobs.c.id).where(jobs.c.key == wanted.key))
    job_id: str = found.scalar_one()
    return job_id


async def hurry_jobs(uow: UnitOfWork, key_prefix: str, now: datetime) -> None:
    """What these jobs wait for has come: they are due now."""
    waiting = jobs.c.key.startswith(key_prefix, autoescape=True) & (jobs.c.status == JobStatus.QUEUED)
    await uow.execute(update(jobs).where(waiting, jobs.c.run_at > now).values(run_at=now))


async def retry_job(uow: UnitOfWork, job_id: str, now: datetime) -> None:
    """Let a failed job begin again. Raises JobNotFailed."""
    again = {
        "status": JobStatus.QUEUED,
        "attempts": 0,
        "run_at": now,
        "error": None,
        "finished_at": None,
    }
    failed = (jobs.c.id == job_id) & (jobs.c.status == JobStatus.FAILED)
    if (await uow.execute(update(jobs).where(failed).values(again))).rowcount != 1:
        raise JobNotFailed()


class JobQueue:
    """The worker's side of the queue. Every write names the lease, so that a worker that lost it changes nothing."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner
        self._scope = SystemScope("work")

    async def claim(self, kinds: Collection[str], now: datetime) -> Job | None:
        """The job that has been due longest, now leased to this worker; None when nothing is due."""
        async with self._database.write(self._scope) as uow:
            due = or_(
                (jobs.c.status == JobStatus.QUEUED) & (jobs.c.run_at <= now),
                (jobs.c.status == JobStatus.RUNNING) & (jobs.c.lease_until < now),
            )
            query = select(jobs.c.id).where(due, jobs.c.kind.in_(kinds)).order_by(jobs.c.run_at).limit(1)
            # SQLite has no such clause and needs none: its one writer holds the lock already.
            job_id = (await uow.execute(query.with_for_update(skip_locked=True))).scalar_one_or_none()
            if job_id is None:
                return None
            claimed = {
                "status": JobStatus.RUNNING,
                "attempts": jobs.c.attempts + 1,
                "lease_owner": self._owner,
                "lease_until": now + LEASE,
            }
            await uow.execute(update(jobs).where(jobs.c.id == job_id).values(claimed))
            return await uow.rows(Job).one(job_id)

    async def renew(self, job: Job, step: str, progress: float, now: datetime) -> bool:
        """Keep the lease for another while and let people see the step; False when another worker has the job now."""
        values = {"step": step, "progress": progress, "lease_until": now + LEASE}
        return await self._change(job, now, values)

    async def done(self, job: Job, step: str, now: datetime) -> bool:
        """The job has ended well, with this step."""
        values = {"status": JobStatus.DONE, "step": step, "progress": 1.0, "finished_at": now, **_NO_LEASE}
        return await self._change(job, now, values)

    async def postpone(self, job: Job, error: str, run_at: datetime, now: datetime) -> bool:
        """The attempt failed; another is made at `run_at`."""
        return await self._change(job, now, {"status": JobStatus.QUEUED, "run_at": run_at, "error": error, **_NO_LEASE})

    async def failed(self, job: Job, error: str, now: datetime) -> bool:
        """Given up: the job stays visible with the step that failed, until a person retries it."""
        values = {"status": JobStatus.FAILED, "error": error, "finished_at": now, **_NO_LEASE}
        return await self._change(job, now, values)

    async def release(self, job: Job, now: datetime) -> bool:
        """The worker is stopping; the attempt does not count and another worker may take over at once."""
        values = {"status": JobStatus.QUEUED, "run_at": now, "attempts": job.attempts - 1, **_NO_LEASE}
        return await self._change(job, now, values)

    async def _change(self, job: Job, now: datetime, values: Mapping[str, object]) -> bool:
        async with self._database.write(self._scope) as uow:
            changed = (await uow.execute(update(jobs).where(self._mine(job)).values(values))).rowcount == 1
            if changed:
                await tell(uow, "job", job.id, job.tenant_id, now)
            return changed

    def _mine(self, job: Job) -> ColumnElement[bool]:
        return (
            (jobs.c.id == job.id)
            & (jobs.c.status == JobStatus.RUNNING)
            & (jobs.c.lease_owner == self._owner)
            & (jobs.c.attempts == job.attempts)
        )


async def take_turn(uow: UnitOfWork, name: str, every: timedelta, now: datetime) -> bool:
    """Whether recurring work is due and ours to do: of all workers, one gets True per interval."""
    await uow.insert_new(clock, [{"name": name, "due_at": now}])
    due = (clock.c.name == name) & (clock.c.due_at <= now)
    return (await uow.execute(update(clock).where(due).values(due_at=now + every))).rowcount == 1
