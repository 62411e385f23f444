"""A recording as those see it who may: how far it is, what it holds, until when; and retrying a failed step.

A centre with which the seeker shares an interview gets what the consent names, the recording: who was written when, and
what is missing. The panel's questions and bookmarks are its own work, and so is how the recording comes about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from server.actions.content_keys import only_seeker_of
from server.actions.draft_summary import draft_job
from server.actions.follow_recording import PROCESS_RECORDING
from server.actions.progress import JobView, latest_job
from server.actions.references import AppointmentRef, appointment_ref, named
from server.domain.appointments import Seat
from server.domain.errors import NotAllowed
from server.domain.jobs import JobStatus
from server.domain.permissions import Scope, StaffScope, SystemScope
from server.domain.recordings import OwnerKind, Recording, RecordingNotFailed, RecordingStatus
from server.domain.retention import policy_for
from server.domain.summaries import Summary
from server.storage.job_queue import retry_job
from server.storage.tables.appointments import seats
from server.storage.tables.cases import summaries
from server.storage.trail import Deed, record_deed, record_reading, tell
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("what belongs to a visible recording")


@dataclass(frozen=True, kw_only=True)
class SpanView:
    """From here to there, in seconds of the playable file."""

    from_s: float
    to_s: float


@dataclass(frozen=True, kw_only=True)
class TrackView:
    """When this source of this person was written."""

    track: str
    seat: str
    source: str
    name: str
    spans: tuple[SpanView, ...]


@dataclass(frozen=True, kw_only=True)
class GapView:
    """When and why nothing was written of a track whose person was there."""

    track: str
    cause: str
    from_s: float
    to_s: float


@dataclass(frozen=True, kw_only=True)
class MarkView:
    """A moment somebody marked: for those whose call it was."""

    id: str
    kind: str
    at_s: float
    text: str


@dataclass(frozen=True, kw_only=True)
class RecordingView:
    """A recording and what is known of its content before anybody plays it."""

    id: str
    appointment: AppointmentRef
    status: RecordingStatus
    owner_kind: OwnerKind
    started_at: datetime
    ended_at: datetime | None
    duration_s: float | None
    size_bytes: int | None
    failure: str | None
    tracks: tuple[TrackView, ...]
    gaps: tuple[GapView, ...]
    marks: tuple[MarkView, ...]
    delete_on: date | None
    basis_key: str  # text key of the legal basis of the term
    purged_at: datetime | None
    summary_id: str | None
    summary_job: JobView | None  # the draft of the summary, which comes after the recording
    job: JobView | None  # this and the draft: for those whose call it was


async def read_recording(uow: UnitOfWork, recording_id: str, now: datetime) -> RecordingView:
    """The recording; that somebody read what it holds is written down in the same transaction. Raises NotFound."""
    recording = await uow.rows(Recording).one(recording_id)
    if recording.contents is not None:
        await record_reading(uow, await _deed(uow, "recording.read", recording), now)
    appointment = await appointment_ref(uow, recording.appointment_id)
    contents: Mapping[str, Any] = recording.contents or {}
    summary = await uow.rows(Summary).first(summaries.c.appointment_id == recording.appointment_id)
    is_own = _is_own(recording, uow.scope)
    return RecordingView(
        id=recording.id,
        appointment=appointment,
        status=recording.status,
        owner_kind=recording.owner_kind,
        started_at=recording.started_at,
        ended_at=recording.ended_at,
        duration_s=recording.duration_s,
        size_bytes=recording.size_bytes,
        failure=recording.failure,
        tracks=await _tracks(uow, recording, contents.get("tracks", ())),
        gaps=tuple(GapView(**gap) for gap in contents.get("gaps", ())),
        marks=tuple(MarkView(**mark) for mark in contents.get("marks", ())) if is_own else (),
        delete_on=recording.delete_on,
        basis_key=policy_for(appointment.kind).basis_key,
        purged_at=recording.purged_at,
        summary_id=summary.id if summary is not None else None,
        summary_job=await draft_job(uow, recording.id) if is_own else None,
        job=await _processing(uow, recording) if is_own else None,
    )


async def retry_processing(uow: UnitOfWork, recording_id: str, by: StaffScope, now: datetime) -> RecordingView:
    """Have the failed step done again. Raises NotFound, NotAllowed, RecordingNotFailed."""
    recording = await uow.rows(Recording).one(recording_id, lock=True)
    if recording.tenant_id != by.tenant_id:
        raise NotAllowed()
    job = await _processing(uow, recording)
    if job is None or job.status is not JobStatus.FAILED:
        raise RecordingNotFailed()
    await retry_job(uow, job.id, now)
    await uow.rows(Recording).save(recording.to(RecordingStatus.FINALISING))
    await record_deed(uow, await _deed(uow, "recording.retried", recording), now)
    await tell(uow, "recording", recording.id, recording.tenant_id, now)
    return await read_recording(uow, recording.id, now)


async def _deed(uow: UnitOfWork, action: str, recording: Recording) -> Deed:
    return Deed(
        action=action,
        object_kind="recording",
        object_id=recording.id,
        tenant_id=recording.tenant_id,
        subject_id=await only_seeker_of(uow, recording.appointment_id),
    )


def _is_own(recording: Recording, scope: Scope) -> bool:
    """Whether it was recorded where the asker works; otherwise it is only shared with them."""
    return not isinstance(scope, StaffScope) or scope.tenant_id == recording.tenant_id


async def _tracks(uow: UnitOfWork, recording: Recording, tracks: Sequence[Mapping[str, Any]]) -> tuple[TrackView, ...]:
    found = await uow.beyond(_SYSTEM).rows(Seat).where(seats.c.appointment_id == recording.appointment_id)
    person_of = {seat.id: seat.person_id for seat in found}
    known = await named(uow, person_of.values())
    views = []
    for track in tracks:
        seat, _, source = str(track["track"]).rpartition(".")
        person = known.get(person_of.get(seat, ""))
        spans = tuple(SpanView(**span) for span in track["spans"])
        name = person.name if person is not None else ""
        views.append(TrackView(track=track["track"], seat=seat, source=source, name=name, spans=spans))
    return tuple(views)


async def _processing(uow: UnitOfWork, recording: Recording) -> JobView | None:
    return await latest_job(uow, f"{PROCESS_RECORDING}:{recording.id}:")
