"""Sound in RED: refused, or plain packets with a sequence number each, no more bytes than came, none twice."""

from signaling.media.sfu.red import MAX_BLOCKS, RedStream
from signaling.media.sfu.rtp import payload_start
from tests.fuzz.inputs import bounded_time, joined, pieces

OPUS, RED = 111, 63


def packet(sequence: int, payload: bytes, payload_type: int = RED) -> bytes:
    """An RTP packet of 20 ms."""
    return bytes([0x80, payload_type]) + sequence.to_bytes(2) + (960 * sequence).to_bytes(4) + bytes(4) + payload


def block(ticks_ago: int, size: int) -> bytes:
    """The header of a repeated frame."""
    return bytes([0x80 | OPUS]) + (ticks_ago << 10 | size).to_bytes(3)


def seeds() -> list[bytes]:
    """A stream with a loss that is put back; plain Opus between; padding alone; another codec inside."""
    now = bytes([OPUS])
    first, third = packet(1, now + b"one"), packet(3, block(960, 3) + now + b"twothree")
    double = packet(5, block(1_920, 5) + block(960, 4) + now + b"threefourfive")
    padding = bytes([0xA0]) + packet(6, b"\x00\x00\x03")[1:]
    return [joined(first, third, double, padding), joined(packet(1, b"plain", OPUS), third, third, packet(4, b"\x00x"))]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    stream, sequences = RedStream(OPUS), set[int]()
    for number, came in enumerate(pieces(data)):
        if len(came) < 12 or number > 50:  # libsrtp gives nothing shorter; the stream forgets after 64
            continue
        with bounded_time():
            try:
                found = stream.plain(came) if came[1] & 0x7F == RED else stream.noted(came)
            except ValueError:
                continue
        assert len(found) <= MAX_BLOCKS + 1
        assert sum(len(each.packet) - payload_start(each.packet) for each in found) <= len(came)
        for each in found:
            sequence = int.from_bytes(each.packet[2:4])
            assert sequence not in sequences or MAX_BLOCKS * len(sequences) > 64, "the same packet twice"
            sequences.add(sequence)
