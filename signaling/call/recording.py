"""Whether the call is being recorded, and which tracks exactly. Durable part of the state."""

from dataclasses import dataclass
from datetime import datetime

from signaling.call.facts import (
    Fact,
    RecordingChanged,
    RecordingFailed,
    RecordingSealed,
    RecordingStarted,
    RecordingStopped,
)
from signaling.call.spec import CallSpec
from signaling.media.port import TrackId
from signaling.messages.shapes import RecordingStatus


@dataclass
class Recording:
    """What the recorder does now."""

    current: RecordingStatus = RecordingStatus.ARMED
    since: datetime | None = None
    tracks: frozenset[TrackId] = frozenset()
    id: str | None = None  # once started: there are parts to hand over when the call ends
    sealed: bool = False  # and they have been

    def apply(self, fact: Fact) -> None:
        """Take in what happened to the recording."""
        match fact:
            case RecordingStarted():
                self.current, self.since, self.id = RecordingStatus.RECORDING, fact.at, fact.recording
                self.tracks = frozenset(fact.tracks)
            case RecordingChanged():
                self.tracks = frozenset(fact.tracks)
            case RecordingStopped():
                self._end(RecordingStatus.STOPPED)
            case RecordingFailed():
                self._end(RecordingStatus.FAILED)
            case RecordingSealed():
                self.sealed = True

    def _end(self, status: RecordingStatus) -> None:
        self.current, self.since, self.tracks = status, None, frozenset()

    @property
    def running(self) -> bool:
        """Somebody may be being written now."""
        return self.current == RecordingStatus.RECORDING

    def status(self, spec: CallSpec) -> RecordingStatus:
        """What people are told."""
        if self.current == RecordingStatus.ARMED and not recording_id(spec):
            return RecordingStatus.NOT_PERMITTED
        return self.current


def recording_id(spec: CallSpec) -> str | None:
    """The recording this call may make, or None."""
    return spec.recording.id if spec.recording.allowed else None
