"""What a page of two people has received until now, all its peer connections together: getStats."""

from typing import Any

from playwright.async_api import Page

# Sums over all peer connections that the page ever had: of one that is closed, what it had counted last.
_TOTALS = """async () => {
    const none = {freezes: 0, frozen_s: 0, concealed: 0, samples: 0, frames: 0, height: 0, sound: 0, pictures: 0,
                  asked: 0, begun: 0, rtt_s: 0};
    const kept = (window.counted ??= new Map());
    for (const [peer, count] of kept) if (peer.connectionState === "closed") count.height = count.rtt_s = 0;
    for (const peer of window.peers.filter((one) => one.connectionState !== "closed")) {
        const count = {...none};
        for (const report of (await peer.getStats()).values()) {
            if (report.type === "inbound-rtp" && report.kind === "audio") {
                const silent = report.silentConcealedSamples ?? 0;
                count.concealed += (report.concealedSamples ?? 0) - silent;
                count.samples += (report.totalSamplesReceived ?? 0) - silent;
                count.sound += report.bytesReceived + report.headerBytesReceived;
            }
            if (report.type === "inbound-rtp" && report.kind === "video") {
                count.freezes += report.freezeCount ?? 0;
                count.frozen_s += report.totalFreezesDuration ?? 0;
                count.frames += report.framesDecoded ?? 0;
                count.begun += report.pliCount ?? 0;
                count.asked += report.nackCount ?? 0;
                count.height = Math.max(count.height, Math.min(report.frameHeight ?? 0, report.frameWidth ?? 0));
                count.pictures += report.bytesReceived + report.headerBytesReceived;
            }
            if (report.type === "candidate-pair" && report.nominated)
                count.rtt_s = Math.max(count.rtt_s, report.currentRoundTripTime ?? 0);
        }
        kept.set(peer, count);
    }
    const sum = {...none, peers: window.peers.length, sockets: window.sockets};
    for (const count of kept.values())
        for (const [name, value] of Object.entries(count))
            sum[name] = name === "height" || name === "rtt_s" ? Math.max(sum[name], value) : sum[name] + value;
    return sum;
}"""


async def totals(page: Page) -> dict[str, Any]:
    """By name: numbers that only grow, but for the height of the newest picture and the round trip."""
    return dict(await page.evaluate(_TOTALS))
