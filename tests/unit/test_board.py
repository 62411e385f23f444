"""What the live board finds wrong with rooms, lines and nodes, and that troubles come first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.board import (
    HEARD_WITHIN,
    WAITS_LONG,
    NodeTrouble,
    Place,
    RoomTrouble,
    is_weak,
    node_troubles,
    room_troubles,
    urgency,
)
from server.domain.nodes import Node
from signaling.figures import MAX_TRACKS, call_figures, seat_figures
from signaling.frames import MAX_LINK_FRAME_BYTES, SeatFigures, SentTrack, encode
from signaling.media.port import CallId, Delivery, SeatId, SeatLine, Sending, TrackId
from signaling.messages.requests import MediaStats, TrackStats

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NODE = Node(name="n", link_url="n", version=1, calls=0, seats=0, seat_capacity=100, seen_at=NOW, free_bytes=10**10)
HERE = Place(waits_since=None, is_cut_off=False, is_weak=False)
LOW_DISK = 10**9


def troubles(
    *places: Place, node: Node | None = NODE, host_came: bool = True, late: timedelta = timedelta()
) -> list[RoomTrouble]:
    return room_troubles(node=node, places=places, starts_at=NOW - late, host_came=host_came, now=NOW)


def test_a_room_in_which_all_is_well_has_no_trouble() -> None:
    assert troubles(HERE, HERE) == []


def test_each_trouble_is_found_where_it_begins_and_not_before() -> None:
    second = timedelta(seconds=1)
    assert troubles(replace(HERE, waits_since=NOW - WAITS_LONG + second)) == []
    assert troubles(replace(HERE, waits_since=NOW - WAITS_LONG)) == [RoomTrouble.WAITS_LONG]
    assert troubles(HERE, host_came=False, late=timedelta(minutes=5) - second) == []
    assert troubles(HERE, host_came=False, late=timedelta(minutes=5)) == [RoomTrouble.HOST_LATE]
    assert troubles(HERE, node=None) == [RoomTrouble.NO_NODE]
    assert troubles(HERE, node=replace(NODE, seen_at=NOW - HEARD_WITHIN - second)) == [RoomTrouble.NODE_SILENT]
    assert troubles(replace(HERE, is_cut_off=True), replace(HERE, is_weak=True)) == [
        RoomTrouble.CUT_OFF,
        RoomTrouble.WEAK_LINE,
    ]


def test_a_node_in_trouble_says_which() -> None:
    assert node_troubles(NODE, 0, NOW, LOW_DISK) == []
    assert node_troubles(replace(NODE, takes_rooms=False), 0, NOW, LOW_DISK) == [NodeTrouble.FULL]
    assert node_troubles(replace(NODE, free_bytes=1, late_s=0.2), 0, NOW, LOW_DISK) == [
        NodeTrouble.DISK,
        NodeTrouble.LATE,
    ]
    silent = replace(NODE, seen_at=NOW - timedelta(minutes=1), takes_rooms=False)
    assert node_troubles(silent, 0, NOW, LOW_DISK) == [NodeTrouble.SILENT], "what it said before is old"


def test_a_node_is_full_when_no_room_fits_under_its_ceiling_of_seats() -> None:
    assert node_troubles(NODE, 98, NOW, LOW_DISK) == []
    assert node_troubles(NODE, 99, NOW, LOW_DISK) == [NodeTrouble.FULL]
    assert node_troubles(replace(NODE, seats=99), 0, NOW, LOW_DISK) == [NodeTrouble.FULL], "more came than was planned"


def test_a_drained_node_is_in_no_trouble() -> None:
    assert node_troubles(replace(NODE, drained_at=NOW), 0, NOW, LOW_DISK) == []


@given(st.lists(st.lists(st.sampled_from(list(RoomTrouble)), max_size=3)))
def test_troubles_come_first_and_the_most_urgent_of_them_at_the_top(rooms: list[list[RoomTrouble]]) -> None:
    ordered = sorted(rooms, key=urgency)
    without = [not room for room in ordered]
    assert without == sorted(without)
    if any(RoomTrouble.NO_NODE in room for room in rooms):
        assert RoomTrouble.NO_NODE in ordered[0]


def delivery(**changes: object) -> Delivery:
    base = Delivery(TrackId("k.camera"), 2, False, 900_000, 0.01, True)
    return replace(base, **changes)  # type: ignore[arg-type]  # fields by name


def test_what_the_engine_measures_goes_before_what_a_client_says() -> None:
    line = SeatLine(CallId("c"), SeatId("s"), 0.0312, 0.07, (delivery(), delivery(layer=0, paused=True, loss=0.2)))
    said = MediaStats(rtt_ms=400.0, up_loss_percent=0.0, up_bps=1_000, seconds=30.0)
    told = seat_figures(SeatId("s"), line, said)
    assert (told.rtt_ms, told.up_loss_percent, told.down_loss_percent) == (31.2, 7.0, 20.0)
    assert (told.up_bps, told.down_bps, told.layer, told.paused) == (1_000, 1_800_000, 0, 1)


def test_without_an_engine_that_looks_the_client_is_believed() -> None:
    tracks = [TrackStats(track="k.mic", concealed_percent=7.5), TrackStats(track="k.camera", freezes=2)]
    told = seat_figures(SeatId("s"), None, MediaStats(rtt_ms=80.0, down_bps=5, seconds=30.0, tracks=tracks))
    assert (told.rtt_ms, told.down_bps, told.concealed_percent, told.freezes_per_minute) == (80.0, 5, 7.5, 4.0)
    assert is_weak(told)


def test_nothing_known_is_nothing_said_and_no_weak_line() -> None:
    told = seat_figures(SeatId("s"), None, None)
    assert told == SeatFigures(seat="s")
    assert not is_weak(told)
    assert not is_weak(None)


def test_only_the_lines_of_the_call_itself_are_told() -> None:
    lines = [SeatLine(CallId(call), SeatId(call), 0.01, None, ()) for call in ("one", "two")]
    assert [seat.seat for seat in call_figures(CallId("one"), lines, {}).seats] == ["one"]


def test_each_track_of_a_seat_is_told_with_what_its_browser_counted() -> None:
    own = Sending(TrackId("s.camera"), 1, 360, 480_000, 0.021)
    line = SeatLine(
        CallId("c"), SeatId("s"), None, None, (delivery(), delivery(track=TrackId("k.mic"), loss=None)), (own,)
    )
    counted = [TrackStats(track="k.camera", freezes=1, height=720), TrackStats(track="k.mic", concealed_percent=1.5)]
    (told,) = call_figures(CallId("c"), [line], {SeatId("s"): MediaStats(seconds=4.0, tracks=counted)}).tracks
    assert told.sends == [SentTrack(track="s.camera", layer=1, height=360, bitrate_bps=480_000, loss_percent=2.1)]
    picture, voice = told.receives
    assert (picture.layer, picture.height, picture.loss_percent, picture.freezes_per_minute) == (2, 720, 1.0, 15.0)
    assert (voice.loss_percent, voice.freezes_per_minute, voice.concealed_percent) == (None, None, 1.5)


def test_a_seat_of_which_only_its_browser_speaks_has_no_tracks() -> None:
    assert call_figures(CallId("c"), [], {SeatId("s"): MediaStats(rtt_ms=40.0)}).tracks == []


def test_one_frame_holds_so_many_tracks_and_no_more() -> None:
    lines = [SeatLine(CallId("c"), SeatId(f"s{at:03}"), None, None, (delivery(),) * 96) for at in range(100)]
    frame = call_figures(CallId("c"), lines, {})
    assert MAX_TRACKS - 96 < sum(len(seat.receives) for seat in frame.tracks) <= MAX_TRACKS
    assert len(encode(frame)) < MAX_LINK_FRAME_BYTES
