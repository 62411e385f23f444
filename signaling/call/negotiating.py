"""Media requests: what of them the call must know; the rest is the engine's. Nothing here is journalled."""

from datetime import datetime

from signaling.call.connections import Publishing
from signaling.call.decision import Decision
from signaling.call.effects import AnswerUp, ChangeMedia, ClientCounted, RestartDown
from signaling.call.inputs import Request
from signaling.call.line_hint import Reading
from signaling.call.state import CallState
from signaling.errors import Code, ProtocolError, Refused
from signaling.media.port import PeerConnection, SeatId, Source
from signaling.messages.requests import DownAnswer, DownRestart, DownWant, MediaReset, MediaStats, UpOffer, UpState

FINE_LOSS_PERCENT = 2.0  # a speaker who loses more may be why it breaks elsewhere


def negotiate(state: CallState, seat: SeatId, request: Request, now: datetime) -> Decision:
    """One media request of a seat in the room."""
    publishing = state.connections.publishes(seat)
    match request.data:
        case UpOffer():
            return _offer(publishing, seat, request, request.data)
        case UpState():
            return _mute(publishing, seat, request, request.data)
        case DownWant():
            return _want(state, seat, request, request.data)
        case DownAnswer(neg=neg) as answer:
            change = ChangeMedia(request.conn, request.id, seat, answer)
            return Decision(effects=[change], change=lambda: publishing.owed.answered(neg))
        case MediaReset():
            return _reset(publishing, seat, request, request.data)
        case DownRestart():
            return Decision(effects=[RestartDown(request.conn, request.id, seat)])
        case MediaStats() as stats:
            return Decision(effects=[ClientCounted(seat, stats)], change=lambda: _note(state, publishing, stats))
    raise ProtocolError(Code.UNKNOWN_EVENT)


def _offer(publishing: Publishing, seat: SeatId, request: Request, offer: UpOffer) -> Decision:
    sources = [track.source for track in offer.tracks]
    if len(set(sources)) != len(sources) or len({track.mid for track in offer.tracks}) != len(sources):
        raise ProtocolError(Code.MALFORMED, "tracks: one m-line per source")
    before = publishing.tracks
    return Decision(
        effects=[AnswerUp(request.conn, request.id, seat, offer, before)],
        change=lambda: publishing.publish(offer.tracks),
    )


def _mute(publishing: Publishing, seat: SeatId, request: Request, data: UpState) -> Decision:
    if data.mid not in {track.mid for track in publishing.tracks}:
        raise Refused(Code.UNKNOWN_TRACK)
    mute = publishing.muted.add if data.muted else publishing.muted.discard
    return Decision(
        effects=[ChangeMedia(request.conn, request.id, seat, data)],
        change=lambda: mute(data.mid),
    )


def _want(state: CallState, seat: SeatId, request: Request, data: DownWant) -> Decision:
    """A set older than the last is ignored: the engine is told the last one only."""
    connection = state.connections.open[request.conn]
    own = any(wanted.track.startswith(f"{seat}.") for wanted in data.tracks)
    if own:
        raise Refused(Code.UNKNOWN_TRACK, "one's own tracks are not sent back")
    effects = [ChangeMedia(request.conn, request.id, seat, data)] if data.rev >= connection.wanted_rev else []
    return Decision(
        effects=list(effects),
        change=lambda: setattr(connection, "wanted_rev", max(connection.wanted_rev, data.rev)),
    )


def _reset(publishing: Publishing, seat: SeatId, request: Request, data: MediaReset) -> Decision:
    def change() -> None:
        publishing.paths.pop(data.pc, None)
        publishing.owed.forget(data.pc)
        if data.pc == PeerConnection.UP:
            publishing.publish(())

    return Decision(effects=[ChangeMedia(request.conn, request.id, seat, data)], change=change)


def _note(state: CallState, publishing: Publishing, stats: MediaStats) -> None:
    heard_loss, concealed = _heard(state, stats)
    freezes = _freezes_per_minute(state, stats)
    publishing.line.read(stats, Reading(stats.up_loss_percent, heard_loss, concealed, stats.rtt_ms, freezes))


def _heard(state: CallState, stats: MediaStats) -> tuple[float | None, float | None]:
    """The least lost and the least made up of all tracks, but for those that were damaged on their way to us."""
    if not stats.tracks:
        return stats.down_loss_percent, None
    judged = [track for track in stats.tracks if _left_whole(state, track.track)]
    losses = [track.lost_percent for track in judged if track.lost_percent is not None]
    concealed = [track.concealed_percent for track in judged if track.concealed_percent is not None]
    return min(losses, default=None), min(concealed, default=None)


def _freezes_per_minute(state: CallState, stats: MediaStats) -> float | None:
    """Of the steadiest camera: one that stops alone does so for its sender's reasons."""
    freezes = [
        track.freezes
        for track in stats.tracks
        if track.freezes is not None and track.track.endswith(f".{Source.CAMERA}") and _left_steady(state, track.track)
    ]
    return 60 * min(freezes) / stats.seconds if freezes and stats.seconds else None


def _left_steady(state: CallState, track: str) -> bool:
    sender = _sender(state, track)
    return _left_whole(state, track) and not (sender is not None and sender.line.weak)


def _sender(state: CallState, track: str) -> Publishing | None:
    return state.connections.publishing.get(SeatId(track.rpartition(".")[0]))


def _left_whole(state: CallState, track: str) -> bool:
    speaker = _sender(state, track)
    said = speaker.line.reported if speaker is not None else None
    return said is None or (said.up_loss_percent or 0.0) <= FINE_LOSS_PERCENT
