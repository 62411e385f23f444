"""The longest time in which a page shows and plays nothing new, as for a person.

The elements on the page are looked at, whatever connection feeds them.
"""

import asyncio
from collections.abc import Iterable, Sequence

from playwright.async_api import Page

from tests.bench.processor import percentile

WATCHED_S = 12.0  # the tick, the change, the move, and both connections for a while

# Resolves with the longest time, in ms, without anything new in what the page shows or plays, by kind: from the moments
# at which the newest sample or frame was delivered to it, which the browser keeps however late it is asked.
LONGEST = """(watchedMs) => new Promise((resolve) => {
    const started = performance.now(), newest = {}, longest = {audio: 0, video: 0};
    const note = (kind, at) => {
        longest[kind] = Math.max(longest[kind], at - (newest[kind] ?? at));
        newest[kind] = Math.max(newest[kind] ?? at, at);
    };
    const look = () => {
        const shown = new Set([...document.querySelectorAll("audio, video")]
            .flatMap((one) => one.srcObject ? one.srcObject.getTracks() : []).map((track) => track.id));
        for (const {peer} of window.peers) {
            if (peer.connectionState === "closed") continue;
            for (const receiver of peer.getReceivers().filter(({track}) => shown.has(track.id))) {
                for (const {timestamp} of receiver.getSynchronizationSources()) note(receiver.track.kind, timestamp);
            }
        }
        if (performance.now() - started < watchedMs) { setTimeout(look, 10); return; }
        for (const kind of ["audio", "video"]) note(kind, performance.timeOrigin + performance.now());
        resolve(longest);
    };
    look();
})"""


async def longest(pages: Sequence[Page]) -> tuple[float, float]:
    """Milliseconds without sound and without picture, in the page where it was longer."""
    seen = await asyncio.gather(*(page.evaluate(LONGEST, WATCHED_S * 1000) for page in pages))
    return max(one["audio"] for one in seen), max(one["video"] for one in seen)


def print_gaps(of: Iterable[tuple[str, Sequence[tuple[float, float]]]]) -> None:
    """One line for sound and one for pictures, under each title."""
    for title, times in of:
        for name, figures in (("sound", [one for one, _ in times]), ("picture", [one for _, one in times])):
            p50, p95 = percentile(figures, 50), percentile(figures, 95)
            most, count = max(figures), len(figures)
            print(f"{title:6} {name:8} p50 {p50:6.0f} ms   p95 {p95:6.0f} ms   most {most:6.0f} ms   n {count}")
