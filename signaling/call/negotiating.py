"""Media requests: what of them the call must know; the rest is the engine's. Nothing here is journalled."""

from datetime import datetime

from signaling.call.connections import Publishing
from signaling.call.decision import Decision
from signaling.call.effects import AnswerUp, ChangeMedia, RestartDown
from signaling.call.inputs import Request
from signaling.call.state import CallState
from signaling.errors import Code, ProtocolError, Refused
from signaling.media.port import PeerConnection, SeatId
from signaling.messages.requests import DownAnswer, DownRestart, DownWant, MediaReset, MediaStats, UpOffer, UpState

WEAK_LOSS_PERCENT = 5.0
WEAK_RTT_MS = 500.0
WEAK_CONCEALED_PERCENT = 10.0


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
        case DownAnswer():
            return Decision(effects=[ChangeMedia(request.conn, request.id, seat, request.data)])
        case MediaReset():
            return _reset(publishing, seat, request, request.data)
        case DownRestart():
            return Decision(effects=[RestartDown(request.conn, request.id, seat)])
        case MediaStats() as stats:
            return Decision(change=lambda: _note(publishing, stats))
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
        if data.pc == PeerConnection.UP:
            publishing.publish(())

    return Decision(effects=[ChangeMedia(request.conn, request.id, seat, data)], change=change)


def _note(publishing: Publishing, stats: MediaStats) -> None:
    loss = max(stats.up_loss_percent or 0.0, stats.down_loss_percent or 0.0)
    concealed = [track.concealed_percent for track in stats.tracks if track.concealed_percent is not None]
    breaks = bool(concealed) and min(concealed) > WEAK_CONCEALED_PERCENT  # every voice: it is not one speaker's line
    publishing.reported = stats
    publishing.weak = loss > WEAK_LOSS_PERCENT or (stats.rtt_ms or 0.0) > WEAK_RTT_MS or breaks
