"""Whether what is stored of recordings is there and is what was written: every part and the playable file of each.

For operators: what is found names recordings, tracks and parts by their ids, never people. Nothing is changed, and what
is decrypted to be checked goes nowhere.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from recordings.model import Part
from recordings.verify import Fault, Problem, verify
from server.actions.playback import about_playable
from server.actions.process_recording import ThreadStore
from server.domain.errors import NotFound, Unavailable
from server.domain.permissions import SystemScope
from server.domain.recordings import ContentKey, Recording, RecordingPart, RecordingStatus
from server.storage.files import FileStore, ObjectMissing
from server.storage.keys import Keys
from server.storage.sealed_objects import ObjectDamaged, open_sealed
from server.storage.tables.recordings import recording_parts, recordings
from server.storage.unit_of_work import Database

_SCOPE = SystemScope("verification of recordings")
_KEPT = (RecordingStatus.AVAILABLE, RecordingStatus.PARTIAL, RecordingStatus.FAILED)  # over, and not deleted


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What was found of one recording. `faults`: object and code, and how much; none where all is as written."""

    recording_id: str
    status: RecordingStatus
    parts: int
    torn: int  # parts that a killed node left open: known since then, and marked as gaps
    faults: tuple[str, ...]


async def recordings_to_verify(database: Database, wanted: Sequence[str]) -> list[str]:
    """These, or all that are over and kept. Raises NotFound for an id that is none."""
    async with database.read(_SCOPE) as uow:
        if not wanted:
            kept = await uow.rows(Recording).where(recordings.c.status.in_(_KEPT), order_by=[recordings.c.started_at])
            return [recording.id for recording in kept]
        for recording_id in wanted:
            if await uow.rows(Recording).get(recording_id) is None:
                raise NotFound(kind="recording", id=recording_id)
    return list(wanted)


async def verify_recording(database: Database, files: FileStore, keys: Keys, recording_id: str) -> Verified:
    """Read and authenticate everything of it, once. Raises NotFound, and Unavailable while the database is away."""
    async with database.read(_SCOPE) as uow:
        recording = await uow.rows(Recording).one(recording_id)
        key = await uow.rows(ContentKey).one(recording.content_key_id)
        rows = await uow.rows(RecordingPart).where(recording_parts.c.recording_id == recording_id)
    if recording.status is RecordingStatus.PURGED:  # its objects and keys are gone, as they should be
        return Verified(recording_id=recording_id, status=recording.status, parts=0, torn=0, faults=())
    parts = [Part.from_json({**asdict(row), "call": recording_id, "recording": recording_id}) for row in rows]
    try:
        content_key = keys.opened(key)
        problems = await _problems(parts, files, content_key)
        faults = await _playable_faults(recording, files, content_key)
    except Unavailable as error:  # the key or the file store: nothing can be said of any part
        problems, faults = [], [error.code]
    left_open = {part.id for part in parts if not part.sealed}
    torn = [one for one in problems if one.fault is Fault.TORN and one.part in left_open]
    return Verified(
        recording_id=recording_id,
        status=recording.status,
        parts=len(parts),
        torn=len(torn),
        faults=(*(_said(one) for one in problems if one not in torn), *faults),
    )


async def _problems(parts: Sequence[Part], files: FileStore, content_key: bytes) -> list[Problem]:
    store = ThreadStore(files, asyncio.get_running_loop())
    return await asyncio.to_thread(verify, parts, store.read, content_key)


async def _playable_faults(recording: Recording, files: FileStore, content_key: bytes) -> list[str]:
    """Opens the whole file: a changed, cut or exchanged piece does not authenticate."""
    if recording.file is None:
        return []
    try:
        opened = await open_sealed(files, recording.file, content_key, about_playable(recording.id))
        size_bytes = sum([len(piece) async for piece in opened.read(0, opened.size_bytes)])
    except (ObjectMissing, ObjectDamaged) as error:
        return [f"{recording.file}: {error.code}"]
    return [] if size_bytes == recording.size_bytes else [f"{recording.file}: {ObjectDamaged.code}"]


def _said(problem: Problem) -> str:
    detail = f" ({problem.detail})" if problem.detail else ""
    return f"{problem.part.object_name}: {problem.fault}{detail}"
