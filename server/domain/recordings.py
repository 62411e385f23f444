"""The life of a recording after its first packet: its states and whose it is. Consent and media live elsewhere.

A recording has one row per call. It is attached once, where it belongs: the seeker's case for counselling, the
employer's application for an interview, the appointment itself for a group.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from server.domain.appointments import Kind
from server.domain.errors import Conflict, Gone


class RecordingStatus(StrEnum):
    """How far a recording is (domain.md, status machines)."""

    RECORDING = "recording"  # permitted tracks are being written
    PAUSED = "paused"  # a host stopped it; the call goes on and it may be resumed
    FINALISING = "finalising"  # the call is over, jobs make the playable file
    AVAILABLE = "available"  # playable, nothing unexpected missing
    PARTIAL = "partial"  # playable, but something that should be there is missing
    FAILED = "failed"  # no playable file could be made; its parts are kept and it can be retried
    EXPIRING = "expiring"  # its delete-on date has come, its objects are being deleted
    PURGED = "purged"  # every object and key of it is gone; only the fact that it was remains


class RecordingNotReady(Conflict):
    """The recording cannot be played in its present state."""

    code = "recording_not_ready"


class RecordingPurged(Gone):
    """The recording was deleted on its date."""

    code = "recording_purged"


class RecordingNotFailed(Conflict):
    """Only a failed step can be retried."""

    code = "recording_not_failed"


class OwnerKind(StrEnum):
    """What a recording belongs to, and so whose key protects it."""

    CASE = "case"  # counselling 1:1: the seeker's case file, held by the centre
    APPLICATION = "application"  # interview: the employer's application
    APPOINTMENT = "appointment"  # small group: the appointment, under its own key


@dataclass(frozen=True, slots=True)
class Owner:
    """The one case, application or appointment a recording belongs to."""

    kind: OwnerKind
    id: str


_NEXT: dict[RecordingStatus, frozenset[RecordingStatus]] = {
    RecordingStatus.RECORDING: frozenset({RecordingStatus.PAUSED, RecordingStatus.FINALISING}),
    RecordingStatus.PAUSED: frozenset({RecordingStatus.RECORDING, RecordingStatus.FINALISING}),
    RecordingStatus.FINALISING: frozenset({RecordingStatus.AVAILABLE, RecordingStatus.PARTIAL, RecordingStatus.FAILED}),
    RecordingStatus.FAILED: frozenset({RecordingStatus.FINALISING, RecordingStatus.EXPIRING}),
    RecordingStatus.AVAILABLE: frozenset({RecordingStatus.FINALISING, RecordingStatus.EXPIRING}),
    RecordingStatus.PARTIAL: frozenset({RecordingStatus.FINALISING, RecordingStatus.EXPIRING}),
    RecordingStatus.EXPIRING: frozenset({RecordingStatus.PURGED}),
    RecordingStatus.PURGED: frozenset(),
}

PLAYABLE = frozenset({RecordingStatus.AVAILABLE, RecordingStatus.PARTIAL})
GONE = frozenset({RecordingStatus.EXPIRING, RecordingStatus.PURGED})


@dataclass(frozen=True, kw_only=True)
class ContentKey:
    """The key over everything that is kept for one owner, wrapped under the installation's key-encryption key."""

    id: str
    tenant_id: str
    owner_kind: OwnerKind
    owner_id: str
    wrapped: bytes
    kek_id: str  # which key-encryption key wraps it
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What was recorded of one call. Its id is the call's: one call, one recording, however often it paused."""

    id: str
    tenant_id: str
    appointment_id: str
    owner_kind: OwnerKind
    owner_id: str
    content_key_id: str
    status: RecordingStatus
    started_at: datetime
    ended_at: datetime | None
    failure: str | None  # stable code of what went wrong while writing or processing
    file: str | None  # name of the playable, sealed file in the file store
    size_bytes: int | None  # of the playable file, in the clear
    duration_s: float | None
    contents: dict[str, object] | None  # tracks, spans and gaps with their causes, as the player draws them
    delete_on: date | None
    purged_at: datetime | None

    @property
    def owner(self) -> Owner:
        """Whose it is."""
        return Owner(self.owner_kind, self.owner_id)

    def to(self, status: RecordingStatus) -> "Recording":
        """The recording in this state; unchanged where the machine has no such step: facts come late or twice.

        Tried again, it has not failed any more.
        """
        if not may_become(self.status, status):
            return self
        again = self.status is RecordingStatus.FAILED and status is RecordingStatus.FINALISING
        return replace(self, status=status, failure=None if again else self.failure)


@dataclass(frozen=True, kw_only=True)
class RecordingPart:
    """One closed part of one track, an encrypted object in the file store (its format: recordings/spool.py)."""

    recording_id: str
    track: str
    epoch: int
    run: int
    part: int
    seat: str
    source: str
    object: str  # name in the file store
    size_bytes: int
    sha256: str
    started_at_ns: int
    ended_at_ns: int
    key_id: str
    wrapped_key: str  # base64; wrapped under the recording's content key
    sealed: bool  # false where the node was killed while writing it: its end may be torn


@dataclass(frozen=True, kw_only=True)
class PlaybackGrant:
    """One person's permission to play one recording for a short while. `token_hash` is the SHA-256 of its secret."""

    token_hash: str
    recording_id: str
    person_id: str
    issued_at: datetime
    expires_at: datetime


def may_become(status: RecordingStatus, wanted: RecordingStatus) -> bool:
    """Whether the machine allows this step. Staying is always allowed."""
    return wanted is status or wanted in _NEXT[status]


def require_playable(status: RecordingStatus) -> None:
    """Raises `RecordingPurged` or `RecordingNotReady` unless the recording can be played."""
    if status in (RecordingStatus.PURGED, RecordingStatus.EXPIRING):
        raise RecordingPurged()
    if status not in PLAYABLE:
        raise RecordingNotReady()


def owner_of(kind: Kind, appointment_id: str, case_ids: Sequence[str], application_id: str | None) -> Owner:
    """Where a recording of this appointment belongs; an interview for no application keeps it to itself."""
    if kind is Kind.INTERVIEW and application_id is not None:
        return Owner(OwnerKind.APPLICATION, application_id)
    if kind is Kind.COUNSELLING and len(case_ids) == 1:
        return Owner(OwnerKind.CASE, case_ids[0])
    return Owner(OwnerKind.APPOINTMENT, appointment_id)
