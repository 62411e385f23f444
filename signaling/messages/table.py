"""The one table of the protocol: each event, who may send it and when, its limit, and what the journal keeps.

The gateway, the call, PROTOCOL.md, the front end's types and the authorisation matrix are all held against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from signaling.errors import Code, ProtocolError
from signaling.messages import pushes, requests
from signaling.messages.shapes import MAX_FRAME_BYTES, Message, Presence, Role

EVERYONE = frozenset(Role)
SPEAKERS = EVERYONE - {Role.OBSERVER}
STAFF = frozenset({Role.HOST, Role.CO_HOST, Role.PANEL})
SEATED = frozenset({Presence.CONNECTED})
HERE = frozenset({Presence.CONNECTED, Presence.WAITING})


@dataclass(frozen=True, slots=True)
class RequestRule:
    """How one client → server event is judged."""

    model: type[Message]
    roles: frozenset[Role]
    presence: frozenset[Presence]
    journal: tuple[str, ...] = ()  # the kinds of facts it can cause
    unjournalled: str = ""  # or why it causes none
    hosting: bool = False  # only while this seat hosts (a panel member hosts when no host is there)
    answer: type[Message] = requests.Answer
    max_bytes: int = 4 * 1024  # of the event's data as UTF-8 JSON


@dataclass(frozen=True, slots=True)
class PushRule:
    """Who receives one server → client event."""

    model: type[Message]
    to: str
    delta: bool = field(default=False)  # carries the next revision of the state


def _host(model: type[Message], *journal: str) -> RequestRule:
    return RequestRule(model, STAFF, SEATED, journal, hosting=True)


def _staff(model: type[Message], *journal: str) -> RequestRule:
    return RequestRule(model, STAFF, SEATED, journal)


def _media(
    model: type[Message],
    roles: frozenset[Role],
    answer: type[Message] = requests.Answer,
    max_bytes: int = 4 * 1024,
) -> RequestRule:
    why = "media negotiation is made again after a restart"
    return RequestRule(model, roles, SEATED, unjournalled=why, answer=answer, max_bytes=max_bytes)


REQUESTS: Mapping[str, RequestRule] = {
    "up.offer": _media(requests.UpOffer, SPEAKERS, requests.UpAnswer, max_bytes=32 * 1024),
    "up.state": _media(requests.UpState, SPEAKERS),
    "down.want": _media(requests.DownWant, EVERYONE, max_bytes=8 * 1024),
    "down.answer": _media(requests.DownAnswer, EVERYONE, max_bytes=MAX_FRAME_BYTES - 1024),
    "down.restart": _media(requests.DownRestart, EVERYONE),
    "media.reset": _media(requests.MediaReset, EVERYONE),
    "ice.servers": RequestRule(
        requests.IceServersGet, EVERYONE, SEATED, unjournalled="changes nothing", answer=requests.IceServersAnswer
    ),
    "media.stats": RequestRule(
        requests.MediaStats, EVERYONE, HERE, unjournalled="a passing measurement", max_bytes=16 * 1024
    ),
    "state.get": RequestRule(requests.StateGet, EVERYONE, HERE, unjournalled="changes nothing", answer=pushes.State),
    "lobby.admit": _host(requests.LobbyAdmit, "admitted", "presence"),
    "lobby.admit_all": _host(requests.LobbyAdmitAll, "admitted", "presence"),
    "lobby.deny": _host(requests.LobbyDeny, "denied", "presence"),
    "seat.remove": _host(requests.SeatRemove, "removed", "presence"),
    "seat.interpret": _host(requests.SeatInterpret, "interpreting"),
    "seat.takeover": RequestRule(requests.SeatTakeover, EVERYONE, HERE, ("seat_taken_over",)),
    "room.lock": _host(requests.RoomLock, "locked"),
    "room.leave": RequestRule(requests.RoomLeave, EVERYONE, HERE, ("left", "presence")),
    "room.end": _host(requests.RoomEnd, "call_ended"),
    "chat.send": RequestRule(requests.ChatSend, SPEAKERS, SEATED, ("chat_said",), max_bytes=12 * 1024),
    "chat.mark": _staff(requests.ChatMark, "chat_marked"),
    "hand.raise": RequestRule(requests.HandRaise, SPEAKERS, SEATED, ("hand",)),
    "hand.lower": RequestRule(requests.HandLower, SPEAKERS, SEATED, ("hand",)),
    "agenda.mark": _staff(requests.AgendaMark, "agenda_marked"),
    "clock.run": _staff(requests.ClockRun, "clock"),
    "bookmark": _staff(requests.Bookmark, "bookmarked"),
    "next_step.add": _staff(requests.NextStepAdd, "next_step_added"),
    "next_step.remove": _staff(requests.NextStepRemove, "next_step_removed"),
    "document.show": _staff(requests.DocumentShow, "document_shown"),
    "recording.request": _host(
        requests.RecordingRequest, "recording_requested", "recording_started", "recording_stopped"
    ),
    "consent.answer": RequestRule(requests.ConsentGive, EVERYONE, HERE, ("consent_answered",)),
    "rules.accept": RequestRule(requests.RulesAccept, EVERYONE, HERE, ("rules_accepted",)),
}

_ROOM = "everybody in the room"
_STAFF = "staff in the room"
_SELF = "the seat it concerns"

PUSHES: Mapping[str, PushRule] = {
    "state": PushRule(pushes.State, "each connection when it is made, and when its seat is let in"),
    "room.state": PushRule(pushes.RoomState, "everybody, in the lobby too", delta=True),
    "you.state": PushRule(pushes.YouState, _SELF, delta=True),
    "seat.state": PushRule(pushes.SeatState, _ROOM, delta=True),
    "lobby.wait": PushRule(pushes.LobbyWait, "whoever hosts", delta=True),
    "recording.state": PushRule(pushes.RecordingState, _ROOM, delta=True),
    "consent.ask": PushRule(pushes.ConsentAsk, _SELF, delta=True),
    "chat.said": PushRule(pushes.ChatSaid, "everybody in the room; `to: panel` only staff", delta=True),
    "agenda.state": PushRule(pushes.AgendaChanged, "everybody in the room; in an interview only staff", delta=True),
    "clock.state": PushRule(pushes.ClockChanged, "everybody in the room; in an interview only staff", delta=True),
    "bookmark.state": PushRule(pushes.BookmarksChanged, _STAFF, delta=True),
    "next_step.state": PushRule(pushes.NextStepsChanged, "staff; in counselling everybody in the room", delta=True),
    "document.state": PushRule(pushes.DocumentsChanged, _STAFF, delta=True),
    "document.shown": PushRule(pushes.DocumentShown, _ROOM, delta=True),
    "stage.state": PushRule(pushes.StageChanged, _ROOM, delta=True),
    "down.offer": PushRule(pushes.DownOffer, _SELF),
    "down.paused": PushRule(pushes.DownPaused, _SELF),
    "up.limit": PushRule(pushes.UpLimit, _SELF),
    "up.restart": PushRule(pushes.UpRestart, _SELF),
    "media.reset": PushRule(pushes.MediaResetNeeded, _SELF),
    "speakers": PushRule(pushes.Speakers, _ROOM),
    "room.warn": PushRule(pushes.RoomWarn, _ROOM),
    "bye": PushRule(pushes.Bye, _SELF),
}


def parse_request(event: str, data: object) -> Message:
    """The typed request of `event`. Raises `ProtocolError`: `unknown_event`, or `malformed` naming the first field."""
    rule = REQUESTS.get(event)
    if rule is None:
        raise ProtocolError(Code.UNKNOWN_EVENT)
    try:
        return rule.model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProtocolError(Code.MALFORMED, f"{where}: {first['msg']}" if where else first["msg"]) from None
