"""Figures for Prometheus, read when they are asked for, on the private site of each process."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.observability import render_metrics
from signaling.media.port import Traffic

Figures = Callable[[], Mapping[str, float]]
LAG_EVERY_S = 0.5


class Gauges(Collector):
    """Several figures under our name, as one collector. Names are `snake_case` with their unit."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """What the figures are now."""
        for name, value in self._figures().items():
            yield GaugeMetricFamily(f"ieum_{name}", name.replace("_", " "), value=value)


class TrafficCounters(Collector):
    """What passed through a node's media engine, as counters: `ieum_media_…_total`, drops by `reason`."""

    def __init__(self, traffic: Callable[[], Traffic]) -> None:
        self._traffic = traffic

    def collect(self) -> Iterator[Metric]:
        """What the counts are now."""
        traffic = self._traffic()
        drops = CounterMetricFamily("ieum_media_drops", "what was dropped, by reason", labels=["reason"])
        for reason, count in traffic.drops.items():
            drops.add_metric([reason], count)
        yield drops
        for name in (field.name for field in fields(traffic) if field.name != "drops"):
            yield CounterMetricFamily(f"ieum_media_{name}", name.replace("_", " "), value=getattr(traffic, name))


class LoopLag:
    """How late the event loop was in the last half second: what blocks it is heard in every room."""

    def __init__(self) -> None:
        self.lag_s = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self.lag_s = max(0.0, loop.time() - due)


def private_application(*sources: Collector) -> web.Application:
    """The private site: `/metrics`. Others add what is theirs."""
    registry = CollectorRegistry()
    for source in sources:
        registry.register(source)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=render_metrics(registry), content_type="text/plain", charset="utf-8")

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    return app
