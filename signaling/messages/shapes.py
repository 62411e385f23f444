"""The words and base types that requests, pushes and the call share. The events themselves are in the files beside.

Strict: a number is not a string, an unknown field is an error. Text is normalised on the way in (Unicode NFC, without
control and bidirectional override characters).
"""

import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from signaling.media.port import Source

PROTOCOL_VERSION = 1
MAX_FRAME_BYTES = 64 * 1024
MAX_UP_SDP_CHARS = 24 * 1024
MAX_DOWN_SDP_CHARS = 56 * 1024


class Kind(StrEnum):
    """What the appointment is for; decides who hosts and who sees what."""

    INTERVIEW = "interview"  # an employer's panel and one applicant
    COUNSELLING = "counselling"  # a counsellor and one seeker
    SMALL_GROUP = "small_group"  # counsellors and several seekers


class Role(StrEnum):
    """What a seat is in this appointment."""

    HOST = "host"  # leads: counsellor or lead interviewer
    CO_HOST = "co_host"  # hosts as well: the second counsellor of a group
    PANEL = "panel"  # interviewer; hosts only when no host is there
    GUEST = "guest"  # seeker
    OBSERVER = "observer"  # announced; sees and hears, sends nothing


class Presence(StrEnum):
    """Where a seat's person is."""

    INVITED = "invited"  # has not come yet
    WAITING = "waiting"  # in the lobby
    ADMITTED = "admitted"  # let in while the connection was away
    CONNECTED = "connected"  # in the room
    RECONNECTING = "reconnecting"  # in the room, the connection is away
    DROPPED = "dropped"  # away for long; the seat is kept
    LEFT = "left"  # left by own choice
    REMOVED = "removed"  # removed by a host
    DENIED = "denied"  # not let in by a host


class ConsentItem(StrEnum):
    """What a person can agree to, each on its own."""

    SOUND = "sound"  # microphone and the sound of a shared screen are recorded
    PICTURE = "picture"  # camera and shared screen are recorded


class ConsentAnswer(StrEnum):
    """Where one consent item of one person stands."""

    GRANTED = "granted"  # agreed
    REFUSED = "refused"  # did not agree
    UNANSWERED = "unanswered"  # not answered, or "decide later"
    WITHDRAWN = "withdrawn"  # had agreed, no longer does


class Channel(StrEnum):
    """Who hears a chat line."""

    ALL = "all"  # everybody in the room
    PANEL = "panel"  # staff only


class AgendaState(StrEnum):
    """Where one agenda item stands."""

    PENDING = "pending"  # still to come
    ASKED = "asked"  # asked, or being worked on
    DONE = "done"  # finished


class RecordingStatus(StrEnum):
    """What the recording is doing now."""

    NOT_PERMITTED = "not_permitted"  # this appointment is not recorded
    ARMED = "armed"  # may be started
    RECORDING = "recording"  # being written, of those who agreed
    STOPPED = "stopped"  # stopped by a host; may be started again
    FAILED = "failed"  # writing failed; what was written is kept


class Hint(StrEnum):
    """How well a seat's line does, for the people beside it."""

    GOOD = "good"  # no complaint
    WEAK = "weak"  # loses or delays packets, or cameras stop on it again and again
    UNSTABLE = "unstable"  # nothing came for seconds
    LOST = "lost"  # no media path


class Phase(StrEnum):
    """Where the call stands."""

    LOBBY_OPEN = "lobby_open"  # people may come; nobody was let in yet
    LIVE = "live"  # somebody was let in
    ENDED = "ended"  # over


_UNWANTED = {chr(c) for c in (*range(0x20), 0x7F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))} - {"\n", "\t"}


def _clean(text: str) -> str:
    cleaned = "".join(c for c in unicodedata.normalize("NFC", text) if c not in _UNWANTED).strip()
    if not cleaned:
        raise ValueError("empty text")
    return cleaned


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
NewId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$"), Field(description="made by the client, once")]
TrackName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}\.(mic|camera|screen|screen_audio)$")]
Mid = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,16}$")]
Neg = Annotated[int, Field(ge=0, lt=2**31, description="grows with each negotiation of this peer connection")]
ChatText = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_clean)]
Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(_clean)]
Reason = Annotated[str, StringConstraints(max_length=200), AfterValidator(_clean)]
SourceName = Annotated[Source, Field(strict=False)]


class Message(BaseModel):
    """Base of everything on the wire: strict, frozen, nothing unknown."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
