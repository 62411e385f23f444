"""How soon two people see and hear each other again after one of them was cut off, again and again.

`./run bench returns [TIMES [WHAT ...]]`, WHAT being among `cut-1`, `cut-20` (the line carries nothing for so many
seconds), `cut-20-change` (and meanwhile the counsellor begins and ends to share a screen), `address` (another IP
address, as from Wi-Fi to mobile) and `rebinding` (a router forgets its bindings). A counsellor beside the server and a
seeker behind the line `home-wifi`, both in Chromium; "up" is what the counsellor gets of the seeker, "down" the other
way. All but `cut-20-change` are measured if none is named.

Of a cut and of an address the time counts from the moment a path works again to the first new picture and the first
sound that is not made up. Of a rebinding it is the longest time without either in the ten seconds that follow.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tests.bad_network.profiles import Way, profiles
from tests.bench.coming_back import NOTE, SHOWN, Back, after_a_cut, come_back, on_both
from tests.bench.conversation import Conversation, conversation
from tests.bench.speech import speak
from tests.e2e.people import Host

TIMES = 50
USUAL = ("cut-1", "cut-20", "address", "rebinding")
PROFILE = "home-wifi"
WANTED_P95_S = {"cut-1": 1.0, "cut-20": 2.5, "cut-20-change": 2.5, "address": 2.5, "rebinding": None}
BUFFERED_S = 0.7  # at most, of what came before another address; nobody can be back sooner than this
SHARED_S = 10.0  # longer than an offer waits for its answer
REST_S = 6.0  # between two cuts both see and hear each other for so long

# The longest time (ms) without a new picture and without any sound, in so many seconds from now on.
STANDSTILL = f"""async (seconds) => {{
    {SHOWN}
    const longest = {{video: 0, audio: 0}}, since = {{}}, until = performance.now() + 1000 * seconds;
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

# From now on the page shares a picture that changes ten times a second.
A_SCREEN = """() => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 1280, height: 720});
    const drawn = canvas.getContext("2d");
    let number = 0;
    setInterval(() => drawn.fillRect((number += 7) % 1280, number % 720, 40, 40), 100);
    navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(10);
}"""


async def share_for_a_while(of: Conversation) -> None:
    """The counsellor shares a screen that moves, and takes it back."""
    counsellor = Host(of.pages[Way.UP])
    await counsellor.page.evaluate(A_SCREEN)
    await counsellor.press("화면 공유 시작")
    await asyncio.sleep(SHARED_S)
    await counsellor.press("화면 공유 중, 누르면 멈춥니다")


async def after_another_address(of: Conversation) -> dict[Way, Back]:
    """The seeker is suddenly at another address; what was buffered of before is played out first."""
    changed_s = time.time()
    of.line.change_address()
    await asyncio.sleep(BUFFERED_S)
    await on_both(of.pages, NOTE)
    return await come_back(of, changed_s)


async def after_a_rebinding(of: Conversation) -> dict[Way, Back]:
    """The server sees the seeker's sockets at other ports."""
    asked = asyncio.ensure_future(on_both(of.pages, STANDSTILL, 10))
    of.line.rebind()
    return {way: {kind: ms / 1000 for kind, ms in gap.items()} for way, gap in (await asked).items()}


WHAT: dict[str, Callable[[Conversation], Awaitable[dict[Way, Back]]]] = {
    "cut-1": lambda of: after_a_cut(of, 1),
    "cut-20": lambda of: after_a_cut(of, 20),
    "cut-20-change": lambda of: after_a_cut(of, 20, share_for_a_while),
    "address": after_another_address,
    "rebinding": after_a_rebinding,
}


async def rest(of: Conversation) -> None:
    """Until both have seen and heard each other for a while without a gap; whoever never does is left as it is."""
    for _attempt in range(10):
        gaps = await on_both(of.pages, STANDSTILL, REST_S)
        if all(gap["video"] < 1000 and gap["audio"] < 1000 for gap in gaps.values()):
            return


async def measure(times: int, what: Sequence[str]) -> None:
    """Everything, in one conversation for each kind of trouble."""
    for name in what:
        with tempfile.TemporaryDirectory() as folder:
            _speech, file = speak(Path(folder))
            async with conversation(profiles()[PROFILE], f"--use-file-for-fake-audio-capture={file}") as of:
                backs = []
                for number in range(times):
                    await rest(of)
                    backs.append(await WHAT[name](of))
                    print(f"{name:10} {number + 1:3} {_one(backs[-1])}", flush=True)
                _report(name, backs)


def _one(back: dict[Way, Back]) -> str:
    return "   ".join(f"{way.value} {kind} {_said(back[way][kind])}" for way in Way for kind in ("video", "audio"))


def _said(seconds: float | None) -> str:
    return "  > 60" if seconds is None else f"{seconds:6.2f}"


def _report(name: str, backs: Sequence[dict[Way, Back]]) -> None:
    wanted_s = WANTED_P95_S[name]
    for way in Way:
        for kind in ("video", "audio"):
            ordered = sorted(60.0 if (one := back[way][kind]) is None else one for back in backs)
            never = sum(back[way][kind] is None for back in backs)
            p95_s = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
            verdict = "" if wanted_s is None else f"   wanted {wanted_s} s{'' if p95_s < wanted_s else ': MISSED'}"
            median_s = statistics.median(ordered)
            print(
                f"{name:10} {way.value:5} {kind:6} p50 {median_s:5.2f} s   p95 {p95_s:5.2f} s   "
                f"most {ordered[-1]:5.2f} s   not within a minute {never} of {len(ordered)}{verdict}",
                flush=True,
            )


def main(arguments: list[str]) -> None:
    """Print the figures."""
    asyncio.run(measure(int(arguments[0]) if arguments else TIMES, arguments[1:] or USUAL))


if __name__ == "__main__":
    main(sys.argv[1:])
