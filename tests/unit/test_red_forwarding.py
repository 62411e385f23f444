"""One publisher's RED on its way to a seat that takes it and to one that does not."""

from signaling.media.port import CallId, SeatId, Source, Track, track_id
from signaling.media.sfu.feed import Feed, Subscription
from signaling.media.sfu.forwarding import Forwarder, OutgoingStream
from signaling.media.sfu.red import RedStream, unpack
from signaling.media.sfu.red_forwarding import RedForwarder
from signaling.media.sfu.settings import Limit
from signaling.media.sfu.source_clock import SourceClock
from signaling.media.taps import Taps
from tests.red_sound import RedSound

SEAT, OPUS, RED = SeatId("anna"), 111, 63
OUT = OutgoingStream(7, 8, OPUS, OPUS, 100)


class Ear:
    """Tap, and the two kinds of viewers of a feed."""

    def __init__(self) -> None:
        self.recorded: list[bytes] = []
        taps = Taps()
        taps.attach(self)
        track = Track(track_id(SEAT, Source.MIC), CallId("call1"), SEAT, Source.MIC)
        self.feed = Feed(track, Limit(48_000, 0), taps, SourceClock(), lambda feed: None)
        self.feed.begin()
        self.with_red: list[bytes] = []
        self.without: list[bytes] = []
        self.red_forwarder = RedForwarder(OUT, 48_000, RED)
        self.feed.subscribe(Subscription(self.red_forwarder, self.with_red.append))
        self.feed.subscribe(Subscription(Forwarder(OUT, 48_000), self.without.append))

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.recorded.append(packet)

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """None comes."""

    def hear(self, stream: RedStream, packet: bytes) -> None:
        for plain in stream.plain(packet):
            self.feed.on_packet(plain.packet, 0, 0.0, repaired=plain.found_again, red=plain.red)


def numbers(packets: list[bytes]) -> list[tuple[int, int, bytes]]:
    """Payload type, sequence and payload, of bare headers."""
    return [(packet[1], int.from_bytes(packet[2:4]), packet[12:]) for packet in packets]


def test_each_gets_what_it_takes_and_the_recorder_gets_plain_opus() -> None:
    ear, sound, stream = Ear(), RedSound(sequence=7, level_dbov=30), RedStream(OPUS)
    for frame in (b"one", b"two"):
        ear.hear(stream, sound.next(frame))
    assert numbers(ear.without) == [(OPUS, 100, b"one"), (OPUS, 101, b"two")]
    assert [(kind, number) for kind, number, _ in numbers(ear.with_red)] == [(RED, 100), (RED, 101)]
    taken = unpack(numbers(ear.with_red)[1][2], OPUS)
    assert (taken.frame, taken.repeated[0].frame) == (b"two", b"one")
    assert ear.red_forwarder.octets == sum(len(packet) - 12 for packet in ear.with_red)
    assert [(packet[1], packet[-3:]) for packet in ear.recorded] == [(OPUS, b"one"), (OPUS, b"two")]


def test_what_was_lost_on_the_way_up_reaches_everybody_in_its_place() -> None:
    ear, sound, stream = Ear(), RedSound(), RedStream(OPUS)
    first, _lost, third = (sound.next(frame) for frame in (b"one", b"two", b"three"))
    ear.hear(stream, first)
    ear.hear(stream, third)
    assert numbers(ear.without) == [(OPUS, 100, b"one"), (OPUS, 101, b"two"), (OPUS, 102, b"three")]
    assert [(kind, number) for kind, number, _ in numbers(ear.with_red)] == [(RED, 100), (OPUS, 101), (RED, 102)]
    assert [packet[12:] for packet in ear.recorded] == [b"one", b"two", b"three"]
    block = ear.feed.layers[0].reception.report(1, 1.0)
    assert block is not None
    assert block.packets_lost == 1, "the publisher hears that it was lost"
