"""Jobs: work that outlives the request that caused it. What a job is; queue and worker live elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.errors import Conflict


class JobStatus(StrEnum):
    """Where a job stands. Every job ends as `done` or as a visible `failed`."""

    QUEUED = "queued"  # waits for its time and a free worker
    RUNNING = "running"  # a worker holds its lease
    DONE = "done"  # every step has its output
    FAILED = "failed"  # given up; a person sees the step and may retry it


class JobNotFailed(Conflict):
    """Only a failed job can be retried."""

    code = "job_not_failed"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One piece of work. One worker at a time, any number of attempts: what it does must bear being done twice."""

    id: str
    kind: str
    args: dict[str, str]
    key: str  # idempotency: adding the same key again adds nothing
    tenant_id: str | None
    status: JobStatus
    step: str  # what is being done, or what failed
    progress: float  # 0 to 1
    attempts: int  # begun so far
    run_at: datetime
    lease_owner: str | None
    lease_until: datetime | None
    error: str | None  # stable code of the last failure
    created_at: datetime
    finished_at: datetime | None
