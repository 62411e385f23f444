"""Decisions about the course of the conversation: agenda, clock, bookmarks, next steps, the shown page."""

from datetime import datetime

from signaling.call.conduct import MAX_BOOKMARKS, MAX_NEXT_STEPS
from signaling.call.decision import Decision
from signaling.call.facts import (
    AgendaMarked,
    Bookmarked,
    ClockChanged,
    DocumentShown,
    NextStepAdded,
    NextStepRemoved,
)
from signaling.call.state import CallState
from signaling.errors import Code, Refused
from signaling.media.port import SeatId
from signaling.messages.requests import AgendaMark, Bookmark, ClockRun, DocumentShow, NextStepAdd, NextStepRemove
from signaling.messages.shapes import AgendaState


def mark_agenda(state: CallState, by: SeatId, data: AgendaMark, now: datetime) -> Decision:
    """`agenda.mark`."""
    if data.item not in {item.id for item in state.spec.agenda}:
        raise Refused(Code.UNKNOWN_ITEM)
    before = state.conduct.marks.get(data.item)
    if (before.state if before else AgendaState.PENDING) == data.state:
        return Decision()
    return Decision([AgendaMarked(at=now, item=data.item, state=data.state, by=by)])


def run_clock(state: CallState, by: SeatId, data: ClockRun, now: datetime) -> Decision:
    """`clock.run`."""
    clock = state.conduct.clock
    if (clock is not None and clock.running) == data.running:
        return Decision()
    elapsed_s = state.conduct.elapsed_s(now)
    return Decision([ClockChanged(at=now, running=data.running, elapsed_s=elapsed_s, by=by)])


def bookmark(state: CallState, by: SeatId, data: Bookmark, now: datetime) -> Decision:
    """`bookmark`; an id that was used before is there already."""
    if data.id in state.conduct.bookmarks:
        return Decision()
    if len(state.conduct.bookmarks) >= MAX_BOOKMARKS:
        raise Refused(Code.TOO_MANY)
    return Decision([Bookmarked(at=now, id=data.id, by=by, text=data.text)])


def add_next_step(state: CallState, by: SeatId, data: NextStepAdd, now: datetime) -> Decision:
    """`next_step.add`; the same id again replaces the words."""
    before = state.conduct.next_steps.get(data.id)
    if before is None and len(state.conduct.next_steps) >= MAX_NEXT_STEPS:
        raise Refused(Code.TOO_MANY)
    if before is not None and (before.text, before.due) == (data.text, data.due):
        return Decision()
    return Decision([NextStepAdded(at=now, id=data.id, by=by, text=data.text, due=data.due)])


def remove_next_step(state: CallState, by: SeatId, data: NextStepRemove, now: datetime) -> Decision:
    """`next_step.remove`."""
    if data.id not in state.conduct.next_steps:
        raise Refused(Code.UNKNOWN_ITEM)
    return Decision([NextStepRemoved(at=now, id=data.id, by=by)])


def show_document(state: CallState, by: SeatId, data: DocumentShow, now: datetime) -> Decision:
    """`document.show`."""
    if data.document is None:
        hidden = DocumentShown(at=now, document=None, page=data.page, by=by)
        return Decision([hidden] if state.conduct.shown else [])
    document = next((d for d in state.spec.documents if d.id == data.document), None)
    if document is None or data.page > document.pages:
        raise Refused(Code.UNKNOWN_ITEM)
    shown = state.conduct.shown
    if shown and (shown.document, shown.page) == (data.document, data.page):
        return Decision()
    return Decision([DocumentShown(at=now, document=document.id, page=data.page, by=by)])
