"""Session notes, and the private notes beside a call."""

from pydantic import Field

from server.actions import session_notes
from server.actions.session_notes import NoteView
from server.api.adapter import Answer, Body
from server.api.appointments import Id
from server.api.ask import StaffAsk
from server.api.fields import LongText, ShortText
from server.storage.unit_of_work import UnitOfWork


class RoomNoteBody(Body):
    """The whole text."""

    text: LongText


class RoomNoteAnswer(Answer):
    """The whole text; only its author ever reads it."""

    text: str


class NoteOn(Body):
    """Which seeker of the appointment the note is on."""

    seeker_id: Id


class NoteText(Body):
    """A draft's whole text, and the version it was made from."""

    text: LongText
    version: int = Field(ge=1)


class ReadVersion(Body):
    """The version one has read and stands for."""

    version: int = Field(ge=1)


class AmendmentBody(Body):
    """What is added to a signed note, and why."""

    text: LongText
    reason: ShortText


async def read_my_room_note(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> RoomNoteAnswer:
    """What one has written down beside this call. Reading it is written down."""
    return RoomNoteAnswer(text=await session_notes.read_room_note(uow, appointment_id, ask.scope, ask.at))


async def write_my_room_note(ask: StaffAsk, uow: UnitOfWork, appointment_id: str, body: RoomNoteBody) -> RoomNoteAnswer:
    """Keep what one writes beside the call."""
    await session_notes.write_room_note(uow, appointment_id, body.text, ask.scope, ask.at)
    return RoomNoteAnswer(text=body.text)


async def open_note(ask: StaffAsk, uow: UnitOfWork, appointment_id: str, body: NoteOn) -> NoteView:
    """One's own session note on a seeker of this appointment, begun if there is none."""
    new_id = ask.services.new_id
    note = await session_notes.open_note(uow, appointment_id, body.seeker_id, ask.scope, new_id, ask.at)
    return await session_notes.read_note(uow, note.id, new_id, ask.at, ask.origin)


async def read_note(ask: StaffAsk, uow: UnitOfWork, note_id: str) -> NoteView:
    """A session note. Reading it is written down."""
    return await session_notes.read_note(uow, note_id, ask.services.new_id, ask.at, ask.origin)


async def write_note(ask: StaffAsk, uow: UnitOfWork, note_id: str, body: NoteText) -> NoteView:
    """Save a draft."""
    note = await session_notes.write_note(uow, note_id, body.text, body.version, ask.scope, ask.at)
    return await session_notes.view_of(uow, note, ask.services.new_id, ask.at)


async def sign_note(ask: StaffAsk, uow: UnitOfWork, note_id: str, body: ReadVersion) -> NoteView:
    """Lock it as it is (확정)."""
    new_id = ask.services.new_id
    note = await session_notes.sign_note(uow, note_id, body.version, ask.scope, new_id, ask.at)
    return await session_notes.view_of(uow, note, new_id, ask.at)


async def amend_note(ask: StaffAsk, uow: UnitOfWork, note_id: str, body: AmendmentBody) -> NoteView:
    """Add to a signed note."""
    note = await session_notes.amend_note(uow, note_id, body.text, body.reason, ask.scope, ask.at)
    return await session_notes.view_of(uow, note, ask.services.new_id, ask.at)
