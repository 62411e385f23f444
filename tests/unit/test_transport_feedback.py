"""Transport-wide feedback is read as it was meant, or refused."""

import struct
from collections.abc import Iterator
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.media.sfu import rtcp
from signaling.media.sfu.transport_feedback import (
    REFERENCE_US,
    TICK_US,
    TRANSPORT_FEEDBACK_FMT,
    TransportFeedback,
    read_transport_feedback,
)


def written(feedback: TransportFeedback) -> bytes:
    """The RTCP packet that says this."""
    first_us = feedback.arrivals[0][1] if feedback.arrivals else 0
    reference = first_us // REFERENCE_US
    times_us = [reference * REFERENCE_US, *(time_us for _sequence, time_us in feedback.arrivals)]
    deltas = [(after - before) // TICK_US for before, after in pairwise(times_us)]
    symbols = [0] * feedback.count
    for (sequence, _time_us), delta in zip(feedback.arrivals, deltas, strict=True):
        symbols[(sequence - feedback.base_sequence) & 0xFFFF] = 1 if 0 <= delta < 0x100 else 2
    body = struct.pack("!LLHH", 1, 2, feedback.base_sequence, feedback.count)
    body += ((reference & 0xFFFFFF) << 8 | feedback.number).to_bytes(4)
    body += b"".join(chunk.to_bytes(2) for chunk in chunks(symbols))
    body += b"".join(delta.to_bytes(1 if 0 <= delta < 0x100 else 2, signed=not 0 <= delta < 0x100) for delta in deltas)
    body += bytes(-len(body) % 4)
    return struct.pack("!BBH", 0x80 | TRANSPORT_FEEDBACK_FMT, 205, len(body) // 4) + body


def chunks(symbols: list[int]) -> Iterator[int]:
    """A run where seven or more are alike or the end is near, else a vector: of fourteen bits if it can be."""
    while symbols:
        run = len(list(next(groupby(symbols))[1]))
        if run >= 7 or run == len(symbols):
            yield symbols[0] << 13 | run
            symbols = symbols[run:]
        elif 2 in symbols[:14]:
            yield 0xC000 | sum(symbol << 12 - 2 * place for place, symbol in enumerate(symbols[:7]))
            symbols = symbols[7:]
        else:
            yield 0x8000 | sum(symbol << 13 - place for place, symbol in enumerate(symbols[:14]))
            symbols = symbols[14:]


@st.composite
def feedbacks(draw: st.DrawFn) -> TransportFeedback:
    base = draw(st.integers(0, 0xFFFF))
    runs = draw(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), min_size=1, max_size=20))
    places: list[int] = []
    count = 0
    for received, length in runs:
        places += range(count, count + length) if received else ()
        count += length
    time_us = draw(st.integers(-(2**23), 2**23 - 2)) * 64_000 + draw(st.integers(0, 255)) * 250
    arrivals = []
    for place in places:
        arrivals.append(((base + place) & 0xFFFF, time_us))
        time_us += draw(st.integers(-400, 400)) * 250
    if arrivals and not -(2**23) <= arrivals[0][1] // 64_000 < 2**23:
        arrivals = []
    return TransportFeedback(base, count, draw(st.integers(0, 255)), tuple(arrivals))


@given(feedbacks())
def test_what_is_written_is_read(feedback: TransportFeedback) -> None:
    assert list(rtcp.parse(written(feedback))) == [feedback]
    assert feedback.lost == feedback.count - len(feedback.arrivals)


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        feedback = read_transport_feedback(body)
    except ValueError:
        return
    assert len(feedback.arrivals) <= len(body)


def test_the_drafts_ways_of_packing_are_understood() -> None:
    run, ones, twos = 0x2003, 0b10_10000000000001, 0b11_01_10_00_00_00_00_01
    head = struct.pack("!LLHHL", 1, 2, 0xFFFE, 3 + 14 + 7, 2 << 8 | 9)
    times = bytes([4, 0, 255]) + bytes([1]) + bytes([1]) + bytes([2]) + struct.pack("!h", -6) + bytes([8])
    body = head + struct.pack("!HHH", run, ones, twos) + times
    feedback = read_transport_feedback(body)
    assert (feedback.base_sequence, feedback.count, feedback.number) == (0xFFFE, 24, 9)
    assert [sequence for sequence, _us in feedback.arrivals] == [0xFFFE, 0xFFFF, 0, 1, 14, 15, 16, 21]
    ticks = [(time_us - 128_000) // 250 for _sequence, time_us in feedback.arrivals]
    assert ticks == [4, 4, 259, 260, 261, 263, 257, 265]


@pytest.mark.parametrize(
    ("count", "rest", "reason"),
    [
        (1, struct.pack("!H", 0x2000), "run"),  # of no packets: would never end
        (0x3000, struct.pack("!H", 0x3FFF), "run"),  # more arrivals than bytes
        (1, struct.pack("!H", 0x6001) + b"\0\0", "reserved"),
        (2, struct.pack("!H", 0x2002) + b"\1", "times"),
        (3, struct.pack("!H", 0x2002) + b"\1", "chunks"),
    ],
)
def test_an_impossible_one_is_refused(count: int, rest: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_transport_feedback(struct.pack("!LLHHL", 1, 2, 0, count, 0) + rest)


def test_a_long_silence_costs_nothing_to_read() -> None:
    silence = struct.pack("!LLHHL", 1, 2, 0, 0xFFFF, 0) + struct.pack("!H", 0x1FFF) * 9
    assert read_transport_feedback(silence).lost == 0xFFFF
