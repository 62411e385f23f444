"""Session notes (상담일지) and the private notes beside a call: written, read with an audit row, signed, amended."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from server.actions.content_keys import only_seeker_of, seekers_of
from server.actions.open_case import case_of, enter
from server.actions.references import AppointmentRef, PersonRef, appointment_ref, named
from server.domain import notes
from server.domain.appointments import Appointment, Kind
from server.domain.cases import EntryKind, RoomNote
from server.domain.errors import NotFound
from server.domain.notes import NoteStatus, SessionNote
from server.domain.permissions import StaffScope, SystemScope
from server.storage.tables.cases import room_notes, session_notes
from server.storage.trail import Deed, record_deed, record_reading, tell
from server.storage.unit_of_work import UnitOfWork

_SYSTEM = SystemScope("notes")


@dataclass(frozen=True, kw_only=True)
class AmendmentView:
    """An addition to a signed note."""

    number: int
    text: str
    reason: str
    by: PersonRef
    at: datetime


@dataclass(frozen=True, kw_only=True)
class NoteView:
    """A session note as its author, or who may read it, sees it. `locked`: it can only be amended."""

    id: str
    case_id: str
    appointment: AppointmentRef
    seeker: PersonRef
    author: PersonRef
    text: str
    version: int
    status: NoteStatus
    locked: bool
    signed_at: datetime | None
    updated_at: datetime
    amendments: tuple[AmendmentView, ...]


async def open_note(
    uow: UnitOfWork, appointment_id: str, seeker_id: str, by: StaffScope, new_id: Callable[[], str], now: datetime
) -> SessionNote:
    """One's own note on this seeker in this appointment, begun if there is none. Raises NotFound."""
    appointment = await uow.rows(Appointment).one(appointment_id)
    if appointment.kind is Kind.INTERVIEW or seeker_id not in await seekers_of(uow, appointment.id):
        raise NotFound(kind="seeker")
    return await begin_note(uow, appointment, seeker_id, by.person_id, new_id, now)


async def begin_note(
    uow: UnitOfWork, appointment: Appointment, seeker_id: str, author_id: str, new_id: Callable[[], str], now: datetime
) -> SessionNote:
    """The author's note, begun with what they wrote down during a one-to-one call."""
    jotted = await uow.beyond(_SYSTEM).rows(RoomNote).get(appointment.id, author_id)
    row = {
        "id": new_id(),
        "tenant_id": appointment.tenant_id,
        "appointment_id": appointment.id,
        "seeker_id": seeker_id,
        "author_id": author_id,
        "text": jotted.text if jotted is not None and appointment.kind is Kind.COUNSELLING else "",
        "version": 1,
        "status": NoteStatus.DRAFT,
        "updated_at": now,
        "amendments": (),
    }
    await uow.insert_new(session_notes, [row])
    mine = (
        session_notes.c.appointment_id == appointment.id,
        session_notes.c.seeker_id == seeker_id,
        session_notes.c.author_id == author_id,
    )
    return (await uow.beyond(_SYSTEM).rows(SessionNote).where(*mine))[0]


async def read_note(uow: UnitOfWork, note_id: str, new_id: Callable[[], str], now: datetime, origin: str) -> NoteView:
    """The note; that it was read is written down in the same transaction. Raises NotFound."""
    note = await uow.rows(SessionNote).one(note_id)
    await record_deed(uow, _deed("note.read", note), now, origin)
    return await view_of(uow, note, new_id, now)


async def write_note(
    uow: UnitOfWork, note_id: str, text: str, version: int, by: StaffScope, now: datetime
) -> SessionNote:
    """Save the draft. Raises NotFound, NotTheAuthor, NoteLocked, NoteChanged."""
    note = notes.write(await uow.rows(SessionNote).one(note_id, lock=True), text, version, by.person_id, now)
    await uow.rows(SessionNote).save(note)
    return note


async def sign_note(
    uow: UnitOfWork, note_id: str, version: int, by: StaffScope, new_id: Callable[[], str], now: datetime
) -> SessionNote:
    """Lock the note and enter it in the seeker's case. Raises NotFound, NotTheAuthor, NoteLocked, NoteChanged."""
    note = notes.sign(await uow.rows(SessionNote).one(note_id, lock=True), version, by.person_id, now)
    await uow.rows(SessionNote).save(note)
    case = await case_of(uow, note.tenant_id, note.seeker_id, new_id, now)
    await enter(uow, case, EntryKind.NOTE, note.id, note.appointment_id, new_id, now)
    await record_deed(uow, _deed("note.signed", note), now)
    await tell(uow, "note", note.id, note.tenant_id, now)
    return note


async def amend_note(
    uow: UnitOfWork, note_id: str, text: str, reason: str, by: StaffScope, now: datetime
) -> SessionNote:
    """Add to a signed note. Raises NotFound, NotTheAuthor, NoteNotSigned, NoteEmpty."""
    note = notes.amend(await uow.rows(SessionNote).one(note_id, lock=True), text, reason, by.person_id, now)
    await uow.rows(SessionNote).save(note)
    await record_deed(uow, _deed("note.amended", note), now)
    await tell(uow, "note", note.id, note.tenant_id, now)
    return note


async def view_of(uow: UnitOfWork, note: SessionNote, new_id: Callable[[], str], now: datetime) -> NoteView:
    """The note with the names of those it speaks of."""
    case = await case_of(uow, note.tenant_id, note.seeker_id, new_id, now)
    known = await named(uow, [note.seeker_id, note.author_id, *(a.by for a in note.amendments)])
    return NoteView(
        id=note.id,
        case_id=case.id,
        appointment=await appointment_ref(uow, note.appointment_id),
        seeker=known[note.seeker_id],
        author=known[note.author_id],
        text=note.text,
        version=note.version,
        status=note.status,
        locked=note.status is not NoteStatus.DRAFT,
        signed_at=note.signed_at,
        updated_at=note.updated_at,
        amendments=tuple(
            AmendmentView(number=a.number, text=a.text, reason=a.reason, by=known[a.by], at=a.at)
            for a in note.amendments
        ),
    )


async def read_room_note(uow: UnitOfWork, appointment_id: str, by: StaffScope, now: datetime) -> str:
    """What one has written down beside this call; that it was read is written down too. Raises NotFound.

    Nothing yet is an empty text, and no reading.
    """
    appointment = await uow.rows(Appointment).one(appointment_id)
    found = await uow.rows(RoomNote).get(appointment_id, by.person_id)
    if found is None or not found.text:
        return ""
    await record_reading(uow, await _room_note_read(uow, appointment), now)
    return found.text


async def write_room_note(uow: UnitOfWork, appointment_id: str, text: str, by: StaffScope, now: datetime) -> None:
    """Keep what one writes beside the call. A session note begun from it and untouched since follows it."""
    await uow.rows(Appointment).one(appointment_id)
    note = RoomNote(appointment_id=appointment_id, person_id=by.person_id, text=text, updated_at=now)
    if not await uow.insert_new(room_notes, [asdict(note)]):
        await uow.rows(RoomNote).save(note)
    await _carry_over(uow, note)


async def _carry_over(uow: UnitOfWork, jotted: RoomNote) -> None:
    untouched = await uow.rows(SessionNote).where(
        session_notes.c.appointment_id == jotted.appointment_id,
        session_notes.c.author_id == jotted.person_id,
        session_notes.c.version == 1,
        session_notes.c.status == NoteStatus.DRAFT,
    )
    if untouched and (await appointment_ref(uow, jotted.appointment_id)).kind is Kind.COUNSELLING:
        await uow.rows(SessionNote).save(replace(untouched[0], text=jotted.text, updated_at=jotted.updated_at))


async def _room_note_read(uow: UnitOfWork, appointment: Appointment) -> Deed:
    return Deed(
        action="room_note.read",
        object_kind="appointment",
        object_id=appointment.id,
        tenant_id=appointment.tenant_id,
        subject_id=await only_seeker_of(uow, appointment.id),
    )


def _deed(action: str, note: SessionNote) -> Deed:
    return Deed(
        action=action,
        object_kind="note",
        object_id=note.id,
        tenant_id=note.tenant_id,
        subject_id=note.seeker_id,
    )
