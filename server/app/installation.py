"""What every process of an installation has: its secrets, its file store, and the sources of time and chance."""

import os
import secrets
import uuid
from datetime import UTC, datetime

from server.config import Settings
from server.preparation import CannotStart
from server.secret_files import BadSecret, Secrets, load_or_make, read_turn_secret
from server.storage.files import FolderStore
from signaling.media.ice_servers import TurnService

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


def secrets_of(settings: Settings) -> Secrets:
    """The secrets of the installation. Raises CannotStart."""
    try:
        return load_or_make(settings.data_dir / "secrets", os.environ)
    except BadSecret as error:
        raise CannotStart(f"{error}; see {settings.data_dir / 'secrets'}.") from error
    except OSError as error:
        raise CannotStart(f"{error.filename} cannot be used ({error.strerror}); set IEUM_DATA_DIR.") from error


def turn_service(settings: Settings) -> TurnService | None:
    """The relay for people behind firewalls, if there is one. Raises CannotStart."""
    if not settings.turn_urls:
        return None
    try:
        secret = read_turn_secret(settings.data_dir / "secrets", os.environ)
    except (BadSecret, OSError) as error:
        raise CannotStart(f"{error}.") from error
    return TurnService(tuple(settings.turn_urls), secret, settings.turn_lifetime_s)


def file_store(settings: Settings) -> FolderStore:
    """Where recordings and documents lie, encrypted."""
    return FolderStore(settings.data_dir / "store")
