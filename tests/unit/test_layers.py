"""Layers of one track: who sees which, which are worth encoding, what the recorder hears."""

from collections import defaultdict

import pytest

from recordings.packetise import RtpStream
from signaling.media.port import CallId, SeatId, Source, Track, track_id
from signaling.media.sfu.feed import KEPT_WARM_S, Feed, Subscription
from signaling.media.sfu.forwarding import Forwarder, OutgoingStream
from signaling.media.sfu.layer import SILENT_AFTER_S
from signaling.media.sfu.settings import Limit, MediaPolicy
from signaling.media.sfu.source_clock import SourceClock
from signaling.media.taps import Taps

SEAT, RIDS = SeatId("anna"), ("q", "h", "f")
KEY, DELTA = b"\x10" + bytes(20), b"\x11" + bytes(20)
USUAL = MediaPolicy().camera


class Tape:
    """A tap that keeps what it hears."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.reports: list[int] = []

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.packets.append(packet)

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        self.reports.append(rtp_time)


class Simulcast:
    """A feed of three layers and the one who fills it, by a clock of its own."""

    def __init__(self) -> None:
        self.taps, self.now_s = Taps(), 100.0
        track = Track(track_id(SEAT, Source.CAMERA), CallId("call1"), SEAT, Source.CAMERA)
        self.feed = Feed(track, USUAL, self.taps, SourceClock(), lambda feed: None)
        self.feed.publish(RIDS)
        self.feed.expect_packets(True, self.now_s)
        self._streams = [RtpStream(10 + layer, 96) for layer in range(3)]
        self._seen: dict[int, list[bytes]] = defaultdict(list)

    def send(self, *layers: int, frame: bytes = KEY, after_s: float = 0.03) -> None:
        """One frame in each of these layers."""
        self.now_s += after_s
        for layer in layers:
            for packet in self._streams[layer].vp8(frame, int(self.now_s * 90_000) + 7000 * layer):
                self.feed.on_packet(packet, 0, self.now_s, layer)
        self.feed.tick(self.now_s)

    def watch(self, layer: int | None) -> Subscription:
        out = OutgoingStream(7, 8, 96, 97, 0)
        subscription = Subscription(Forwarder(out, 90_000), lambda packet: None, layer)
        self.feed.subscribe(subscription)
        return subscription


def test_before_its_layer_is_there_a_seat_sees_a_smaller_one() -> None:
    camera = Simulcast()
    viewer = camera.watch(2)
    camera.send(0)
    camera.send(0)
    assert viewer.forwarder.layer == 0
    camera.send(0, 2)
    assert viewer.forwarder.awaited_layer == 2
    camera.send(0, 2)
    assert viewer.forwarder.layer == 2


def test_when_a_layer_falls_silent_its_viewers_go_on_with_the_next() -> None:
    camera = Simulcast()
    viewer = camera.watch(2)
    for _ in range(3):
        camera.send(0, 1, 2)
    assert viewer.forwarder.layer == 2
    for _ in range(int(SILENT_AFTER_S / 0.03) + 3):
        camera.send(0, 1)
    assert viewer.forwarder.layer == 1


def test_a_muted_camera_moves_nobody_to_another_layer() -> None:
    camera = Simulcast()
    viewer = camera.watch(1)
    for _ in range(3):
        camera.send(0, 1)
    camera.feed.expect_packets(False, camera.now_s)
    camera.feed.tick(camera.now_s + 60)
    assert viewer.forwarder.layer == 1


def test_who_sees_nothing_gets_nothing() -> None:
    camera = Simulcast()
    viewer = camera.watch(None)
    camera.send(0, 1, 2)
    assert (viewer.forwarder.layer, viewer.forwarder.awaited_layer) == (None, None)
    camera.feed.choose(viewer, 0, camera.now_s)
    camera.send(0)
    assert viewer.forwarder.layer == 0


def test_a_layer_that_is_not_sent_is_offered_at_its_limit() -> None:
    camera = Simulcast()
    assert camera.feed.offered(camera.now_s) == ()
    for _ in range(70):
        camera.send(0)
    small, middle, large = camera.feed.offered(camera.now_s)
    assert 5_000 < small.bitrate_bps < 10_000, "as measured"
    assert (middle.bitrate_bps, large.bitrate_bps) == (500_000, 1_500_000)
    assert [rate.height for rate in (small, middle, large)] == [180, 360, 720]


def test_a_crowd_takes_the_largest_layer_from_everybody() -> None:
    camera = Simulcast()
    camera.watch(2)
    assert camera.feed.watched(0.0) == ("q", "f")
    camera.feed.limit = MediaPolicy().camera_in_crowd
    camera.send(0)
    assert [rate.index for rate in camera.feed.offered(camera.now_s)] == [0, 1]
    assert camera.feed.watched(1.0) == ("q", "h")
    assert camera.feed.most_bitrate_bps < USUAL.max_bitrate_bps


def test_a_layer_is_encoded_while_somebody_sees_it_and_a_little_longer() -> None:
    camera = Simulcast()
    assert camera.feed.watched(0.0) == ("q",)
    viewer = camera.watch(1)
    assert camera.feed.watched(1.0) == ("q", "h")
    camera.feed.unsubscribe(viewer)
    assert camera.feed.watched(1.0 + KEPT_WARM_S) == ("q", "h")
    assert camera.feed.watched(1.1 + KEPT_WARM_S) == ("q",)


def test_a_recorder_counts_as_a_viewer_of_the_largest_layer() -> None:
    camera, tape = Simulcast(), Tape()
    camera.taps.attach(tape)
    assert camera.feed.watched(0.0) == ("q", "f")
    camera.taps.detach(tape)
    assert camera.feed.watched(1.0 + KEPT_WARM_S) == ("q",)


class Share:
    """A screen in one size, a viewer of it, and a clock."""

    def __init__(self) -> None:
        self.taps, self.now_s = Taps(), 100.0
        track = Track(track_id(SEAT, Source.SCREEN), CallId("call1"), SEAT, Source.SCREEN)
        self.feed = Feed(track, MediaPolicy().screen, self.taps, SourceClock(), lambda feed: None)
        self.feed.expect_packets(True, self.now_s)
        self.viewer = Subscription(Forwarder(OutgoingStream(7, 8, 96, 97, 0), 90_000), lambda packet: None)
        self.feed.subscribe(self.viewer)
        self.feed.rests(self.now_s)
        self._stream = RtpStream(10, 96)

    def send(self) -> None:
        for packet in self._stream.vp8(KEY, int(self.now_s * 90_000)):
            self.feed.on_packet(packet, 0, self.now_s)

    def rests_after(self, seconds: float) -> bool:
        self.now_s += seconds
        return self.feed.rests(self.now_s)

    def send_every(self, interval_s: float, frames: int) -> list[int]:
        """What it is said to cost, just before each frame."""
        return [self._cost_before_a_frame(interval_s) for _ in range(frames)]

    def _cost_before_a_frame(self, interval_s: float) -> int:
        self.now_s += interval_s
        cost_bps = self.cost_bps
        self.send()
        return cost_bps

    @property
    def cost_bps(self) -> int:
        (only,) = self.feed.offered(self.now_s)
        return only.bitrate_bps


def test_a_screen_that_stands_still_costs_what_its_frames_take_and_not_its_limit() -> None:
    share = Share()
    share.send()
    one_frame_bps = 8 * len(KEY)
    assert all(0 < cost < 2 * one_frame_bps for cost in share.send_every(1.0, 10)[2:])
    assert all(0 < cost < 2 * one_frame_bps for cost in share.send_every(1.02, 10))
    assert 0 < share.feed.layers[0].rate_bps(share.now_s + 0.9) < 2 * one_frame_bps, "as the board shows it"


def test_a_screen_that_moved_and_stands_still_now_costs_less_and_less() -> None:
    share = Share()
    share.send()
    moving_bps = share.send_every(0.03, 100)[-1]
    still_bps = share.send_every(1.0, 3)[-1]
    assert 0 < still_bps < moving_bps / 10
    share.now_s += 60
    assert share.cost_bps < still_bps


def test_a_picture_that_nobody_asks_for_is_offered_at_its_limit_as_it_may_come_back() -> None:
    share = Share()
    share.send()
    share.send_every(1.0, 3)
    share.viewer.shown = False
    assert share.rests_after(KEPT_WARM_S + 1)
    assert share.cost_bps == MediaPolicy().screen.max_bitrate_bps
    share.viewer.shown = True
    share.rests_after(0.1)
    assert share.cost_bps < 1_000
    share.feed.expect_packets(False, share.now_s)
    assert share.cost_bps == MediaPolicy().screen.max_bitrate_bps, "muted"


def test_a_picture_in_one_size_rests_when_it_was_shown_to_nobody_for_a_while() -> None:
    share = Share()
    share.send()
    assert not share.rests_after(60), "somebody sees it"
    share.viewer.shown = False
    assert not share.rests_after(KEPT_WARM_S)
    assert share.rests_after(0.1)
    share.viewer.shown = True
    assert not share.rests_after(0.1)


def test_a_picture_that_a_viewers_line_does_not_carry_goes_on_so_that_its_size_is_known() -> None:
    share = Share()
    share.send()
    share.feed.choose(share.viewer, None, share.now_s)
    assert not share.rests_after(60)


def test_a_picture_that_is_recorded_or_has_not_begun_or_comes_in_layers_does_not_rest() -> None:
    share, tape = Share(), Tape()
    share.viewer.shown = False
    assert not share.rests_after(60), "nothing came yet"
    share.taps.attach(tape)
    share.send()
    assert not share.rests_after(60), "it is recorded"
    share.taps.detach(tape)
    assert share.rests_after(KEPT_WARM_S + 0.1)
    camera = Simulcast()
    camera.send(0)
    assert not camera.feed.rests(camera.now_s + 60), "its smallest layer goes on"


def test_a_camera_that_rests_is_not_said_to_have_stalled_until_it_should_send_again() -> None:
    camera = Simulcast()
    camera.feed.publish(("",))
    camera.send(0)
    assert camera.feed.rests(camera.now_s + KEPT_WARM_S + 1)
    later_s = camera.now_s + 60
    assert camera.feed.stall_change(later_s) is None
    camera.watch(0)
    assert not camera.feed.rests(later_s)
    assert camera.feed.stall_change(later_s) is None
    assert camera.feed.stall_change(later_s + 5) is True


def recorded_in(camera: Simulcast, *layers: int) -> Tape:
    """A recorder that hears the largest of these layers, and needs no key frame."""
    tape = Tape()
    camera.taps.attach(tape)
    for _ in range(3):
        camera.send(*layers)
    camera.feed.key_frames_due(camera.now_s)
    return tape


def asked_while_going_on(camera: Simulcast, *layers: int) -> set[int]:
    """Of which layers key frames are asked in a second in which these send none."""
    asked = set[int]()
    for _ in range(33):
        camera.send(*layers, frame=DELTA)
        asked |= {layer.index for layer in camera.feed.key_frames_due(camera.now_s)}
    return asked


@pytest.mark.parametrize(("left", "awaited"), [((0, 1), 1), ((0,), 0)])
def test_a_recorder_whose_layer_falls_silent_has_a_key_frame_of_the_next_asked_for(
    left: tuple[int, ...], awaited: int
) -> None:
    camera = Simulcast()
    recorded_in(camera, 0, 1, 2)
    assert asked_while_going_on(camera, *left) == {awaited}


def test_a_recorder_has_a_key_frame_asked_for_of_a_larger_layer_that_comes_again_and_none_once_it_hears_that() -> None:
    camera = Simulcast()
    tape = recorded_in(camera, 0)
    assert asked_while_going_on(camera, 0, 2) == {2}
    heard = len(tape.packets)
    camera.send(0, 2)
    assert len(tape.packets) > heard
    assert asked_while_going_on(camera, 0, 2) == set()


def test_a_recorder_hears_one_unbroken_stream_of_all_layers() -> None:
    camera, tape = Simulcast(), Tape()
    camera.taps.attach(tape)
    for _ in range(3):
        camera.send(0)
    for _ in range(5):
        camera.send(0, 2)  # the small one once more, while its successor is awaited
    for _ in range(int(SILENT_AFTER_S / 0.03) + 3):
        camera.send(0)
    numbers = [int.from_bytes(packet[2:4]) for packet in tape.packets]
    times = [int.from_bytes(packet[4:8]) for packet in tape.packets]
    assert len(tape.packets) == 3 + 5 + 3
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert times == sorted(times)
    assert len({packet[8:12] for packet in tape.packets}) == 1


def test_a_publisher_that_comes_back_without_simulcast_goes_on_for_all() -> None:
    camera, tape = Simulcast(), Tape()
    camera.taps.attach(tape)
    viewer = camera.watch(2)
    for _ in range(3):
        camera.send(0, 1, 2)
    camera.feed.publish(("",))
    camera.send(0)
    camera.send(0, frame=DELTA)
    assert viewer.forwarder.layer == 0
    assert viewer.forwarder.packets == 1 + 2 + 1 + 2, "the second frame was seen in both sizes, as the switch came"


def test_each_layer_may_send_a_third_of_the_next() -> None:
    assert Limit(900, 720).layers(3) == (Limit(100, 180), Limit(300, 360), Limit(900, 720))
    assert Limit(900, 720).layers(1) == (Limit(900, 720),)
