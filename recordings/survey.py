"""One look over everything that was recorded of one track, before anything is decoded: clocks, holes, losses. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from recordings.clock import Knot, ReportTime, SenderClock, StreamClock, ntp_to_ns, stream_clock
from recordings.rtp import Dropped, Packet, Report

LOST_HOLE_NS = 250_000_000  # a hole with missing packets that is worth telling
SILENT_HOLE_NS = 2_000_000_000  # a hole in which nothing was sent; shorter ones are discontinuous transmission
FAST_WINDOW_NS = 10_000_000_000
_REPORT_TOLERANCE_NS = 5_000_000_000  # a report that disagrees more with its stream belongs to another one


@dataclass(frozen=True, slots=True)
class Hole:
    """Between two packets of a stretch: RTP and arrival time of both, and how many packets are missing."""

    after: Packet
    before: Packet
    lost_packets: int


@dataclass(slots=True)
class Stretch:
    """One uninterrupted life of a stream: same sender, same node run."""

    number: int
    first: Packet
    last: Packet
    packets: int = 0
    lost_packets: int = 0
    holes: list[Hole] = field(default_factory=list)
    reports: list[ReportTime] = field(default_factory=list)
    fastest: list[Knot] = field(default_factory=list)  # per window, the packet with the shortest delay
    _window_end_ns: int = 0
    _shortest_ns: int = 0


@dataclass(slots=True)
class Survey:
    """All stretches of one track, in order."""

    clock_rate_hz: int
    stretches: list[Stretch] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)

    def clocks(self, sender: SenderClock) -> dict[int, StreamClock]:
        """Stretch number → its clock."""
        return {
            stretch.number: stream_clock(stretch.reports, stretch.fastest, sender, self.clock_rate_hz)
            for stretch in self.stretches
        }


def survey(items: Iterable[Packet | Report | Dropped], clock_rate_hz: int) -> Survey:
    """Read one track to its end. Memory: a few numbers per second, no payloads beyond the edges of holes."""
    seen = Survey(clock_rate_hz)
    for item in items:
        if isinstance(item, Dropped):
            seen.dropped.append(item)
        elif isinstance(item, Report):
            _add_report(seen, item)
        else:
            _add_packet(seen, item._replace(payload=b""))
    return seen


def sender_clock(surveys: Iterable[Survey]) -> SenderClock:
    """The clock of the browser that sent all these tracks."""
    return SenderClock(report for one in surveys for stretch in one.stretches for report in stretch.reports)


def _add_report(seen: Survey, report: Report) -> None:
    if not seen.stretches or seen.stretches[-1].number != report.stretch:
        return
    last = seen.stretches[-1].last
    media_ns = (report.rtp_time - last.rtp_time) * 1_000_000_000 // seen.clock_rate_hz
    if abs(media_ns - (report.arrived_ns - last.arrived_ns)) < _REPORT_TOLERANCE_NS:
        made = ReportTime(report.rtp_time, ntp_to_ns(report.ntp_time), report.arrived_ns)
        seen.stretches[-1].reports.append(made)


def _add_packet(seen: Survey, packet: Packet) -> None:
    if not seen.stretches or seen.stretches[-1].number != packet.stretch:
        seen.stretches.append(Stretch(packet.stretch, packet, packet))
    stretch = seen.stretches[-1]
    _note_hole(stretch, packet, seen.clock_rate_hz)
    _note_delay(stretch, packet, seen.clock_rate_hz)
    stretch.packets += 1
    stretch.last = packet


def _note_hole(stretch: Stretch, packet: Packet, clock_rate_hz: int) -> None:
    last = stretch.last
    lost = max(0, packet.sequence - last.sequence - 1)
    stretch.lost_packets += lost
    if packet.rtp_time == last.rtp_time:
        return
    media_ns = (packet.rtp_time - last.rtp_time) * 1_000_000_000 // clock_rate_hz
    longest_ns = max(media_ns, packet.arrived_ns - last.arrived_ns if not lost else 0)
    if longest_ns >= (LOST_HOLE_NS if lost else SILENT_HOLE_NS):
        stretch.holes.append(Hole(last, packet, lost))


def _note_delay(stretch: Stretch, packet: Packet, clock_rate_hz: int) -> None:
    delay_ns = packet.arrived_ns - packet.rtp_time * 1_000_000_000 // clock_rate_hz
    if packet.arrived_ns >= stretch._window_end_ns:
        stretch._window_end_ns = packet.arrived_ns + FAST_WINDOW_NS
        stretch.fastest.append(Knot(packet.rtp_time, packet.arrived_ns))
    elif delay_ns >= stretch._shortest_ns:
        return
    else:
        stretch.fastest[-1] = Knot(packet.rtp_time, packet.arrived_ns)
    stretch._shortest_ns = delay_ns
