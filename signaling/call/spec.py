"""What a call is opened with.

Who has a seat, what may be recorded, what is on the agenda. Sent by web, kept in the journal.

Fields that this version does not know are ignored, so that web and node may be upgraded one after the other.
"""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from signaling.media.port import CallId, SeatId
from signaling.messages.shapes import ConsentAnswer, ConsentItem, Kind, Role


class SpecPart(BaseModel):
    """Base of the spec's parts: frozen, tolerant of newer fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SeatSpec(SpecPart):
    """One person's place."""

    seat: SeatId
    person: str
    name: str  # what others see
    role: Role
    staff: bool
    lang: Literal["ko", "en"] = "ko"
    consent: dict[ConsentItem, ConsentAnswer] = {}
    rules_accepted: bool = False
    revoked: bool = False

    @field_validator("consent", mode="before")
    @classmethod
    def _known_items(cls, answers: dict[str, Any]) -> dict[str, Any]:
        return {item: answer for item, answer in answers.items() if item in set(ConsentItem)}


class RecordingSpec(SpecPart):
    """Whether it may be recorded, and as which recording."""

    allowed: bool
    id: str | None = None


class KeySpec(SpecPart):
    """A data key, base64: plain for the recorder's memory, wrapped for its files."""

    id: str
    plain: str = Field(repr=False)
    wrapped: str


class ConsentSpec(SpecPart):
    """The consent text in force: its version, and each item with its texts by key."""

    text_version: str = ""
    items: list[dict[str, Any]] = []

    @field_validator("items", mode="after")
    @classmethod
    def _known_items(cls, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [item for item in items if item.get("item") in set(ConsentItem)]


class AgendaSpec(SpecPart):
    """One agenda item."""

    id: str
    text: str
    minutes: int | None = None


class DocumentSpec(SpecPart):
    """One document that may be shown."""

    id: str
    title: str
    pages: int


class CentreSpec(SpecPart):
    """Whom to ring."""

    name: str = ""
    phone: str = ""


class StageSpec(SpecPart):
    """How many people are shown at once, oneself among them; the others are heard. See `stage.py`."""

    narrow: int = Field(default=5, ge=1)  # on a telephone
    wide: int = Field(default=9, ge=1)


class CallSpec(SpecPart):
    """Everything a node must know of a call. `epoch` grows with each placement of the room on a node."""

    call: CallId
    epoch: int = Field(ge=0)
    moved_from: str | None = None  # the node that hands the call over to this epoch
    running: bool = False  # people have met in it: a node that is nearly full takes it in all the same
    appointment: str
    kind: Kind
    title: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    next_starts_at: datetime | None = None
    capacity: int = Field(default=12, ge=1)
    recording: RecordingSpec
    keys: list[KeySpec] = []
    seats: list[SeatSpec]
    consent: ConsentSpec = ConsentSpec()
    agenda: list[AgendaSpec] = []
    documents: list[DocumentSpec] = []
    centre: CentreSpec = CentreSpec()
    stage: StageSpec = StageSpec()
    policy: dict[str, Any] = {}

    def seat(self, seat: SeatId) -> SeatSpec | None:
        """The place of this seat, or None."""
        return next((place for place in self.seats if place.seat == seat), None)

    def without_keys(self) -> Self:
        """The same without data keys: what may be written to disk."""
        return self.model_copy(update={"keys": []})

    def refreshed(self, newer: Self) -> Self:
        """`newer`, in which seats that it no longer names stay as revoked ones: they may be in the room."""
        known = {place.seat for place in newer.seats}
        gone = [place.model_copy(update={"revoked": True}) for place in self.seats if place.seat not in known]
        return newer.model_copy(update={"keys": [], "seats": [*newer.seats, *gone]})
