"""What we tell a publisher: what is missing, when a key frame is needed, how well it arrives, how much it may send.

NACK as soon as a packet is late, PLI at most every 400 ms, receiver report every second. For its congestion control
either what arrived when, ten times a second (`twcc.py`), or, where the publisher does not offer that, REMB twice a
second; never both.
"""

from collections.abc import Callable, Collection
from typing import Protocol

from signaling.media.port import Traffic
from signaling.media.sfu.feed import Feed
from signaling.media.sfu.layer import Layer
from signaling.media.sfu.rtcp import ReportBlock, bandwidth, nack, picture_loss, receiver_report
from signaling.media.sfu.twcc import Arrivals

REPORT_INTERVAL_S = 1.0
BANDWIDTH_INTERVAL_S = 0.5
ARRIVALS_INTERVAL_S = 0.09  # with the next tick after it: ten a second, as browsers tell each other
SOUND_BPS = 128_000  # on top of the pictures: what we allow is for the whole connection
# Chromium begins at the first REMB it hears, so the first ones ask for less than a line may turn out to carry.
FIRST_BANDWIDTH_BPS = 600_000
BANDWIDTH_GROWTH = 1.5  # per REMB


class PublishedSection(Protocol):
    """What feedback needs to know of one m-line: its feed, and the SSRC of each layer that is received."""

    feed: Feed
    ssrcs: dict[int, int]


class PublisherFeedback:
    """Feedback on one up connection. `ssrc` is ours as a receiver; `send` takes RTCP; requests count in `traffic`.

    `arrivals` is there while feedback for the whole connection is agreed, and then takes the place of REMB.
    """

    def __init__(self, ssrc: int, send: Callable[[bytes], None], traffic: Traffic) -> None:
        self.arrivals: Arrivals | None = None
        self._ssrc = ssrc
        self._send = send
        self._traffic = traffic
        self._report_due_s = 0.0
        self._bandwidth_due_s = 0.0
        self._arrivals_due_s = 0.0
        self._bandwidth_bps = float(FIRST_BANDWIDTH_BPS)

    def tick(self, sections: Collection[PublishedSection], now_s: float) -> None:
        """Send what is due."""
        for section in sections:
            self._repair(section, now_s)
        if now_s >= self._report_due_s:
            self._report_due_s = now_s + REPORT_INTERVAL_S
            self._report(sections, now_s)
        if self.arrivals is not None:
            if now_s >= self._arrivals_due_s:
                self._arrivals_due_s = now_s + ARRIVALS_INTERVAL_S
                for packet in self.arrivals.feedback(self._ssrc):
                    self._send(packet)
        elif now_s >= self._bandwidth_due_s:
            self._bandwidth_due_s = now_s + BANDWIDTH_INTERVAL_S
            self._allow(sections, now_s)

    def ask_if_due(self, section: PublishedSection, layer: int, now_s: float) -> None:
        """Ask for what is missing of a layer: with each packet of it too, for the next tick may be too late."""
        reception = section.feed.layers[layer].reception
        if now_s >= reception.nacks_due_s and (missing := reception.nacks(now_s)):
            self._traffic.repairs_requested += len(missing)
            self._send(nack(self._ssrc, section.ssrcs[layer], missing))

    def _repair(self, section: PublishedSection, now_s: float) -> None:
        for index in section.ssrcs:
            self.ask_if_due(section, index, now_s)
        for layer in section.feed.key_frames_due(now_s):
            if layer.index in section.ssrcs:
                self._traffic.key_frame_requests += 1
                self._send(picture_loss(self._ssrc, section.ssrcs[layer.index]))

    def _report(self, sections: Collection[PublishedSection], now_s: float) -> None:
        blocks = [
            _with_viewers_loss(block, section.feed, now_s)
            for section in sections
            for layer, ssrc in _received(section)
            if (block := layer.reception.report(ssrc, now_s))
        ]
        if blocks:
            self._send(receiver_report(self._ssrc, blocks))

    def _allow(self, sections: Collection[PublishedSection], now_s: float) -> None:
        """Let the publisher's pictures that come grow to their limits together."""
        pictures = [s for s in sections if s.feed.track.source.kind == "video" and s.ssrcs and s.feed.comes(now_s)]
        if not pictures:
            return
        most_bps = sum(section.feed.most_bitrate_bps for section in pictures) + SOUND_BPS
        ssrcs = [ssrc for section in pictures for ssrc in section.ssrcs.values()]
        self._send(bandwidth(self._ssrc, int(min(self._bandwidth_bps, most_bps)), ssrcs))
        self._bandwidth_bps = min(self._bandwidth_bps * BANDWIDTH_GROWTH, most_bps)


def _received(section: PublishedSection) -> list[tuple[Layer, int]]:
    return [(section.feed.layers[index], ssrc) for index, ssrc in section.ssrcs.items()]


def _with_viewers_loss(block: ReportBlock, feed: Feed, now_s: float) -> ReportBlock:
    """Sound is protected for the worst listener. The count of losses stays ours: congestion control reads that one."""
    if feed.track.source.kind != "audio":
        return block
    return block._replace(fraction_lost=feed.viewers_loss.worst(block.fraction_lost, now_s))
