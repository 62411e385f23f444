"""Transport-wide feedback as a packet: which packets of a whole connection came, and when. Written; we read none.

draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1. No state, no clock.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from signaling.media.sfu.rtcp import RTPFB

TRANSPORT_FEEDBACK_FMT = 15
TICKS_PER_S = 4000  # 250 µs
MAX_ARRIVALS = 400  # told in one packet, which so stays below 1,200 bytes

_TICKS_PER_REFERENCE = 256  # the reference time counts 64 ms
_MISSING, _SMALL_DELTA, _LARGE_DELTA = 0, 1, 2
_ONE_BIT_SYMBOLS, _TWO_BIT_SYMBOLS, _MAX_RUN = 14, 7, 0x1FFF


@dataclass(slots=True)
class FeedbackPart:
    """What one feedback packet says, beginning with the number `first`; at most 1,200 bytes."""

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

    def miss(self) -> None:
        """The next number did not come."""
        self.symbols.append(_MISSING)

    def packet(self, sender_ssrc: int, media_ssrc: int, number: int) -> bytes:
        """The RTCP packet; `number` counts them, so that its reader notices when one was lost."""
        reference_and_number = (self.reference & 0xFFFFFF) << 8 | number & 0xFF
        numbers = (self.first & 0xFFFF, len(self.symbols), reference_and_number)
        body = struct.pack("!LLHHL", sender_ssrc, media_ssrc, *numbers) + chunks(self.symbols) + self.deltas
        padding = -len(body) % 4
        body += bytes(padding - 1) + bytes([padding]) if padding else b""
        flags = 0x80 | TRANSPORT_FEEDBACK_FMT | (0x20 if padding else 0)
        return struct.pack("!BBH", flags, RTPFB, len(body) // 4) + body


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
