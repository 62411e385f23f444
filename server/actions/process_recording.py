"""From a finalised recording to what people play, attached where it belongs; then its summary's draft is asked for.

`recordings.pipeline` skips what it made before; attaching and asking for the draft happen in one transaction, exactly
once. A draft that cannot be made takes nothing from the recording. Nothing readable touches the disk.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from recordings.errors import NothingRecorded
from recordings.model import Part
from recordings.pipeline import Order, Playable, Processed, process
from server.actions.draft_summary import CallStory, ask_for_draft, cases_of_owner, read_story
from server.actions.open_case import enter
from server.actions.playback import about_playable
from server.domain.cases import EntryKind
from server.domain.permissions import SystemScope
from server.domain.recordings import GONE, ContentKey, Recording, RecordingPart, RecordingStatus
from server.storage.files import FileStore, ObjectMissing
from server.storage.keys import Keys
from server.storage.tables.recordings import recording_parts
from server.storage.trail import tell
from server.storage.unit_of_work import Database, UnitOfWork

ATTACH = "attach"  # the step after those of the pipeline
_SCOPE = SystemScope("processing of a recording")

At = Callable[[str, float], None]
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What the work needs. `scratch` is a folder for encrypted bytes on their way to the file store."""

    database: Database
    files: FileStore
    keys: Keys
    scratch: Path
    new_id: Callable[[], str]
    clock: Callable[[], datetime]


async def process_recording(workshop: Workshop, recording_id: str, at: At) -> None:
    """Make the playable file, attach it and ask for the draft.

    Raises NothingRecorded when there is nothing to play, and what goes wrong before.
    """
    async with workshop.database.read(_SCOPE) as uow:
        recording = await uow.rows(Recording).one(recording_id)
        if recording.status in GONE:
            return
        story = await read_story(uow, recording_id)
        order = await _order(uow, workshop, recording, story)
    processed = await _in_thread(workshop, order, at)
    if processed.playable is None:
        raise NothingRecorded
    at(ATTACH, 1.0)
    async with workshop.database.write(_SCOPE) as uow:
        await _attach(uow, workshop, recording_id, story, processed, processed.playable)


async def give_up_recording(workshop: Workshop, recording_id: str, code: str) -> None:
    """No attempt has succeeded: the recording is failed, its parts are kept, and a person may retry.

    What can be said of the call without it is drafted all the same.
    """
    async with workshop.database.write(_SCOPE) as uow:
        recording = await uow.rows(Recording).one(recording_id, lock=True)
        failed = replace(recording.to(RecordingStatus.FAILED), failure=code)
        await uow.rows(Recording).save(failed)
        await tell(uow, "recording", failed.id, failed.tenant_id, workshop.clock())
        await ask_for_draft(uow, failed.id, failed.tenant_id, "", workshop.new_id, workshop.clock())


async def _order(uow: UnitOfWork, workshop: Workshop, recording: Recording, story: CallStory) -> Order:
    key = await uow.rows(ContentKey).one(recording.content_key_id)
    rows = await uow.rows(RecordingPart).where(recording_parts.c.recording_id == recording.id)
    (data_key,) = workshop.keys.issue(key, 1, workshop.new_id)
    return Order(
        recording=recording.id,
        parts=[Part.from_json({**asdict(row), "call": recording.id, "recording": recording.id}) for row in rows],
        facts=story.facts,
        seats=story.seat_ids,
        meeting=story.meeting,
        content_key=workshop.keys.opened(key),
        data_key=data_key,
        about=about_playable(recording.id),
    )


async def _in_thread(workshop: Workshop, order: Order, at: At) -> Processed:
    """Decoding and encoding block for minutes: in a thread, which stops soon after the job is cancelled."""
    cancelled = threading.Event()
    store = ThreadStore(workshop.files, asyncio.get_running_loop())
    workshop.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    working = asyncio.to_thread(process, order, store, workshop.scratch, at, cancelled.is_set)
    task = asyncio.ensure_future(working)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        cancelled.set()
        await asyncio.wait([task])
        task.exception()  # that it was stopped is no news
        raise


async def _attach(
    uow: UnitOfWork, workshop: Workshop, recording_id: str, story: CallStory, processed: Processed, playable: Playable
) -> None:
    """The recording is ready, with its entries and the work that its summary is: all at once."""
    now = workshop.clock()
    recording = await uow.rows(Recording).one(recording_id, lock=True)
    if recording.status in GONE:
        return
    for case in await cases_of_owner(uow, recording.owner, story, workshop.new_id, now):
        await enter(uow, case, EntryKind.RECORDING, recording.id, recording.appointment_id, workshop.new_id, now)
    status = RecordingStatus.AVAILABLE if processed.is_whole else RecordingStatus.PARTIAL
    done = replace(
        recording.to(RecordingStatus.FINALISING).to(status),
        file=playable.object,
        size_bytes=playable.size_bytes,
        duration_s=playable.duration_s,
        contents=processed.contents,
    )
    await uow.rows(Recording).save(done)
    await ask_for_draft(uow, done.id, done.tenant_id, playable.fingerprint, workshop.new_id, now)
    await tell(uow, "recording", done.id, done.tenant_id, now)


class ThreadStore:
    """The file store as a thread sees it: each call runs on the loop and is waited for. `recordings.pipeline.Store`."""

    def __init__(self, files: FileStore, loop: asyncio.AbstractEventLoop) -> None:
        self._files = files
        self._loop = loop

    def read(self, name: str) -> bytes:
        """The whole object. Raises FileNotFoundError."""
        return self._on_loop(self._files.get(name))

    def read_range(self, name: str, start: int, length: int) -> bytes:
        """A part of it. Raises FileNotFoundError."""
        return self._on_loop(self._files.get_range(name, start, length))

    def size(self, name: str) -> int | None:
        """Stored bytes; None where there is no such object."""
        try:
            return self._on_loop(self._files.size(name))
        except FileNotFoundError:
            return None

    def put(self, name: str, path: Path) -> None:
        """Store this file."""
        self._on_loop(self._files.put(name, path))

    def _on_loop(self, asked: Coroutine[Any, Any, Result]) -> Result:
        try:
            return asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        except ObjectMissing as error:
            raise FileNotFoundError from error
