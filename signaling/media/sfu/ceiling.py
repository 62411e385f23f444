"""How much one sender may send before the rest is dropped: packets and bits per second, each a token bucket. Pure.

Ceilings are far above what browsers send, and hurt nobody but whoever reaches them.
"""

from dataclasses import dataclass

from signaling.media.sfu.settings import Limit

BURST_S = 2.0  # what a line held back for so long may come at once
AUDIO_PACKETS_PER_S = 200  # browsers send 50, with short frames 100
AUDIO_BPS = 512_000
VIDEO_PACKETS_PER_S = 1_500
VIDEO_BPS = 4_000_000  # or twice what the site's policy allows, if that is more
RTCP_PACKETS_PER_S = 1_000  # of one peer connection; a viewer of many pictures on a bad line sends some hundreds
RTCP_BPS = 2_000_000
NACKED_PER_S = 3_000  # numbers a viewer says are missing; of many pictures on a bad line it misses some hundreds
CHECKS_PER_S = 200  # of one peer connection; browsers begin one every 20 to 50 ms, and repeat what is not answered
UNKNOWN_PACKETS_PER_S = 500  # of streams without a track: what was on its way when a shared screen was taken back


@dataclass(frozen=True, slots=True)
class Rate:
    """The most that is taken on average; twice of it at once."""

    packets_per_s: int
    bits_per_s: int


RTCP_RATE = Rate(RTCP_PACKETS_PER_S, RTCP_BPS)
NACKED_RATE = Rate(NACKED_PER_S, 0)  # a NACK is small, and names up to a thousand
CHECK_RATE = Rate(CHECKS_PER_S, 0)  # whatever their size: nobody's is large
UNKNOWN_RATE = Rate(UNKNOWN_PACKETS_PER_S, VIDEO_BPS)


def track_rate(kind: str, usual: Limit) -> Rate:
    """The ceiling of one published track, all its layers and what is sent again together."""
    if kind == "audio":
        return Rate(AUDIO_PACKETS_PER_S, max(AUDIO_BPS, 2 * usual.max_bitrate_bps))
    return Rate(VIDEO_PACKETS_PER_S, max(VIDEO_BPS, 2 * usual.max_bitrate_bps))


class Ceiling:
    """Says for each packet whether it is still taken."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._packets = rate.packets_per_s * BURST_S
        self._bits = rate.bits_per_s * BURST_S
        self._at_s: float | None = None

    def allows(self, size_bytes: int, now_s: float, packets: int = 1) -> bool:
        """Whether a packet of this size, or so many together, may pass now; if so, they are counted."""
        rate = self.rate
        if self._at_s is not None:
            passed_s = max(0.0, now_s - self._at_s)
            self._packets = min(self._packets + passed_s * rate.packets_per_s, rate.packets_per_s * BURST_S)
            self._bits = min(self._bits + passed_s * rate.bits_per_s, rate.bits_per_s * BURST_S)
        self._at_s = now_s
        if self._packets < packets or self._bits < 8 * size_bytes:
            return False
        self._packets -= packets
        self._bits -= 8 * size_bytes
        return True
