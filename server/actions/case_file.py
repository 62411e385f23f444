"""Reading a seeker's case file: one timeline of appointments, attendance, recordings, summaries and notes.

An interview's summary that the seeker shares is the employer's until a person there approves it: then it is listed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from server.domain.appointments import Appointment, Kind, Seat
from server.domain.attendance import Attendance
from server.domain.cases import Case, CaseEntry, EntryKind
from server.domain.notes import SessionNote
from server.domain.people import Person
from server.domain.permissions import SystemScope
from server.domain.recordings import Recording
from server.domain.summaries import Summary
from server.storage.tables.appointments import appointments, seats
from server.storage.tables.cases import attendances, case_entries, session_notes, summaries
from server.storage.tables.recordings import recordings
from server.storage.trail import Deed, record_deed
from server.storage.unit_of_work import UnitOfWork

LISTED_MAX = 500
_SYSTEM = SystemScope("entries of a visible case")


@dataclass(frozen=True, kw_only=True)
class SeekerOfCase:
    """Whose case it is."""

    id: str
    name: str
    phone: str | None


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """One line of the timeline. `kind` is an EntryKind, or `appointment` for the booking itself."""

    id: str
    kind: str
    object_id: str
    appointment_id: str
    appointment_kind: Kind
    title: str
    at: datetime
    status: str  # of what the entry points at


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """A case file, newest first."""

    id: str
    seeker: SeekerOfCase
    opened_at: datetime
    entries: tuple[EntryView, ...]


async def read_case(uow: UnitOfWork, case_id: str, now: datetime, origin: str) -> CaseView:
    """The case; that it was read is written down in the same transaction. Raises NotFound."""
    case = await uow.rows(Case).one(case_id)
    deed = Deed(
        action="case.read",
        object_kind="case",
        object_id=case.id,
        tenant_id=case.tenant_id,
        subject_id=case.seeker_id,
    )
    await record_deed(uow, deed, now, origin)
    # What is entered in a case belongs to it; who may read the case may read that it is there.
    everything = uow.beyond(_SYSTEM)
    entries = await everything.rows(CaseEntry).where(
        case_entries.c.case_id == case.id, order_by=[case_entries.c.at.desc()], limit=LISTED_MAX
    )
    booked = await _appointments(everything, case, {entry.appointment_id for entry in entries})
    statuses = await _statuses(uow, case, entries)
    person = await everything.rows(Person).one(case.seeker_id)
    shown = [
        _entry(entry, booked[entry.appointment_id], status)
        for entry in entries
        if (status := statuses.get((entry.kind, entry.object_id))) is not None
    ]
    shown += [_booking(one) for one in booked.values() if one.tenant_id == case.tenant_id]
    return CaseView(
        id=case.id,
        seeker=SeekerOfCase(id=person.id, name=person.name, phone=person.phone),
        opened_at=case.opened_at,
        entries=tuple(sorted(shown, key=lambda entry: entry.at, reverse=True)),
    )


async def _appointments(uow: UnitOfWork, case: Case, entered: Iterable[str]) -> Mapping[str, Appointment]:
    """The seeker's appointments at this centre, and those that entries name."""
    seated = [seat.appointment_id for seat in await uow.rows(Seat).where(seats.c.person_id == case.seeker_id)]
    of_centre = appointments.c.id.in_(seated) & (appointments.c.tenant_id == case.tenant_id)
    found = await uow.rows(Appointment).where(
        of_centre | appointments.c.id.in_(list(entered)),
        order_by=[appointments.c.starts_at.desc()],
        limit=LISTED_MAX,
    )
    return {one.id: one for one in found}


async def _statuses(uow: UnitOfWork, case: Case, entries: Iterable[CaseEntry]) -> Mapping[tuple[EntryKind, str], str]:
    """The present status of everything the entries point at, but for summaries that are not for the asker yet."""
    everything = uow.beyond(_SYSTEM)
    ids = {kind: [entry.object_id for entry in entries if entry.kind is kind] for kind in EntryKind}
    found: dict[tuple[EntryKind, str], str] = {}
    attended = attendances.c.appointment_id.in_(ids[EntryKind.ATTENDANCE])
    for row in await everything.rows(Attendance).where(attended, attendances.c.person_id == case.seeker_id):
        found[EntryKind.ATTENDANCE, row.appointment_id] = row.status
    for recording in await everything.rows(Recording).where(recordings.c.id.in_(ids[EntryKind.RECORDING])):
        found[EntryKind.RECORDING, recording.id] = recording.status
    for summary in await uow.rows(Summary).where(summaries.c.id.in_(ids[EntryKind.SUMMARY])):
        found[EntryKind.SUMMARY, summary.id] = summary.status
    for note in await everything.rows(SessionNote).where(session_notes.c.id.in_(ids[EntryKind.NOTE])):
        found[EntryKind.NOTE, note.id] = note.status
    return found


def _entry(entry: CaseEntry, appointment: Appointment, status: str) -> EntryView:
    return EntryView(
        id=entry.id,
        kind=entry.kind.value,
        object_id=entry.object_id,
        appointment_id=appointment.id,
        appointment_kind=appointment.kind,
        title=appointment.title,
        at=entry.at,
        status=status,
    )


def _booking(appointment: Appointment) -> EntryView:
    return EntryView(
        id=appointment.id,
        kind="appointment",
        object_id=appointment.id,
        appointment_id=appointment.id,
        appointment_kind=appointment.kind,
        title=appointment.title,
        at=appointment.starts_at,
        status=appointment.status,
    )
