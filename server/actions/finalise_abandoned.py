"""Recordings of calls whose node was lost for good: nobody will ever say that they ended, so the server does."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from server.actions.follow_recording import PROCESS_RECORDING, finalise
from server.domain.recordings import Recording, RecordingStatus
from server.storage.job_queue import NewJob, add_job
from server.storage.tables.recordings import recordings
from server.storage.tables.scheduling import assignments
from server.storage.unit_of_work import UnitOfWork

ABANDONED_AFTER = timedelta(minutes=10)  # after the room was closed; a node that lives says so within seconds


async def finalise_abandoned(uow: UnitOfWork, new_id: Callable[[], str], now: datetime) -> int:
    """Finalise them with the parts there are, and enqueue the work; how many there were."""
    closed = select(assignments.c.call_id).where(assignments.c.closed_at < now - ABANDONED_AFTER)
    open_still = (RecordingStatus.RECORDING, RecordingStatus.PAUSED)
    found = await uow.rows(Recording).where(recordings.c.status.in_(open_still), recordings.c.id.in_(closed))
    for recording in found:
        await finalise(uow, recording, now)
        job = NewJob(
            kind=PROCESS_RECORDING,
            key=f"{PROCESS_RECORDING}:{recording.id}:abandoned",
            args={"recording": recording.id},
            tenant_id=recording.tenant_id,
        )
        await add_job(uow, job, new_id, now)
    return len(found)
