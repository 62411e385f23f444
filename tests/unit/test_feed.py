"""One track inside a call: key frames, stalls, feedback to its publisher."""

import pytest

from recordings.packetise import RtpStream
from signaling.media.port import CallId, SeatId, Source, Track, TrackId, Traffic, track_id
from signaling.media.sfu import rtcp
from signaling.media.sfu.feed import NEVER_BEGAN_AFTER_S, STALLED_AFTER_S, Feed, Subscription
from signaling.media.sfu.forwarding import Forwarder, OutgoingStream
from signaling.media.sfu.layer import KEY_FRAME_INTERVAL_S, SILENT_KEY_FRAME_INTERVAL_S
from signaling.media.sfu.publisher_feedback import BANDWIDTH_INTERVAL_S, SOUND_BPS, PublisherFeedback
from signaling.media.sfu.settings import Limit, MediaPolicy
from signaling.media.sfu.source_clock import SourceClock
from signaling.media.taps import Taps

SEAT = SeatId("anna")
KEY, DELTA = b"\x10" + bytes(20), b"\x11" + bytes(20)
OUT = OutgoingStream(7, 8, 96, 97, 0)


class Publisher:
    """A feed and the one who fills it."""

    def __init__(self, source: Source = Source.CAMERA, max_bitrate_bps: int = 1_000_000) -> None:
        self.live: list[TrackId] = []
        self.taps = Taps()
        track = Track(track_id(SEAT, source), CallId("call1"), SEAT, source)
        self.feed = Feed(
            track, Limit(max_bitrate_bps, 720), self.taps, SourceClock(), lambda feed: self.live.append(feed.track.id)
        )
        self.feed.begin()
        self.feed.expect_packets(True, 0.0)
        self.ssrcs = {0: 5}
        self._stream = RtpStream(5, 96)

    def send(self, frame: bytes = DELTA, now_s: float = 0.0, lose: bool = False) -> None:
        for packet in self._stream.vp8(frame, int(now_s * 90_000)):
            if not lose:
                self.feed.on_packet(packet, 0, now_s)

    def due(self, now_s: float) -> bool:
        return bool(self.feed.key_frames_due(now_s))

    def watch(self) -> list[bytes]:
        seen: list[bytes] = []
        self.feed.subscribe(Subscription(Forwarder(OUT, 90_000), seen.append))
        return seen


def test_a_packet_that_is_refused_leaves_no_trace() -> None:
    publisher = Publisher()
    seen = publisher.watch()
    packet = RtpStream(5, 96).vp8(KEY, 0)[0]
    for impossible in (bytes([packet[0] | 0x20]) + packet[1:-1] + b"\xff", packet[:11], b"\x9f" + packet[1:]):
        with pytest.raises(ValueError, match=r"padding|packet"):
            publisher.feed.on_packet(impossible, 0, 0.0)
    assert publisher.feed.layers[0].reception.report(5, 0.0) is None
    assert not publisher.live
    assert not seen


def test_a_new_subscriber_is_a_reason_for_a_key_frame_until_one_comes() -> None:
    publisher = Publisher()
    assert not publisher.due(0.0)
    seen = publisher.watch()
    assert publisher.due(1.0)
    publisher.send(now_s=1.0)
    assert publisher.due(1.1 + KEY_FRAME_INTERVAL_S)
    publisher.send(KEY, 1.6)
    assert seen
    assert not publisher.due(9.0)


def test_however_many_ask_the_publisher_is_asked_seldom() -> None:
    publisher = Publisher()
    asked = 0
    for number in range(100):
        publisher.send(now_s=number * 0.02)
        publisher.feed.request_key_frame()
        asked += publisher.due(number * 0.02)
    assert asked == 2 / KEY_FRAME_INTERVAL_S


def test_one_who_sends_nothing_is_asked_more_seldom_still() -> None:
    publisher = Publisher()
    asked = 0
    for number in range(500):
        publisher.feed.request_key_frame()
        asked += publisher.due(number * 0.02)
    assert asked == 10 / SILENT_KEY_FRAME_INTERVAL_S


def test_a_camera_that_was_taken_back_gives_way_to_nobody() -> None:
    publisher = Publisher()
    publisher.feed.gives_way = True
    publisher.feed.end()
    assert not publisher.feed.gives_way


def test_a_muted_camera_is_not_asked_for_anything_and_does_not_stall() -> None:
    publisher = Publisher()
    publisher.send(KEY)
    publisher.feed.expect_packets(False, 1.0)
    publisher.feed.request_key_frame()
    assert not publisher.due(5.0)
    assert publisher.feed.stall_change(99.0) is None


def test_a_stall_is_told_once_and_its_end_too() -> None:
    publisher, limit_s = Publisher(), STALLED_AFTER_S[Source.CAMERA]
    publisher.send(KEY, 1.0)
    assert publisher.feed.stall_change(1.0 + limit_s) is None
    assert publisher.feed.stall_change(1.1 + limit_s) is True
    assert publisher.feed.stall_change(1.2 + limit_s) is None
    publisher.send(DELTA, 9.0)
    assert publisher.feed.stall_change(9.0) is False


def test_a_slow_beginning_is_no_stall_and_none_at_all_is() -> None:
    publisher = Publisher(Source.MIC)
    assert publisher.feed.stall_change(NEVER_BEGAN_AFTER_S) is None
    assert publisher.feed.stall_change(NEVER_BEGAN_AFTER_S + 0.1) is True


def test_a_line_that_says_nothing_at_all_is_not_a_silent_microphone() -> None:
    publisher, last_heard_s = Publisher(Source.MIC), 1.5
    publisher.send(KEY, 1.0)
    assert publisher.feed.stall_change(last_heard_s) is None


def test_a_track_that_was_taken_back_while_stalled_may_stall_again() -> None:
    publisher = Publisher(Source.MIC)
    publisher.send(KEY, 1.0)
    assert publisher.feed.stall_change(9.0) is True
    publisher.feed.end()
    publisher.feed.expect_packets(True, 10.0)
    assert publisher.feed.stall_change(10.0 + NEVER_BEGAN_AFTER_S) is None
    assert publisher.feed.stall_change(10.1 + NEVER_BEGAN_AFTER_S) is True


@pytest.mark.parametrize("source", [Source.SCREEN, Source.SCREEN_AUDIO])
def test_a_screen_that_stands_still_is_not_stalled(source: Source) -> None:
    publisher = Publisher(source)
    publisher.send(KEY, 1.0)
    assert publisher.feed.stall_change(60.0) is None


def test_discontinuous_sound_is_not_stalled() -> None:
    opus_dtx_interval_s = 0.4
    assert STALLED_AFTER_S[Source.MIC] >= 4 * opus_dtx_interval_s


def test_losses_are_asked_for_and_reported_to_the_publisher() -> None:
    publisher, sent = Publisher(), list[bytes]()
    publisher.send(KEY, 0.0)
    publisher.send(DELTA, 0.0, lose=True)
    publisher.send(DELTA, 0.0)
    feedback = PublisherFeedback(9, sent.append, Traffic())
    feedback.tick([publisher], 1.0)
    said = [message for packet in sent for message in rtcp.parse(packet)]
    assert rtcp.Nack(5, (1,)) in said
    (report,) = [message for message in said if isinstance(message, rtcp.ReceiverReport)]
    assert [(block.ssrc, block.packets_lost) for block in report.blocks] == [(5, 1)]


def test_the_publisher_may_soon_send_what_the_policy_allows_and_never_more() -> None:
    publisher, screen, sent = Publisher(), Publisher(Source.SCREEN, 2_000_000), list[bytes]()
    feedback = PublisherFeedback(9, sent.append, Traffic())
    allowed = []
    for number in range(12):
        sent.clear()
        for each in (publisher, screen):
            each.send(now_s=number * BANDWIDTH_INTERVAL_S)
        feedback.tick([publisher, screen], number * BANDWIDTH_INTERVAL_S)
        said = [message for packet in sent for message in rtcp.parse(packet)]
        allowed += [message.bitrate_bps for message in said if isinstance(message, rtcp.Bandwidth)]
    most = 1_000_000 + 2_000_000 + SOUND_BPS
    assert len(allowed) == 12
    assert allowed == sorted(allowed)
    assert all(bps <= most for bps in allowed)
    assert allowed[5] > 0.99 * most, "within three seconds"
    publisher.feed.limit = Limit(400_000, 360)
    sent.clear()
    publisher.send(now_s=99.0)
    feedback.tick([publisher], 99.0)
    said = [message for packet in sent for message in rtcp.parse(packet)]
    (lowered,) = [message.bitrate_bps for message in said if isinstance(message, rtcp.Bandwidth)]
    assert lowered <= 400_000 + SOUND_BPS


def test_above_four_cameras_each_is_small() -> None:
    policy = MediaPolicy()
    assert policy.limit(Source.CAMERA, 4) == policy.camera
    assert policy.limit(Source.CAMERA, 5) == Limit(400_000, 360)
    assert policy.limit(Source.SCREEN, 12) == policy.screen


def test_padding_goes_to_no_viewer_but_its_number_does() -> None:
    """Padding measures the publisher's line; a number left out would be asked for again."""
    publisher = Publisher()
    publisher.send(KEY)
    seen = publisher.watch()
    publisher.send(KEY)
    header = RtpStream(5, 96, sequence=2).opus(b"", 0)
    publisher.feed.on_packet(bytes([header[0] | 0x20]) + header[1:] + bytes(199) + bytes([200]), 0, 0.0)
    key, padding = seen
    assert len(padding) == 12
    assert padding[0] == 0x80
    assert int.from_bytes(padding[2:4]) == int.from_bytes(key[2:4]) + 1


def test_what_is_no_rtp_is_refused_and_changes_nothing() -> None:
    publisher = Publisher()
    with pytest.raises(ValueError, match="RTP"):
        publisher.feed.on_packet(b"\x00" * 20, 0, 0.0)
    assert publisher.live == []
