"""What two people get of each other when one of them is behind a bad line: pictures, sound, words understood.

`./run bench quality [SECONDS [PROFILE ...]]`: a counsellor beside the server and a seeker behind the line, both in
Chromium, both with camera and a voice that espeak-ng speaks; figures of WebRTC's getStats
(https://www.w3.org/TR/webrtc-stats/) and ESTOI. "up" is what the counsellor gets of the seeker, "down" the other way.

First the same line without loss and limit, once to learn how the sentences sound on it and once more as a control; then
the line as it is, for so many seconds; 600 is what the targets are about. A second without any new picture counts as
frozen, so that a picture which stands still to the end is seen. Concealed is sound that the receiver made up where
there should have been some: silence filled with silence is no fault. A disconnect is a peer connection or a socket of
the page that was made anew.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
from playwright.async_api import Page

from tests.bad_network.profiles import Impairments, Profile, Way, profiles
from tests.bench.conversation import Conversation, conversation
from tests.bench.speech import Reference, Sound, heard, speak, summary

SECONDS = 60.0
SETTLE_S = 5.0
STANDARD = ("loss-5", "loss-10", "loss-20", "300-kbit")

# Sums over all peer connections that the page ever had: of one that is closed, what it had counted last.
TOTALS = """async () => {
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


@dataclass(frozen=True)
class Target:
    """At most, of the time and of the sound, in percent, and in number; at least, of ESTOI."""

    frozen: float = 100.0
    concealed: float = 100.0
    estoi: float = 0.0
    disconnects: float = float("inf")


TARGETS = {
    "loss-5": Target(frozen=1, concealed=2),
    "loss-10": Target(frozen=5, concealed=5),
    "loss-20": Target(concealed=15, estoi=0.7, disconnects=0),
    "300-kbit": Target(concealed=1),
}


@dataclass
class Talk:
    """What one page got while they talked."""

    first: dict[str, Any]
    last: dict[str, Any]
    seconds: float
    frozen_s: float = 0.0  # at least
    heights: Counter[int] = field(default_factory=Counter)  # seconds
    sound: Sound = field(default_factory=lambda: numpy.zeros(0))

    def more(self, name: str) -> float:
        """How much a total has grown."""
        return float(self.last[name] - self.first[name])

    @property
    def frozen(self) -> float:
        """Percent of the time."""
        return 100 * max(self.frozen_s, self.more("frozen_s")) / self.seconds

    @property
    def concealed(self) -> float:
        """Percent of the sound that should have been heard."""
        return 100 * self.more("concealed") / self.more("samples") if self.more("samples") else 100.0

    @property
    def disconnects(self) -> float:
        """Peer connections and sockets that were made anew."""
        return self.more("peers") + self.more("sockets")

    def __str__(self) -> str:
        heights = ", ".join(f"{n} lines {100 * s / self.seconds:.0f} %" for n, s in sorted(self.heights.items()))
        return (
            f"frozen {self.frozen:5.1f} % ({self.more('freezes'):.0f} freezes)   concealed {self.concealed:5.1f} %   "
            f"{self.more('frames') / self.seconds:4.1f} frames/s; {heights}   "
            f"{self._kbit_s('pictures'):.0f} + {self._kbit_s('sound'):.0f} kbit/s   "
            f"asked again {self.more('asked'):.0f}, anew {self.more('begun'):.0f}   "
            f"RTT {self.last['rtt_s'] * 1000:.0f} ms   disconnects {self.disconnects:.0f}"
        )

    def _kbit_s(self, name: str) -> float:
        return self.more(name) * 8 / self.seconds / 1000


async def listen(page: Page, seconds: float) -> Talk:
    """Look once a second at what the page gets, and hear what it plays."""
    hearing = asyncio.ensure_future(heard(page, seconds))
    clock = asyncio.get_running_loop()
    began_s, before = clock.time(), await page.evaluate(TOTALS)
    talk = Talk(before, before, seconds)
    while (passed_s := clock.time() - began_s) < seconds:
        await asyncio.sleep(1)
        now = await page.evaluate(TOTALS)
        step_s = clock.time() - began_s - passed_s
        moved = now["frames"] > talk.last["frames"]
        talk.heights[now["height"] if moved else 0] += round(step_s)
        talk.frozen_s += 0 if moved else step_s
        talk.last = now
    talk.seconds, talk.sound = clock.time() - began_s, await hearing
    return talk


async def talked(of: Conversation, seconds: float) -> dict[Way, Talk]:
    """Both pages at once."""
    talks = await asyncio.gather(*(listen(of.pages[way], seconds) for way in Way))
    return dict(zip(Way, talks, strict=True))


def clean(profile: Profile) -> Profile:
    """The same way without any impairment but its delay."""
    kept = ("delay_ms", "ip_versions")
    ways = {way.value: Impairments(**profile.way(way).model_dump(include=set(kept))) for way in Way}
    return profile.model_copy(update=ways)


async def measure(name: str, seconds: float) -> None:
    """Everything about one profile."""
    profile = profiles()[name]
    with tempfile.TemporaryDirectory() as folder:
        speech, file = speak(Path(folder))
        once_s = speech.seconds + 8
        async with conversation(clean(profile), f"--use-file-for-fake-audio-capture={file}") as of:
            await asyncio.sleep(SETTLE_S)
            learned = await talked(of, once_s)
            references = {way: Reference(speech, learned[way].sound) for way in Way}
            _report(name, "without", await talked(of, once_s), references, Target())
            of.line.change(profile)
            await asyncio.sleep(SETTLE_S)
            _report(name, "talk", await talked(of, seconds), references, TARGETS.get(name, Target()))


def _report(name: str, what: str, talks: dict[Way, Talk], references: dict[Way, Reference], target: Target) -> None:
    for way, talk in talks.items():
        scores = references[way].intelligibility(talk.sound)
        estoi = sum(scores) / len(scores) if scores else 0.0
        missed = [
            what
            for what, is_met in (
                ("freezes", talk.frozen <= target.frozen),
                ("concealed sound", talk.concealed <= target.concealed),
                ("ESTOI", estoi >= target.estoi),
                ("disconnects", talk.disconnects <= target.disconnects),
            )
            if not is_met
        ]
        verdict = f"   MISSED: {', '.join(missed)}" if missed else ""
        print(f"{name:12} {what:8} {way.value:5} {talk}   {summary(scores)}{verdict}", flush=True)


async def measure_all(seconds: float, names: list[str]) -> None:
    """One profile after the other; one that fails does not hide the others."""
    for name in names:
        try:
            await measure(name, seconds)
        except Exception as error:  # a line may be too bad to come in at all, which is a result
            print(f"{name:12} failed: {type(error).__name__}: {str(error).splitlines()[0]}", flush=True)


def main(arguments: list[str]) -> None:
    """Print the figures."""
    seconds = float(arguments[0]) if arguments else SECONDS
    asyncio.run(measure_all(seconds, arguments[1:] or list(STANDARD)))


if __name__ == "__main__":
    main(sys.argv[1:])
