"""Figures for Prometheus, read when they are asked for, on the private site of each process."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric

from server.observability import render_metrics

Figures = Callable[[], Mapping[str, float]]
LAG_EVERY_S = 0.5


class Gauges:
    """Several figures under our name, as one collector. Names are `snake_case` with their unit."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """What the figures are now."""
        for name, value in self._figures().items():
            yield GaugeMetricFamily(f"ieum_{name}", name.replace("_", " "), value=value)


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


def private_application(sources: Iterable[Figures]) -> web.Application:
    """The private site: `/metrics`. Others add what is theirs."""
    registry = CollectorRegistry()
    for figures in sources:
        registry.register(Gauges(figures))

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=render_metrics(registry), content_type="text/plain", charset="utf-8")

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    return app
