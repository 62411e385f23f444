"""Facts from nodes become rows: inserted once by (call, epoch, run, seq), applied in the same transaction.

A fact under an older epoch than the room's is kept as history, but moves no presence and ends nothing: its node has
been replaced, or the appointment moved. A node that hands a call over is believed to the end: it is no lost one that
came back.
Other parts add their own projections (recordings, chat, next steps); each sees every new fact once, in order, but for
the end of what goes on elsewhere.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from server.actions.history import remember
from server.actions.news import appointment_changed
from server.domain.appointments import PRESENT, Appointment, Presence, Seat, Status
from server.domain.consent import Answer, ConsentAnswer, Item
from server.domain.people import Language
from server.domain.rooms import Assignment
from server.storage.occupancy import give_back
from server.storage.tables.appointments import seats
from server.storage.tables.scheduling import facts as facts_table
from server.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of a node's journal."""

    call_id: str
    epoch: int
    run: int
    seq: int
    at: datetime
    kind: str
    body: Mapping[str, Any]  # everything else of the fact, as JSON


Word = TypeVar("Word", bound=StrEnum)
Projection = Callable[[UnitOfWork, Assignment, Fact], Awaitable[None]]


def fact_of(message: Mapping[str, Any]) -> Fact:
    """A fact as the link brings it: `call`, `epoch`, `run`, `seq`, `at`, `kind`, own fields. Raises ValueError."""
    try:
        own = {key: value for key, value in message.items() if key not in ("call", "epoch", "run", "seq", "at", "kind")}
        at = datetime.fromisoformat(message["at"])
        where = {"epoch": int(message["epoch"]), "run": int(message["run"]), "seq": int(message["seq"])}
        return Fact(call_id=str(message["call"]), at=at, kind=str(message["kind"]), body=own, **where)
    except (KeyError, TypeError) as error:
        raise ValueError("not a fact") from error


async def record_facts(uow: UnitOfWork, facts: Sequence[Fact], projections: Sequence[Projection]) -> int:
    """Insert what is new and apply it; how many were new. Facts of unknown calls are dropped: nothing owns them."""
    new = 0
    for fact in facts:
        assignment = await _locked(uow, fact.call_id)
        if assignment is None or not await uow.insert_new(facts_table, [_row(fact)]):
            continue
        new += 1
        outdated = fact.epoch < assignment.epoch - (assignment.moved_from is not None)
        if not outdated:
            await _apply(uow, assignment, fact)
        for project in () if outdated and fact.kind == "call_ended" else projections:
            await project(uow, assignment, fact)
    return new


async def _locked(uow: UnitOfWork, call_id: str) -> Assignment | None:
    """The call's room, kept from others: the appointment's row first, as everywhere, so that nobody waits in a ring."""
    assignment = await uow.rows(Assignment).get(call_id)
    if assignment is None:
        return None
    await uow.rows(Appointment).one(assignment.appointment_id, lock=True)
    return await uow.rows(Assignment).get(call_id, lock=True)


async def _apply(uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
    match fact.kind:
        case "presence":
            await _presence(uow, assignment, fact)
        case "consent_answered":
            await _consent(uow, assignment, fact)
        case "rules_accepted":
            await _rules(uow, assignment, fact)
        case "call_ended":
            await _ended(uow, assignment, fact)


async def _presence(uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
    seat, presence = await _seat(uow, assignment, fact), _known(Presence, fact.body.get("state"))
    if seat is None or presence is None or (seat.presence_at is not None and seat.presence_at > fact.at):
        return
    first = seat.first_present_at or (fact.at if presence in PRESENT else None)
    await uow.rows(Seat).save(replace(seat, presence=presence, presence_at=fact.at, first_present_at=first))
    await _emptiness(uow, assignment, fact.at)
    appointment = await uow.rows(Appointment).one(assignment.appointment_id)
    if appointment.status in (Status.OPEN, Status.INTERRUPTED) and await _have_met(uow, appointment.id):
        appointment = appointment.to(Status.IN_PROGRESS)
        await uow.rows(Appointment).save(appointment)
        await remember(uow, appointment, fact.at)
    await appointment_changed(uow, appointment, fact.at)


async def _emptiness(uow: UnitOfWork, assignment: Assignment, at: datetime) -> None:
    inside = await uow.rows(Seat).count(
        seats.c.appointment_id == assignment.appointment_id,
        seats.c.presence.in_({*PRESENT, Presence.WAITING}),
    )
    empty_since = None if inside else assignment.empty_since or at
    if empty_since != assignment.empty_since:
        await uow.rows(Assignment).save(replace(assignment, empty_since=empty_since))


async def _have_met(uow: UnitOfWork, appointment_id: str) -> bool:
    """Whether somebody who hosts and a guest are in the room now."""
    inside = await uow.rows(Seat).where(seats.c.appointment_id == appointment_id, seats.c.presence.in_(PRESENT))
    return {seat.staff for seat in inside} == {True, False}


async def _consent(uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
    if fact.body.get("where") == "page":
        return  # the page has stored it already
    seat = await _seat(uow, assignment, fact)
    item, answer = _known(Item, fact.body.get("item")), _known(Answer, fact.body.get("answer"))
    if seat is None or item is None or answer is None:
        return
    given = ConsentAnswer(
        seat_id=seat.id,
        person_id=seat.person_id,
        item=item,
        answer=answer,
        text_version=str(fact.body.get("text_version", "")),
        lang=_known(Language, fact.body.get("lang")) or seat.lang,
        channel="call",
        answered_at=fact.at,
    )
    await uow.rows(ConsentAnswer).add(given)


async def _rules(uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
    seat = await _seat(uow, assignment, fact)
    if seat is not None and seat.rules_accepted_at is None:
        await uow.rows(Seat).save(replace(seat, rules_accepted_at=fact.at))


async def _ended(uow: UnitOfWork, assignment: Assignment, fact: Fact) -> None:
    if fact.body.get("cause") == "replaced":
        return
    await uow.rows(Assignment).save(replace(assignment, closed_at=assignment.closed_at or fact.at))
    appointment = await uow.rows(Appointment).one(assignment.appointment_id)
    # Where nobody met, a person says whether it was a no-show.
    if appointment.status in (Status.IN_PROGRESS, Status.INTERRUPTED):
        appointment = appointment.to(Status.COMPLETED)
        await uow.rows(Appointment).save(appointment)
        host = await uow.rows(Seat).get(str(fact.body.get("by")))
        await remember(uow, appointment, fact.at, actor_id=host.person_id if host else None)
    await give_back(uow, appointment.id)
    await appointment_changed(uow, appointment, fact.at)


async def _seat(uow: UnitOfWork, assignment: Assignment, fact: Fact) -> Seat | None:
    seat = await uow.rows(Seat).get(str(fact.body.get("seat")), lock=True)
    return seat if seat is not None and seat.appointment_id == assignment.appointment_id else None


def _known(words: type[Word], value: object) -> Word | None:
    """The word, or None: a newer node may know more of them, and one line must not hold up all that follow."""
    return next((word for word in words if word == value), None)


def _row(fact: Fact) -> dict[str, Any]:
    return {
        "call_id": fact.call_id,
        "epoch": fact.epoch,
        "run": fact.run,
        "seq": fact.seq,
        "at": fact.at,
        "kind": fact.kind,
        "body": dict(fact.body),
    }
