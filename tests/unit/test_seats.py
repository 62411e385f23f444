"""What a node's private site says of each seat."""

from server.app.seats import seats_of
from signaling.media.port import CallId, Delivery, SeatId, SeatLine, Sending, Source, track_id
from signaling.messages.requests import MediaStats, TrackStats

CALL, ANNA, BEN = CallId("call1"), SeatId("anna"), SeatId("ben")
CAMERA, VOICE = track_id(BEN, Source.CAMERA), track_id(BEN, Source.MIC)


def test_each_track_is_told_from_both_sides() -> None:
    own = Sending(track_id(ANNA, Source.CAMERA), 1, 360, 480_000, 0.021)
    deliveries = (
        Delivery(CAMERA, 0, False, 150_000, 0.1, is_picture=True),
        Delivery(VOICE, 0, False, 40_000, None, is_picture=False),
    )
    line = SeatLine(CALL, ANNA, 0.0312, 0.021, deliveries, (own,))
    said = MediaStats(
        rtt_ms=99,
        seconds=4.0,
        tracks=[
            TrackStats(track=CAMERA, freezes=2, height=180, frames_per_s=20),
            TrackStats(track=VOICE, concealed_percent=1.5),
        ],
    )
    (seat,) = seats_of([line], {(CALL, ANNA): said})
    assert (seat["call"], seat["seat"], seat["rtt_ms"], seat["up_loss_percent"]) == ("call1", "anna", 31.2, 2.1)
    assert seat["counted_seconds"] == 4.0
    assert seat["sends"] == [
        {"track": own.track, "layer": 1, "height": 360, "bitrate_bps": 480_000, "loss_percent": 2.1}
    ]
    picture, voice = seat["receives"]
    assert (picture["track"], picture["layer"], picture["loss_percent"]) == (CAMERA, 0, 10.0)
    assert (picture["freezes"], picture["height"], picture["frames_per_s"]) == (2, 180, 20)
    assert (voice["concealed_percent"], voice["loss_percent"], voice["freezes"]) == (1.5, None, None)


def test_of_a_seat_that_has_said_nothing_yet_only_the_engine_speaks() -> None:
    line = SeatLine(CALL, ANNA, None, None, (Delivery(CAMERA, None, True, 0, None, is_picture=True),))
    (seat,) = seats_of([line], {})
    assert (seat["rtt_ms"], seat["counted_seconds"], seat["sends"]) == (None, None, [])
    assert seat["receives"][0]["paused"]
    assert seat["receives"][0]["freezes"] is None
