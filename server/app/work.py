"""The work process, put together: the scheduler's tick and the jobs."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from server.actions.process_recording import Workshop
from server.app.metrics import Gauges, LoopLag, private_application
from server.app.resources import Resources, opened
from server.app.sites import private_site
from server.app.tasks import running
from server.config import Settings
from server.jobs.registry import job_kinds, recurring
from server.jobs.scratch import keep_swept
from server.jobs.worker import Worker


@asynccontextmanager
async def work(settings: Settings) -> AsyncIterator[None]:
    """Work until the block ends; what is under way then is given back. Raises CannotStart."""
    lag, stopping = LoopLag(), asyncio.Event()
    private = private_application(Gauges(lambda: {"work_loop_lag_seconds": lag.lag_s}))
    async with (
        opened(settings) as resources,
        private_site(settings, private),
        running(lag.watch(), keep_swept(_scratch(settings), resources.clock)),
        asyncio.TaskGroup() as group,
    ):
        group.create_task(_worker(resources).run(stopping))
        try:
            yield
        finally:
            stopping.set()


def workshop(resources: Resources) -> Workshop:
    """What jobs work with."""
    return Workshop(
        database=resources.database,
        files=resources.files,
        keys=resources.keys,
        scratch=_scratch(resources.settings),
        new_id=resources.new_id,
        clock=resources.clock,
    )


def _scratch(settings: Settings) -> Path:
    return settings.data_dir / "scratch"


def _worker(resources: Resources) -> Worker:
    tools, name = workshop(resources), f"work-{socket.gethostname()}-{os.getpid()}"
    return Worker(resources.database, name, job_kinds(tools), recurring(tools), resources.clock)
