"""What a viewer's receiver reports say of its line since the last ones. RFC 3550 6.4.1, A.3. Pure."""

from collections.abc import Callable, Iterable, Iterator

from signaling.media.adaptation.line import Loss, RoundTrip
from signaling.media.sfu.rtcp import ReportBlock

_UNIT_S = 1 / 65_536  # of the middle 32 bits of an NTP time


class ReceiverReports:
    """The reports of one viewer.

    `unsent` says how many numbers of an SSRC the viewer was never sent, for their publisher's own line lost them: that
    is no fault of the viewer's line. None: the SSRC is not ours, and nothing is kept of it.
    """

    def __init__(self, unsent: Callable[[int], int | None]) -> None:
        self._unsent = unsent
        self._counted: dict[int, tuple[int, int]] = {}  # SSRC -> highest sequence number, lost on the viewer's line

    def read(self, blocks: Iterable[ReportBlock], ntp_time: int) -> Iterator[Loss | RoundTrip]:
        """The shortest round trip, and then, for it tells how to take that, one loss of all streams together.

        `ntp_time` (64 bits) is when the reports came.
        """
        lost = expected = 0
        round_trips_s = []
        for block in blocks:
            unsent = self._unsent(block.ssrc)
            if unsent is None:
                continue
            lost_now, expected_now = self._since_last(block, block.packets_lost - unsent)
            lost, expected = lost + lost_now, expected + expected_now
            if block.last_sr:
                round_trips_s.append(_round_trip_s(block, ntp_time))
        if round_trips_s:
            yield RoundTrip(min(round_trips_s))
        if expected > 0:
            yield Loss(max(0, lost), expected)

    def forget(self, ssrc: int) -> None:
        """This stream is sent no longer."""
        self._counted.pop(ssrc, None)

    def _since_last(self, block: ReportBlock, lost: int) -> tuple[int, int]:
        before = self._counted.get(block.ssrc)
        self._counted[block.ssrc] = block.highest_sequence, lost
        if before is None:
            return 0, 0
        expected = (block.highest_sequence - before[0]) & 0xFFFFFFFF
        if expected >= 0x8000:  # went back, or jumped: a report out of order, or a restarted receiver
            return 0, 0
        return min(lost - before[1], expected), expected


def _round_trip_s(block: ReportBlock, ntp_time: int) -> float:
    ticks = ((ntp_time >> 16) - block.last_sr - block.delay_since_last_sr) & 0xFFFFFFFF
    return 0.0 if ticks >= 0x80000000 else ticks * _UNIT_S  # a clock that was set back, or a lie
