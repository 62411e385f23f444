"""A worker process to be killed: it does every job on one database and one folder."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from server.actions.process_recording import Workshop
from server.jobs.registry import job_kinds
from server.jobs.worker import Worker
from server.storage.files import FolderStore
from server.storage.keys import Keys
from server.storage.unit_of_work import Database
from tests.world import new_id


def workshop(database: Database, folder: Path) -> Workshop:
    """What jobs of tests work with."""
    return Workshop(
        database=database,
        files=FolderStore(folder / "store"),
        keys=Keys(bytes(32)),
        scratch=folder / "scratch",
        new_id=new_id,
        clock=lambda: datetime.now(UTC),
    )


async def main(url: str, folder: Path) -> None:
    database = Database(url)
    tools = workshop(database, folder)
    await Worker(database, f"w{os.getpid()}", job_kinds(tools), [], tools.clock).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
