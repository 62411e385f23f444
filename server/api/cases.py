"""The case file of a seeker."""

from server.actions import case_file
from server.actions.case_file import CaseView
from server.api.ask import StaffAsk
from server.storage.unit_of_work import UnitOfWork


async def read_case(ask: StaffAsk, uow: UnitOfWork, case_id: str) -> CaseView:
    """A case's timeline. Reading it is written down."""
    return await case_file.read_case(uow, case_id, ask.at, ask.origin)
