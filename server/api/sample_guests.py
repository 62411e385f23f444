"""Letting synthetic people into a room; only where the server runs with samples."""

from server.actions.sample_guests import empty_seats
from server.api.adapter import Answer
from server.api.ask import StaffAsk
from server.domain.errors import Conflict
from server.storage.unit_of_work import UnitOfWork


class SamplesOff(Conflict):
    """Synthetic people exist only where the server was started with samples."""

    code = "samples_off"


class SampleGuestsAnswer(Answer):
    """How many synthetic people were sent in; they appear in the room by themselves."""

    guests: int


async def seat_sample_guests(ask: StaffAsk, uow: UnitOfWork, appointment_id: str) -> SampleGuestsAnswer:
    """Seat a synthetic person on every empty guest seat of an open room (견본 참가자 들여보내기)."""
    found = await empty_seats(uow, appointment_id)
    if ask.services.seat_sample_guests is None:
        raise SamplesOff()
    if found.seats:
        await ask.services.seat_sample_guests(found)
    return SampleGuestsAnswer(guests=len(found.seats))
