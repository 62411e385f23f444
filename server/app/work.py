"""The work process, put together: the scheduler's tick and the jobs."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

from server.actions.schedule import run_tick
from server.app.metrics import LoopLag, private_application
from server.app.resources import Resources, opened
from server.app.sites import tcp_site
from server.app.tasks import running
from server.config import Settings
from server.domain.permissions import SystemScope
from server.jobs.worker import JobKind, Recurring, Worker

TICK_EVERY = timedelta(seconds=2)


@asynccontextmanager
async def work(settings: Settings) -> AsyncIterator[None]:
    """Work until the block ends. Raises CannotStart."""
    async with AsyncExitStack() as stack:
        resources, lag, stopping = await stack.enter_async_context(opened(settings)), LoopLag(), asyncio.Event()
        worker = Worker(resources.database, _name(), job_kinds(resources), recurring(resources), resources.clock)
        private = private_application([lambda: {"work_loop_lag_seconds": lag.lag_s}])
        await stack.enter_async_context(tcp_site(private, settings.private_host, settings.private_port))
        await stack.enter_async_context(running(lag.watch()))
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.run(stopping))
            try:
                yield
            finally:
                stopping.set()


def job_kinds(resources: Resources) -> Mapping[str, JobKind]:
    """What this worker can do."""
    return {}


def recurring(resources: Resources) -> Sequence[Recurring]:
    """What is done again and again."""

    async def tick(now: datetime) -> None:
        async with resources.database.write(SystemScope("scheduler")) as uow:
            await run_tick(uow, now)

    return [Recurring(name="scheduler", every=TICK_EVERY, act=tick)]


def _name() -> str:
    return f"work-{socket.gethostname()}-{os.getpid()}"
