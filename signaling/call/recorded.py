"""Decisions about recording and consent, and what the recorder reports."""

from datetime import datetime

from signaling.call.consent import new_answer
from signaling.call.decision import Decision
from signaling.call.effects import CloseCall, OpenRecorder, WriteOnly
from signaling.call.facts import (
    ConsentAnswered,
    Fact,
    PartStored,
    RecordingChanged,
    RecordingFailed,
    RecordingGap,
    RecordingRequested,
    RecordingSealed,
    RecordingStarted,
    RecordingStopped,
)
from signaling.call.inputs import PartWasStored, RecorderClosed, RecorderFailed
from signaling.call.recording import recording_id
from signaling.call.state import CallState
from signaling.errors import Code, Refused
from signaling.media.port import SeatId
from signaling.messages.requests import ConsentGive, RecordingRequest
from signaling.messages.shapes import ConsentAnswer


def request(state: CallState, by: SeatId, data: RecordingRequest, now: datetime) -> Decision:
    """`recording.request`."""
    recording = recording_id(state.spec)
    if recording is None:
        raise Refused(Code.RECORDING_NOT_PERMITTED)
    if state.recording.running == (data.action == "start"):
        raise Refused(Code.WRONG_STATE, "it is so already")
    if data.action == "stop":
        return Decision([RecordingStopped(at=now, recording=recording, by=by, cause="host")])
    tracks = sorted(state.recordable())
    return Decision(
        [
            RecordingRequested(at=now, by=by),
            RecordingStarted(at=now, recording=recording, tracks=tracks),
        ]
    )


def answer(state: CallState, by: SeatId, data: ConsentGive, now: datetime) -> Decision:
    """`consent.answer`. Only granting depends on the text that was read; taking back is always possible."""
    if data.item not in {item.get("item") for item in state.spec.consent.items}:
        raise Refused(Code.UNKNOWN_ITEM)
    if data.answer == "granted" and data.text_version != state.spec.consent.text_version:
        raise Refused(Code.CONSENT_TEXT_CHANGED)
    before = state.consents.answer(state.spec, by, data.item)
    after = new_answer(before, data.answer)
    if after == before != ConsentAnswer.UNANSWERED:
        return Decision()
    given = ConsentAnswered(
        at=now, seat=by, item=data.item, answer=after, text_version=data.text_version, lang=data.lang, by=by
    )
    return Decision([given])


def changed(state: CallState, now: datetime) -> list[Fact]:
    """While recording, what is written always is exactly what may be."""
    recording = state.recording.id
    if not state.recording.running or recording is None or state.seating.goes_on:
        return []
    if state.seating.ended:
        return [RecordingStopped(at=now, recording=recording, by=None, cause="call_ended")]
    if recording_id(state.spec) != recording:
        return [RecordingStopped(at=now, recording=recording, by=None, cause="not_permitted")]
    tracks = state.recordable()
    if tracks == state.recording.tracks:
        return []
    return [RecordingChanged(at=now, recording=recording, tracks=sorted(tracks))]


def resume(state: CallState, last_alive: datetime, now: datetime) -> Decision:
    """After a restart recording goes on, with a gap that says why."""
    recording = state.recording.id
    if recording is None or state.recording.sealed:
        return Decision()
    if state.seating.ended:
        return Decision(effects=[OpenRecorder(recording), CloseCall()])  # what the killed run left is handed over
    if not state.recording.running:
        return Decision(effects=[OpenRecorder(recording), WriteOnly(frozenset())])
    gap = RecordingGap(at=now, recording=recording, from_=min(last_alive, now), to=now, cause="node_restarted")
    return Decision([gap], [OpenRecorder(recording), WriteOnly(state.recording.tracks)])


def reported(state: CallState, report: PartWasStored | RecorderFailed | RecorderClosed, now: datetime) -> list[Fact]:
    """What the recorder says becomes a fact; a failure stops recording, never the conversation."""
    match report:
        case PartWasStored():
            return [PartStored(at=now, recording=report.recording, part=report.part)]
        case RecorderFailed():
            return [RecordingFailed(at=now, recording=report.recording, code=report.code)]
        case RecorderClosed():
            return [RecordingSealed(at=now, recording=report.recording)]
