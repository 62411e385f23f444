"""The node process, put together: engine, recorders, calls, the link it listens on, and its announcements."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from recordings.recorder import SpoolRecorders
from recordings.track_spool import SpoolSettings
from server.app.announcing import Announcement, keep_announcing
from server.app.engines import engine_of, media_policy
from server.app.garbage import collect_when_quiet
from server.app.installation import file_store, new_secret, now, secrets_of, turn_service
from server.app.lines import LineGauges
from server.app.measuring import Meter
from server.app.metrics import Gauges, LoopLag, TrafficCounters, private_application
from server.app.sample_guests import sample_player
from server.app.seats import seats_handler
from server.app.sites import link_trust, private_site, tcp_site, tls_context, unix_site
from server.app.tasks import running
from server.config import Settings
from server.preparation import CannotStart
from signaling.link import link_application
from signaling.media.ice_servers import no_ice_servers
from signaling.media.port import MediaEngine
from signaling.media.sfu.settings import MediaPolicy
from signaling.node import Node, NodeSettings
from signaling.runner.ports import Ports

MB = 1_000_000
RIDS = ("q", "h", "f")  # names of simulcast layers: a quarter, half, all of the height


@asynccontextmanager
async def node(settings: Settings) -> AsyncIterator[None]:
    """Carry calls until the block ends. Raises CannotStart."""
    shared, lag = secrets_of(settings), LoopLag()
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(engine_of(settings))
        recorders = SpoolRecorders(spool_settings(settings), file_store(settings), engine.request_key_frame)
        await stack.enter_async_context(recorders)
        turn = turn_service(settings)
        ice_servers = turn.ice_servers if turn else no_ice_servers
        spool = spool_settings(settings)
        meter = Meter(engine, spool.directory, spool.refuse_below_bytes)
        ports = Ports(engine, recorders, now, new_secret, sample_player(settings), ice_servers, meter.takes)
        journals = settings.data_dir / "journals" / settings.node_name
        carrier = Node(NodeSettings(settings.node_name, journals, client_policy(media_policy(settings))), ports)
        stack.push_async_callback(carrier.close)
        await carrier.start()
        link = link_application(carrier, settings.node_name, shared.link, engine.probe())
        await stack.enter_async_context(_link(settings, link))

        leaving = asyncio.Event()

        def said() -> Announcement:
            return announcement(settings, carrier, engine, meter, leaving=leaving.is_set())

        lines = LineGauges(engine.lines, lambda: carrier.reports.values())
        gauges = Gauges(
            lambda: {**figures(engine, carrier, meter), **written(recorders), "node_loop_lag_seconds": lag.lag_s}
        )
        private = private_application(gauges, TrafficCounters(lambda: engine.traffic), lines)
        private.router.add_get("/seats", seats_handler(engine.lines, lambda: carrier.reports))
        await stack.enter_async_context(private_site(settings, private))
        await stack.enter_async_context(
            running(
                keep_announcing(settings.web_urls, shared.link, link_trust(settings), said, leaving),
                lag.watch(),
                meter.watch(),
                collect_when_quiet(engine),
            )
        )
        yield
        leaving.set()
        with suppress(TimeoutError):  # rooms that nobody took in time come back through a successor
            await asyncio.wait_for(carrier.emptied(), settings.drain_within_s)


def figures(engine: MediaEngine, carrier: Node, meter: Meter) -> Mapping[str, float]:
    """How full it is, for metrics."""
    load = engine.load()
    packets = {} if load.packets_per_s is None else {"node_packets_per_second": load.packets_per_s}
    return {
        "node_calls": load.calls,
        "node_seats": load.seats,
        **packets,
        "node_healthy": float(carrier.healthy),
        "node_fullness_ratio": meter.fullness,
        "node_processor_ratio": meter.load.processor,
        "node_takes_rooms": float(meter.takes_rooms),
        "node_pictures_give_way": load.gives_way,
    }


def written(recorders: SpoolRecorders) -> Mapping[str, float]:
    """How its spool keeps up, for metrics."""
    told = recorders.figures
    return {"spool_dropped_packets": told.dropped_packets, "spool_slow_writes": told.slow_writes}


def announcement(
    settings: Settings, carrier: Node, engine: MediaEngine, meter: Meter, *, leaving: bool
) -> Announcement:
    """What it says of itself to webs."""
    load = meter.load
    return Announcement(
        name=settings.node_name,
        link_url=link_url(settings),
        calls=len(carrier.calls),
        seats=engine.load().seats,
        seat_capacity=settings.node_seats,
        engine=settings.engine,
        fullness=meter.fullness,
        processor=load.processor,
        packets_per_s=load.packets_per_s,
        packet_limit=load.packet_limit,
        late_s=load.late_s,
        free_bytes=load.free_bytes,
        takes_rooms=meter.takes_rooms,
        leaving=leaving,
    )


def client_policy(policy: MediaPolicy) -> Mapping[str, Any]:
    """The same as clients are told, so that they and our feedback to them agree."""
    layers = policy.camera.layers(policy.camera_layers)
    return {
        "codec": "VP8",
        "camera_layers": [
            {
                "rid": rid,
                "max_bitrate_bps": layer.max_bitrate_bps,
                "scale_down_by": policy.camera.max_height // layer.max_height,
            }
            for rid, layer in zip(RIDS[-len(layers) :], layers, strict=True)
        ],
        "camera_max_bitrate_bps": policy.camera.max_bitrate_bps,
        "camera_max_height_px": policy.camera.max_height,
        "screen_max_bitrate_bps": policy.screen.max_bitrate_bps,
    }


def spool_settings(settings: Settings) -> SpoolSettings:
    """Where and how this node spools."""
    return SpoolSettings(
        settings.data_dir / "spool" / settings.node_name,
        refuse_below_bytes=settings.spool_refuse_below_mb * MB,
        stop_below_bytes=settings.spool_stop_below_mb * MB,
    )


def link_url(settings: Settings) -> str:
    """Where webs reach this node."""
    return settings.link_url or f"unix:{_socket(settings)}"


def _socket(settings: Settings) -> Path:
    return settings.data_dir.resolve() / "run" / f"{settings.node_name}.sock"


@asynccontextmanager
async def _link(settings: Settings, app: web.Application) -> AsyncIterator[None]:
    if not settings.link_url:
        async with unix_site(app, _socket(settings)):
            yield
        return
    address, tls = urlsplit(settings.link_url), tls_context(settings)
    if address.scheme != "https" or not address.hostname:
        raise CannotStart("IEUM_LINK_URL must be https://host:port; or leave it empty for a node beside its web.")
    if tls is None:
        raise CannotStart("a link over https needs the node's certificate: set IEUM_TLS_CERTIFICATE and IEUM_TLS_KEY.")
    async with tcp_site(app, address.hostname, address.port or 443, tls):
        yield
