"""An RTP packet inside SRTP: refused without a trace, or forwarded within its size and restored from RTX unchanged."""

from functools import cache

from recordings.packetise import RtpStream
from recordings.synthetic import picture
from signaling.media.port import CallId, SeatId, Source, Track, track_id
from signaling.media.sfu.feed import Feed, Subscription
from signaling.media.sfu.forwarding import Forwarder, OutgoingStream
from signaling.media.sfu.rtp import extensions, payload_end, payload_start, restore_from_rtx
from signaling.media.sfu.settings import Limit
from signaling.media.sfu.source_clock import SourceClock
from signaling.media.taps import Taps
from tests.fuzz.inputs import bounded_time

OUTGOING = OutgoingStream(ssrc=1, rtx_ssrc=2, payload_type=96, rtx_payload_type=97, first_sequence=5)
PADDING_BIT = 0x20


def seeds() -> list[bytes]:
    """Sound, pictures, header extensions of both forms, padding."""
    video, audio = RtpStream(1, 96), RtpStream(1, 111)
    frames = picture(1, 160, 90, 5, seed=1)
    packets = [packet for frame in frames[:2] for packet in video.vp8(frame, 0)]
    packets.append(audio.opus(b"\xf8\xff\xfe", 0))
    described = numbered_key_frame()
    one_byte = b"\xbe\xde\x00\x02\x10\x05\x41mi\x00\x00\x00"
    two_byte = b"\x10\x00\x00\x02\x01\x01\x05\x28\x02ab\x00"
    extended = [bytes([packets[0][0] | 0x10]) + packets[0][1:12] + block for block in (one_byte, two_byte)]
    padded = bytes([packets[0][0] | PADDING_BIT]) + packets[0][1:] + b"\x00\x00\x03"
    return [*packets[:2], packets[-1], described, *(packet + described[12:] for packet in extended), padded]


@cache
def numbered_key_frame() -> bytes:
    """The first packet of one, with PictureID, TL0PICIDX and TID."""
    packet = RtpStream(1, 96).vp8(picture(1, 160, 90, 5, seed=1)[0], 0)[0]
    return packet[:12] + b"\x90\xe0\x81\x23\x07\x20" + packet[13:]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    if len(data) < 12:  # libsrtp gives nothing shorter
        return
    for source in (Source.CAMERA, Source.MIC):
        with bounded_time():
            through_a_feed(data, source)
    with bounded_time():
        behind_a_switch(data)
    sent_again(data)


def through_a_feed(packet: bytes, source: Source) -> None:
    """What is refused leaves the feed as it was."""
    live: list[Feed] = []
    sent: list[bytes] = []
    feed = watched_feed(source, live, sent)
    try:
        feed.on_packet(packet, 0, 0.0)
    except ValueError:
        assert not live
        assert not sent
        assert feed.layers[0].reception.report(1, 0.0) is None, "a refused packet was counted as received"
        return
    assert sum(2 + len(value) for _id, value in extensions(packet)) <= 2 * len(packet)
    for forwarded in sent:
        assert len(forwarded) <= len(packet)
        assert payload_start(forwarded) == 12, "no extension and no CSRC of the publisher goes on"
        assert forwarded[8:12] == b"\x00\x00\x00\x01"


def behind_a_switch(packet: bytes) -> None:
    """Where the publisher began anew numbers are shifted, in the descriptor of VP8 too: nothing grows or shrinks."""
    live: list[Feed] = []
    sent: list[bytes] = []
    feed = watched_feed(Source.CAMERA, live, sent)
    feed.on_packet(numbered_key_frame(), 0, 0.0)
    feed.begin()
    try:
        feed.on_packet(packet, 0, 0.1)
    except ValueError:
        return
    start = payload_start(packet)
    for forwarded in sent[1:]:
        assert len(forwarded) == 12 + payload_end(packet, start) - start
        assert (int.from_bytes(forwarded[2:4]) - int.from_bytes(sent[0][2:4])) & 0xFFFF == 1, "without a gap"


def watched_feed(source: Source, live: list[Feed], sent: list[bytes]) -> Feed:
    """A feed that one seat gets."""
    seat = SeatId("a")
    track = Track(track_id(seat, source), CallId("c"), seat, source)
    feed = Feed(track, Limit(1_000_000, 720), Taps(), SourceClock(), live.append)
    feed.subscribe(Subscription(Forwarder(OUTGOING, track.clock_rate_hz), sent.append))
    feed.begin()
    return feed


def sent_again(packet: bytes) -> None:
    """A packet sent again as RFC 4588 says becomes the packet that was lost."""
    try:
        start = payload_start(packet)
        payload_end(packet, start)
    except ValueError:
        return
    again = packet[:start] + packet[2:4] + packet[start:]
    restored = restore_from_rtx(again[:2] + b"\x00\x07" + again[4:], int.from_bytes(packet[8:12]), packet[1] & 0x7F)
    assert restored is not None
    if not packet[0] & PADDING_BIT:
        assert restored == packet
