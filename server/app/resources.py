"""What web, work and commands share: the database, the file store, keys, and the sources of time and chance."""

import os
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from server.config import Settings
from server.preparation import CannotStart
from server.secret_files import BadSecret, Secrets, load_or_make
from server.storage import schema
from server.storage.files import FileStore, FolderStore
from server.storage.keys import Keys
from server.storage.unit_of_work import Database

SECRET_BYTES = 24


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A new id: 32 lower-case hex digits."""
    return uuid.uuid4().hex


def new_secret() -> str:
    """192 bits that nobody guesses, safe in a URL."""
    return secrets.token_urlsafe(SECRET_BYTES)


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


def secrets_of(settings: Settings) -> Secrets:
    """The secrets of the installation. Raises CannotStart."""
    try:
        return load_or_make(settings.data_dir / "secrets", os.environ)
    except BadSecret as error:
        raise CannotStart(f"{error}; see {settings.data_dir / 'secrets'}.") from error
    except OSError as error:
        raise CannotStart(f"{error.filename} cannot be used ({error.strerror}); set IEUM_DATA_DIR.") from error


def file_store(settings: Settings) -> FolderStore:
    """Where recordings and documents lie, encrypted."""
    return FolderStore(settings.data_dir / "store")


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
