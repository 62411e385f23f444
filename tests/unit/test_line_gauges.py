"""What a node says of people's lines to Prometheus: figures of all of them together."""

from collections.abc import Sequence

from server.app.lines import LineGauges
from signaling.media.port import CallId, Delivery, SeatId, SeatLine, Sending, Source, track_id
from signaling.messages.requests import MediaStats, TrackStats

ANNA = SeatId("anna")


def figures(lines: Sequence[SeatLine] = (), reports: Sequence[MediaStats] = ()) -> dict[tuple[str, ...], float]:
    """Name and label values -> value."""
    found = LineGauges(lambda: lines, lambda: reports).collect()
    return {(each.name, *each.labels.values()): each.value for family in found for each in family.samples}


def line(rtt_s: float | None = None, up_loss: float | None = None, deliveries: tuple[Delivery, ...] = ()) -> SeatLine:
    return SeatLine(CallId("call1"), ANNA, rtt_s, up_loss, deliveries)


def delivery(source: Source, *, layer: int | None = 0, loss: float | None = None, paused: bool = False) -> Delivery:
    return Delivery(track_id(ANNA, source), layer, paused, 0, loss, source.kind == "video")


def test_of_an_empty_node_nothing_is_said() -> None:
    assert figures() == {}
    assert figures([line()]) == {}


def test_a_line_that_loses_in_either_direction_is_counted_once() -> None:
    lossy = [line(up_loss=0.2), line(up_loss=0.0, deliveries=(delivery(Source.MIC, loss=0.06),) * 2)]
    fine = [line(up_loss=0.05), line(deliveries=(delivery(Source.MIC, loss=0.0),)), line(rtt_s=0.1)]
    assert figures([*lossy, *fine])["ieum_lines_lossy_ratio",] == 0.5, "of the four that anything is known of"


def test_round_trips_are_told_in_the_middle_and_near_the_worst() -> None:
    told = figures([line(rtt_s=number / 100) for number in range(1, 101)])
    assert told["ieum_lines_rtt_seconds", "0.5"] == 0.51
    assert told["ieum_lines_rtt_seconds", "0.95"] == 0.96


def test_pictures_are_counted_by_layer_and_sounds_are_not() -> None:
    pictures = (delivery(Source.CAMERA, layer=2), delivery(Source.SCREEN), delivery(Source.CAMERA, layer=None))
    kept_back = delivery(Source.CAMERA, layer=None, paused=True)
    told = figures([line(deliveries=(*pictures, delivery(Source.MIC))), line(deliveries=(pictures[0], kept_back))])
    layers = {key[1]: value for key, value in told.items() if key[0] == "ieum_pictures"}
    assert layers == {"2": 2, "0": 1, "none": 1, "paused": 1}


def test_tracks_are_told_by_direction_kind_and_layer_and_never_by_seat() -> None:
    sendings = (
        Sending(track_id(ANNA, Source.CAMERA), 2, 720, 900_000, 0.1),
        Sending(track_id(ANNA, Source.MIC), 0, 0, 30_000, None),
    )
    lines = [SeatLine(CallId("call1"), ANNA, None, 0.1, (delivery(Source.MIC, loss=0.02),), sendings)] * 3
    told = figures(lines)
    rates = {key[1:]: value for key, value in told.items() if key[0] == "ieum_tracks_bits_per_second"}
    assert rates == {
        ("received", "picture", "2"): 2_700_000,
        ("received", "sound", ""): 90_000,
        ("sent", "sound", ""): 0,
    }
    losses = {key[1:]: value for key, value in told.items() if key[0] == "ieum_tracks_loss_ratio"}
    assert losses == {
        (way, kind, quantile): loss
        for quantile in ("0.5", "0.95")
        for way, kind, loss in (("received", "picture", 0.1), ("sent", "sound", 0.02))
    }


def test_however_many_rooms_there_are_the_series_are_as_few() -> None:
    def of(seats: int) -> set[tuple[str, ...]]:
        lines = []
        for number in range(seats):
            seat = SeatId(f"seat{number}")
            sending = Sending(track_id(seat, Source.CAMERA), number % 3, 180, 1, 0.0)
            pictures = tuple(delivery(Source.CAMERA, layer=layer, loss=0.1) for layer in (0, 1, 2, None))
            lines.append(SeatLine(CallId(f"call{number}"), seat, 0.1, 0.1, pictures, (sending,)))
        reports = [MediaStats(seconds=4, tracks=[TrackStats(track="s.mic", concealed_percent=1, freezes=1)])] * seats
        return set(figures(lines, reports))

    assert of(3) == of(300)
    assert len(of(300)) < 40


def test_freezes_and_made_up_sound_are_means_of_what_clients_said() -> None:
    camera, mic = track_id(ANNA, Source.CAMERA), track_id(ANNA, Source.MIC)
    reports = [
        MediaStats(
            seconds=4, tracks=[TrackStats(track=camera, freezes=1), TrackStats(track=mic, concealed_percent=10)]
        ),
        MediaStats(seconds=2, tracks=[TrackStats(track=camera, freezes=0), TrackStats(track=mic, concealed_percent=0)]),
        MediaStats(tracks=[TrackStats(track=camera, freezes=9)]),
        MediaStats(rtt_ms=30),
    ]
    told = figures(reports=reports)
    assert told["ieum_picture_freezes_per_minute",] == 7.5
    assert told["ieum_sound_concealed_ratio",] == 0.05
    assert told["ieum_pictures_freezes_per_minute", "0.95"] == 15
    assert told["ieum_sounds_concealed_ratio", "0.95"] == 0.1
