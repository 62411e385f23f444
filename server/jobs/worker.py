"""The worker: takes one job after the other under a lease, lets people see how far it is, and starts recurring work.

A job runs while a second task renews its lease and writes its progress; if the lease is lost the job is cancelled,
because another worker has it. Stopping gives the job back. Whatever a job raises ends here, as a retry or as `failed`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.domain.errors import Refused, Unavailable
from server.domain.jobs import Job
from server.domain.permissions import SystemScope
from server.jobs.retry import RetryPolicy, wait_before_next_s
from server.storage.job_queue import JobQueue, take_turn
from server.storage.unit_of_work import Database

logger = logging.getLogger(__name__)

POLL_S = 1.0  # how soon a new job is noticed
BEAT_S = 1.0  # how often progress is written; every beat renews the lease as well


class LeaseLost(Exception):
    """Another worker holds this job now."""


class Progress:
    """Where a job is. Set from the job, also from a thread of it; written down by the worker's next beat."""

    def __init__(self) -> None:
        self.step = ""
        self.fraction = 0.0

    def at(self, step: str, fraction: float) -> None:
        """The job is at this step and, in all, this far (0 to 1)."""
        self.step, self.fraction = step, fraction


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """How one kind of job is done, how patiently it is tried, and what follows when it is given up."""

    perform: Callable[[Job, Progress], Awaitable[None]]
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    permanent: tuple[type[Exception], ...] = ()  # errors that trying again cannot help
    given_up: Callable[[Job, str], Awaitable[None]] | None = None


@dataclass(frozen=True, kw_only=True)
class Recurring:
    """Work done again and again, by one worker at a time. It must bear being done twice."""

    name: str
    every: timedelta
    act: Callable[[datetime], Awaitable[None]]


class Worker:
    """One worker process. `run` is its whole life."""

    def __init__(
        self,
        database: Database,
        owner: str,
        kinds: Mapping[str, JobKind],
        recurring: Sequence[Recurring],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._queue = JobQueue(database, owner)
        self._kinds = kinds
        self._recurring = recurring
        self._clock = clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set; then give back what is under way and return."""
        async with asyncio.TaskGroup() as tasks:
            loops = [tasks.create_task(self._work())]
            loops += [tasks.create_task(self._repeat(recurring)) for recurring in self._recurring]
            await stopping.wait()
            for loop in loops:
                loop.cancel()

    async def _work(self) -> None:
        while True:
            try:
                found = await self.work_once()
            except Unavailable as error:  # the database is away; a job under way is claimed again by its lease
                logger.warning("work waits: %s", error.code)
                found = False
            if not found:
                await asyncio.sleep(POLL_S)

    async def _repeat(self, recurring: Recurring) -> None:
        while True:
            await self.turn(recurring)
            await asyncio.sleep(recurring.every.total_seconds())

    async def work_once(self) -> bool:
        """Do the job that is due first, if any; whether there was one."""
        job = await self._queue.claim(self._kinds.keys(), self._clock())
        if job is None:
            return False
        kind = self._kinds[job.kind]
        if job.attempts > kind.retry.max_attempts:  # whoever had it died each time without saying why
            await self._give_up(job, kind, "worker_died")
        else:
            await self._perform(job, kind)
        return True

    async def _perform(self, job: Job, kind: JobKind) -> None:
        progress = Progress()
        try:
            async with asyncio.TaskGroup() as tasks:
                beating = tasks.create_task(self._beat(job, progress))
                await kind.perform(job, progress)
                beating.cancel()
        except asyncio.CancelledError:
            await self._queue.release(job, self._clock())
            raise
        except ExceptionGroup as group:
            await self._settle(job, kind, progress, group.exceptions[0])
        else:
            await self._queue.done(job, progress.step, self._clock())

    async def _beat(self, job: Job, progress: Progress) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            with suppress(Unavailable):  # the lease outlives a short absence of the database
                if not await self._queue.renew(job, progress.step, progress.fraction, self._clock()):
                    raise LeaseLost

    async def _settle(self, job: Job, kind: JobKind, progress: Progress, error: BaseException) -> None:
        """What follows a failed attempt: nothing, another attempt, or giving up."""
        if isinstance(error, LeaseLost):
            logger.warning("job %s %s goes on elsewhere", job.kind, job.id)
            return
        code = getattr(error, "code", "internal_error")
        logger.error("job %s %s failed at %r: %s", job.kind, job.id, progress.step, code, exc_info=error)
        now = self._clock()
        await self._queue.renew(job, progress.step, progress.fraction, now)
        wait_s = wait_before_next_s(kind.retry, job.attempts, permanent=isinstance(error, kind.permanent))
        if wait_s is None:
            await self._give_up(job, kind, code)
        else:
            await self._queue.postpone(job, code, now + timedelta(seconds=wait_s), now)

    async def _give_up(self, job: Job, kind: JobKind, code: str) -> None:
        if kind.given_up is not None:
            await kind.given_up(job, code)
        await self._queue.failed(job, code, self._clock())

    async def turn(self, recurring: Recurring) -> None:
        """Do this recurring work now if it is due and no other worker does it."""
        try:
            async with self._database.write(SystemScope("clock")) as uow:
                mine = await take_turn(uow, recurring.name, recurring.every, self._clock())
            if mine:
                await recurring.act(self._clock())
        except Refused as error:
            logger.warning("%s did not run: %s", recurring.name, error.code)
        except Exception:  # one broken turn must not stop the clock for all the others
            logger.exception("%s failed", recurring.name)
