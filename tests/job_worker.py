"""A worker process to be killed: it does every `compose` job and writes down when it begins and ends one."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from server.domain.jobs import Job
from server.jobs.worker import JobKind, Progress, Worker
from server.storage.unit_of_work import Database


async def main(url: str, log: Path) -> None:
    count = 0

    async def perform(job: Job, progress: Progress) -> None:
        nonlocal count
        count += 1
        number = count
        await asyncio.to_thread(_append, log, f"begun {number}\n")
        progress.at("compose", 0.5)
        await asyncio.sleep(0.01)  # the work; whoever kills us waits for the lines above and below
        await asyncio.to_thread(_append, log, f"ended {number}\n")

    database = Database(url)
    worker = Worker(database, f"w{os.getpid()}", {"compose": JobKind(perform=perform)}, [], lambda: datetime.now(UTC))
    await worker.run(asyncio.Event())


def _append(log: Path, line: str) -> None:
    with log.open("a") as file:
        file.write(line)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
