"""What the HTTP door works with, handed in by the composition root, and who asks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aiohttp import web

from server.actions.board import LinesOf
from server.actions.contact import InstallationContact
from server.actions.passwords import Passwords
from server.actions.read_tracks import TracksOf
from server.actions.sample_guests import EmptySeats
from server.api.attempts import Attempts
from server.domain.permissions import Scope, StaffScope, SystemScope, VisitScope
from server.storage.files import FileStore
from server.storage.keys import Keys
from server.storage.unit_of_work import Database
from signaling.media.ice_servers import IceServersFor, no_ice_servers
from signaling.media.port import MediaProbe


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that handlers need and that is not part of a request."""

    database: Database
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    new_secret: Callable[[], str]
    passwords: Passwords
    attempts: Attempts
    contact: InstallationContact
    keys: Keys
    files: FileStore
    public_url: str  # origin without a trailing slash
    static_dir: Path
    ice_servers: IceServersFor = no_ice_servers
    media_probe: Callable[[], MediaProbe | None] = lambda: None
    has_samples: bool = False
    lines_of: LinesOf = lambda call: {}
    tracks_of: TracksOf = lambda call, seat: None
    low_disk_bytes: int = 1_000_000_000  # free space of a spool's disk from which an operator should look at it
    seat_sample_guests: Callable[[EmptySeats], Awaitable[None]] | None = None  # only with samples


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request: what it may use and where it came from."""

    services: Services
    http: web.Request
    origin: str  # address of the asker, for limits and the audit trail
    at: datetime

    @property
    def who(self) -> Scope:
        """Through which scope this request sees the database."""
        return SystemScope("public door")


@dataclass(frozen=True, kw_only=True)
class StaffAsk(Ask):
    """A request of a signed-in member of staff."""

    scope: StaffScope
    session_id: str

    @property
    def who(self) -> Scope:
        """The member of staff."""
        return self.scope


@dataclass(frozen=True, kw_only=True)
class VisitAsk(Ask):
    """A request from a seeker's page."""

    scope: VisitScope

    @property
    def who(self) -> Scope:
        """The seat."""
        return self.scope
