"""How people's lines are, for Prometheus: of all rooms of a node together. No label ever tells a room or a person."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from signaling.media.port import Delivery, SeatLine, Sending, Source
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
    round_trips_s = [line.rtt_s for line in lines if line.rtt_s is not None]
    yield _quantiles("lines_rtt_seconds", "round trip from node to seat", round_trips_s)
    layers = GaugeMetricFamily("ieum_pictures", "pictures on their way to a seat, by layer", labels=["layer"])
    for layer, count in Counter(map(_layer, _pictures(lines))).items():
        layers.add_metric([layer], count)
    yield layers
    yield from _bitrates(lines)
    if lines:
        yield from _of_tracks(lines)


def _bitrates(lines: Sequence[SeatLine]) -> Iterator[Metric]:
    """Of all that comes and of all that goes, before headers, repair and repetition."""
    for name, meaning, rates in (
        ("lines_received_bits_per_second", "what all seats send", [s.bitrate_bps for at in lines for s in at.sendings]),
        ("lines_sent_bits_per_second", "what all seats get", [d.bitrate_bps for at in lines for d in at.deliveries]),
    ):
        if rates:
            yield _gauge(name, meaning, sum(rates))


def _of_tracks(lines: Sequence[SeatLine]) -> Iterator[Metric]:
    """By direction as the node sees it and by kind, of pictures by layer too: as few series for however many rooms."""
    tracks = [_coming(each) for line in lines for each in line.sendings]
    tracks += [_going(each) for line in lines for each in line.deliveries]
    rates: Counter[tuple[str, str, str]] = Counter()
    losses: dict[tuple[str, str], list[float]] = {}
    for track in tracks:
        rates[track.way, track.kind, track.layer] += track.bitrate_bps
        if track.loss is not None:
            losses.setdefault((track.way, track.kind), []).append(track.loss)
    gauge = GaugeMetricFamily("ieum_tracks_bits_per_second", "of all tracks", labels=["way", "kind", "layer"])
    for labels, rate in sorted(rates.items()):
        gauge.add_metric(labels, rate)
    yield gauge
    lost = GaugeMetricFamily("ieum_tracks_loss_ratio", "packets lost of a track", labels=["way", "kind", "quantile"])
    for way_and_kind, found in sorted(losses.items()):
        _add_quantiles(lost, way_and_kind, found)
    yield lost


class _Track(NamedTuple):
    """One track, without whose it is."""

    way: str
    kind: str
    layer: str
    bitrate_bps: int
    loss: float | None


def _coming(sending: Sending) -> _Track:
    is_sound = Source(sending.track.rpartition(".")[2]).kind == "audio"
    kind, layer = ("sound", "") if is_sound else ("picture", str(sending.layer))
    return _Track("received", kind, layer, sending.bitrate_bps, sending.loss)


def _going(delivery: Delivery) -> _Track:
    kind, layer = ("picture", _layer(delivery)) if delivery.is_picture else ("sound", "")
    return _Track("sent", kind, layer, delivery.bitrate_bps, delivery.loss)


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
        yield _quantiles("pictures_freezes_per_minute", "freezes of a picture that is seen", rates)
    concealed = [t.concealed_percent for report in reports for t in report.tracks if t.concealed_percent is not None]
    if concealed:
        ratio = statistics.fmean(concealed) / 100
        yield _gauge("sound_concealed_ratio", "share of sound that was made up for what did not come, mean", ratio)
        shares = [percent / 100 for percent in concealed]
        yield _quantiles("sounds_concealed_ratio", "share of a sound that was made up", shares)


def _loss(line: SeatLine) -> float | None:
    known = [line.up_loss, *(each.loss for each in line.deliveries)]
    return max((loss for loss in known if loss is not None), default=None)


def _pictures(lines: Iterable[SeatLine]) -> Iterator[Delivery]:
    return (each for line in lines for each in line.deliveries if each.is_picture)


def _layer(picture: Delivery) -> str:
    if picture.paused:
        return "paused"
    return "none" if picture.layer is None else str(picture.layer)


def _quantiles(name: str, meaning: str, figures: Sequence[float]) -> Metric:
    gauge = GaugeMetricFamily(f"ieum_{name}", meaning, labels=["quantile"])
    if figures:
        _add_quantiles(gauge, (), figures)
    return gauge


def _add_quantiles(gauge: GaugeMetricFamily, labels: Sequence[str], figures: Sequence[float]) -> None:
    """The middle one and one near the worst."""
    ordered = sorted(figures)
    for quantile in (0.5, WORST):
        gauge.add_metric([*labels, str(quantile)], ordered[min(len(ordered) - 1, int(quantile * len(ordered)))])


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"ieum_{name}", meaning, value=value)
