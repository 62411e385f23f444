"""What each connection may see of the state, and the pushes that bring it up to date.

Each section is built once and given to those who may see it; a connection is sent a section when it differs from what
it was sent before. So nothing is forgotten and nothing is sent that may not be seen, whatever caused the change.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from signaling.call.connections import Connection
from signaling.call.effects import Push
from signaling.call.inputs import EngineSays
from signaling.call.sections import Sections, chat_line
from signaling.call.spec import SeatSpec
from signaling.call.state import CallState
from signaling.call.talk import Line
from signaling.media.port import SeatId
from signaling.messages import pushes
from signaling.messages.shapes import Channel, ConsentAnswer, ConsentItem, Kind, Message, Presence, Role
from signaling.messages.table import REQUESTS, STAFF

_CLAIMING_MAY = ("media.stats", "state.get")


def may_hear(place: SeatSpec, line: Line) -> bool:
    """The panel's channel is for staff."""
    return line.to == Channel.ALL or place.staff


def shown_presence(state: CallState, connection: Connection) -> Presence:
    """Where this connection is: a claim waits, wherever the seat's holder is."""
    return Presence.WAITING if connection.claiming else state.seating[connection.seat].presence


def may_send(state: CallState, place: SeatSpec, event: str, claiming: bool) -> bool:
    """Whether the table allows this seat this event now."""
    if claiming:
        return event in _CLAIMING_MAY
    presence = state.seating[place.seat].presence
    return event in _events_of(place.role, place.staff, presence, state.hosts(place.seat))


@cache
def _events_of(role: Role, staff: bool, presence: Presence, hosting: bool) -> tuple[str, ...]:
    """The events of the table that are open to such a seat."""
    return tuple(
        event
        for event, rule in REQUESTS.items()
        if role in rule.roles
        and presence in rule.presence
        and (hosting or not rule.hosting)
        and (staff or not rule.roles <= STAFF)
    )


def _you(state: CallState, place: SeatSpec, connection: Connection) -> pushes.YouView:
    seat, claiming = state.seating[place.seat], connection.claiming
    hosting = not claiming and state.hosts(place.seat)
    return pushes.YouView(
        seat=place.seat,
        name=place.name,
        role=place.role,
        staff=place.staff,
        presence=shown_presence(state, connection),
        hosting=hosting,
        claiming=claiming,
        claimed=not claiming and place.seat in state.connections.claims,
        rules_accepted=seat.rules_accepted,
        may=list(_CLAIMING_MAY if claiming else _events_of(place.role, place.staff, seat.presence, hosting)),
    )


def _consent(state: CallState, place: SeatSpec, claiming: bool) -> pushes.ConsentView:
    """One's own answers. A claim may be anybody's: it sees none."""
    spec = state.spec
    if claiming:
        return pushes.ConsentView(text_version="", items=[], answers={}, asked=False)
    items = [ConsentItem(item["item"]) for item in spec.consent.items]
    answers = {item: state.consents.answer(spec, place.seat, item) for item in items}
    missing = any(answers.get(item) == ConsentAnswer.UNANSWERED for item in (ConsentItem.SOUND, ConsentItem.PICTURE))
    in_room = state.seating.in_room(place.seat) and place.role != Role.OBSERVER
    return pushes.ConsentView(
        text_version=spec.consent.text_version,
        items=spec.consent.items,
        answers=answers,
        asked=state.recording.running and in_room and missing,
    )


def visible(state: CallState, everything: Sections, connection: Connection) -> dict[str, Any]:
    """The sections this connection may see, by the name they have in `state`."""
    place = state.place(connection.seat)
    inside = not connection.claiming and state.seating[place.seat].presence == Presence.CONNECTED
    seen: dict[str, Any] = {
        "room": everything.room if inside else everything.room.model_copy(update={"hosts": []}),
        "you": _you(state, place, connection),
        "consent": _consent(state, place, connection.claiming),
    }
    staff = inside and place.staff
    agenda = staff or (inside and state.spec.kind != Kind.INTERVIEW)
    seen["seats"] = _seats(state, everything, place.seat) if inside else []
    seen["recording"] = everything.recording if inside else _outside(everything.recording)
    seen["shown"] = everything.shown if inside else None
    seen["stage"] = everything.stage if inside else pushes.StageView(narrow=[], wide=[])
    seen["lobby"] = everything.lobby if inside and state.hosts(place.seat) else []
    seen["agenda"] = everything.agenda if agenda else []
    seen["clock"] = everything.clock if agenda else pushes.ClockView(running=False, elapsed_s=0.0, at=None)
    seen["bookmarks"] = everything.bookmarks if staff else []
    seen["documents"] = everything.documents if staff else []
    together = inside and state.spec.kind == Kind.COUNSELLING
    seen["next_steps"] = everything.next_steps if staff or together else []
    return seen


def _seats(state: CallState, everything: Sections, seat: SeatId) -> list[pushes.SeatView]:
    """Whose line is weak is for hosts, and for the person whose line it is."""
    if state.hosts(seat):
        return everything.seats
    own = next((view for view in everything.seats if view.seat == seat), None)
    if own is None or own in everything.seats_to_others:
        return everything.seats_to_others
    return [own if view.seat == seat else view for view in everything.seats_to_others]


def _outside(recording: pushes.RecordingView) -> pushes.RecordingView:
    return recording.model_copy(update={"seats": []})


def whole(state: CallState, seen: dict[str, Any], connection: Connection, now: datetime) -> pushes.State:
    """The `state` event for this connection, without its resume token, which only the runner knows."""
    place = state.place(connection.seat)
    chat = [chat_line(state, line) for line in state.talk.lines.values() if _inside(seen) and may_hear(place, line)]
    ice = ice_servers(state, connection.seat, now) if _inside(seen) else {"ice_servers": [], "ice_refresh_s": None}
    media = pushes.MediaView(kept=connection.kept, policy=state.spec.policy, **ice)
    speakers: list[str] = [*state.stage.speaking] if _inside(seen) else []
    return pushes.State(rev=connection.rev, now=now, resume=None, chat=chat, media=media, speakers=speakers, **seen)


def ice_servers(state: CallState, seat: SeatId, now: datetime) -> dict[str, Any]:
    """The relay of this seat, with credentials made now, in the protocol's fields."""
    made = state.ice_servers(seat, now)
    return {"ice_servers": list(made.servers), "ice_refresh_s": made.refresh_s}


def _inside(seen: dict[str, Any]) -> bool:
    return bool(seen["you"].presence == Presence.CONNECTED)


_DELTAS: dict[str, tuple[str, Callable[[int, Any], Message]]] = {
    "room": ("room.state", lambda rev, new: pushes.RoomState(rev=rev, room=new)),
    "you": ("you.state", lambda rev, new: pushes.YouState(rev=rev, you=new)),
    "recording": ("recording.state", lambda rev, new: pushes.RecordingState(rev=rev, recording=new)),
    "consent": ("consent.ask", lambda rev, new: pushes.ConsentAsk(rev=rev, consent=new)),
    "agenda": ("agenda.state", lambda rev, new: pushes.AgendaChanged(rev=rev, agenda=new)),
    "clock": ("clock.state", lambda rev, new: pushes.ClockChanged(rev=rev, clock=new)),
    "bookmarks": ("bookmark.state", lambda rev, new: pushes.BookmarksChanged(rev=rev, bookmarks=new)),
    "next_steps": ("next_step.state", lambda rev, new: pushes.NextStepsChanged(rev=rev, next_steps=new)),
    "documents": ("document.state", lambda rev, new: pushes.DocumentsChanged(rev=rev, documents=new)),
    "stage": ("stage.state", lambda rev, new: pushes.StageChanged(rev=rev, stage=new)),
    "shown": ("document.shown", lambda rev, new: pushes.DocumentShown(rev=rev, shown=new)),
}


def said_to(state: CallState, said: EngineSays) -> Iterator[Push]:
    """What the engine says, to the seat it concerns or to everybody in the room."""
    for seat, connection in state.connections.holders.items():
        if said.seat in (None, seat) and state.seating[seat].presence == Presence.CONNECTED:
            yield Push(connection.id, said.event, said.data)


def updates(
    state: CallState, everything: Sections, connection: Connection, said: Sequence[Line], now: datetime
) -> list[Push]:
    """The pushes that bring this connection up to date; `said` are chat lines that are new or marked otherwise."""
    before, seen = connection.seen, visible(state, everything, connection)
    connection.seen = seen
    if before is None or _inside(before) != _inside(seen):
        connection.rev += 1
        push = Push(connection.id, "state", whole(state, seen, connection, now), with_token=not connection.claiming)
        owed = _owed(state, connection) if connection.kept else []
        connection.kept = _inside(seen)
        return [push, *owed]
    place = state.place(connection.seat)
    lines = [chat_line(state, line) for line in said if _inside(seen) and may_hear(place, line)]
    return [_numbered(connection, event, make) for event, make in _changes(before, seen, lines)]


def _owed(state: CallState, connection: Connection) -> list[Push]:
    """What the engine said of the peer connections that still stand, and may have gone nowhere."""
    owed = state.connections.publishes(connection.seat).owed
    return [Push(connection.id, event, data) for event, data in owed.again()]


def _numbered(connection: Connection, event: str, make: Callable[[int], Message]) -> Push:
    connection.rev += 1
    return Push(connection.id, event, make(connection.rev))


def _changes(
    before: dict[str, Any], seen: dict[str, Any], lines: list[pushes.ChatLine]
) -> Iterator[tuple[str, Callable[[int], Message]]]:
    known = {view.seat: view for view in before["seats"]}
    for view in seen["seats"] if seen["seats"] is not before["seats"] else ():
        if known.get(view.seat) is not view and known.get(view.seat) != view:
            yield "seat.state", partial(_seat_state, view)
    for name, (event, make) in _DELTAS.items():
        if before[name] is not seen[name] and before[name] != seen[name]:
            yield event, partial(_of_section, make, seen[name])
    if before["lobby"] != seen["lobby"]:
        known_entries = {(entry.seat, entry.claim) for entry in before["lobby"]}
        arrived = [entry.seat for entry in seen["lobby"] if (entry.seat, entry.claim) not in known_entries]
        yield "lobby.wait", partial(_lobby_wait, seen["lobby"], arrived)
    for line in lines:
        yield "chat.said", partial(_chat_said, line)


def _seat_state(view: pushes.SeatView, rev: int) -> Message:
    return pushes.SeatState(rev=rev, seat=view)


def _of_section(make: Callable[[int, Any], Message], section: object, rev: int) -> Message:
    return make(rev, section)


def _lobby_wait(lobby: list[pushes.LobbyEntry], arrived: list[str], rev: int) -> Message:
    return pushes.LobbyWait(rev=rev, lobby=lobby, arrived=arrived)


def _chat_said(line: pushes.ChatLine, rev: int) -> Message:
    return pushes.ChatSaid(rev=rev, line=line)
