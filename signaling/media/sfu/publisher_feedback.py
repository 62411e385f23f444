"""What we tell a publisher: what is missing, when a key frame is needed, how well it arrives, how much it may send.

NACK at once, PLI at most every 400 ms, receiver report every second, REMB twice a second (aiortc-facts.md, section 4).
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from signaling.media.sfu.feed import Feed
from signaling.media.sfu.rtcp import bandwidth, nack, picture_loss, receiver_report

REPORT_INTERVAL_S = 1.0
BANDWIDTH_INTERVAL_S = 0.5
SOUND_BPS = 128_000  # on top of the pictures: REMB is for the whole connection
# Chromium begins at the first REMB it hears, so the first ones ask for less than a line may turn out to carry.
FIRST_BANDWIDTH_BPS = 600_000
BANDWIDTH_GROWTH = 1.5  # per REMB


class PublishedSection(Protocol):
    """What feedback needs to know of one m-line."""

    feed: Feed
    ssrc: int | None


class PublisherFeedback:
    """Feedback on one up connection. `ssrc` is ours as a receiver; `send` takes RTCP."""

    def __init__(self, ssrc: int, send: Callable[[bytes], None]) -> None:
        self._ssrc = ssrc
        self._send = send
        self._report_due_s = 0.0
        self._bandwidth_due_s = 0.0
        self._bandwidth_bps = float(FIRST_BANDWIDTH_BPS)

    def tick(self, sections: Sequence[PublishedSection], now_s: float) -> None:
        """Send what is due."""
        for section in sections:
            if section.ssrc is not None:
                self._repair(section.feed, section.ssrc, now_s)
        if now_s >= self._report_due_s:
            self._report_due_s = now_s + REPORT_INTERVAL_S
            self._report(sections, now_s)
        if now_s >= self._bandwidth_due_s:
            self._bandwidth_due_s = now_s + BANDWIDTH_INTERVAL_S
            self._allow(sections)

    def _repair(self, feed: Feed, ssrc: int, now_s: float) -> None:
        missing = feed.reception.nacks(now_s)
        if missing:
            self._send(nack(self._ssrc, ssrc, missing))
        if feed.key_frame_due(now_s):
            self._send(picture_loss(self._ssrc, ssrc))

    def _report(self, sections: Sequence[PublishedSection], now_s: float) -> None:
        blocks = [
            block
            for section in sections
            if section.ssrc is not None and (block := section.feed.reception.report(section.ssrc, now_s))
        ]
        if blocks:
            self._send(receiver_report(self._ssrc, blocks))

    def _allow(self, sections: Sequence[PublishedSection]) -> None:
        """Let the publisher's pictures grow to their limits together."""
        pictures = [s for s in sections if s.feed.track.source.kind == "video" and s.ssrc is not None]
        if not pictures:
            return
        most_bps = sum(section.feed.limit.max_bitrate_bps for section in pictures) + SOUND_BPS
        self._send(bandwidth(self._ssrc, int(min(self._bandwidth_bps, most_bps)), [s.ssrc or 0 for s in pictures]))
        self._bandwidth_bps = min(self._bandwidth_bps * BANDWIDTH_GROWTH, most_bps)
