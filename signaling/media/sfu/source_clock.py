"""One publisher's clock and ours, so that all its tracks play in step everywhere. Pure; RFC 3550 6.4.1."""

from signaling.media.sfu.rtcp import ns_from_ntp

DRIFT_NS_PER_S = 100_000  # how much slower the other clock may run: 100 ppm


class SourceClock:
    """Learns from sender reports how far a publisher's clock is from ours: the quickest report is the truest."""

    def __init__(self) -> None:
        self._offset_ns: int | None = None
        self._learned_ns = 0

    def on_report(self, ntp_time: int, arrived_ns: int) -> None:
        """A report that says `ntp_time` arrived at `arrived_ns`, wall time by our clock."""
        sample_ns = arrived_ns - ns_from_ntp(ntp_time)
        if self._offset_ns is not None:
            grown_ns = (arrived_ns - self._learned_ns) * DRIFT_NS_PER_S // 1_000_000_000
            sample_ns = min(sample_ns, self._offset_ns + grown_ns)
        self._offset_ns, self._learned_ns = sample_ns, arrived_ns

    def rtp_time_at(self, now_ns: int, ntp_time: int, rtp_time: int, clock_rate_hz: int) -> int | None:
        """The RTP time of our moment `now_ns`, given the last pair a track reported; None before any report."""
        if self._offset_ns is None:
            return None
        elapsed_ns = now_ns - self._offset_ns - ns_from_ntp(ntp_time)
        return (rtp_time + elapsed_ns * clock_rate_hz // 1_000_000_000) & 0xFFFFFFFF
