"""A feed whose packets come from inside the process: no peer connection, no losses, our own clock."""

from collections.abc import Callable

from signaling.media.port import INLET_LEVEL_ID, Source
from signaling.media.sfu.feed import Feed
from signaling.media.sfu.peer import Ground
from signaling.media.sfu.rtcp import SenderReport, ntp_from_ns
from signaling.media.sfu.rtp import extension

REPORT_INTERVAL_S = 1.0


class FeedInlet:
    """Writes to one feed. `on_level` hears how loud its sound is; `on_close` is told the feed, once."""

    def __init__(
        self, feed: Feed, ground: Ground, on_level: Callable[[Feed, int], None], on_close: Callable[[Feed], None]
    ) -> None:
        self._feed = feed
        self._ground = ground
        self._on_level = on_level
        self._on_close = on_close
        self._closed = False
        self._newest: tuple[int, int] | None = None  # wall time and RTP time of the newest packet
        self._report_due_s = 0.0
        feed.begin()

    def write(self, packet: bytes) -> None:
        """One plain RTP packet, at the moment it is due. Raises ValueError if it is none."""
        if self._closed:
            return
        if self._feed.track.source is Source.MIC and (level := extension(packet, INLET_LEVEL_ID)):
            self._on_level(self._feed, level[0] & 0x7F)
        now_ns = self._ground.wall_clock_ns()
        self._feed.on_packet(packet, now_ns, self._ground.clock())
        self._newest = (now_ns, int.from_bytes(packet[4:8]))

    def close(self) -> None:
        """Take the track back. Idempotent."""
        if not self._closed:
            self._closed = True
            self._on_close(self._feed)

    def tick(self, now_s: float) -> None:
        """Report once a second, as a browser would."""
        if self._newest is None or now_s < self._report_due_s:
            return
        self._report_due_s = now_s + REPORT_INTERVAL_S
        wall_ns, rtp_time = self._newest
        report = SenderReport(0, ntp_from_ns(wall_ns), rtp_time, 0, 0)
        self._feed.on_sender_report(report, wall_ns, now_s)
