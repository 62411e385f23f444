"""When each packet of a connection arrived, told to its sender, whose congestion control works with it. Pure.

draft-holmer-rmcat-transport-wide-cc-extensions-01: every packet of every m-line carries one common number in a header
extension; our RTCP feedback (RTPFB, format 15) lists which numbers came and the times between them in steps of 250 µs.
"""

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from signaling.media.sfu.rtcp import RTPFB
from signaling.media.sfu.transport_feedback import TRANSPORT_FEEDBACK_FMT

TRANSPORT_CC_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
SPAN = 1024  # numbers remembered: 2 s of 5 Mbit/s; whatever is further apart is a new beginning
MAX_ARRIVALS = 400  # told in one packet, which so stays below 1,200 bytes

_TICKS_PER_S = 4000
_TICKS_PER_REFERENCE = 256  # the reference time counts 64 ms
_MISSING, _SMALL_DELTA, _LARGE_DELTA = 0, 1, 2
_ONE_BIT_SYMBOLS, _TWO_BIT_SYMBOLS, _MAX_RUN = 14, 7, 0x1FFF
_NOTHING = -1 << 40


class Arrivals:
    """The arrivals of one connection, and the feedback packets they become."""

    def __init__(self) -> None:
        self._numbers = array("q", [_NOTHING] * SPAN)  # unwrapped: cycles above, the 16 bits of the packet below
        self._ticks = array("q", [0] * SPAN)
        self._highest: int | None = None
        self._first = 0  # the next feedback begins here
        self._ssrc = 0  # of the newest packet: a browser reads only feedback on a stream that it sends
        self._any = False  # something came since the last feedback
        self._count = 0  # feedback packets so far

    def record(self, sequence: int, ssrc: int, arrived_s: float) -> None:
        """One packet came with this transport-wide number."""
        if self._highest is None:
            self._highest = self._first = sequence
        number = self._highest + ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if number <= self._highest - SPAN or self._numbers[number % SPAN] == number:
            return  # too old to be of use, or a duplicate
        if number >= self._highest + SPAN:
            self._first = number
        self._numbers[number % SPAN], self._ticks[number % SPAN] = number, round(arrived_s * _TICKS_PER_S)
        self._highest = max(self._highest, number)
        # One that changed places was told missing; it is told again, with all that followed it.
        self._first = max(min(self._first, number), self._highest - SPAN + 1)
        self._ssrc, self._any = ssrc, True

    def feedback(self, sender_ssrc: int) -> list[bytes]:
        """What came since the last call, oldest first; nothing if nothing came. Called every 50 to 100 ms."""
        if self._highest is None or not self._any:
            return []
        packets = [self._packed(part, sender_ssrc) for part in self._parts(self._first, self._highest)]
        self._first, self._any = self._highest + 1, False
        return packets

    def _parts(self, first: int, last: int) -> "Iterator[_Part]":
        """One part, or several where a packet is full or a pause is too long to be written."""
        part = _Part(first)
        for number in range(first, last + 1):
            slot = number % SPAN
            if self._numbers[slot] != number:
                part.symbols.append(_MISSING)
            elif not part.add(self._ticks[slot]):
                yield part
                part = _Part(number)
                part.add(self._ticks[slot])
        yield part

    def _packed(self, part: "_Part", sender_ssrc: int) -> bytes:
        reference_and_count = (part.reference & 0xFFFFFF) << 8 | self._count
        self._count = (self._count + 1) & 0xFF
        numbers = (part.first & 0xFFFF, len(part.symbols), reference_and_count)
        body = struct.pack("!LLHHL", sender_ssrc, self._ssrc, *numbers) + chunks(part.symbols) + part.deltas
        padding = -len(body) % 4
        body += bytes(padding - 1) + bytes([padding]) if padding else b""
        flags = 0x80 | TRANSPORT_FEEDBACK_FMT | (0x20 if padding else 0)
        return struct.pack("!BBH", flags, RTPFB, len(body) // 4) + body


@dataclass(slots=True)
class _Part:
    """What one feedback packet says, beginning with the number `first`."""

    first: int
    reference: int = 0
    symbols: list[int] = field(default_factory=list)
    deltas: bytearray = field(default_factory=bytearray)
    arrivals: int = 0
    last_ticks: int = 0

    def add(self, ticks: int) -> bool:
        """The next number came at this time; False, and nothing changed, if that cannot be written here."""
        if self.arrivals == 0:
            self.reference = ticks // _TICKS_PER_REFERENCE
            self.last_ticks = self.reference * _TICKS_PER_REFERENCE
        delta = ticks - self.last_ticks
        if self.arrivals == MAX_ARRIVALS or not -0x8000 <= delta <= 0x7FFF:
            return False
        small = 0 <= delta <= 0xFF
        self.symbols.append(_SMALL_DELTA if small else _LARGE_DELTA)
        self.deltas += delta.to_bytes(1 if small else 2, signed=not small)
        self.arrivals, self.last_ticks = self.arrivals + 1, ticks
        return True


def chunks(symbols: Sequence[int]) -> bytes:
    """The status of each packet, packed: as a run where one repeats, else as a vector of one or two bits each."""
    packed, at = bytearray(), 0
    while at < len(symbols):
        run = _run(symbols, at)
        one_bit = _LARGE_DELTA not in symbols[at : at + _ONE_BIT_SYMBOLS]
        if run >= (_ONE_BIT_SYMBOLS if one_bit else _TWO_BIT_SYMBOLS) or at + run == len(symbols):
            packed += (symbols[at] << 13 | run).to_bytes(2)
            at += run
        elif one_bit:
            packed += (0x8000 | _vector(symbols[at : at + _ONE_BIT_SYMBOLS], _ONE_BIT_SYMBOLS, 1)).to_bytes(2)
            at += _ONE_BIT_SYMBOLS
        else:
            packed += (0xC000 | _vector(symbols[at : at + _TWO_BIT_SYMBOLS], _TWO_BIT_SYMBOLS, 2)).to_bytes(2)
            at += _TWO_BIT_SYMBOLS
    return bytes(packed)


def _run(symbols: Sequence[int], at: int) -> int:
    """How often the symbol at `at` repeats, as far as one chunk can say."""
    end = at + 1
    while end < min(len(symbols), at + _MAX_RUN) and symbols[end] == symbols[at]:
        end += 1
    return end - at


def _vector(symbols: Sequence[int], places: int, bits: int) -> int:
    value = 0
    for symbol in symbols:
        value = value << bits | symbol
    return value << bits * (places - len(symbols))
