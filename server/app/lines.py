"""How people's lines are, for Prometheus: of all rooms of a node together. No label ever tells a room or a person."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from signaling.media.port import Delivery, SeatLine
from signaling.messages.requests import MediaStats

LOSSY = 0.05  # from this share on, a line is counted as one that loses
WORST = 0.95  # nearest rank: of up to twenty lines the slowest


class LineGauges(Collector):
    """What the engine sees of each seat's line (`lines`) and what clients said last of theirs (`reports`)."""

    def __init__(self, lines: Callable[[], Sequence[SeatLine]], reports: Callable[[], Iterable[MediaStats]]) -> None:
        self._lines = lines
        self._reports = reports

    def collect(self) -> Iterator[Metric]:
        """How they are now. A figure of nobody is left out rather than said to be nothing."""
        yield from _of_lines(self._lines())
        yield from _of_reports(list(self._reports()))


def _of_lines(lines: Sequence[SeatLine]) -> Iterator[Metric]:
    losses = [loss for line in lines if (loss := _loss(line)) is not None]
    if losses:
        lossy = sum(loss > LOSSY for loss in losses) / len(losses)
        yield _gauge(
            "lines_lossy_ratio", "share of seats that lose more than 5 % of packets, in either direction", lossy
        )
    yield _round_trips(sorted(line.rtt_s for line in lines if line.rtt_s is not None))
    layers = GaugeMetricFamily("ieum_pictures", "pictures on their way to a seat, by layer", labels=["layer"])
    for layer, count in Counter(map(_layer, _pictures(lines))).items():
        layers.add_metric([layer], count)
    yield layers
    yield from _bitrates(lines)


def _bitrates(lines: Sequence[SeatLine]) -> Iterator[Metric]:
    """Of all that comes and of all that goes, before headers, repair and repetition."""
    for name, meaning, rates in (
        ("lines_received_bits_per_second", "what all seats send", [s.bitrate_bps for at in lines for s in at.sendings]),
        ("lines_sent_bits_per_second", "what all seats get", [d.bitrate_bps for at in lines for d in at.deliveries]),
    ):
        if rates:
            yield _gauge(name, meaning, sum(rates))


def _of_reports(reports: Sequence[MediaStats]) -> Iterator[Metric]:
    rates = [
        60 * track.freezes / report.seconds
        for report in reports
        for track in report.tracks
        if track.freezes is not None and report.seconds
    ]
    if rates:
        yield _gauge(
            "picture_freezes_per_minute", "freezes of a picture, mean of all that are seen", statistics.fmean(rates)
        )
    concealed = [t.concealed_percent for report in reports for t in report.tracks if t.concealed_percent is not None]
    if concealed:
        ratio = statistics.fmean(concealed) / 100
        yield _gauge("sound_concealed_ratio", "share of sound that was made up for what did not come, mean", ratio)


def _loss(line: SeatLine) -> float | None:
    known = [line.up_loss, *(each.loss for each in line.deliveries)]
    return max((loss for loss in known if loss is not None), default=None)


def _pictures(lines: Iterable[SeatLine]) -> Iterator[Delivery]:
    return (each for line in lines for each in line.deliveries if each.is_picture)


def _layer(picture: Delivery) -> str:
    if picture.paused:
        return "paused"
    return "none" if picture.layer is None else str(picture.layer)


def _round_trips(sorted_s: Sequence[float]) -> Metric:
    gauge = GaugeMetricFamily("ieum_lines_rtt_seconds", "round trip from node to seat", labels=["quantile"])
    for quantile in (0.5, WORST) if sorted_s else ():
        gauge.add_metric([str(quantile)], sorted_s[min(len(sorted_s) - 1, int(quantile * len(sorted_s)))])
    return gauge


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"ieum_{name}", meaning, value=value)
