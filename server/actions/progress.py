"""How far work is, as people see it: one job by its id, or the latest of a kind for one thing."""

from dataclasses import dataclass

from server.domain.jobs import Job, JobStatus
from server.domain.permissions import SystemScope
from server.storage.tables.jobs import jobs
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("work on what is visible")


@dataclass(frozen=True, kw_only=True)
class JobView:
    """How far the work is."""

    id: str
    kind: str
    status: JobStatus
    step: str
    progress: float
    error: str | None


async def read_job(uow: UnitOfWork, job_id: str) -> JobView:
    """How far a job of one's own tenant is. Raises NotFound."""
    return _view(await uow.rows(Job).one(job_id))


async def latest_job(uow: UnitOfWork, key_prefix: str) -> JobView | None:
    """The last one that was asked for. Not scoped: the caller has seen what it works on."""
    found = (
        await uow.beyond(_SYSTEM)
        .rows(Job)
        .first(jobs.c.key.startswith(key_prefix, autoescape=True), order_by=[jobs.c.created_at.desc(), jobs.c.id])
    )
    return _view(found) if found is not None else None


def _view(job: Job) -> JobView:
    return JobView(id=job.id, kind=job.kind, status=job.status, step=job.step, progress=job.progress, error=job.error)
