"""A track on its way to one seat: one unbroken stream, whatever happens to its publisher."""

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from recordings.packetise import RtpStream
from signaling.media.sfu.forwarding import (
    RESEND_BURST_BYTES,
    RESEND_BYTES_PER_S,
    RESEND_INTERVALS_S,
    RESEND_LIMIT,
    Forwarder,
    MediaPacket,
    OutgoingStream,
    ResendLimiter,
    Stream,
)
from signaling.media.sfu.rtcp import SenderReport
from signaling.media.sfu.rtp import vp8_descriptor

OUT = OutgoingStream(ssrc=7, rtx_ssrc=8, payload_type=96, rtx_payload_type=97, first_sequence=65_530)
KEY, DELTA = b"\x10" + bytes(50), b"\x11" + bytes(50)
RATE = 90_000


@dataclass
class Out:
    """A forwarded packet, read."""

    sequence: int
    rtp_time: int
    ssrc: int
    payload_type: int
    picture_id: int
    tl0: int
    payload: bytes


def read(packet: bytes) -> Out:
    payload = packet[12:]
    vp8 = vp8_descriptor(payload)
    picture_id = int.from_bytes(payload[vp8.picture_id_at :][:2]) & 0x7FFF
    tl0 = payload[vp8.tl0picidx_at] if vp8.tl0picidx_at >= 0 else -1
    return Out(
        int.from_bytes(packet[2:4]),
        int.from_bytes(packet[4:8]),
        int.from_bytes(packet[8:12]),
        packet[1] & 0x7F,
        picture_id,
        tl0,
        payload,
    )


def video(
    stream: Stream, sequence: int, rtp_time: int = 0, key: bool = False, picture: int = 0, repaired: bool = False
) -> MediaPacket:
    descriptor = b"\x90\xc0" + (0x8000 | picture & 0x7FFF).to_bytes(2) + bytes([picture & 0xFF])
    payload = descriptor + (KEY if key else DELTA)
    vp8, rtp_time = vp8_descriptor(payload), rtp_time & 0xFFFFFFFF
    packet = MediaPacket(stream, 0x80, 0x80, sequence & 0xFFFF, rtp_time, payload, vp8, repaired)
    stream.ring.put(packet)
    return packet


def sound(stream: Stream, sequence: int, rtp_time: int = 0) -> MediaPacket:
    return MediaPacket(stream, 0x80, 0, sequence & 0xFFFF, rtp_time & 0xFFFFFFFF, b"opus", None)


def test_a_picture_begins_with_a_key_frame_and_sound_at_once() -> None:
    first = Stream(0, RATE)
    pictures, sounds = Forwarder(OUT, RATE), Forwarder(OUT, 48_000)
    assert pictures.forward(video(first, 10), 0.0) is None
    assert pictures.awaited_layer == 0
    assert pictures.forward(video(first, 11, key=True), 0.0) is not None
    assert pictures.awaited_layer is None
    assert sounds.forward(sound(first, 10), 0.0) is not None


def test_the_seat_sees_our_numbers_and_nothing_else_of_the_header() -> None:
    first = Stream(0, RATE)
    out = Forwarder(OUT, RATE).forward(video(first, 10, 1234, key=True), 0.0)
    assert out is not None
    assert out[0] == 0x80
    seen = read(out)
    assert (seen.sequence, seen.ssrc, seen.payload_type) == (OUT.first_sequence, OUT.ssrc, OUT.payload_type)


def test_packets_from_before_the_key_frame_are_not_sent_after_it() -> None:
    first = Stream(0, RATE)
    forwarder = Forwarder(OUT, RATE)
    forwarder.forward(video(first, 10, key=True), 0.0)
    assert forwarder.forward(video(first, 9), 0.0) is None
    forwarder.forward(video(first, 13), 0.0)
    assert forwarder.forward(video(first, 12), 0.0) is not None
    assert forwarder.forward(video(first, 8), 0.0) is None


def test_a_publisher_that_comes_back_goes_on_behind_what_it_sent_before() -> None:
    first, second = Stream(0, RATE), Stream(0, RATE)
    forwarder = Forwarder(OUT, RATE)
    before = read(forwarder.forward(video(first, 10, 1000, key=True, picture=500), 5.0) or b"")
    assert forwarder.forward(video(second, 40_000, 9, picture=3), 6.0) is None
    after = read(forwarder.forward(video(second, 40_001, 10, key=True, picture=4), 7.0) or b"")
    assert after.sequence == (before.sequence + 1) & 0xFFFF
    assert after.rtp_time - before.rtp_time == 2 * RATE
    assert (after.picture_id, after.tl0) == (before.picture_id + 1, (before.tl0 + 1) & 0xFF)


def test_a_pause_leaves_no_gap_and_no_jump_in_time() -> None:
    first = Stream(0, RATE)
    forwarder = Forwarder(OUT, RATE)
    before = read(forwarder.forward(video(first, 10, 1000, key=True, picture=5), 0.0) or b"")
    forwarder.choose(None)
    assert forwarder.forward(video(first, 11, 4000, key=True), 0.1) is None
    assert forwarder.awaited_layer is None
    forwarder.choose(0)
    assert forwarder.forward(video(first, 12, 7000), 0.2) is None
    after = read(forwarder.forward(video(first, 13, 10_000, key=True, picture=8), 0.3) or b"")
    assert (after.sequence, after.rtp_time) == ((before.sequence + 1) & 0xFFFF, before.rtp_time + 9000)


def test_a_lost_packet_is_sent_again_as_rtx_with_its_number_in_front() -> None:
    first = Stream(0, RATE)
    forwarder = Forwarder(OUT, RATE)
    sent = []
    for number in range(5):
        packet = video(first, 100 + number, key=number == 0, picture=number)
        sent.append(forwarder.forward(packet, 0.0) or b"")
    again = forwarder.resend(read(sent[3]).sequence, 1.0)
    assert again is not None
    assert again[12:14] == sent[3][2:4]
    assert again[14:] == sent[3][12:]
    assert (again[1] & 0x7F, int.from_bytes(again[8:12])) == (OUT.rtx_payload_type, OUT.rtx_ssrc)


def test_numbers_that_never_came_here_are_counted_until_they_come_late() -> None:
    stream, seat = Stream(0, RATE), Forwarder(OUT, RATE)
    seat.forward(video(stream, 10, key=True), 0.0)
    first = read(seat.forward(video(stream, 14), 0.1) or b"").sequence - 4
    assert seat.unsent == 3
    assert [seat.has_sent((first + at) & 0xFFFF) for at in range(5)] == [True, False, False, False, True]
    seat.forward(video(stream, 12, repaired=True), 0.2)
    assert seat.unsent == 2
    assert seat.has_sent((first + 2) & 0xFFFF)


def test_a_layer_that_begins_leaves_no_number_unsent() -> None:
    small, large, seat = Stream(0, RATE), Stream(1, RATE), Forwarder(OUT, RATE)
    seat.forward(video(small, 10, key=True), 0.0)
    seat.choose(1)
    seat.forward(video(large, 5_000, key=True), 0.1)
    assert seat.unsent == 0


def test_what_was_never_sent_to_this_seat_is_not_sent_again_either() -> None:
    first = Stream(0, RATE)
    forwarder = Forwarder(OUT, RATE)
    for number in range(5):
        packet = video(first, 100 + number, key=number == 2)
        forwarder.forward(packet, 0.0)
    assert forwarder.resend((OUT.first_sequence - 1) & 0xFFFF, 1.0) is None
    assert forwarder.resend((OUT.first_sequence + 3) & 0xFFFF, 1.0) is None
    assert forwarder.resend(OUT.first_sequence, 1.0) is not None


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(100, 1200), st.floats(0, 0.05)), min_size=1, max_size=400),
    st.one_of(st.none(), st.floats(0, 2)),
)
def test_however_much_is_asked_for_the_limiter_holds(
    asked: list[tuple[int, int, float]], round_trip_s: float | None
) -> None:
    limiter, now_s, sent, times = ResendLimiter(), 0.0, 0, dict[int, list[float]]()
    for sequence, size, pause_s in asked:
        now_s += pause_s
        if limiter.allows(sequence, size, now_s, round_trip_s):
            sent += size
            times.setdefault(sequence, []).append(now_s)
    assert sent <= RESEND_BURST_BYTES + now_s * RESEND_BYTES_PER_S + 1
    for each in times.values():
        assert len(each) <= RESEND_LIMIT
        assert all(b - a >= RESEND_INTERVALS_S[0] - 1e-9 for a, b in pairwise(each))


def test_who_asks_again_after_a_round_trip_gets_the_packet_again_and_who_asks_sooner_does_not() -> None:
    for round_trip_s in (0.05, 0.4):
        limiter = ResendLimiter()
        assert limiter.allows(1, 1000, 10.0, round_trip_s)
        assert not limiter.allows(1, 1000, 10.0 + round_trip_s / 2, round_trip_s)
        assert limiter.allows(1, 1000, 10.0 + round_trip_s, round_trip_s)


def test_a_browser_that_knows_no_round_trip_and_asks_ten_times_a_second_is_answered_each_time() -> None:
    limiter = ResendLimiter()
    assert [limiter.allows(1, 1000, 10.0 + number / 10) for number in range(3)] == [True] * 3


def test_of_a_stream_that_loses_every_tenth_packet_all_can_be_sent_again_however_large_it_is() -> None:
    limiter, now_s = ResendLimiter(), 0.0
    for number in range(10_000):  # 2.4 Mbit/s
        now_s += 0.004
        limiter.earn(1200)
        assert number % 10 or limiter.allows(number, 1200, now_s, 0.05)
    assert limiter.exhausted == 0


def test_a_report_gives_the_seat_the_time_in_its_own_numbers() -> None:
    first, second = Stream(0, RATE), Stream(0, RATE)
    forwarder = Forwarder(OUT, RATE)
    assert forwarder.sender_report(second, 1, 1) is None
    forwarder.forward(video(first, 1, 1000, key=True), 0.0)
    forwarder.forward(video(second, 1, 50, key=True), 1.0)
    out = read(forwarder.forward(video(second, 2, 3050), 1.0) or b"")
    assert forwarder.sender_report(first, 99, 3050) is None, "that stream is over"
    report = forwarder.sender_report(second, 99, 3050)
    assert report is not None
    assert (report.ssrc, report.ntp_time, report.rtp_time, report.packets) == (OUT.ssrc, 99, out.rtp_time, 3)


class AnyLife(RuleBasedStateMachine):
    """A publisher that loses packets, reloads and is paused: what the seat gets must look like one healthy stream."""

    def __init__(self) -> None:
        super().__init__()
        self.forwarder = Forwarder(OUT, RATE)
        self.stream = Stream(0, RATE)
        self.sequence, self.rtp_time, self.picture, self.now_s = 60_000, 0, 0, 0.0
        self.fresh = True  # the next packet that gets through must start a key frame
        self.out: list[Out] = []
        self.expected_gap = 0

    @rule(key=st.booleans(), lost=st.booleans())
    def frame(self, key: bool, lost: bool) -> None:
        self.now_s += 1 / 30
        self.rtp_time += 3000
        self.sequence += 1
        self.picture += 1
        packet = video(self.stream, self.sequence, self.rtp_time, key, self.picture)
        if lost:
            self.expected_gap += not self.fresh
            return
        forwarded = self.forwarder.forward(packet, self.now_s)
        if forwarded is None:
            assert (self.fresh and not key) or self.paused
            return
        out = read(forwarded)
        assert key or not self.fresh
        assert not self.paused
        if self.out:
            gap = 1 if self.fresh else 1 + self.expected_gap
            assert (out.sequence - self.out[-1].sequence) & 0xFFFF == gap
            assert 0 < (out.rtp_time - self.out[-1].rtp_time) & 0xFFFFFFFF < 0x7FFFFFFF
            assert (out.picture_id - self.out[-1].picture_id) & 0x7FFF == gap
        self.fresh, self.expected_gap = False, 0
        self.out.append(out)

    paused = False

    @rule(first=st.integers(0, 0xFFFF), rtp_time=st.integers(0, 0xFFFFFFFF), picture=st.integers(0, 0x7FFF))
    def reload(self, first: int, rtp_time: int, picture: int) -> None:
        self.stream = Stream(0, RATE)
        self.sequence, self.rtp_time, self.picture, self.fresh, self.expected_gap = first, rtp_time, picture, True, 0

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        if paused != self.paused:
            self.fresh, self.expected_gap = True, 0
        self.paused = paused
        self.forwarder.choose(None if paused else 0)

    @precondition(lambda self: self.out and not self.fresh and not self.paused)
    @rule()
    def ask_again(self) -> None:
        again = self.forwarder.resend(self.out[-1].sequence, self.now_s)
        assert again is None or again[14:] == self.out[-1].payload

    @invariant()
    def never_waits_while_paused(self) -> None:
        assert not (self.paused and self.forwarder.awaited_layer is not None)


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_frames_of_several_packets_keep_their_order_and_marker() -> None:
    forwarder, stream, sender = Forwarder(OUT, RATE), Stream(0, RATE), RtpStream(1, 96)
    packets = sender.vp8(b"\x10" + bytes(3000), 0)
    out = []
    for packet in packets:
        vp8 = vp8_descriptor(packet[12:])
        sequence = int.from_bytes(packet[2:4])
        out.append(
            forwarder.forward(MediaPacket(stream, 0x80, packet[1] & 0x80, sequence, 0, packet[12:], vp8), 0.0) or b""
        )
    assert [packet[12:] for packet in out] == [packet[12:] for packet in packets]
    assert [packet[1] >> 7 for packet in out] == [0, 0, 1]


LAYERS = 3


class Simulcast(RuleBasedStateMachine):
    """A publisher of three layers with numbers of their own: whatever is chosen, one healthy stream comes out."""

    def __init__(self) -> None:
        super().__init__()
        self.forwarder = Forwarder(OUT, RATE)
        self.streams = [Stream(layer, RATE) for layer in range(LAYERS)]
        self.sequences, self.starts = [60_000, 5, 30_000], [0, 2**31, 2**32 - 5000]
        self.frame, self.chosen = 0, 0
        self.seen: int | None = None
        self.out: list[Out] = []
        self.skipped = 0  # packets of the seen layer that were lost since the last one came out

    @rule(reported=st.booleans())
    def report(self, reported: bool) -> None:
        for stream, start in zip(self.streams, self.starts, strict=True):
            rtp_time = (start + 3000 * self.frame) & 0xFFFFFFFF
            stream.report = SenderReport(1, int(self.frame / 30 * 2**32), rtp_time, 0, 0) if reported else None

    @rule(layer=st.integers(0, LAYERS - 1))
    def choose(self, layer: int) -> None:
        self.forwarder.choose(layer)
        self.chosen = layer

    @rule(data=st.data(), keys=st.lists(st.booleans(), min_size=LAYERS, max_size=LAYERS))
    def frames(self, data: st.DataObject, keys: list[bool]) -> None:
        self.frame += 1
        for layer in data.draw(st.permutations(range(LAYERS))):
            self.sequences[layer] += 1
            rtp_time = self.starts[layer] + 3000 * self.frame
            repaired = data.draw(st.booleans())
            packet = video(self.streams[layer], self.sequences[layer], rtp_time, keys[layer], self.frame, repaired)
            if data.draw(st.integers(0, 9)) == 0:
                self.skipped += layer == self.seen
                continue
            self.expect(packet, self.forwarder.forward(packet, self.frame / 30))

    def expect(self, packet: MediaPacket, forwarded: bytes | None) -> None:
        layer = packet.stream.layer
        key = packet.vp8 is not None and packet.vp8.starts_key_frame and not packet.repaired
        switches = layer == self.chosen != self.seen and key
        assert (forwarded is not None) == (layer == self.seen or switches)
        if forwarded is None:
            return
        out = read(forwarded)
        if self.out:
            gap = 1 if switches else 1 + self.skipped
            assert (out.sequence - self.out[-1].sequence) & 0xFFFF == gap
            assert (out.picture_id - self.out[-1].picture_id) & 0x7FFF == gap
            assert (out.tl0 - self.out[-1].tl0) & 0xFF == gap & 0xFF
            assert 0 < (out.rtp_time - self.out[-1].rtp_time) & 0xFFFFFFFF <= 3000 * (gap + 40)
        self.seen, self.skipped = layer, 0
        self.out.append(out)


TestSimulcast = Simulcast.TestCase
TestSimulcast.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_a_switch_keeps_the_time_between_frames_as_they_were_captured() -> None:
    forwarder, small, large = Forwarder(OUT, RATE), Stream(0, RATE), Stream(1, RATE)
    small.report, large.report = SenderReport(1, 0, 1000, 0, 0), SenderReport(2, 0, 500_000, 0, 0)
    before = read(forwarder.forward(video(small, 1, 1000 + 3000, key=True), 10.0) or b"")
    forwarder.choose(1)
    late_s = 10.3  # the large key frame takes its time on the line
    after = read(forwarder.forward(video(large, 1, 500_000 + 6000, key=True), late_s) or b"")
    assert after.rtp_time - before.rtp_time == 3000


def test_a_key_frame_that_had_to_be_repaired_is_no_place_to_begin() -> None:
    forwarder, stream = Forwarder(OUT, RATE), Stream(0, RATE)
    assert forwarder.forward(video(stream, 1, key=True, repaired=True), 0.0) is None
    assert forwarder.awaited_layer == 0
    assert forwarder.forward(video(stream, 2, key=True), 0.0) is not None
