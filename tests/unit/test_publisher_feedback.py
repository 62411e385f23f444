"""What a publisher is told for its congestion control, and for the protection of its voice."""

from recordings.packetise import RtpStream
from signaling.media.port import CallId, SeatId, Source, Track, Traffic, track_id
from signaling.media.sfu import rtcp
from signaling.media.sfu.feed import Feed
from signaling.media.sfu.publisher_feedback import PublisherFeedback
from signaling.media.sfu.settings import Limit
from signaling.media.sfu.source_clock import SourceClock
from signaling.media.sfu.twcc import Arrivals
from signaling.media.taps import Taps
from tests.transport_feedback import is_feedback

SEAT, SSRC = SeatId("anna"), 5


class Section:
    """One m-line that received ten packets and lost one."""

    def __init__(self, source: Source) -> None:
        track = Track(track_id(SEAT, source), CallId("call1"), SEAT, source)
        self.feed = Feed(track, Limit(1_000_000, 720), Taps(), SourceClock(), lambda feed: None)
        self.feed.begin()
        self.ssrcs = {0: SSRC}
        stream = RtpStream(SSRC, 111)
        for number in range(10):
            packet = stream.opus(b"\x10" + bytes(20), number * 960)
            if number != 4:
                self.feed.on_packet(packet, 0, number * 0.02)


def block_of(section: Section, now_s: float) -> rtcp.ReportBlock:
    sent: list[bytes] = []
    PublisherFeedback(9, sent.append, Traffic()).tick([section], now_s)
    reports = [m for packet in sent for m in rtcp.parse(packet) if isinstance(m, rtcp.ReceiverReport)]
    return reports[0].blocks[0]


def test_one_who_hears_what_arrived_hears_no_remb() -> None:
    camera, sent = Section(Source.CAMERA), list[bytes]()
    feedback = PublisherFeedback(9, sent.append, Traffic())
    feedback.arrivals = Arrivals()
    feedback.tick([camera], 0.1)
    assert not any(is_feedback(packet) for packet in sent), "nothing came"
    for number in range(6):
        feedback.arrivals.record(number, SSRC, 0.2 + number * 0.05)
        feedback.tick([camera], 0.2 + number * 0.05)
    assert sum(map(is_feedback, sent)) == 3, "ten times a second"
    assert not any(isinstance(m, rtcp.Bandwidth) for packet in sent for m in rtcp.parse(packet))
    feedback.arrivals = None
    feedback.tick([camera], 0.6)
    assert any(isinstance(m, rtcp.Bandwidth) for packet in sent for m in rtcp.parse(packet))


def test_one_who_has_stopped_sending_is_told_nothing() -> None:
    camera, sent = Section(Source.CAMERA), list[bytes]()
    feedback = PublisherFeedback(9, sent.append, Traffic())
    feedback.tick([camera], 0.2)
    assert sent
    sent.clear()
    for second in range(1, 60):
        feedback.tick([camera], float(second))
    assert not [m for packet in sent for m in rtcp.parse(packet) if not isinstance(m, rtcp.Nack)]


def test_a_voice_is_reported_as_badly_heard_as_its_worst_listener_hears_it() -> None:
    voice = Section(Source.MIC)
    voice.feed.viewers_loss.report(1, 40, 0.5)
    block = block_of(voice, 1.0)
    assert block.fraction_lost == 40
    assert block.packets_lost == 1, "congestion control reads this one: it stays what our own line lost"


def test_without_worse_listeners_our_own_loss_is_reported() -> None:
    assert block_of(Section(Source.MIC), 1.0).fraction_lost == 256 // 10


def test_a_picture_is_repaired_per_viewer_and_its_report_is_our_own() -> None:
    camera = Section(Source.CAMERA)
    camera.feed.viewers_loss.report(1, 200, 0.5)
    assert block_of(camera, 1.0).fraction_lost == 256 // 10
