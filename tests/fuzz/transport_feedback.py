"""Transport-wide feedback: refused, or arrivals in time and number bounded by the bytes that told of them."""

import struct

from signaling.media.sfu.transport_feedback import read_transport_feedback
from tests.fuzz.inputs import bounded_time


def seeds() -> list[bytes]:
    """A run, both kinds of vector, large and negative steps."""
    head = struct.pack("!LLHHL", 1, 7, 65_530, 9, 0xFFFFFF_03)
    return [
        head + b"\x20\x09" + bytes(range(9)),
        head + b"\xff\xff" + b"\x00\x01" + bytes(14),
        head + b"\xd5\x55\x20\x02" + bytes(12),
        head + b"\x40\x09" + struct.pack("!9h", *range(-4, 5)),
    ]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    with bounded_time():
        try:
            feedback = read_transport_feedback(data)
        except ValueError:
            return
    assert len(feedback.arrivals) <= min(feedback.count, len(data))
    assert 0 <= feedback.lost <= feedback.count
    places = [(sequence - feedback.base_sequence) & 0xFFFF for sequence, _time in feedback.arrivals]
    assert places == sorted(set(places)), "each packet at most once, in order"
