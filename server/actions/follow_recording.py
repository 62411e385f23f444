"""What facts from nodes do to recordings: begun, paused, failed, parts arrived, over; and then the work that follows.

A projection of record_facts.py: everything happens in the transaction that inserts the fact. Facts may come late and
from several runs of a node; a part that arrives after the playable file was made has it made again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from server.actions.content_keys import content_key_of
from server.actions.draft_summary import ask_for_draft
from server.actions.record_facts import Fact, Projection
from server.domain.appointments import Appointment
from server.domain.organisations import Tenant
from server.domain.recordings import Recording, RecordingStatus
from server.domain.retention import delete_on, policy_for
from server.domain.rooms import Assignment
from server.storage.job_queue import NewJob, add_job, hurry_jobs
from server.storage.keys import Keys
from server.storage.tables.recordings import recording_parts
from server.storage.tables.scheduling import facts
from server.storage.trail import tell
from server.storage.unit_of_work import UnitOfWork

PROCESS_RECORDING = "process_recording"
PARTS_GRACE = timedelta(minutes=2)  # how long work waits for a node to say that no part is outstanding


def follow_recordings(keys: Keys, new_id: Callable[[], str]) -> Projection:
    """The projection, ready for `record_facts`."""
    return _Recordings(keys, new_id).apply


class _Recordings:
    def __init__(self, keys: Keys, new_id: Callable[[], str]) -> None:
        self._keys = keys
        self._new_id = new_id
        self._by_kind: Mapping[str, Callable[[UnitOfWork, Assignment, Fact], Awaitable[None]]] = {
            "recording_started": self._started,
            "recording_stopped": self._stopped,
            "recording_failed": self._failed,
            "part_stored": self._part_stored,
            "recording_sealed": self._sealed,
            "call_ended": self._call_ended,
        }

    async def apply(self, uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
        """One new fact."""
        act = self._by_kind.get(fact.kind)
        if act is not None:
            await act(uow, assignment, fact)

    async def _started(self, uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
        recording = await self._of(uow, assignment, fact)
        if recording is not None:
            await self._save(uow, recording.to(RecordingStatus.RECORDING), fact.at)

    async def _stopped(self, uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
        recording = await _known(uow, assignment, fact)
        if recording is not None:
            await self._save(uow, recording.to(RecordingStatus.PAUSED), fact.at)

    async def _failed(self, uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
        recording = await _known(uow, assignment, fact)
        if recording is not None:
            failed = replace(recording.to(RecordingStatus.PAUSED), failure=str(fact.body["code"]))
            await self._save(uow, failed, fact.at)

    async def _part_stored(self, uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
        recording = await self._of(uow, assignment, fact)
        if recording is None:
            return
        part = fact.body["part"]
        row = {column.name: part[column.name] for column in recording_parts.columns if column.name in part}
        new = await uow.insert_new(recording_parts, [{**row, "recording_id": recording.id}])
        if new and recording.status in _PROCESSED:
            again = recording.to(RecordingStatus.FINALISING)
            await self._save(uow, again, fact.at)
            await self._process(uow, again, fact, sealed=False)

    async def _sealed(self, uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
        await hurry_jobs(uow, f"{PROCESS_RECORDING}:{assignment.call_id}:", fact.at)

    async def _call_ended(self, uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
        if fact.body.get("cause") == "replaced":
            return
        recording = await uow.rows(Recording).get(assignment.call_id, lock=True)
        if recording is None:
            tenant_id = await _tenant_id(uow, assignment)
            # Moved after a first end, the conversation may end again.
            await ask_for_draft(uow, assignment.call_id, tenant_id, f"epoch-{fact.epoch}", self._new_id, fact.at)
        elif recording.status in (RecordingStatus.RECORDING, RecordingStatus.PAUSED):
            await finalise(uow, recording, fact.at)
            await self._process(uow, recording, fact, sealed=await _all_parts_told(uow, assignment.call_id))

    async def _process(self, uow: UnitOfWork, recording: Recording, fact: Fact, *, sealed: bool) -> None:
        """Enqueue the work on this recording; it waits for outstanding parts, but not for ever."""
        job = NewJob(
            kind=PROCESS_RECORDING,
            key=f"{PROCESS_RECORDING}:{recording.id}:{fact.epoch}.{fact.run}.{fact.seq}",
            args={"recording": recording.id},
            tenant_id=recording.tenant_id,
            run_at=None if sealed else fact.at + PARTS_GRACE,
        )
        await add_job(uow, job, self._new_id, fact.at)

    async def _of(self, uow: UnitOfWork, assignment: Assignment, fact: Fact) -> Recording | None:
        """The recording of this call, made when it begins; None for a fact that names another."""
        found = await _known(uow, assignment, fact)
        if found is None and fact.body.get("recording") == assignment.call_id:
            found = await self._begun(uow, assignment, fact.at)
            await uow.rows(Recording).add(found)
        return found

    async def _begun(self, uow: UnitOfWork, assignment: Assignment, at: datetime) -> Recording:
        appointment = await uow.rows(Appointment).one(assignment.appointment_id)
        key = await content_key_of(uow, appointment, self._keys, self._new_id, at)
        return Recording(
            id=assignment.call_id,
            tenant_id=appointment.tenant_id,
            appointment_id=appointment.id,
            owner_kind=key.owner_kind,
            owner_id=key.owner_id,
            content_key_id=key.id,
            status=RecordingStatus.RECORDING,
            started_at=at,
            ended_at=None,
            failure=None,
            file=None,
            size_bytes=None,
            duration_s=None,
            contents=None,
            delete_on=None,
            purged_at=None,
        )

    async def _save(self, uow: UnitOfWork, recording: Recording, at: datetime) -> None:
        await uow.rows(Recording).save(recording)
        await tell(uow, "recording", recording.id, recording.tenant_id, at)


_PROCESSED = frozenset({RecordingStatus.AVAILABLE, RecordingStatus.PARTIAL, RecordingStatus.FAILED})


async def _known(uow: UnitOfWork, assignment: Assignment, fact: Fact) -> Recording | None:
    """The recording of this call, if it has begun and the fact speaks of it."""
    if fact.body.get("recording") != assignment.call_id:
        return None
    return await uow.rows(Recording).get(assignment.call_id, lock=True)


async def finalise(uow: UnitOfWork, recording: Recording, ended_at: datetime) -> Recording:
    """The call is over: from now on the recording has a date on which it is deleted."""
    appointment = await uow.rows(Appointment).one(recording.appointment_id)
    tenant = await uow.rows(Tenant).one(recording.tenant_id)
    day = delete_on(policy_for(appointment.kind), ended_at, ZoneInfo(tenant.zone))
    over = replace(recording.to(RecordingStatus.FINALISING), ended_at=ended_at, delete_on=day)
    await uow.rows(Recording).save(over)
    await tell(uow, "recording", over.id, over.tenant_id, ended_at)
    return over


_WRITING_OR_DONE = ("recording_started", "recording_gap", "recording_sealed")  # after a gap a node writes on


async def _all_parts_told(uow: UnitOfWork, call_id: str) -> bool:
    """Whether the node has said, since it last began to write, that no part is outstanding."""
    query = (
        select(facts.c.kind)
        .where(facts.c.call_id == call_id, facts.c.kind.in_(_WRITING_OR_DONE))
        .order_by(facts.c.epoch.desc(), facts.c.run.desc(), facts.c.seq.desc())
        .limit(1)
    )
    return (await uow.execute(query)).scalar_one_or_none() == "recording_sealed"


async def _tenant_id(uow: UnitOfWork, assignment: Assignment) -> str:
    return (await uow.rows(Appointment).one(assignment.appointment_id)).tenant_id
