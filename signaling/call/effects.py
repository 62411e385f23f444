"""What the runner is to do after an input, in order. Plain values; the call itself does nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from signaling.media.port import SeatId, TrackId
from signaling.messages.pushes import Bye
from signaling.messages.requests import DownAnswer, DownWant, MediaReset, MediaStats, UpOffer, UpState, UpTrack
from signaling.messages.shapes import Message


@dataclass(frozen=True, slots=True)
class Push:
    """Send this event to this connection; a `state` with its resume token, which the runner holds."""

    conn: str
    event: str
    data: Message
    with_token: bool = False


@dataclass(frozen=True, slots=True)
class Kick:
    """Tell this connection why, and close it."""

    conn: str
    bye: Bye


@dataclass(frozen=True, slots=True)
class AdmitMedia:
    """This seat may send and receive."""

    seat: SeatId


@dataclass(frozen=True, slots=True)
class ReleaseMedia:
    """This seat may no longer: at once."""

    seat: SeatId


@dataclass(frozen=True, slots=True)
class AnswerUp:
    """Have the engine answer; its answer is the acknowledgement. `before` is what is published if it refuses."""

    conn: str
    id: int
    seat: SeatId
    offer: UpOffer
    before: Sequence[UpTrack]


@dataclass(frozen=True, slots=True)
class ChangeMedia:
    """Hand this to the engine; acknowledged when done."""

    conn: str
    id: int
    seat: SeatId
    change: DownWant | DownAnswer | MediaReset | UpState


@dataclass(frozen=True, slots=True)
class ClientCounted:
    """Tell the engine what this seat's client saw of its line."""

    seat: SeatId
    stats: MediaStats


@dataclass(frozen=True, slots=True)
class RestartDown:
    """Have the engine restart ICE on `down`; acknowledged when done."""

    conn: str
    id: int
    seat: SeatId


@dataclass(frozen=True, slots=True)
class Interpreters:
    """Exactly these seats interpret now: the engine gives up their pictures last."""

    seats: frozenset[SeatId]


@dataclass(frozen=True, slots=True)
class OpenRecorder:
    """There must be a recorder for this recording, attached to the call."""

    recording: str


@dataclass(frozen=True, slots=True)
class WriteOnly:
    """Exactly these tracks are written from now on."""

    tracks: frozenset[TrackId]


@dataclass(frozen=True, slots=True)
class PlaySampleGuests:
    """Feed these seats with synthetic sound and picture."""

    seats: Sequence[SeatId]


@dataclass(frozen=True, slots=True)
class CloseCall:
    """Release all media, close the recorder; nothing more will be decided but what the recorder reports."""


Effect = (
    Push | Kick | AdmitMedia | ReleaseMedia | AnswerUp | ChangeMedia | RestartDown | ClientCounted | Interpreters
    | OpenRecorder | WriteOnly | PlaySampleGuests | CloseCall
)  # fmt: skip
