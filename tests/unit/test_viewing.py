"""What a seat sees on the line it has: reports of its browser in, layers of feeds out."""

import itertools

from recordings.packetise import RtpStream
from signaling.media.adaptation.shedding import Role
from signaling.media.port import CallId, SeatId, Source, Track, Wanted, track_id
from signaling.media.sfu.feed import Feed, Subscription
from signaling.media.sfu.forwarding import Forwarder, OutgoingStream
from signaling.media.sfu.red_forwarding import RedForwarder
from signaling.media.sfu.rtcp import ReportBlock
from signaling.media.sfu.settings import Limit, MediaPolicy
from signaling.media.sfu.source_clock import SourceClock
from signaling.media.sfu.viewing import Forwarded, Viewing
from signaling.media.taps import Taps

KEY = b"\x10" + bytes(4000)
MIC_SSRC, CAMERA_SSRC, OTHER_SSRC, SHARE_SSRC = 1, 2, 3, 9
ANNA, BERTA = SeatId("anna"), SeatId("berta")


def feed_of(seat: SeatId, source: Source, limit: Limit) -> Feed:
    track = Track(track_id(seat, source), CallId("call1"), seat, source)
    feed = Feed(track, limit, Taps(), SourceClock(), lambda feed: None)
    feed.expect_packets(True, 0.0)
    return feed


class Line:
    """A seat that gets a voice and two cameras of three layers."""

    def __init__(self) -> None:
        policy, self.now_s = MediaPolicy(), 0.0
        self.feeds = {
            MIC_SSRC: feed_of(ANNA, Source.MIC, policy.microphone),
            CAMERA_SSRC: feed_of(ANNA, Source.CAMERA, policy.camera),
            OTHER_SSRC: feed_of(BERTA, Source.CAMERA, policy.camera),
        }
        for ssrc in (CAMERA_SSRC, OTHER_SSRC):
            self.feeds[ssrc].publish(("q", "h", "f"))
        self._streams = {(ssrc, layer): RtpStream(10 * ssrc + layer, 96) for ssrc in self.feeds for layer in range(3)}
        self.forwarded: dict[int, Forwarded] = {}
        self.roles: dict[SeatId, Role] = {}
        self.lost_before_us = 0  # of OTHER's packets, one in so many
        self._sent = itertools.count(1)
        self.silent: list[tuple[Feed, RtpStream]] = []  # voices that send a packet every 400 ms
        self.still: list[tuple[Feed, RtpStream]] = []  # pictures that send a frame a second
        self.viewing = Viewing(self.forwarded, lambda track: self.roles.get(track.seat, Role.CAMERA), 0.0)
        for ssrc, feed in self.feeds.items():
            forwarder = RedForwarder(OutgoingStream(ssrc, ssrc + 50, 96, 97, 0), feed.track.clock_rate_hz, 63)
            subscription = Subscription(forwarder, lambda packet: None, 0 if ssrc == MIC_SSRC else None)
            self.forwarded[ssrc] = Forwarded(feed, subscription)
            feed.subscribe(subscription)
        self.want(180, 720)

    def want(self, anna: int, berta: int, priority: int = 40) -> None:
        self.viewing.wanted = {
            self.feeds[ssrc].track.id: Wanted(self.feeds[ssrc].track.id, height, height > 0, priority)
            for ssrc, height in ((CAMERA_SSRC, anna), (OTHER_SSRC, berta))
        }

    def share(self) -> Subscription:
        """Berta shares a screen that stands still."""
        feed = feed_of(BERTA, Source.SCREEN, MediaPolicy().screen)
        subscription = Subscription(Forwarder(OutgoingStream(9, 59, 96, 97, 0), 90_000), lambda packet: None, None)
        self.forwarded[SHARE_SSRC] = Forwarded(feed, subscription)
        feed.subscribe(subscription)
        self.still.append((feed, RtpStream(90, 96)))
        self.viewing.wanted = {**self.viewing.wanted, feed.track.id: Wanted(feed.track.id, 720, True, 90)}
        return subscription

    def run(self, seconds: float, *, remb_bps: int = 0, lost: int = 0) -> None:
        """Everybody sends 25 frames a second in every layer; the browser reports once a second."""
        for number in range(int(seconds * 25)):
            self.now_s += 0.04
            for ssrc in (CAMERA_SSRC, OTHER_SSRC):
                for layer in range(3):
                    self._send(ssrc, layer)
            for packet in [self._streams[MIC_SSRC, 0].opus(b"opus", int(self.now_s * 48_000))]:
                self.feeds[MIC_SSRC].on_packet(packet, 0, self.now_s)
            for voice, stream in self.silent if number % 10 == 0 else ():
                voice.on_packet(stream.opus(b"\xf8", int(self.now_s * 48_000)), 0, self.now_s)
            for picture, stream in self.still if number % 25 == 0 else ():
                for packet in stream.vp8(KEY, int(self.now_s * 90_000)):
                    picture.on_packet(packet, 0, self.now_s)
            for feed in self.feeds.values():
                feed.tick(self.now_s)
            if number % 25 == 24:
                self._report(remb_bps, lost)
            self.viewing.tick(self.now_s)

    def _send(self, ssrc: int, layer: int) -> None:
        for packet in self._streams[ssrc, layer].vp8(KEY[: 500 * 2**layer], int(self.now_s * 90_000)):
            if ssrc != OTHER_SSRC or not self.lost_before_us or next(self._sent) % self.lost_before_us:
                self.feeds[ssrc].on_packet(packet, 0, self.now_s, layer)

    def _report(self, remb_bps: int, lost: int) -> None:
        forwarder = self.forwarded[OTHER_SSRC].subscription.forwarder
        self._lost = getattr(self, "_lost", 0) + lost
        missing = self._lost + forwarder.unsent
        self.viewing.on_reports(
            [ReportBlock(OTHER_SSRC, 0, missing, forwarder.packets + missing, 0, 0, 0)], 0, self.now_s
        )
        if remb_bps:
            self.viewing.on_bandwidth(remb_bps, self.now_s)

    def layers(self) -> tuple[int | None, int | None, int | None]:
        """Of the voice and the two cameras."""
        mic, camera, other = (self.forwarded[ssrc].subscription.wanted for ssrc in self.feeds)
        return mic, camera, other


def test_on_a_clean_line_each_picture_becomes_as_large_as_it_is_shown() -> None:
    line = Line()
    line.run(15)
    assert line.layers() == (0, 0, 2)
    assert line.viewing.paused == ()


def test_what_a_publishers_own_line_loses_costs_no_viewer_its_picture() -> None:
    line = Line()
    line.run(15)
    line.lost_before_us = 3
    for _second in range(30):
        line.run(1)
        assert line.layers() == (0, 0, 2)
    assert line.forwarded[OTHER_SSRC].subscription.forwarder.unsent > 100


def test_when_the_line_narrows_pictures_shrink_at_once_and_the_voice_goes_on_plain() -> None:
    line = Line()
    line.run(15, remb_bps=2_000_000)
    line.run(2, remb_bps=300_000)
    assert line.layers() == (0, 0, 0)
    assert not line.forwarded[MIC_SSRC].subscription.forwarder.repeats


def test_a_line_that_loses_much_but_is_not_narrow_keeps_the_repetitions_of_voices() -> None:
    line = Line()
    line.run(15, remb_bps=2_000_000)
    line.run(8, remb_bps=2_000_000, lost=10)
    assert line.layers() != (0, 0, 2), "less is tried"
    assert line.forwarded[MIC_SSRC].subscription.forwarder.repeats


def test_what_is_asked_for_again_is_counted_in_time_however_often_other_signs_come() -> None:
    line = Line()
    line.run(15, remb_bps=2_000_000)
    for number in range(20):
        line.viewing.on_bandwidth(2_000_000 - 1_000 * number, line.now_s)
        line.run(0.12)
        line.viewing.asked_again(100)
    assert line.layers() != (0, 0, 2)


def test_when_it_carries_no_picture_any_more_the_seat_is_told_which_are_paused() -> None:
    line = Line()
    line.run(15, remb_bps=2_000_000)
    line.run(8, remb_bps=60_000, lost=60)
    assert line.layers()[0] == 0, "the voice goes on"
    assert set(line.viewing.paused) <= {feed.track.id for feed in line.feeds.values()}
    assert line.viewing.paused != ()


def test_a_picture_that_gives_way_to_voices_is_called_paused_without_blaming_the_line() -> None:
    line = Line()
    line.run(15)
    given_way = line.feeds[OTHER_SSRC]
    given_way.gives_way = True
    line.run(1)
    assert set(line.viewing.paused) == set(line.viewing.busy) == {given_way.track.id}
    given_way.gives_way = False
    line.run(1)
    assert not line.viewing.paused
    assert not line.viewing.busy


def test_what_is_out_of_sight_is_not_sent_and_not_called_paused() -> None:
    line = Line()
    line.want(0, 180)
    line.run(5)
    assert line.layers() == (0, None, 0)
    assert line.viewing.paused == ()


def test_who_speaks_or_signs_is_kept_longer_than_others() -> None:
    for role in (Role.SPEAKER, Role.INTERPRETER):
        line = Line()
        line.roles = {ANNA: role}
        line.want(180, 180)
        line.run(5, remb_bps=1_000_000)
        line.run(2, remb_bps=190_000)
        assert line.layers() == (0, 0, None)


def test_reports_of_streams_that_are_not_sent_change_nothing() -> None:
    line = Line()
    line.run(15)
    line.viewing.on_reports([ReportBlock(999, 255, 5000, 9000, 0, 0, 0)] * 31, 0, line.now_s)
    assert line.layers() == (0, 0, 2)


def a_line_with_a_still_share() -> tuple[Line, Subscription]:
    line = Line()
    line.viewing.role = lambda track: (
        Role.SHARE if track.source is Source.SCREEN else Role.SPEAKER if track.seat == ANNA else Role.CAMERA
    )
    share = line.share()
    line.run(20, remb_bps=2_000_000)
    assert (share.wanted, line.layers()) == (0, (0, 0, 2))
    return line, share


def test_a_shared_screen_that_stands_still_leaves_room_for_cameras_in_trouble() -> None:
    line, share = a_line_with_a_still_share()
    line.run(2, remb_bps=400_000)
    assert share.wanted == 0
    assert None not in line.layers()


def test_a_shared_screen_that_stands_still_stays_when_a_camera_must_go() -> None:
    line, share = a_line_with_a_still_share()
    line.run(2, remb_bps=250_000)
    assert (share.wanted, line.layers()) == (0, (0, 0, None))


def test_voices_that_are_silent_take_no_room_from_pictures() -> None:
    """Nineteen silent voices and a line for one picture: what they send is next to nothing."""
    line = Line()
    line.want(0, 180)
    for number in range(19):
        voice, ssrc = feed_of(SeatId(f"s{number}"), Source.MIC, MediaPolicy().microphone), 100 + number
        forwarder = RedForwarder(OutgoingStream(ssrc, ssrc + 50, 96, 97, 0), voice.track.clock_rate_hz, 63)
        line.forwarded[ssrc] = Forwarded(voice, Subscription(forwarder, lambda packet: None, 0))
        line.silent.append((voice, RtpStream(ssrc, 96)))
    line.run(10, remb_bps=1_500_000)
    line.run(5, remb_bps=400_000)
    assert line.viewing.paused == ()
