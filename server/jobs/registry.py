"""What work there is: each kind of job with its action, and the clock table of what is done again and again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from recordings.errors import NothingRecorded, WrongKey
from server.actions.delete_due_recordings import delete_due_recordings
from server.actions.draft_summary import DRAFT_SUMMARY, draft_summary
from server.actions.finalise_abandoned import finalise_abandoned
from server.actions.follow_recording import PROCESS_RECORDING
from server.actions.forget import forget_leftovers
from server.actions.process_recording import Workshop, give_up_recording, process_recording
from server.actions.schedule import run_tick
from server.domain.errors import NotFound
from server.domain.jobs import Job
from server.domain.permissions import SystemScope
from server.jobs.retry import RetryPolicy
from server.jobs.worker import JobKind, Progress, Recurring

_CLOCK = SystemScope("clock")


def job_kinds(workshop: Workshop) -> Mapping[str, JobKind]:
    """Every kind of job by its name."""

    async def process(job: Job, progress: Progress) -> None:
        await process_recording(workshop, job.args["recording"], progress.at)

    async def give_up_processing(job: Job, code: str) -> None:
        await give_up_recording(workshop, job.args["recording"], code)

    async def draft(job: Job, progress: Progress) -> None:
        progress.at("summarise", 0.0)
        await draft_summary(workshop.database, job.args["call"], workshop.new_id, workshop.clock)

    return {
        PROCESS_RECORDING: JobKind(
            perform=process,
            retry=RetryPolicy(max_attempts=4, first_wait_s=10),
            permanent=(NothingRecorded, WrongKey, NotFound),
            given_up=give_up_processing,
        ),
        DRAFT_SUMMARY: JobKind(perform=draft, permanent=(NotFound,)),
    }


def recurring(workshop: Workshop) -> Sequence[Recurring]:
    """The clock table."""

    async def tick(now: datetime) -> None:
        async with workshop.database.write(_CLOCK) as uow:
            await run_tick(uow, now)

    async def finalise(now: datetime) -> None:
        async with workshop.database.write(_CLOCK) as uow:
            await finalise_abandoned(uow, workshop.new_id, now)

    async def forget(now: datetime) -> None:
        async with workshop.database.write(_CLOCK) as uow:
            await forget_leftovers(uow, now)

    async def delete(_now: datetime) -> None:
        await delete_due_recordings(workshop.database, workshop.files, workshop.clock)

    return (
        Recurring(name="schedule", every=timedelta(seconds=3), act=tick),
        Recurring(name="finalise_abandoned", every=timedelta(minutes=1), act=finalise),
        Recurring(name="forget_leftovers", every=timedelta(hours=1), act=forget),
        Recurring(name="delete_due_recordings", every=timedelta(hours=1), act=delete),
    )
