"""The sections of the state that more than one seat may see, as somebody who may see everything sees them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from signaling.call.connections import Publishing
from signaling.call.recording import recording_id
from signaling.call.seating import waiting
from signaling.call.spec import SeatSpec
from signaling.call.state import CallState
from signaling.call.talk import Line
from signaling.media.port import SeatId, track_id
from signaling.messages import pushes
from signaling.messages.requests import UpTrack
from signaling.messages.shapes import AgendaState, ConsentItem, Hint, Role


@dataclass(frozen=True)
class Sections:
    """The sections that more than one seat may see, built once per change."""

    room: pushes.RoomView
    seats: list[pushes.SeatView]  # as hosts see them
    seats_to_others: list[pushes.SeatView]  # without a word on weak lines: nobody but a host can do anything about them
    lobby: list[pushes.LobbyEntry]
    recording: pushes.RecordingView
    agenda: list[pushes.AgendaEntry]
    clock: pushes.ClockView
    bookmarks: list[pushes.BookmarkView]
    next_steps: list[pushes.NextStepView]
    documents: list[pushes.DocumentView]
    shown: pushes.ShownView | None
    stage: pushes.StageView

    def or_same(self, before: "Sections | None") -> "Sections":
        """The same, made of the objects of `before` wherever they are equal, so that comparing is cheap after."""
        if before is None:
            return self
        kept = {name: _either(getattr(before, name), getattr(self, name)) for name in _NAMES}
        same = all(kept[name] is getattr(before, name) for name in _NAMES)
        return before if same else Sections(**kept)


_NAMES = tuple(field.name for field in fields(Sections))


def _either(before: Any, now: Any) -> Any:
    return before if before == now else now


def sections(state: CallState) -> Sections:
    """All of it, as somebody who may see everything would."""
    seats = [_seat(state, place) for place in state.spec.seats if state.seating[place.seat].was_admitted]
    return Sections(
        room=_room(state),
        seats=seats,
        seats_to_others=[_without_weakness(seat) for seat in seats],
        lobby=_lobby(state),
        recording=_recording(state),
        agenda=_agenda(state),
        clock=_clock(state),
        bookmarks=[
            pushes.BookmarkView(id=b.id, by=b.by, text=b.text, at=b.at) for b in state.conduct.bookmarks.values()
        ],
        next_steps=[
            pushes.NextStepView(id=n.id, by=n.by, text=n.text, due=n.due) for n in state.conduct.next_steps.values()
        ],
        documents=[pushes.DocumentView(id=d.id, title=d.title, pages=d.pages) for d in state.spec.documents],
        shown=_shown(state),
        stage=pushes.StageView(narrow=list(state.stage.narrow), wide=list(state.stage.wide)),
    )


def _room(state: CallState) -> pushes.RoomView:
    spec = state.spec
    return pushes.RoomView(
        call=spec.call,
        appointment=spec.appointment,
        kind=spec.kind,
        title=spec.title,
        starts_at=spec.starts_at,
        ends_at=spec.ends_at,
        next_starts_at=spec.next_starts_at,
        phase=state.seating.phase,
        locked=state.seating.locked,
        hosts=list(state.seating.hosts),
        centre_name=spec.centre.name,
        centre_phone=spec.centre.phone,
    )


def _seat(state: CallState, place: SeatSpec) -> pushes.SeatView:
    seat, publishing = state.seating[place.seat], state.connections.publishes(place.seat)
    return pushes.SeatView(
        seat=place.seat,
        name=place.name,
        role=place.role,
        staff=place.staff,
        presence=seat.presence,
        hand_raised_at=state.talk.hands.get(place.seat),
        interprets=seat.interprets,
        tracks=[
            _track(place.seat, publishing, track) for track in publishing.tracks if state.seating.in_room(place.seat)
        ],
        hint=publishing.hint,
    )


def _without_weakness(seat: pushes.SeatView) -> pushes.SeatView:
    return seat.model_copy(update={"hint": Hint.GOOD}) if seat.hint == Hint.WEAK else seat


def _track(seat: SeatId, publishing: Publishing, track: UpTrack) -> pushes.TrackView:
    muted = track.mid in publishing.muted
    stalled = track.source in publishing.stalled and not muted
    return pushes.TrackView(track=track_id(seat, track.source), source=track.source, muted=muted, stalled=stalled)


def _lobby(state: CallState) -> list[pushes.LobbyEntry]:
    entries = [
        _lobby_entry(
            state, seat, state.seating[seat].since or state.spec.starts_at, online=state.is_here(seat), claim=False
        )
        for seat in waiting(state.spec, state.seating)
    ]
    claims = state.connections.claims.values()
    return entries + [_lobby_entry(state, claim.seat, claim.since, online=True, claim=True) for claim in claims]


def _lobby_entry(state: CallState, seat: SeatId, since: datetime, online: bool, claim: bool) -> pushes.LobbyEntry:
    place = state.place(seat)
    return pushes.LobbyEntry(seat=seat, name=place.name, role=place.role, since=since, online=online, claim=claim)


def _recording(state: CallState) -> pushes.RecordingView:
    spec, status = state.spec, state.recording.status(state.spec)
    permitted = recording_id(spec) is not None
    return pushes.RecordingView(
        status=status,
        since=state.recording.since,
        seats=[
            pushes.RecordedSeat(
                seat=place.seat,
                sound=permitted and state.consents.granted(spec, place.seat, ConsentItem.SOUND),
                picture=permitted and state.consents.granted(spec, place.seat, ConsentItem.PICTURE),
            )
            for place in spec.seats
            if state.seating.in_room(place.seat) and place.role != Role.OBSERVER
        ],
    )


def _agenda(state: CallState) -> list[pushes.AgendaEntry]:
    marks = state.conduct.marks
    return [
        pushes.AgendaEntry(
            id=item.id,
            text=item.text,
            minutes=item.minutes,
            state=marks[item.id].state if item.id in marks else AgendaState.PENDING,
            at=marks[item.id].at if item.id in marks else None,
            by=marks[item.id].by if item.id in marks else None,
        )
        for item in state.spec.agenda
    ]


def _clock(state: CallState) -> pushes.ClockView:
    clock = state.conduct.clock
    if clock is None:
        return pushes.ClockView(running=False, elapsed_s=0.0, at=None)
    return pushes.ClockView(running=clock.running, elapsed_s=clock.elapsed_s, at=clock.at)


def _shown(state: CallState) -> pushes.ShownView | None:
    shown = state.conduct.shown
    document = next((d for d in state.spec.documents if shown and d.id == shown.document), None)
    if shown is None or document is None:
        return None
    return pushes.ShownView(
        document=document.id, title=document.title, pages=document.pages, page=shown.page, by=shown.by
    )


def chat_line(state: CallState, line: Line) -> pushes.ChatLine:
    """One line as it is shown."""
    name = state.place(line.seat).name
    return pushes.ChatLine(
        id=line.id, seat=line.seat, name=name, to=line.to, text=line.text, at=line.at, marked=line.marked
    )
