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
    RESEND_INTERVAL_S,
    RESEND_LIMIT,
    Forwarder,
    MediaPacket,
    OutgoingStream,
    PacketRing,
    ResendLimiter,
)
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


def video(stream: int, sequence: int, rtp_time: int = 0, key: bool = False, picture: int = 0) -> MediaPacket:
    descriptor = b"\x90\xc0" + (0x8000 | picture & 0x7FFF).to_bytes(2) + bytes([picture & 0xFF])
    payload = descriptor + (KEY if key else DELTA)
    return MediaPacket(stream, 0x80, 0x80, sequence & 0xFFFF, rtp_time & 0xFFFFFFFF, payload, vp8_descriptor(payload))


def sound(stream: int, sequence: int, rtp_time: int = 0) -> MediaPacket:
    return MediaPacket(stream, 0x80, 0, sequence & 0xFFFF, rtp_time & 0xFFFFFFFF, b"opus", None)


def test_a_picture_begins_with_a_key_frame_and_sound_at_once() -> None:
    pictures, sounds = Forwarder(OUT, RATE), Forwarder(OUT, 48_000)
    assert pictures.forward(video(1, 10), 0.0) is None
    assert pictures.waits_for_key_frame
    assert pictures.forward(video(1, 11, key=True), 0.0) is not None
    assert not pictures.waits_for_key_frame
    assert sounds.forward(sound(1, 10), 0.0) is not None


def test_the_seat_sees_our_numbers_and_nothing_else_of_the_header() -> None:
    out = Forwarder(OUT, RATE).forward(video(1, 10, 1234, key=True), 0.0)
    assert out is not None
    assert out[0] == 0x80
    seen = read(out)
    assert (seen.sequence, seen.ssrc, seen.payload_type) == (OUT.first_sequence, OUT.ssrc, OUT.payload_type)


def test_packets_from_before_the_key_frame_are_not_sent_after_it() -> None:
    forwarder = Forwarder(OUT, RATE)
    forwarder.forward(video(1, 10, key=True), 0.0)
    assert forwarder.forward(video(1, 9), 0.0) is None
    forwarder.forward(video(1, 13), 0.0)
    assert forwarder.forward(video(1, 12), 0.0) is not None
    assert forwarder.forward(video(1, 8), 0.0) is None


def test_a_publisher_that_comes_back_goes_on_behind_what_it_sent_before() -> None:
    forwarder = Forwarder(OUT, RATE)
    before = read(forwarder.forward(video(1, 10, 1000, key=True, picture=500), 5.0) or b"")
    assert forwarder.forward(video(2, 40_000, 9, picture=3), 6.0) is None
    after = read(forwarder.forward(video(2, 40_001, 10, key=True, picture=4), 7.0) or b"")
    assert after.sequence == (before.sequence + 1) & 0xFFFF
    assert after.rtp_time - before.rtp_time == 2 * RATE
    assert (after.picture_id, after.tl0) == (before.picture_id + 1, (before.tl0 + 1) & 0xFF)


def test_a_pause_leaves_no_gap_and_no_jump_in_time() -> None:
    forwarder = Forwarder(OUT, RATE)
    before = read(forwarder.forward(video(1, 10, 1000, key=True, picture=5), 0.0) or b"")
    forwarder.pause(True)
    assert forwarder.forward(video(1, 11, 4000, key=True), 0.1) is None
    assert not forwarder.waits_for_key_frame
    forwarder.pause(False)
    assert forwarder.forward(video(1, 12, 7000), 0.2) is None
    after = read(forwarder.forward(video(1, 13, 10_000, key=True, picture=8), 0.3) or b"")
    assert (after.sequence, after.rtp_time) == ((before.sequence + 1) & 0xFFFF, before.rtp_time + 9000)


def test_a_lost_packet_is_sent_again_as_rtx_with_its_number_in_front() -> None:
    forwarder, ring = Forwarder(OUT, RATE), PacketRing()
    sent = []
    for number in range(5):
        packet = video(1, 100 + number, key=number == 0, picture=number)
        ring.put(packet)
        sent.append(forwarder.forward(packet, 0.0) or b"")
    again = forwarder.resend(ring, read(sent[3]).sequence, 1.0)
    assert again is not None
    assert again[12:14] == sent[3][2:4]
    assert again[14:] == sent[3][12:]
    assert (again[1] & 0x7F, int.from_bytes(again[8:12])) == (OUT.rtx_payload_type, OUT.rtx_ssrc)


def test_what_was_never_sent_to_this_seat_is_not_sent_again_either() -> None:
    forwarder, ring = Forwarder(OUT, RATE), PacketRing()
    for number in range(5):
        packet = video(1, 100 + number, key=number == 2)
        ring.put(packet)
        forwarder.forward(packet, 0.0)
    assert forwarder.resend(ring, (OUT.first_sequence - 1) & 0xFFFF, 1.0) is None
    assert forwarder.resend(ring, (OUT.first_sequence + 3) & 0xFFFF, 1.0) is None
    assert forwarder.resend(ring, OUT.first_sequence, 1.0) is not None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(100, 1200), st.floats(0, 0.05)), min_size=1, max_size=400))
def test_however_much_is_asked_for_the_limiter_holds(asked: list[tuple[int, int, float]]) -> None:
    limiter, now_s, sent, times = ResendLimiter(), 0.0, 0, dict[int, list[float]]()
    for sequence, size, pause_s in asked:
        now_s += pause_s
        if limiter.allows(sequence, size, now_s):
            sent += size
            times.setdefault(sequence, []).append(now_s)
    assert sent <= RESEND_BURST_BYTES + now_s * RESEND_BYTES_PER_S + 1
    for each in times.values():
        assert len(each) <= RESEND_LIMIT
        assert all(b - a >= RESEND_INTERVAL_S - 1e-9 for a, b in pairwise(each))


def test_a_report_gives_the_seat_the_time_in_its_own_numbers() -> None:
    forwarder = Forwarder(OUT, RATE)
    assert forwarder.sender_report(1, 1) is None
    forwarder.forward(video(1, 1, 1000, key=True), 0.0)
    forwarder.forward(video(2, 1, 50, key=True), 1.0)
    out = read(forwarder.forward(video(2, 2, 3050), 1.0) or b"")
    report = forwarder.sender_report(99, 3050)
    assert report is not None
    assert (report.ssrc, report.ntp_time, report.rtp_time, report.packets) == (OUT.ssrc, 99, out.rtp_time, 3)


class AnyLife(RuleBasedStateMachine):
    """A publisher that loses packets, reloads and is paused: what the seat gets must look like one healthy stream."""

    def __init__(self) -> None:
        super().__init__()
        self.forwarder, self.ring = Forwarder(OUT, RATE), PacketRing()
        self.stream, self.sequence, self.rtp_time, self.picture, self.now_s = 1, 60_000, 0, 0, 0.0
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
        self.ring.put(packet)
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
        self.stream += 1
        self.sequence, self.rtp_time, self.picture, self.fresh, self.expected_gap = first, rtp_time, picture, True, 0

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        if paused != self.paused:
            self.fresh, self.expected_gap = True, 0
        self.paused = paused
        self.forwarder.pause(paused)

    @precondition(lambda self: self.out and not self.fresh and not self.paused)
    @rule()
    def ask_again(self) -> None:
        again = self.forwarder.resend(self.ring, self.out[-1].sequence, self.now_s)
        assert again is None or again[14:] == self.out[-1].payload

    @invariant()
    def never_waits_while_paused(self) -> None:
        assert not (self.paused and self.forwarder.waits_for_key_frame)


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_frames_of_several_packets_keep_their_order_and_marker() -> None:
    forwarder, stream = Forwarder(OUT, RATE), RtpStream(1, 96)
    packets = stream.vp8(b"\x10" + bytes(3000), 0)
    out = []
    for packet in packets:
        vp8 = vp8_descriptor(packet[12:])
        sequence = int.from_bytes(packet[2:4])
        out.append(forwarder.forward(MediaPacket(1, 0x80, packet[1] & 0x80, sequence, 0, packet[12:], vp8), 0.0) or b"")
    assert [packet[12:] for packet in out] == [packet[12:] for packet in packets]
    assert [packet[1] >> 7 for packet in out] == [0, 0, 1]
