"""Transport-wide feedback: which packets of a whole connection came, and when.

draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1. No state, no clock; the cost is linear in the bytes.
"""

import struct
from dataclasses import dataclass

TRANSPORT_FEEDBACK_FMT = 15
TICK_US = 250
REFERENCE_US = 64_000

_MAX_RUN = 0x1FFF
_SMALL, _LARGE = 1, 2
_HEADER = struct.Struct("!LLHHLH")  # two SSRCs, base, count, reference time and number; the first chunk follows
_FIRST_CHUNK_AT = 16


@dataclass(frozen=True, slots=True)
class TransportFeedback:
    """`count` packets from `base_sequence` on (16 bits, wrapping); those not in `arrivals` did not come."""

    base_sequence: int
    count: int
    number: int  # of this feedback, 8 bits, to notice that one was lost
    arrivals: tuple[tuple[int, int], ...]  # sequence, microseconds by the receiver's clock, 250 at a time

    @property
    def lost(self) -> int:
        """How many did not come."""
        return self.count - len(self.arrivals)


def read_transport_feedback(body: bytes) -> TransportFeedback:
    """The body of such an RTCP packet, after the common header. Raises ValueError when it is malformed."""
    if len(body) < _HEADER.size:
        raise ValueError("transport feedback too short")
    _sender, _media, base, count, reference_and_number, _chunk = _HEADER.unpack_from(body)
    received, at = _received(body, count)
    reference = reference_and_number >> 8
    time_us = (reference - (reference >> 23 << 24)) * REFERENCE_US
    arrivals: list[tuple[int, int]] = []
    for place, symbol in received:
        delta, at = _delta(body, at, symbol)
        time_us += delta * TICK_US
        arrivals.append(((base + place) & 0xFFFF, time_us))
    return TransportFeedback(base, count, reference_and_number & 0xFF, tuple(arrivals))


def _received(body: bytes, count: int) -> tuple[list[tuple[int, int]], int]:
    """Places and symbols of what came, and where the times begin. No run is longer than the times it must have."""
    received: list[tuple[int, int]] = []
    place, at = 0, _FIRST_CHUNK_AT
    while place < count:
        if at + 2 > len(body):
            raise ValueError("transport feedback ends in its chunks")
        chunk = int.from_bytes(body[at : at + 2])
        at += 2
        if chunk >> 15:
            symbols = _vector(chunk)[: count - place]
            received += [(place + i, symbol) for i, symbol in enumerate(symbols) if symbol]
            place += len(symbols)
            continue
        symbol, run = chunk >> 13 & 3, min(chunk & _MAX_RUN, count - place)
        if run == 0 or (symbol and len(received) + run > len(body)):
            raise ValueError("transport feedback with an impossible run")
        if symbol:
            received += [(place + i, symbol) for i in range(run)]
        place += run
    return received, at


def _vector(chunk: int) -> list[int]:
    if chunk >> 14 & 1:
        return [chunk >> shift & 3 for shift in range(12, -1, -2)]
    return [chunk >> shift & 1 for shift in range(13, -1, -1)]


def _delta(body: bytes, at: int, symbol: int) -> tuple[int, int]:
    size = symbol if symbol in (_SMALL, _LARGE) else 0
    if not size or at + size > len(body):
        raise ValueError("transport feedback ends in its times, or has a reserved symbol")
    return int.from_bytes(body[at : at + size], signed=symbol == _LARGE), at + size
