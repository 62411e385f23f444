"""How each seat's line is, for whoever looks after rooms: from what the engine sees and what the client said. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from signaling.frames import CallFigures, ReceivedTrack, SeatFigures, SeatTracks, SentTrack
from signaling.media.port import CallId, Delivery, SeatId, SeatLine, Sending
from signaling.messages.requests import MediaStats, TrackStats

MAX_SEATS = 200  # in one frame
MAX_TRACKS = 2_000  # a room of twenty has some six hundred


def call_figures(call: CallId, lines: Iterable[SeatLine], reports: Mapping[SeatId, MediaStats]) -> CallFigures:
    """What is known of every seat of one call."""
    own = {line.seat: line for line in lines if line.call == call}
    seats = sorted(own.keys() | reports.keys())[:MAX_SEATS]
    return CallFigures(
        call=call,
        seats=[seat_figures(seat, own.get(seat), reports.get(seat)) for seat in seats],
        tracks=_within_limit([seat_tracks(own[seat], reports.get(seat)) for seat in seats if seat in own]),
    )


def seat_figures(seat: SeatId, line: SeatLine | None, report: MediaStats | None) -> SeatFigures:
    """What the engine measures goes before what a client says; what nobody knows is null."""
    deliveries = line.deliveries if line is not None else ()
    said = report or MediaStats()
    down_loss = max((each.loss for each in deliveries if each.loss is not None), default=None)
    return SeatFigures(
        seat=seat,
        rtt_ms=_ms(line.rtt_s) if line is not None and line.rtt_s is not None else said.rtt_ms,
        up_loss_percent=_percent(line.up_loss if line is not None else None, said.up_loss_percent),
        down_loss_percent=_percent(down_loss, said.down_loss_percent),
        up_bps=said.up_bps,
        down_bps=sum(each.bitrate_bps for each in deliveries) if deliveries else said.down_bps,
        layer=_lowest_layer(deliveries),
        paused=sum(each.paused for each in deliveries),
        freezes_per_minute=_freezes(said),
        concealed_percent=max(
            (t.concealed_percent for t in said.tracks if t.concealed_percent is not None), default=None
        ),
    )


def seat_tracks(line: SeatLine, report: MediaStats | None) -> SeatTracks:
    """What one seat sends and gets, track by track."""
    said = report or MediaStats()
    counted = {track.track: track for track in said.tracks}
    return SeatTracks(
        seat=line.seat,
        sends=[_sent(each) for each in line.sendings],
        receives=[_received(each, counted.get(each.track), said.seconds) for each in line.deliveries],
    )


def _sent(sending: Sending) -> SentTrack:
    return SentTrack(
        track=sending.track,
        layer=sending.layer,
        height=sending.height,
        bitrate_bps=sending.bitrate_bps,
        loss_percent=_percent(sending.loss, None),
    )


def _received(delivery: Delivery, counted: TrackStats | None, seconds: float | None) -> ReceivedTrack:
    frozen = counted.freezes if counted is not None else None
    return ReceivedTrack(
        track=delivery.track,
        layer=delivery.layer,
        paused=delivery.paused,
        height=counted.height if counted is not None else None,
        bitrate_bps=delivery.bitrate_bps,
        loss_percent=_percent(delivery.loss, None),
        freezes_per_minute=round(60 * frozen / seconds, 1) if frozen is not None and seconds else None,
        concealed_percent=counted.concealed_percent if counted is not None else None,
    )


def _within_limit(seats: Sequence[SeatTracks]) -> list[SeatTracks]:
    """As many whole seats as a frame has room for."""
    taken, kept = 0, []
    for each in seats:
        taken += len(each.sends) + len(each.receives)
        if taken > MAX_TRACKS:
            break
        kept.append(each)
    return kept


def _lowest_layer(deliveries: Sequence[Delivery]) -> int | None:
    return min((each.layer for each in deliveries if each.is_picture and each.layer is not None), default=None)


def _freezes(said: MediaStats) -> float | None:
    frozen = [track.freezes for track in said.tracks if track.freezes is not None]
    return round(60 * sum(frozen) / said.seconds, 1) if frozen and said.seconds else None


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _percent(share: float | None, said: float | None) -> float | None:
    return said if share is None else round(100 * share, 1)
