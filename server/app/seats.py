"""Every seat that is connected to a node, track by track, on its private site: which one it is that the figures mean.

Identifiers only; no name is known here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from signaling.media.port import CallId, Delivery, SeatId, SeatLine, Sending
from signaling.messages.requests import MediaStats, TrackStats

Reports = Mapping[tuple[CallId, SeatId], MediaStats]


def seats_handler(lines: Callable[[], Sequence[SeatLine]], reports: Callable[[], Reports]) -> Handler:
    """`GET /seats`: what the engine sees now, and what each browser counted last."""

    async def seats(_request: web.Request) -> web.Response:
        return web.json_response(seats_of(lines(), reports()))

    return seats


def seats_of(lines: Sequence[SeatLine], reports: Reports) -> list[dict[str, Any]]:
    """One object for each seat; what nobody knows is null."""
    return [_seat(line, reports.get((line.call, line.seat)) or MediaStats()) for line in lines]


def _seat(line: SeatLine, said: MediaStats) -> dict[str, Any]:
    counted = {track.track: track for track in said.tracks}
    return {
        "call": line.call,
        "seat": line.seat,
        "rtt_ms": said.rtt_ms if line.rtt_s is None else round(1000 * line.rtt_s, 1),
        "up_loss_percent": _percent(line.up_loss),
        "counted_seconds": said.seconds,
        "sends": [_sends(each) for each in line.sendings],
        "receives": [_receives(each, counted.get(each.track)) for each in line.deliveries],
    }


def _sends(sending: Sending) -> dict[str, Any]:
    return {
        "track": sending.track,
        "layer": sending.layer,
        "height": sending.height,
        "bitrate_bps": sending.bitrate_bps,
        "loss_percent": _percent(sending.loss),
    }


def _receives(delivery: Delivery, counted: TrackStats | None) -> dict[str, Any]:
    return {
        "track": delivery.track,
        "layer": delivery.layer,
        "paused": delivery.paused,
        "bitrate_bps": delivery.bitrate_bps,
        "loss_percent": _percent(delivery.loss),
        "freezes": counted and counted.freezes,
        "concealed_percent": counted and counted.concealed_percent,
        "frames_per_s": counted and counted.frames_per_s,
        "height": counted and counted.height,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)
