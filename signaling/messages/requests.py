"""Client → server: the shape of each event's data and of its answer. Who may send it, and when, is in `table.py`."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from signaling.media.port import PeerConnection
from signaling.messages.shapes import (
    MAX_DOWN_SDP_CHARS,
    MAX_UP_SDP_CHARS,
    AgendaState,
    Channel,
    ChatText,
    ConsentItem,
    Id,
    Line,
    Message,
    Mid,
    Neg,
    NewId,
    Reason,
    SourceName,
    TrackName,
)


class Answer(Message):
    """The fields of a positive acknowledgement beside `ok`. Most have none."""


class UpTrack(Message):
    """Which source an m-line of an up-offer carries."""

    mid: Mid
    source: SourceName


class UpOffer(Message):
    """Publish, change or restart `up`. `tracks` names every m-line that now sends."""

    neg: Neg
    sdp: Annotated[str, StringConstraints(max_length=MAX_UP_SDP_CHARS)]
    tracks: Annotated[list[UpTrack], Field(max_length=8)]


class UpAnswer(Answer):
    """The answer to an up-offer."""

    neg: int
    sdp: str


class UpState(Message):
    """Muted or not, without SDP. A muted m-line sends nothing on purpose."""

    mid: Mid
    muted: bool


class WantedTrack(Message):
    """One track to receive, and how it will be shown."""

    track: TrackName
    max_height: Annotated[int, Field(ge=0, le=4320, description="pixels; 0 for sound")]
    visible: bool
    priority: Annotated[int, Field(ge=0, le=100, description="larger is kept longer on a weak line")] = 0


class DownWant(Message):
    """The full set of wanted tracks; idempotent. Sets older than the last `rev` are ignored."""

    rev: Annotated[int, Field(ge=0, lt=2**31)]
    tracks: Annotated[list[WantedTrack], Field(max_length=48)]


class DownAnswer(Message):
    """The answer to `down.offer`."""

    neg: Neg
    sdp: Annotated[str, StringConstraints(max_length=MAX_DOWN_SDP_CHARS)]


class DownRestart(Message):
    """Packets stopped coming on `down`: restart ICE."""

    reason: Reason


class MediaReset(Message):
    """The client gave this peer connection up and builds a new one."""

    pc: Annotated[PeerConnection, Field(strict=False)]


class TrackStats(Message):
    """One track as it arrived since the last report; what does not fit its kind is null."""

    track: TrackName
    lost_percent: Annotated[float, Field(ge=0, le=100, description="of packets, wherever on the way")] | None = None
    freezes: Annotated[int, Field(ge=0, le=1000)] | None = None
    height: Annotated[int, Field(ge=0, le=4320)] | None = None
    frames_per_s: Annotated[float, Field(ge=0, le=240)] | None = None
    concealed_percent: Annotated[float, Field(ge=0, le=100, description="made up; silence not counted")] | None = None
    jitter_buffer_ms: Annotated[float, Field(ge=0, le=60_000)] | None = None


class MediaStats(Message):
    """What the client sees of its line, every few seconds."""

    rtt_ms: Annotated[float, Field(ge=0, le=60_000)] | None = None
    up_loss_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    down_loss_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    up_bps: Annotated[int, Field(ge=0, lt=2**40)] | None = None
    down_bps: Annotated[int, Field(ge=0, lt=2**40)] | None = None
    seconds: Annotated[float, Field(ge=0, le=600, description="since the last report")] | None = None
    tracks: Annotated[list[TrackStats], Field(max_length=48)] = Field(default_factory=list)


class IceServersGet(Message):
    """Fresh TURN credentials for both peer connections, well before those that one has expire."""


class IceServersAnswer(Answer):
    """As in `state`, and good from now on."""

    ice_servers: list[dict[str, Any]]
    ice_refresh_s: int | None


class StateGet(Message):
    """Send me the whole state: I missed a revision."""


class LobbyAdmit(Message):
    """Let this waiting seat in."""

    seat: Id


class LobbyAdmitAll(Message):
    """Let everybody in who waits (not those who claim a seat in use)."""


class LobbyDeny(Message):
    """Do not let this waiting seat in."""

    seat: Id
    reason: Reason | None = None


class SeatRemove(Message):
    """Send this person out of the room; coming back needs a new admission."""

    seat: Id
    reason: Reason | None = None


class SeatInterpret(Message):
    """This person interprets for others, or no longer."""

    seat: Id
    interprets: bool


class SeatTakeover(Message):
    """May the second connection that claims this seat have it? Answered by its holder or by a host."""

    seat: Id
    agree: bool


class RoomLock(Message):
    """While locked nobody new comes to the lobby."""

    locked: bool


class RoomLeave(Message):
    """Leave by own choice."""


class RoomEnd(Message):
    """End the conversation for everybody."""


class ChatSend(Message):
    """Say something; sending the same `id` again says it once."""

    id: NewId
    to: Annotated[Channel, Field(strict=False)]
    text: ChatText


class ChatMark(Message):
    """Take this chat line into the summary, or no longer."""

    id: NewId
    marked: bool


class HandRaise(Message):
    """Raise my hand."""


class HandLower(Message):
    """Lower my hand; a host may lower another's."""

    seat: Id | None = None


class AgendaMark(Message):
    """Set where an agenda item stands."""

    item: Id
    state: Annotated[AgendaState, Field(strict=False)]


class ClockRun(Message):
    """Start, pause or resume the conversation's clock."""

    running: bool


class Bookmark(Message):
    """Mark this moment for the summary."""

    id: NewId
    text: Line | None = None


class NextStepAdd(Message):
    """Add an agreed next step; the same `id` again replaces it."""

    id: NewId
    text: Line
    due: Annotated[date, Field(strict=False)] | None = None


class NextStepRemove(Message):
    """Take a next step back."""

    id: NewId


class DocumentShow(Message):
    """Show this page to everybody; without `document`: stop showing."""

    document: Id | None
    page: Annotated[int, Field(ge=1, le=2000)] = 1


class RecordingRequest(Message):
    """Start or stop recording those who agreed."""

    action: Literal["start", "stop"]


class ConsentGive(Message):
    """My answer to one consent item, from now on. Refusing what was granted withdraws it."""

    item: Annotated[ConsentItem, Field(strict=False)]
    answer: Literal["granted", "refused", "later"]
    text_version: Annotated[str, StringConstraints(max_length=64)]
    lang: Literal["ko", "en"]


class RulesAccept(Message):
    """I accept the ground rules of the group."""
