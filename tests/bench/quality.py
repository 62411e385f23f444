"""What two people get of each other when one of them is behind a bad line: freezes, concealed sound, time to recover.

`./run bench quality [SECONDS [PROFILE ...]]`: a counsellor beside the server and a seeker behind the line, both in
Chromium, both with camera and microphone; figures of WebRTC's getStats (https://www.w3.org/TR/webrtc-stats/).
"up" is what the counsellor gets of the seeker, "down" the other way; the RTT is the receiver's own to the server. Then
the line is cut for 1 s and for 20 s; the time counts from its healing to the first new picture and the first sound that
is not made up. Last, a router forgets its bindings: the longest time without either in the ten seconds that follow.
A picture that stands still to the end is no freeze to getStats: read the frames per second beside it.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.bad_network.line import Line, behind
from tests.bad_network.profiles import Way, profiles
from tests.bench.joins import REMEMBER
from tests.browsers import chromium
from tests.e2e.desk import at_the_desk
from tests.e2e.people import DESKTOP, PHONE, Host, Seeker, context
from tests.e2e.product import serving_https
from tests.e2e.rooms import booked, come_together
from tools.programs import CHROMIUM

SECONDS = 30.0
CUTS_S = (1.0, 20.0)
COUNSELLOR, SEEKER = "김서연", "송다은"
NO_WAY_YET = {"company-firewall"}  # media has no way but UDP

# Sums over the page's peer connections that are not closed.
TOTALS = """async () => {
    const sum = {freezes: 0, frozen_s: 0, concealed: 0, samples: 0, frames: 0, height: 0, received: 0, rtt_s: 0};
    for (const peer of window.peers.filter((one) => one.connectionState !== "closed"))
        for (const report of (await peer.getStats()).values()) {
            if (report.type === "inbound-rtp") {
                sum.received += report.bytesReceived;
                sum.freezes += report.freezeCount ?? 0;
                sum.frozen_s += report.totalFreezesDuration ?? 0;
                sum.concealed += report.concealedSamples ?? 0;
                sum.samples += report.totalSamplesReceived ?? 0;
                sum.frames += report.framesDecoded ?? 0;
                sum.height = Math.max(sum.height, report.frameHeight ?? 0);
            }
            if (report.type === "candidate-pair" && report.nominated)
                sum.rtt_s = Math.max(sum.rtt_s, report.currentRoundTripTime ?? 0);
        }
    return sum;
}"""

# What each incoming stream has shown or sounded so far, by peer connection and report: JavaScript to begin with.
SHOWN = """
const heard = (report) => report.totalSamplesReceived - report.concealedSamples;
const shown = async () => {
    const found = new Map();
    for (const [number, peer] of window.peers.entries())
        for (const report of peer.connectionState === "closed" ? [] : (await peer.getStats()).values())
            if (report.type === "inbound-rtp")
                found.set(`${report.kind} ${number} ${report.id}`, report.framesDecoded ?? heard(report));
    return found;
};
"""
NOTE = f"async () => {{ {SHOWN} window.before = await shown(); }}"

# The wall times (ms) of the first picture and the first sound since NOTE; null after a minute.
COMES_BACK = f"""async () => {{
    {SHOWN}
    const back = {{video: null, audio: null}}, until = performance.now() + 60000;
    while (!(back.video && back.audio) && performance.now() < until) {{
        for (const [key, count] of await shown())
            if (count > (window.before.get(key) ?? 0)) back[key.split(" ")[0]] ??= Date.now();
        await new Promise((next) => setTimeout(next, 10));
    }}
    return back;
}}"""


# The longest time (ms) without a new picture and without any sound, in the ten seconds from now on.
STANDSTILL = f"""async () => {{
    {SHOWN}
    const longest = {{video: 0, audio: 0}}, since = {{}}, until = performance.now() + 10000;
    let before = await shown();
    while (performance.now() < until) {{
        await new Promise((next) => setTimeout(next, 10));
        const after = await shown(), now = performance.now();
        for (const kind of Object.keys(longest)) {{
            const grown = [...after].some(([key, count]) => key.startsWith(kind) && count > (before.get(key) ?? 0));
            since[kind] ??= now;
            longest[kind] = Math.max(longest[kind], now - since[kind]);
            if (grown) since[kind] = now;
        }}
        before = after;
    }}
    return longest;
}}"""


async def page(browser: Browser, size: dict[str, int]) -> Page:
    """A page whose peer connections can be asked."""
    profile = await context(browser, size)
    await profile.add_init_script(REMEMBER)
    return await profile.new_page()


async def steady(pages: dict[Way, Page], seconds: float) -> dict[Way, str]:
    """Let them talk; a line of figures for each way."""
    before = {way: await one.evaluate(TOTALS) for way, one in pages.items()}
    await asyncio.sleep(seconds)
    after = {way: await one.evaluate(TOTALS) for way, one in pages.items()}
    return {way: _figures(before[way], after[way], seconds) for way in Way}


def _figures(before: dict[str, Any], after: dict[str, Any], seconds: float) -> str:
    more = {name: after[name] - before[name] for name in after}
    concealed = 100 * more["concealed"] / more["samples"] if more["samples"] else 100.0
    return (
        f"freezes {more['freezes']:3.0f}, {100 * more['frozen_s'] / seconds:5.1f} % of time   "
        f"concealed {concealed:5.1f} %   {after['height']:4.0f} lines, {more['frames'] / seconds:4.1f} frames/s   "
        f"{more['received'] * 8 / seconds / 1000:5.0f} kbit/s   RTT {after['rtt_s'] * 1000:4.0f} ms"
    )


async def recovery(line: Line, pages: dict[Way, Page], cut_s: float) -> dict[Way, str]:
    """Cut the line for so long; how long after its healing picture and sound came back."""
    line.cut()
    await asyncio.sleep(cut_s)
    for one in pages.values():
        await one.evaluate(NOTE)
    healed_ms = time.time() * 1000
    line.heal()
    backs = await asyncio.gather(*(pages[way].evaluate(COMES_BACK) for way in Way))
    return {way: _times(back, healed_ms) for way, back in zip(Way, backs, strict=True)}


async def rebinding(line: Line, pages: dict[Way, Page]) -> dict[Way, str]:
    """The server sees the seeker's sockets at other ports; for how long nothing came."""
    asked = [asyncio.ensure_future(pages[way].evaluate(STANDSTILL)) for way in Way]
    line.rebind()
    gaps = await asyncio.gather(*asked)
    return {
        way: f"no picture for {gap['video'] / 1000:5.2f} s, no sound for {gap['audio'] / 1000:5.2f} s"
        for way, gap in zip(Way, gaps, strict=True)
    }


def _times(back: dict[str, float | None], healed_ms: float) -> str:
    def said(at_ms: float | None) -> str:
        return "more than 60 s" if at_ms is None else f"{(at_ms - healed_ms) / 1000:5.2f} s"

    return f"picture {said(back['video'])}, sound {said(back['audio'])}"


async def measure(name: str, seconds: float) -> None:
    """Everything about one profile."""
    executable, profile = str(CHROMIUM.path()), profiles()[name]
    version = min(profile.ip_versions)
    with tempfile.TemporaryDirectory() as folder, behind(profile) as line:
        async with (
            serving_https(Path(folder), line.server(version)) as product,
            chromium(executable, "--ignore-certificate-errors") as here,
            chromium(executable, "--ignore-certificate-errors", prefix=line.prefix) as away,
            at_the_desk(product, COUNSELLOR) as desk,
        ):
            pages = {Way.UP: await page(here, DESKTOP), Way.DOWN: await page(away, PHONE)}
            kim, song = Host(pages[Way.UP]), Seeker(pages[Way.DOWN])
            booking = await booked(desk, SEEKER)
            await come_together(product, booking, (kim, COUNSELLOR), (song, SEEKER))
            _report(name, "talk", await steady(pages, seconds))
            for cut_s in CUTS_S:
                _report(name, f"cut of {cut_s:.0f} s", await recovery(line, pages, cut_s))
            _report(name, "rebinding", await rebinding(line, pages))
            await kim.leave_room("모두 끝내기")


def _report(name: str, what: str, figures: dict[Way, str]) -> None:
    for way, text in figures.items():
        print(f"{name:12} {what:12} {way.value:5} {text}", flush=True)


async def measure_all(seconds: float, names: list[str]) -> None:
    """One profile after the other; one that fails does not hide the others."""
    for name in names:
        if name in NO_WAY_YET:
            print(f"{name:12} not measured: media has no way but UDP")
            continue
        try:
            await measure(name, seconds)
        except Exception as error:  # a line may be too bad to come in at all, which is a result
            print(f"{name:12} failed: {type(error).__name__}: {str(error).splitlines()[0]}", flush=True)


def main(arguments: list[str]) -> None:
    """Print the figures."""
    seconds = float(arguments[0]) if arguments else SECONDS
    asyncio.run(measure_all(seconds, arguments[1:] or list(profiles())))


if __name__ == "__main__":
    main(sys.argv[1:])
