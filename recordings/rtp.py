"""Reading recorded RTP: header (RFC 3550 5.1), numbers without wrap, the packets of one track in order. Pure.

What a packet carries is read in depacketise.py; when it was captured in clock.py.
"""

import heapq
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from recordings.errors import Damaged
from recordings.spool import Entry, Kind, read_dropped, read_sender_report

REORDER_NS = 2_000_000_000  # a repaired packet may come this much later than its neighbours
REORDER_PACKETS = 2_048
_RESTART_PACKETS = 3_000  # a larger step in the sequence is a new beginning, not a loss (RFC 3550 A.1)
_HEADER = struct.Struct("!BBHII")


class Packet(NamedTuple):
    """One RTP packet with its numbers unwrapped. `stretch` counts how often the sender began anew."""

    stretch: int
    sequence: int
    rtp_time: int
    arrived_ns: int
    marker: bool
    payload: bytes


class Report(NamedTuple):
    """One sender report: at `ntp_time` (64-bit, the sender's clock) the stream stood at `rtp_time`."""

    stretch: int
    ntp_time: int
    rtp_time: int
    arrived_ns: int


class Dropped(NamedTuple):
    """So many packets did not reach the disk in time."""

    since_ns: int
    until_ns: int
    packets: int


class Header(NamedTuple):
    """What matters of an RTP header; the payload lies at [start, end)."""

    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    start: int
    end: int


def parse(packet: bytes) -> Header:
    """Raises Damaged for what is no RTP packet."""
    try:
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
        start = 12 + 4 * (first & 0x0F)
        if first & 0x10:
            start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4])
        end = len(packet) - (packet[-1] if first & 0x20 else 0)
    except (struct.error, IndexError) as error:
        raise Damaged("RTP header") from error
    if first >> 6 != 2 or start > end:
        raise Damaged("RTP header")
    return Header(bool(second & 0x80), sequence, timestamp, ssrc, start, end)


class Unwrapped:
    """A counter of `bits` bits, without its wraps: each value is taken as the nearest to the last."""

    def __init__(self, bits: int) -> None:
        self._half, self._mask = 1 << (bits - 1), (1 << bits) - 1
        self.last: int | None = None

    def nearest(self, value: int) -> int:
        """The unwrapped value, leaving the state as it is."""
        if self.last is None:
            return value
        return self.last + ((value - self.last + self._half) & self._mask) - self._half

    def take(self, value: int) -> int:
        """The unwrapped value, which is from now on the last."""
        self.last = self.nearest(value)
        return self.last


@dataclass(frozen=True, slots=True)
class RecordedPart:
    """The entries of one part; parts of another `run` come from another life of the node."""

    run: tuple[int, int]  # epoch and run
    entries: Iterable[Entry]


def in_order(parts: Iterable[RecordedPart]) -> Iterator[Packet | Report | Dropped]:
    """One track's packets in the order of their sequence, each once; reports and drops where they arrived.

    Holds back at most `REORDER_PACKETS` packets and `REORDER_NS`. What is no RTP is left out.
    """
    stretch, run = _Stretch(-1, 0), None
    for part in parts:
        for entry in part.entries:
            if entry.kind == Kind.RTP:
                try:
                    header = parse(entry.data)
                except Damaged:
                    continue
                if part.run != run or not stretch.continues(header):
                    yield from stretch.flush()
                    run = part.run
                    stretch = _Stretch(stretch.number + 1, header.ssrc)
                yield from stretch.packet(header, entry)
            elif entry.kind == Kind.SENDER_REPORT and part.run == run:
                ntp_time, rtp_time = read_sender_report(entry.data)
                yield stretch.report(ntp_time, rtp_time, entry.arrived_ns)
            elif entry.kind == Kind.DROPPED:
                since_ns, packets = read_dropped(entry.data)
                yield Dropped(since_ns, entry.arrived_ns, packets)
    yield from stretch.flush()


class _Stretch:
    """Packets of one sender's one stream, put into order by a small heap."""

    def __init__(self, number: int, ssrc: int) -> None:
        self.number, self._ssrc = number, ssrc
        self._sequence, self._time = Unwrapped(16), Unwrapped(32)
        self._held: list[tuple[int, Packet]] = []
        self._next: int | None = None

    def continues(self, header: Header) -> bool:
        """Whether this packet belongs to the stretch."""
        step = 0 if self._sequence.last is None else self._sequence.nearest(header.sequence) - self._sequence.last
        return header.ssrc == self._ssrc and abs(step) < _RESTART_PACKETS

    def packet(self, header: Header, entry: Entry) -> Iterator[Packet]:
        """Take one packet; give out those whose turn has come."""
        sequence = self._sequence.take(header.sequence)
        rtp_time = self._time.take(header.timestamp)
        payload = entry.data[header.start : header.end]
        packet = Packet(self.number, sequence, rtp_time, entry.arrived_ns, header.marker, payload)
        if not self._held and self._next in (None, sequence):
            self._next = sequence + 1
            yield packet
            return
        heapq.heappush(self._held, (sequence, packet))
        yield from self._ready(entry.arrived_ns)

    def report(self, ntp_time: int, rtp_time: int, arrived_ns: int) -> Report:
        """The report with its RTP time unwrapped like the packets'."""
        return Report(self.number, ntp_time, self._time.nearest(rtp_time), arrived_ns)

    def flush(self) -> Iterator[Packet]:
        """Everything that is held, in order."""
        yield from self._ready(None)

    def _ready(self, now_ns: int | None) -> Iterator[Packet]:
        held = self._held
        while held and self._turn_has_come(held[0], now_ns):
            sequence, packet = heapq.heappop(held)
            if self._next is not None and sequence < self._next:
                continue
            self._next = sequence + 1
            yield packet

    def _turn_has_come(self, first: tuple[int, Packet], now_ns: int | None) -> bool:
        sequence, packet = first
        return (
            now_ns is None
            or self._next is None
            or sequence <= self._next
            or now_ns - packet.arrived_ns > REORDER_NS
            or len(self._held) > REORDER_PACKETS
        )
