"""What web, work and commands share, opened once: the database beside all that an installation has."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from server.app.installation import file_store, new_id, new_secret, now, secrets_of
from server.config import Settings
from server.preparation import CannotStart
from server.secret_files import Secrets
from server.storage import schema
from server.storage.files import FileStore
from server.storage.keys import Keys
from server.storage.unit_of_work import Database


@dataclass(frozen=True)
class Resources:
    """Opened once per process."""

    settings: Settings
    secrets: Secrets
    database: Database
    files: FileStore
    keys: Keys
    clock: Callable[[], datetime] = now
    new_id: Callable[[], str] = new_id
    new_secret: Callable[[], str] = new_secret


@asynccontextmanager
async def opened(settings: Settings, *, check_schema: bool = True) -> AsyncIterator[Resources]:
    """Open everything; the database must have the tables this code knows. Raises CannotStart."""
    shared = secrets_of(settings)
    database = Database(settings.database)
    try:
        if check_schema:
            await schema.check(database)
        yield Resources(settings, shared, database, file_store(settings), Keys(shared.kek))
    except schema.SchemaWrong as error:
        raise CannotStart(str(error)) from error
    finally:
        await database.close()
