"""Deleting recordings whose day has come: every object of them, then their keys and grants. PIPA article 21.

A recording is first marked as expiring, so that nobody can open it any more; only when its last object is gone it is
purged. A server that dies in between goes on where it was.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select

from server.domain.organisations import Tenant
from server.domain.permissions import SystemScope
from server.domain.recordings import Recording, RecordingStatus
from server.domain.retention import is_due
from server.domain.time_zones import zone_of
from server.storage.files import FileStore
from server.storage.tables.recordings import playback_grants, recording_parts, recordings
from server.storage.trail import Deed, record_deed, tell
from server.storage.unit_of_work import Database, UnitOfWork

_SCOPE = SystemScope("retention")
_KEPT = (RecordingStatus.AVAILABLE, RecordingStatus.PARTIAL, RecordingStatus.FAILED)


async def delete_due_recordings(database: Database, files: FileStore, clock: Callable[[], datetime]) -> int:
    """Delete what is due; how many recordings were purged. Raises FileStoreAway; the next turn goes on."""
    async with database.write(_SCOPE) as uow:
        expiring = await _mark_due(uow, clock())
    for recording_id in expiring:
        for name in await files.names(f"recordings/{recording_id}"):
            await files.delete(name)
        async with database.write(_SCOPE) as uow:
            await _purge(uow, recording_id, clock())
    return len(expiring)


async def _mark_due(uow: UnitOfWork, now: datetime) -> list[str]:
    """Ids of everything whose deletion is due or was begun, and of purged ones that a late part has come back to."""
    zones = {tenant.id: zone_of(tenant.zone) for tenant in await uow.rows(Tenant).where()}
    kept = await uow.rows(Recording).where(recordings.c.status.in_(_KEPT), recordings.c.delete_on.is_not(None))
    for recording in kept:
        if recording.delete_on is not None and is_due(recording.delete_on, now, zones[recording.tenant_id]):
            await uow.rows(Recording).save(recording.to(RecordingStatus.EXPIRING))
            await tell(uow, "recording", recording.id, recording.tenant_id, now)
    came_back = select(recording_parts.c.recording_id)
    begun = await uow.rows(Recording).where(
        (recordings.c.status == RecordingStatus.EXPIRING)
        | ((recordings.c.status == RecordingStatus.PURGED) & recordings.c.id.in_(came_back))
    )
    return [recording.id for recording in begun]


async def _purge(uow: UnitOfWork, recording_id: str, now: datetime) -> None:
    """Every object is gone: forget the wrapped keys, the grants and what the file held. The fact of it remains."""
    recording = await uow.rows(Recording).one(recording_id, lock=True)
    await uow.execute(delete(recording_parts).where(recording_parts.c.recording_id == recording.id))
    await uow.execute(delete(playback_grants).where(playback_grants.c.recording_id == recording.id))
    purged = replace(
        recording.to(RecordingStatus.PURGED),
        file=None,
        size_bytes=None,
        contents=None,
        purged_at=recording.purged_at or now,
    )
    await uow.rows(Recording).save(purged)
    deed = Deed(
        action="recording.purged", object_kind="recording", object_id=recording.id, tenant_id=recording.tenant_id
    )
    await record_deed(uow, deed, now)
    await tell(uow, "recording", recording.id, recording.tenant_id, now)
