"""What web and node say to each other over the link.

One JSON object each, named by `type`. Both ends check every frame.

Two versions of Ieum may meet during an upgrade: `hello` tells the version of the link, and unknown fields are
ignored.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from signaling.errors import Code, ProtocolError
from signaling.media.port import MediaProbe

LINK_VERSION = 1
MAX_LINK_FRAME_BYTES = 1024 * 1024

Json = dict[str, Any]


class Frame(BaseModel):
    """Base of all frames."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Hello(Frame):
    """The first frame of either end: who speaks and which version of the link.

    Of a node also where clients may try it, and which calls are there.
    """

    type: Literal["hello"] = "hello"
    version: int
    name: str
    probe: MediaProbe | None = None
    calls: list[str] = []


class CallOpen(Frame):
    """web → node: carry this call, or know it better. A higher epoch replaces, a lower one is refused."""

    type: Literal["call.open"] = "call.open"
    spec: Json


class CallKeys(Frame):
    """web → node: more data keys, as `keys.wanted` asked."""

    type: Literal["call.keys"] = "call.keys"
    call: str
    keys: list[Json] = Field(repr=False)


class CallClose(Frame):
    """web → node: under this epoch (null: any) or an older one the call is over: nobody comes in any more.

    Who waits is told so at once. It ends when nobody is in the room, as soon as that is.
    """

    type: Literal["call.close"] = "call.close"
    call: str
    epoch: int | None = None


class CallSampleGuests(Frame):
    """web → node: let synthetic people take these seats, in the room or `waiting` in the lobby."""

    type: Literal["call.sample_guests"] = "call.sample_guests"
    call: str
    seats: list[str]
    waiting: bool = False


class CallRefused(Frame):
    """node → web: this node is full, and does not carry this call."""

    type: Literal["call.refused"] = "call.refused"
    call: str
    epoch: int


class CallHandOver(Frame):
    """node → web → node: `holder` is to hand this call over to `to`, which carries it under this epoch."""

    type: Literal["call.hand_over"] = "call.hand_over"
    call: str
    epoch: int
    holder: str
    to: str


class CallHistory(Frame):
    """node → web → node: the facts of a call that is handed over, local ones too, in order; `number` counts frames."""

    type: Literal["call.history"] = "call.history"
    call: str
    epoch: int
    to: str
    number: int
    facts: list[Json]
    more: bool


class SeatFigures(Frame):
    """How one seat's line is; what nobody knows is null. `layer`: the smallest picture it is sent, from 0."""

    seat: str
    rtt_ms: float | None = None
    up_loss_percent: float | None = None
    down_loss_percent: float | None = None
    up_bps: int | None = None
    down_bps: int | None = None
    layer: int | None = None
    paused: int = 0  # pictures kept back because the line does not carry them
    freezes_per_minute: float | None = None
    concealed_percent: float | None = None


class SentTrack(Frame):
    """One encoding that comes from a seat, before any repair. `height`: 0 for sound, and while nothing is known."""

    track: str
    layer: int
    height: int
    bitrate_bps: int
    loss_percent: float | None = None


class ReceivedTrack(Frame):
    """One track on its way to a seat, and what its browser counted of it; what nobody knows is null."""

    track: str
    layer: int | None = None  # None: nothing is sent
    paused: bool = False  # the line does not carry this picture
    height: int | None = None
    bitrate_bps: int
    loss_percent: float | None = None
    freezes_per_minute: float | None = None
    concealed_percent: float | None = None


class SeatTracks(Frame):
    """What one seat sends and gets, track by track."""

    seat: str
    sends: list[SentTrack]
    receives: list[ReceivedTrack]


class CallFigures(Frame):
    """node → web: how the lines of this call are, every few seconds. Nobody acknowledges it, nothing keeps it."""

    type: Literal["call.figures"] = "call.figures"
    call: str
    seats: list[SeatFigures]
    tracks: list[SeatTracks] = Field(default_factory=list)


class ConnOpen(Frame):
    """web → node: a connection asks for its seat. `token` is the secret of its resume token."""

    type: Literal["conn.open"] = "conn.open"
    conn: str
    call: str
    seat: str
    via: Literal["ticket", "resume"]
    token: str | None = Field(default=None, repr=False)


class ConnEvent(Frame):
    """web → node: a client's event; `id` names its acknowledgement."""

    type: Literal["conn.event"] = "conn.event"
    conn: str
    id: int
    event: str
    data: Any


class ConnClose(Frame):
    """web → node: the client is gone."""

    type: Literal["conn.close"] = "conn.close"
    conn: str


class FactsAck(Frame):
    """web → node: everything up to this fact is in the database."""

    type: Literal["facts.ack"] = "facts.ack"
    call: str
    epoch: int
    run: int
    seq: int


class ConnOpened(Frame):
    """node → web: the connection has its seat, or waits for it; `state` follows as a push."""

    type: Literal["conn.opened"] = "conn.opened"
    conn: str


class ConnRefused(Frame):
    """node → web: it may not."""

    type: Literal["conn.refused"] = "conn.refused"
    conn: str
    code: str
    message: str


class ConnMoved(Frame):
    """node → web: the call was handed over to this node: ask there."""

    type: Literal["conn.moved"] = "conn.moved"
    conn: str
    node: str


class ConnReply(Frame):
    """node → web: the acknowledgement of a client's event."""

    type: Literal["conn.reply"] = "conn.reply"
    conn: str
    id: int
    reply: Json


class ConnPush(Frame):
    """node → web: an event for a client."""

    type: Literal["conn.push"] = "conn.push"
    conn: str
    event: str
    data: Json


class ConnKick(Frame):
    """node → web: hand the client this `bye`, then close it."""

    type: Literal["conn.kick"] = "conn.kick"
    conn: str
    bye: Json


class Facts(Frame):
    """node → web: facts in order, each with `call`, `epoch`, `run`, `seq`; sent again until acknowledged."""

    type: Literal["facts"] = "facts"
    call: str
    epoch: int
    facts: list[Json]


class KeysWanted(Frame):
    """node → web: this call has no data keys left."""

    type: Literal["keys.wanted"] = "keys.wanted"
    call: str
    count: int


AnyFrame = (
    Hello | CallOpen | CallKeys | CallClose | CallSampleGuests | ConnOpen | ConnEvent | ConnClose | FactsAck
    | ConnOpened | ConnRefused | ConnReply | ConnPush | ConnKick | Facts | KeysWanted
    | CallRefused | CallHandOver | CallHistory | CallFigures | ConnMoved
)  # fmt: skip

_FRAME: TypeAdapter[AnyFrame] = TypeAdapter(Annotated[AnyFrame, Field(discriminator="type")])


def encode(frame: AnyFrame) -> str:
    """The frame as it travels."""
    return frame.model_dump_json()


def decode(text: str | bytes) -> AnyFrame:
    """The frame that was sent. Raises `ProtocolError`."""
    try:
        return _FRAME.validate_json(text)
    except ValidationError as error:
        kinds = sorted({problem["type"] for problem in error.errors(include_input=False, include_url=False)})
        raise ProtocolError(Code.MALFORMED, f"link frame: {', '.join(kinds)}") from None
