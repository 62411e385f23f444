"""How long a voice takes to the other person where packets come late and out of order: `[SECONDS [JITTER ...]]`.

JITTER in milliseconds; without any 0, which shows what the machine itself does, 30 and 80. A counsellor beside the
server and a seeker behind the line (60 ms each way, one packet in a hundred 40 ms later than those behind it), both in
Chromium; "up" is what the counsellor hears of the seeker. Once a second, of WebRTC's getStats: the sound in one packet,
half a round trip of the line, and the jitter buffer. What a sound card takes is not in it.

Beside it, how much later than the picture of the same moment a voice comes out of its buffers (negative: earlier). They
are streams of their own, which no browser plays in step. People notice 125 ms later and 45 ms earlier, and accept 185
and 90 (ITU-R BT.1359).
"""

import asyncio
import sys
from collections.abc import Sequence
from typing import NamedTuple

from tests.bad_network.profiles import Way, both_ways
from tests.bench.conversation import Conversation, conversation
from tests.bench.processor import percentile
from tests.waiting import until

JITTERS_MS, SECONDS = (0, 30, 80), 30.0
WANTED_P95_MS = {30: 400.0}
FRAME_MS = 20.0  # of sound in one packet, which has to be spoken before it can leave
LATE = {"delay_ms": 60, "reordered": 0.01, "reordered_by_ms": 40}

# How long what the page gets lay in its buffers in all, of how many samples and frames (of which also decoding counts),
# and the round trip.
WAITED = """async () => {
    const sum = {sound_s: 0, samples: 0, picture_s: 0, frames: 0, rtt_s: 0};
    for (const peer of window.peers.filter((one) => one.connectionState === "connected"))
        for (const report of (await peer.getStats()).values()) {
            if (report.type === "inbound-rtp" && report.kind === "audio") {
                sum.sound_s += report.jitterBufferDelay;
                sum.samples += report.jitterBufferEmittedCount;
            }
            if (report.type === "inbound-rtp" && report.kind === "video") {
                sum.picture_s += report.totalProcessingDelay;
                sum.frames += report.framesDecoded;
            }
            if (report.type === "candidate-pair" && report.nominated)
                sum.rtt_s = Math.max(sum.rtt_s, report.currentRoundTripTime ?? 0);
        }
    return sum;
}"""


class Reading(NamedTuple):
    """Of about a second."""

    voice_ms: float  # from the mouth to the ear
    behind_picture_ms: float


async def goes_on(talk: Conversation, packets: int) -> None:
    """Wait until so many more have come through, each way."""
    before = talk.line.counts()
    await until(lambda: all(talk.line.counts()[way]["arrived"] > before[way]["arrived"] + packets for way in Way))


async def readings(talk: Conversation, way: Way, seconds: float) -> list[Reading]:
    """One a second. The line's round trip is that of the seeker, who alone is behind it."""
    found: list[Reading] = []
    before = await talk.pages[way].evaluate(WAITED)
    while len(found) < seconds:
        await asyncio.sleep(1)
        after = await talk.pages[way].evaluate(WAITED)
        seekers = after if way is Way.DOWN else await talk.pages[Way.DOWN].evaluate(WAITED)
        more = {name: after[name] - before[name] for name in after}
        if more["samples"] and more["frames"]:
            sound_ms, picture_ms = (
                1000 * more[waited] / more[count] for waited, count in (("sound_s", "samples"), ("picture_s", "frames"))
            )
            found.append(Reading(FRAME_MS + 1000 * seekers["rtt_s"] / 2 + sound_ms, sound_ms - picture_ms))
        before = after
    return found


async def measure(seconds: float, jitters_ms: Sequence[int]) -> None:
    """Print a line for each jitter and way."""
    for jitter_ms in jitters_ms:
        async with conversation(both_ways(jitter_ms=jitter_ms, **LATE)) as talk:
            await goes_on(talk, packets=1_000)  # by then the buffers have found their length
            ways = await asyncio.gather(*(readings(talk, way, seconds) for way in Way))
        wanted_ms = WANTED_P95_MS.get(jitter_ms)
        for way, found in zip(Way, ways, strict=True):
            voices_ms, behind_ms = [one.voice_ms for one in found], [one.behind_picture_ms for one in found]
            p95_ms = percentile(voices_ms, 95)
            missed = wanted_ms is not None and p95_ms >= wanted_ms
            said = "" if wanted_ms is None else f"   wanted {wanted_ms:.0f} ms{': MISSED' if missed else ''}"
            behind = "   ".join(f"p{percent} {percentile(behind_ms, percent):5.0f} ms" for percent in (5, 50, 95))
            print(
                f"jitter {jitter_ms:3} ms   {way.value:5} p50 {percentile(voices_ms, 50):5.0f} ms   "
                f"p95 {p95_ms:5.0f} ms{said}   behind its picture {behind}",
                flush=True,
            )


def main(arguments: list[str]) -> None:
    """Print the figures."""
    jitters_ms = [int(argument) for argument in arguments[1:]] or JITTERS_MS
    asyncio.run(measure(float(arguments[0]) if arguments else SECONDS, jitters_ms))


if __name__ == "__main__":
    main(sys.argv[1:])
