"""The desk: one answer with everything that a member of staff starts the day with."""

from datetime import datetime

from server.actions.cards import AppointmentCard
from server.actions.desk import PossibleNoShow, Waiting, today
from server.actions.unfinished import ScorecardDue, UnapprovedSummary, UnsignedNote, unfinished
from server.api.adapter import Answer
from server.api.ask import StaffAsk
from server.storage.unit_of_work import UnitOfWork


class DeskAnswer(Answer):
    """Today."""

    now: datetime
    zone: str
    waiting: list[Waiting]
    soon: list[str]
    possible_no_shows: list[PossibleNoShow]
    unapproved: list[UnapprovedSummary]
    unsigned_notes: list[UnsignedNote]
    scorecards_due: list[ScorecardDue]
    today: list[AppointmentCard]


async def read_desk(ask: StaffAsk, uow: UnitOfWork) -> DeskAnswer:
    """Who waits, what is next, what is not yet approved or signed."""
    day = await today(uow, ask.scope, ask.at)
    begun = await unfinished(uow, ask.scope)
    return DeskAnswer(
        now=day.now,
        zone=day.zone,
        waiting=list(day.waiting),
        soon=list(day.soon),
        possible_no_shows=list(day.possible_no_shows),
        unapproved=list(begun.unapproved),
        unsigned_notes=list(begun.unsigned_notes),
        scorecards_due=list(begun.scorecards_due),
        today=list(day.today),
    )
