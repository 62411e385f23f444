"""What may happen to a call from outside: connections, requests, time, the engine, the recorder, a newer spec."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signaling.call.spec import CallSpec
from signaling.media.port import PathState, PeerConnection, SeatId, Source
from signaling.messages.requests import UpTrack
from signaling.messages.shapes import Message


@dataclass(frozen=True, slots=True)
class Opened:
    """The first input of a new call."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """The first input after a replay: every connection and all media are gone since `last_alive`."""

    last_alive: datetime


@dataclass(frozen=True, slots=True)
class SpecChanged:
    """Web sent the spec again: seats, times, answers may differ."""

    spec: CallSpec


@dataclass(frozen=True, slots=True)
class Connect:
    """A connection asks for its seat: with a redeemed ticket (`presented` None) or a resume token's hash."""

    conn: str
    seat: SeatId
    presented: str | None  # SHA-256 hex of the resume token
    next_token: str  # SHA-256 hex of the token to hand out


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """A connection is gone, for whatever reason."""

    conn: str


@dataclass(frozen=True, slots=True)
class Request:
    """A client's event, already parsed."""

    conn: str
    id: int  # names the acknowledgement
    event: str
    data: Message


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class CloseWhenEmpty:
    """The appointment is over, called off or moved: who waits goes, and the call ends with the last in the room."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """The room was placed elsewhere, with a higher epoch."""

    goes_on: bool = False  # the call was handed over: the next node carries it on


@dataclass(frozen=True, slots=True)
class SampleGuestsWanted:
    """Synthetic people are to take these guests' seats: in the room at once, or `waiting` in the lobby."""

    seats: Sequence[SeatId]
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class UpRefused:
    """The engine refused an up-offer: the seat publishes what it did before."""

    seat: SeatId
    before: Sequence[UpTrack]


@dataclass(frozen=True, slots=True)
class PathChanged:
    """A peer connection came up, fell silent or was given up."""

    seat: SeatId
    pc: PeerConnection
    state: PathState


@dataclass(frozen=True, slots=True)
class TrackStalled:
    """Nothing comes of a track that is published and not muted, or something comes again."""

    seat: SeatId
    source: Source
    stalled: bool


@dataclass(frozen=True, slots=True)
class Speaking:
    """Who speaks now, loudest first."""

    seats: Sequence[SeatId]


@dataclass(frozen=True, slots=True)
class EngineSays:
    """The engine has something for one seat, or (`seat` None) for everybody in the room."""

    seat: SeatId | None
    event: str
    data: Message


@dataclass(frozen=True, slots=True)
class PartWasStored:
    """A part of the recording reached the file store."""

    recording: str
    part: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecorderFailed:
    """The recorder stopped by itself."""

    recording: str
    code: str


@dataclass(frozen=True, slots=True)
class RecorderClosed:
    """The recorder has handed over everything."""

    recording: str


Input = (
    Opened | Restarted | SpecChanged | Connect | ConnectionLost | Request | Tick | CloseWhenEmpty | Replaced
    | SampleGuestsWanted | UpRefused | PathChanged | TrackStalled | EngineSays | Speaking | PartWasStored
    | RecorderFailed | RecorderClosed
)  # fmt: skip
