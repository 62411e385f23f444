"""Playing a recording: a short grant with its audit row, and ranges that are decrypted on the way out.

Every range asks again whether the grant still holds. Plain bytes exist in memory only, one piece at a time.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from server.actions.content_keys import only_seeker_of
from server.domain.errors import Gone
from server.domain.links import hash_of
from server.domain.permissions import StaffScope, SystemScope
from server.domain.recordings import ContentKey, PlaybackGrant, Recording, RecordingNotReady, require_playable
from server.storage.files import FileStore
from server.storage.keys import Keys
from server.storage.sealed_objects import SealedObject, open_sealed
from server.storage.trail import Deed, record_deed
from server.storage.unit_of_work import UnitOfWork

GRANT_LIVES = timedelta(hours=1)
_SYSTEM = SystemScope("playback")


class PlaybackOver(Gone):
    """This playback has ended; open the recording again."""

    code = "playback_over"


async def grant_playback(
    uow: UnitOfWork,
    recording_id: str,
    reason: str,
    by: StaffScope,
    new_secret: Callable[[], str],
    now: datetime,
    origin: str,
) -> tuple[str, PlaybackGrant]:
    """Let one person play one recording for an hour: the secret and the grant, with one audit row.

    Raises NotFound, RecordingNotReady, RecordingPurged.
    """
    recording = await uow.rows(Recording).one(recording_id)
    require_playable(recording.status)
    secret = new_secret()
    grant = PlaybackGrant(
        token_hash=hash_of(secret),
        recording_id=recording.id,
        person_id=by.person_id,
        issued_at=now,
        expires_at=now + GRANT_LIVES,
    )
    await uow.beyond(_SYSTEM).rows(PlaybackGrant).add(grant)
    deed = Deed(
        action="recording.played",
        object_kind="recording",
        object_id=recording.id,
        tenant_id=recording.tenant_id,
        subject_id=await only_seeker_of(uow, recording.appointment_id),
        reason=reason or None,
    )
    await record_deed(uow, deed, now, origin)
    return secret, grant


async def open_playback(
    uow: UnitOfWork, secret: str, by: StaffScope, keys: Keys, files: FileStore, now: datetime
) -> SealedObject:
    """What the grant opens, if it still does and the person still may.

    Raises PlaybackOver, NotFound, RecordingNotReady, RecordingPurged, KeyAway,
    ObjectMissing, ObjectDamaged.
    """
    everything = uow.beyond(_SYSTEM)
    grant = await everything.rows(PlaybackGrant).get(hash_of(secret))
    if grant is None or grant.person_id != by.person_id or now >= grant.expires_at:
        raise PlaybackOver()
    recording = await uow.rows(Recording).one(grant.recording_id)
    require_playable(recording.status)
    if recording.file is None:
        raise RecordingNotReady()
    key = await everything.rows(ContentKey).one(recording.content_key_id)
    return await open_sealed(files, recording.file, keys.opened(key), about_playable(recording.id))


def about_playable(recording_id: str) -> dict[str, str | int]:
    """Bound to the playable file, so that it can pass for no other."""
    return {"recording": recording_id, "what": "playable"}
