"""A bot that says in RTCP sender reports how the clocks of its streams stand, as browsers do."""

import time

from signaling.media.port import Source
from signaling.media.sfu import rtcp
from tests.bots import Bot


class ReportingBot(Bot):
    """`report(source)` sends one for a published track."""

    def report(self, source: Source) -> tuple[int, int]:
        """What is sent next is of this very moment; returns its NTP and RTP time."""
        sent, ntp_time = self.sent[source], rtcp.ntp_from_ns(time.time_ns())
        made = rtcp.SenderReport(sent.ssrc, ntp_time, sent.rtp_time, packets=sent.stream.sequence, octets=0)
        self.up.send_rtcp(rtcp.sender_report(made) + rtcp.source_description(sent.ssrc, "bot"))
        return ntp_time, sent.rtp_time
