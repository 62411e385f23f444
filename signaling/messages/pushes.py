"""Server → client: the whole state and the events that change one section of it each.

A push with `rev` replaces the section it carries (`seat.state` one seat, `chat.said` adds one line). Revisions count
the pushes to this connection; a gap means `state.get`. Pushes without `rev` are not part of the state.
"""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from signaling.media.port import PeerConnection, Source
from signaling.messages.shapes import (
    AgendaState,
    Channel,
    ConsentAnswer,
    ConsentItem,
    Hint,
    Kind,
    Message,
    Phase,
    Presence,
    RecordingStatus,
    Role,
)


class Section(Message):
    """A piece of the state."""


class RoomView(Section):
    """The conversation as a whole."""

    call: str
    appointment: str
    kind: Kind
    title: str
    starts_at: datetime
    ends_at: datetime
    next_starts_at: datetime | None
    phase: Phase
    locked: bool
    hosts: list[str] = Field(description="seats that host just now; empty while waiting")
    centre_name: str
    centre_phone: str


class YouView(Section):
    """The receiver's own seat."""

    seat: str
    name: str
    role: Role
    staff: bool
    presence: Presence
    hosting: bool
    claiming: bool = Field(description="this connection waits for a seat that another connection holds")
    claimed: bool = Field(description="another connection asks for this seat: answer with seat.takeover")
    rules_accepted: bool
    may: list[str] = Field(description="the events this seat may send now")


class TrackView(Section):
    """A track that a seat publishes; `track` is what `down.want` names."""

    track: str
    source: Source
    muted: bool
    stalled: bool = Field(description="it should be sending and nothing reaches the server; never while muted")


class SeatView(Section):
    """One seat of the room."""

    seat: str
    name: str
    role: Role
    staff: bool
    presence: Presence
    hand_raised_at: datetime | None
    interprets: bool = Field(description="for others: shown always, the last picture to be given up")
    tracks: list[TrackView]
    hint: Hint


class LobbyEntry(Section):
    """Somebody who waits to be let in. `claim`: asks for a seat that is in use (forwarded link, second device)."""

    seat: str
    name: str
    role: Role
    since: datetime
    online: bool
    claim: bool


class RecordedSeat(Section):
    """What of one person may be written while recording."""

    seat: str
    sound: bool
    picture: bool


class RecordingView(Section):
    """Whether it is recorded, since when, and of whom what; everybody in the room is listed."""

    status: RecordingStatus
    since: datetime | None
    seats: list[RecordedSeat]


class ConsentView(Section):
    """The receiver's own answers. `asked`: recording is on and an answer is missing, so ask now, privately."""

    text_version: str
    items: list[dict[str, Any]] = Field(description="`item` and its texts by key")
    answers: dict[ConsentItem, ConsentAnswer]
    asked: bool


class ChatLine(Section):
    """One chat line."""

    id: str
    seat: str
    name: str
    to: Channel
    text: str
    at: datetime
    marked: bool


class AgendaEntry(Section):
    """One item of the agenda, in order."""

    id: str
    text: str
    minutes: int | None
    state: AgendaState
    at: datetime | None = Field(description="when it came to this state")
    by: str | None


class ClockView(Section):
    """Elapsed time is `elapsed_s` plus, while running, the time since `at`."""

    running: bool
    elapsed_s: float
    at: datetime | None


class BookmarkView(Section):
    """A marked moment."""

    id: str
    by: str
    text: str | None
    at: datetime


class NextStepView(Section):
    """An agreed next step."""

    id: str
    by: str
    text: str
    due: date | None


class DocumentView(Section):
    """A document that may be shown."""

    id: str
    title: str
    pages: int


class ShownView(Section):
    """The page everybody sees."""

    document: str
    title: str
    pages: int
    page: int
    by: str


class StageView(Section):
    """Whose faces to show where there is no room for all; everybody is heard. Who stays keeps the place in the list."""

    narrow: list[str] = Field(description="seats to show on a narrow screen, such as a telephone's")
    wide: list[str]


class MediaView(Section):
    """How to connect. `kept`: the peer connections from before still stand; otherwise build both anew.

    One that does not is named by a `media.reset` right behind.
    """

    kept: bool
    ice_servers: list[dict[str, Any]] = Field(
        description="for both, as RTCPeerConnection takes them; empty outside the room"
    )
    ice_refresh_s: int | None = Field(description="ask `ice.servers` again after so many seconds; null: never")
    policy: dict[str, Any] = Field(
        description="codec; camera_layers [{rid, max_bitrate_bps, scale_down_by}], the smallest first, to be sent as "
        "simulcast by who can; camera_max_bitrate_bps and camera_max_height_px for who cannot; screen_max_bitrate_bps"
    )


class State(Message):
    """Everything the receiver may know. Sent on every connection, and as the answer of `state.get`.

    A waiting seat sees no other person: `seats`, `chat` and the like are empty until it is admitted.
    """

    rev: int
    now: datetime
    resume: str | None = Field(description="resume token for the next connection; null in the answer of state.get")
    room: RoomView
    you: YouView
    seats: list[SeatView]
    lobby: list[LobbyEntry]
    recording: RecordingView
    consent: ConsentView
    chat: list[ChatLine]
    agenda: list[AgendaEntry]
    clock: ClockView
    bookmarks: list[BookmarkView]
    next_steps: list[NextStepView]
    documents: list[DocumentView]
    shown: ShownView | None
    stage: StageView
    speakers: list[str] = Field(
        default_factory=list, description="seats that speak now, loudest first; a node of an older version tells none"
    )
    media: MediaView


class Delta(Message):
    """Base of the pushes that change the state."""

    rev: int


class RoomState(Delta):
    """The room changed: phase, lock, hosts, times."""

    room: RoomView


class YouState(Delta):
    """The receiver's own seat changed. Being let in from the lobby is not a delta: a whole `state` is sent."""

    you: YouView


class SeatState(Delta):
    """One seat changed, or is new."""

    seat: SeatView


class LobbyWait(Delta):
    """Who waits, in order of arrival. `arrived` names who is new, for a sound."""

    lobby: list[LobbyEntry]
    arrived: list[str]


class RecordingState(Delta):
    """The recording changed, or who is and is not recorded."""

    recording: RecordingView


class ConsentAsk(Delta):
    """The receiver's own consent changed, or is asked for."""

    consent: ConsentView


class ChatSaid(Delta):
    """A new chat line, or one whose mark changed (same `id`)."""

    line: ChatLine


class AgendaChanged(Delta):
    """The agenda with its marks."""

    agenda: list[AgendaEntry]


class ClockChanged(Delta):
    """The clock was started or paused."""

    clock: ClockView


class BookmarksChanged(Delta):
    """The marked moments."""

    bookmarks: list[BookmarkView]


class NextStepsChanged(Delta):
    """The agreed next steps."""

    next_steps: list[NextStepView]


class DocumentsChanged(Delta):
    """The documents that may be shown."""

    documents: list[DocumentView]


class DocumentShown(Delta):
    """The page everybody sees now, or none."""

    shown: ShownView | None


class StageChanged(Delta):
    """Other faces are to be shown: somebody spoke who was not, came or went."""

    stage: StageView


class DownSlotView(Section):
    """Which track an m-line of a down-offer carries."""

    mid: str
    track: str
    seat: str
    source: Source


class DownOffer(Message):
    """Answer with `down.answer` within 8 s, or `media.reset` follows."""

    neg: int
    sdp: str
    map: list[DownSlotView]


class UpLimit(Message):
    """Send no more than this on the m-line; of simulcast layers only `layers`, for nobody sees the others."""

    mid: str
    max_bitrate_bps: int
    max_height: int
    layers: list[str] = Field(description="RIDs to be encoded, the smallest first; empty without simulcast")
    paused: bool = Field(default=False, description="nobody sees it: encode nothing until told otherwise")


class DownPaused(Message):
    """Exactly these pictures are kept back now, because the line does not carry them; sound goes on."""

    tracks: list[str]
    busy: list[str] = Field(default_factory=list, description="those of them that the server has no time for")


class UpRestart(Message):
    """Nothing arrives on `up`: restart ICE with a new `up.offer`."""

    reason: str


class MediaResetNeeded(Message):
    """Close this peer connection and build it anew."""

    pc: PeerConnection


class Speakers(Message):
    """Who speaks now, loudest first."""

    seats: list[str]


class RoomWarn(Message):
    """So many minutes are left."""

    minutes: int
    next_starts_at: datetime | None


class Bye(Message):
    """The last push before the server closes the connection: why, and whether to come back by itself."""

    code: str
    resume: bool = Field(description="true: connect again at once with the resume token")
    reason: Annotated[str | None, Field(description="what the host wrote, if anything")] = None
