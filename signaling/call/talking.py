"""Decisions about chat and hands. The panel's channel is for staff; guests can neither write to it nor read it."""

from datetime import datetime

from signaling.call.decision import Decision
from signaling.call.facts import ChatMarked, ChatSaid, Hand
from signaling.call.state import CallState
from signaling.call.talk import MAX_LINES
from signaling.errors import Code, Refused
from signaling.media.port import SeatId
from signaling.messages.requests import ChatMark, ChatSend, HandLower, HandRaise
from signaling.messages.shapes import Channel


def say(state: CallState, by: SeatId, data: ChatSend, now: datetime) -> Decision:
    """`chat.send`; an id that was said before is said already."""
    if data.to == Channel.PANEL and not state.place(by).staff:
        raise Refused(Code.NOT_ALLOWED, "only staff write to the panel")
    said = state.talk.lines.get(data.id)
    if said is not None:
        if said.seat != by:
            raise Refused(Code.NOT_ALLOWED, "this id is another's")
        return Decision()
    if len(state.talk.lines) >= MAX_LINES:
        raise Refused(Code.TOO_MANY)
    return Decision([ChatSaid(at=now, id=data.id, seat=by, to=data.to, text=data.text)])


def mark(state: CallState, by: SeatId, data: ChatMark, now: datetime) -> Decision:
    """`chat.mark`."""
    line = state.talk.lines.get(data.id)
    if line is None:
        raise Refused(Code.UNKNOWN_ITEM)
    same = line.marked == data.marked
    return Decision([] if same else [ChatMarked(at=now, id=data.id, by=by, marked=data.marked)])


def raise_hand(state: CallState, by: SeatId, data: HandRaise, now: datetime) -> Decision:
    """`hand.raise`."""
    return Decision([] if by in state.talk.hands else [Hand(at=now, seat=by, raised=True)])


def lower_hand(state: CallState, by: SeatId, data: HandLower, now: datetime) -> Decision:
    """`hand.lower`, one's own or, by a host, another's."""
    seat = state.place(data.seat).seat if data.seat else by
    if seat != by and not state.hosts(by):
        raise Refused(Code.NOT_ALLOWED)
    return Decision([Hand(at=now, seat=seat, raised=False)] if seat in state.talk.hands else [])
