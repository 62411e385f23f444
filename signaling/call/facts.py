"""What happened in a call, as decided by it: the only thing that is journalled, shipped and replayed.

Facts, never inputs, are kept, so new code can replay an old journal: unknown fields are ignored, new ones have
defaults, and a kind is never given another meaning. `local` facts stay in the node's journal; all others are shipped
to web.
"""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from signaling.media.port import SeatId, TrackId
from signaling.messages.shapes import AgendaState, Channel, ConsentAnswer, ConsentItem, Presence


class FactBase(BaseModel):
    """Base: when it happened."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    local: ClassVar[bool] = False
    at: AwareDatetime


class CallOpened(FactBase):
    """People may come."""

    kind: Literal["call_opened"] = "call_opened"


class PresenceChanged(FactBase):
    """A seat's person came, went, or lost the line."""

    kind: Literal["presence"] = "presence"
    seat: SeatId
    state: Presence
    cause: str


class TokenIssued(FactBase):
    """The hashes of the resume tokens that are now good for this seat, newest last."""

    local: ClassVar[bool] = True
    kind: Literal["token_issued"] = "token_issued"
    seat: SeatId
    hashes: list[str]


class Admitted(FactBase):
    """Let in; staff let themselves in."""

    kind: Literal["admitted"] = "admitted"
    seat: SeatId
    by: SeatId


class Denied(FactBase):
    """Not let in."""

    kind: Literal["denied"] = "denied"
    seat: SeatId
    by: SeatId
    reason: str | None = None


class Removed(FactBase):
    """Sent out by a host, or (`by` null) because the seat was revoked."""

    kind: Literal["removed"] = "removed"
    seat: SeatId
    by: SeatId | None
    reason: str | None = None


class Left(FactBase):
    """Left by own choice."""

    kind: Literal["left"] = "left"
    seat: SeatId


class SeatTakenOver(FactBase):
    """A second connection was given the seat, by its holder or a host."""

    kind: Literal["seat_taken_over"] = "seat_taken_over"
    seat: SeatId
    by: SeatId


class Hosting(FactBase):
    """Who hosts from now on."""

    kind: Literal["hosting"] = "hosting"
    seats: list[SeatId]


class Interpreting(FactBase):
    """From now on this seat interprets for others, or no longer."""

    kind: Literal["interpreting"] = "interpreting"
    seat: SeatId
    by: SeatId
    interprets: bool


class Locked(FactBase):
    """The room was locked or unlocked."""

    kind: Literal["locked"] = "locked"
    by: SeatId
    locked: bool


class ConsentAnswered(FactBase):
    """A consent item was answered; `by` is the seat itself, in the room (`call`) or on its page (`page`)."""

    kind: Literal["consent_answered"] = "consent_answered"
    seat: SeatId
    item: ConsentItem
    answer: ConsentAnswer
    text_version: str
    lang: str
    by: SeatId
    where: Literal["call", "page"] = "call"


class RulesAccepted(FactBase):
    """The ground rules were accepted."""

    kind: Literal["rules_accepted"] = "rules_accepted"
    seat: SeatId


class RecordingRequested(FactBase):
    """A host asked for recording."""

    kind: Literal["recording_requested"] = "recording_requested"
    by: SeatId


class RecordingStarted(FactBase):
    """Exactly these tracks are written from now on."""

    kind: Literal["recording_started"] = "recording_started"
    recording: str
    tracks: list[TrackId]


class RecordingChanged(FactBase):
    """Exactly these tracks are written from now on, as consent or presence changed."""

    kind: Literal["recording_changed"] = "recording_changed"
    recording: str
    tracks: list[TrackId]


class RecordingStopped(FactBase):
    """Nothing is written any more: `by` a host, or null because the call ended or the permission was taken back."""

    kind: Literal["recording_stopped"] = "recording_stopped"
    recording: str
    by: SeatId | None
    cause: Literal["host", "call_ended", "not_permitted"]


class RecordingFailed(FactBase):
    """Writing failed; what was written stays."""

    kind: Literal["recording_failed"] = "recording_failed"
    recording: str
    code: str


class RecordingGap(FactBase):
    """Nothing was written between these times though it should have been."""

    kind: Literal["recording_gap"] = "recording_gap"
    recording: str
    from_: AwareDatetime = Field(validation_alias=AliasChoices("from_", "from"), serialization_alias="from")
    to: AwareDatetime
    cause: str


class PartStored(FactBase):
    """A closed part of the recording is in the file store."""

    kind: Literal["part_stored"] = "part_stored"
    recording: str
    part: dict[str, Any]


class RecordingSealed(FactBase):
    """No part of this recording is outstanding on this node: every one was told by `part_stored`."""

    kind: Literal["recording_sealed"] = "recording_sealed"
    recording: str


class ChatSaid(FactBase):
    """A chat line."""

    kind: Literal["chat_said"] = "chat_said"
    id: str
    seat: SeatId
    to: Channel
    text: str


class ChatMarked(FactBase):
    """A chat line is to be in the summary, or no longer."""

    kind: Literal["chat_marked"] = "chat_marked"
    id: str
    by: SeatId
    marked: bool = True


class Hand(FactBase):
    """A hand was raised or lowered."""

    kind: Literal["hand"] = "hand"
    seat: SeatId
    raised: bool


class AgendaMarked(FactBase):
    """An agenda item came to this state."""

    kind: Literal["agenda_marked"] = "agenda_marked"
    item: str
    state: AgendaState
    by: SeatId


class ClockChanged(FactBase):
    """The clock was started or paused, having run `elapsed_s` so far."""

    kind: Literal["clock"] = "clock"
    running: bool
    elapsed_s: float
    by: SeatId


class Bookmarked(FactBase):
    """A moment was marked."""

    kind: Literal["bookmarked"] = "bookmarked"
    id: str
    by: SeatId
    text: str | None = None


class NextStepAdded(FactBase):
    """A next step was agreed, or its words changed."""

    kind: Literal["next_step_added"] = "next_step_added"
    id: str
    by: SeatId
    text: str
    due: date | None = None


class NextStepRemoved(FactBase):
    """A next step was taken back."""

    kind: Literal["next_step_removed"] = "next_step_removed"
    id: str
    by: SeatId


class DocumentShown(FactBase):
    """This page is shown to everybody; `document` null: none any more."""

    kind: Literal["document_shown"] = "document_shown"
    document: str | None
    page: int
    by: SeatId


class Warned(FactBase):
    """So many minutes are left until `ends_at`."""

    kind: Literal["warned"] = "warned"
    minutes: int
    ends_at: datetime


class CallEnded(FactBase):
    """Over: ended by a host, or (`by` null) closed when nobody was there any more, or placed elsewhere."""

    kind: Literal["call_ended"] = "call_ended"
    by: SeatId | None
    cause: Literal["host", "empty", "replaced"]
    goes_on: bool = False  # only here: the next node carries it on as it is, with its recording


Fact = (
    CallOpened | PresenceChanged | TokenIssued | Admitted | Denied | Removed | Left | SeatTakenOver | Hosting | Locked
    | Interpreting | ConsentAnswered | RulesAccepted | RecordingRequested | RecordingStarted | RecordingChanged
    | RecordingStopped | RecordingFailed | RecordingGap | PartStored | RecordingSealed | ChatSaid | ChatMarked | Hand
    | AgendaMarked | ClockChanged | Bookmarked | NextStepAdded | NextStepRemoved | DocumentShown | Warned | CallEnded
)  # fmt: skip

_FACT: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="kind")])


def to_json(fact: Fact) -> dict[str, Any]:
    """The fact as JSON values, `at` and `kind` among them."""
    return fact.model_dump(mode="json", by_alias=True)


def from_json(value: object) -> Fact:
    """The fact that `to_json` wrote. Raises ValueError if it is none."""
    return _FACT.validate_python(value)
