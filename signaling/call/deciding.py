"""Which decision answers which input. A request is held against the protocol's table first, then decided."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from signaling.call import conducting, entering, hosting, negotiating, recorded, sample_guests, talking
from signaling.call.consent import answered_on_the_page
from signaling.call.decision import Decision
from signaling.call.facts import CallEnded, CallOpened
from signaling.call.inputs import (
    CloseWhenEmpty,
    Connect,
    ConnectionLost,
    EngineSays,
    Input,
    Opened,
    PartWasStored,
    PathChanged,
    RecorderClosed,
    RecorderFailed,
    Replaced,
    Request,
    Restarted,
    SampleGuestsWanted,
    Speaking,
    SpecChanged,
    Tick,
    TrackStalled,
    UpRefused,
)
from signaling.call.state import CallState
from signaling.call.views import may_send, said_to, shown_presence
from signaling.errors import Code, Refused
from signaling.media.port import SeatId
from signaling.messages import pushes
from signaling.messages.table import REQUESTS

REQUEST_DECISIONS: Mapping[str, Callable[[CallState, SeatId, Any, datetime], Decision]] = {
    "lobby.admit": hosting.admit,
    "lobby.admit_all": hosting.admit_all,
    "lobby.deny": hosting.deny,
    "seat.remove": hosting.remove,
    "seat.interpret": hosting.interpret,
    "seat.takeover": hosting.decide_claim,
    "room.lock": hosting.lock,
    "room.leave": hosting.leave,
    "room.end": hosting.end,
    "rules.accept": hosting.accept_rules,
    "chat.send": talking.say,
    "chat.mark": talking.mark,
    "hand.raise": talking.raise_hand,
    "hand.lower": talking.lower_hand,
    "agenda.mark": conducting.mark_agenda,
    "clock.run": conducting.run_clock,
    "bookmark": conducting.bookmark,
    "next_step.add": conducting.add_next_step,
    "next_step.remove": conducting.remove_next_step,
    "document.show": conducting.show_document,
    "recording.request": recorded.request,
    "consent.answer": recorded.answer,
}


def decide(state: CallState, happened: Input, now: datetime) -> Decision:
    """The decision on this input. Raises `Refused` or `ProtocolError`; changes nothing."""
    return _DECISIONS[type(happened)](state, happened, now)


def _request(state: CallState, request: Request, now: datetime) -> Decision:
    connection = state.connections.open.get(request.conn)
    if state.seating.ended:
        raise Refused(Code.CALL_ENDED)
    if connection is None:
        raise Refused(Code.WRONG_STATE)
    place, presence = state.place(connection.seat), shown_presence(state, connection)
    if presence not in REQUESTS[request.event].presence:
        raise Refused(Code.WRONG_STATE)
    if not may_send(state, place, request.event, connection.claiming):
        raise Refused(Code.NOT_ALLOWED)
    if request.event in ("state.get", "ice.servers") or connection.claiming:
        return Decision()
    if request.event in REQUEST_DECISIONS:
        return REQUEST_DECISIONS[request.event](state, place.seat, request.data, now)
    return negotiating.negotiate(state, place.seat, request, now)


def _open(state: CallState, opened: Opened, now: datetime) -> Decision:
    return Decision([CallOpened(at=now)])


def _restart(state: CallState, restarted: Restarted, now: datetime) -> Decision:
    coming_back = entering.restart(state, now)
    recording = recorded.resume(state, restarted.last_alive, now)
    effects = [*coming_back.effects, *recording.effects]
    return Decision([*coming_back.facts, *recording.facts], effects, coming_back.change)


def _tick(state: CallState, tick: Tick, now: datetime) -> Decision:
    if state.seating.ended:
        return Decision()
    passed = entering.time_passes(state, now)
    return Decision([*passed.facts, *hosting.warn(state, now)], change=passed.change)


def _refresh(state: CallState, changed: SpecChanged, now: datetime) -> Decision:
    if state.seating.ended:
        return Decision()
    newer = state.spec.refreshed(changed.spec)
    facts = [*answered_on_the_page(state.spec, newer, now), *hosting.revoke(state, newer, now)]

    def change() -> None:
        state.spec = newer
        state.seat_everybody()

    return Decision(facts, change=change)


def _close(state: CallState, wanted: CloseWhenEmpty, now: datetime) -> Decision:
    def change() -> None:
        state.closing = True

    return Decision(change=change)


def _replace(state: CallState, replaced: Replaced, now: datetime) -> Decision:
    ended = CallEnded(at=now, by=None, cause="replaced", goes_on=replaced.goes_on)
    return Decision([] if state.seating.ended else [ended])


def _report(state: CallState, report: PartWasStored | RecorderFailed | RecorderClosed, now: datetime) -> Decision:
    return Decision(recorded.reported(state, report, now))


def _pass_on(state: CallState, said: EngineSays, now: datetime) -> Decision:
    """To whoever is there, and kept for when the seat comes back."""

    def note() -> None:
        if said.seat is not None and said.seat in state.with_media():
            state.connections.publishes(said.seat).owed.note(said.data)

    return Decision(effects=list(said_to(state, said)), change=note)


def _path(state: CallState, changed: PathChanged, now: datetime) -> Decision:
    paths = state.connections.publishes(changed.seat).paths
    return Decision(change=lambda: paths.update({changed.pc: changed.state}))


def _stall(state: CallState, told: TrackStalled, now: datetime) -> Decision:
    stalled = state.connections.publishes(told.seat).stalled
    note = stalled.add if told.stalled else stalled.discard
    return Decision(change=lambda: note(told.source))


def _speaking(state: CallState, told: Speaking, now: datetime) -> Decision:
    said = EngineSays(None, "speakers", pushes.Speakers(seats=list(told.seats)))
    return Decision(effects=list(said_to(state, said)), change=lambda: state.stage.heard(told.seats, now))


def _up_refused(state: CallState, refused: UpRefused, now: datetime) -> Decision:
    publishing = state.connections.publishes(refused.seat)
    return Decision(change=lambda: publishing.publish(refused.before))


_DECISIONS: Mapping[type[Input], Callable[[CallState, Any, datetime], Decision]] = {
    Opened: _open,
    Restarted: _restart,
    SpecChanged: _refresh,
    Connect: entering.connect,
    ConnectionLost: entering.lose,
    Request: _request,
    Tick: _tick,
    CloseWhenEmpty: _close,
    Replaced: _replace,
    SampleGuestsWanted: sample_guests.come,
    UpRefused: _up_refused,
    PathChanged: _path,
    TrackStalled: _stall,
    Speaking: _speaking,
    EngineSays: _pass_on,
    PartWasStored: _report,
    RecorderFailed: _report,
    RecorderClosed: _report,
}
