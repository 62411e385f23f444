"""Reads transport-wide feedback as a sender would: draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1."""

import struct
from typing import NamedTuple


class Feedback(NamedTuple):
    """One packet: for each number in order, when it came in ticks of 250 µs since the sender's epoch, or None."""

    sender_ssrc: int
    media_ssrc: int
    first: int
    number: int  # of this feedback
    ticks: list[int | None]


def is_feedback(packet: bytes) -> bool:
    """Whether this RTCP packet is one."""
    return packet[0] & 31 == 15 and packet[1] == 205


def read(packet: bytes) -> Feedback:
    """Raises AssertionError where the packet is not exactly as the draft says."""
    flags, kind, words, sender, media, first, statuses = struct.unpack_from("!BBHLLHH", packet)
    assert (flags >> 6, flags & 31, kind, 4 * words + 4) == (2, 15, 205, len(packet))
    padding = packet[-1] if flags & 0x20 else 0
    assert padding in (1, 2, 3) if flags & 0x20 else padding == 0
    reference, number = int.from_bytes(packet[16:19], signed=True), packet[19]
    symbols: list[int] = []
    at = 20
    while len(symbols) < statuses:
        chunk = int.from_bytes(packet[at : at + 2])
        at += 2
        if not chunk & 0x8000:
            assert chunk & 0x1FFF, "an empty run"
            symbols += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            symbols += [chunk >> 2 * (6 - place) & 3 for place in range(7)]
        else:
            symbols += [chunk >> 13 - place & 1 for place in range(14)]
    assert not any(symbols[statuses:]), "statuses beyond the count"
    ticks: list[int | None] = []
    now = reference * 256
    for symbol in symbols[:statuses]:
        assert symbol in (0, 1, 2)
        if symbol:
            now += int.from_bytes(packet[at : at + symbol], signed=symbol == 2)
            at += symbol
        ticks.append(now if symbol else None)
    assert at == len(packet) - padding, "nothing is left over"
    return Feedback(sender, media, first, number, ticks)
