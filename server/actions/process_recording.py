"""From a finalised recording to what people use: the playable file, the summary, and both attached where they belong.

Compose and summarise are steps of `recordings.pipeline` and skip what they made before; attaching happens in one
transaction and exactly once. Nothing readable touches the disk.
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
from recordings.pipeline import Order, Processed, process
from server.actions.draft_summary import CallStory, cases_of_owner, keep_draft, read_story
from server.actions.open_case import enter
from server.actions.playback import about_playable
from server.domain.cases import EntryKind
from server.domain.permissions import SystemScope
from server.domain.recordings import ContentKey, Recording, RecordingPart, RecordingStatus
from server.storage.files import FileStore, ObjectMissing
from server.storage.keys import Keys
from server.storage.tables.recordings import recording_parts
from server.storage.trail import tell
from server.storage.unit_of_work import Database, UnitOfWork

ATTACH = "attach"  # the step after those of the pipeline
_SCOPE = SystemScope("processing of a recording")
_GONE = (RecordingStatus.EXPIRING, RecordingStatus.PURGED)

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
    """Make the playable file and the draft, and attach them.

    Raises NothingRecorded when there is nothing to play (the draft is kept all the same), and what goes wrong before.
    """
    async with workshop.database.read(_SCOPE) as uow:
        recording = await uow.rows(Recording).one(recording_id)
        if recording.status in _GONE:
            return
        story = await read_story(uow, recording_id)
        order = await _order(uow, workshop, recording, story)
    processed = await _in_thread(workshop, order, at)
    at(ATTACH, 1.0)
    async with workshop.database.write(_SCOPE) as uow:
        await _attach(uow, workshop, recording_id, story, processed)
    if processed.playable is None:
        raise NothingRecorded


async def give_up_recording(workshop: Workshop, recording_id: str, code: str) -> None:
    """No attempt has succeeded: the recording is failed, its parts are kept, and a person may retry."""
    async with workshop.database.write(_SCOPE) as uow:
        recording = await uow.rows(Recording).one(recording_id, lock=True)
        failed = replace(recording.to(RecordingStatus.FAILED), failure=code)
        await uow.rows(Recording).save(failed)
        await tell(uow, "recording", failed.id, failed.tenant_id, workshop.clock())


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
    uow: UnitOfWork, workshop: Workshop, recording_id: str, story: CallStory, processed: Processed
) -> None:
    """The recording, its summary and their entries, all at once."""
    now = workshop.clock()
    recording = await uow.rows(Recording).one(recording_id, lock=True)
    if recording.status in _GONE:
        return
    summary = await keep_draft(uow, story, processed.lines, workshop.new_id, now) if story.guest_came else None
    for case in await cases_of_owner(uow, recording.owner, story, workshop.new_id, now):
        if processed.playable is not None:
            await enter(uow, case, EntryKind.RECORDING, recording.id, recording.appointment_id, workshop.new_id, now)
        if summary is not None:
            await enter(uow, case, EntryKind.SUMMARY, summary.id, recording.appointment_id, workshop.new_id, now)
    if processed.playable is not None:
        status = RecordingStatus.AVAILABLE if processed.is_whole else RecordingStatus.PARTIAL
        done = replace(
            recording.to(RecordingStatus.FINALISING).to(status),
            file=processed.playable.object,
            size_bytes=processed.playable.size_bytes,
            duration_s=processed.playable.duration_s,
            contents=processed.contents,
        )
        await uow.rows(Recording).save(done)
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
