"""Whose picture is kept when somebody in a small group is behind a narrow line, how large, and what is heard.

`./run bench quality_group [SECONDS [PROFILE]]`, of `300-kbit` otherwise: a counsellor in Chromium who speaks with a
voice of espeak-ng, a signer whom she has marked, two more, and a seeker with a telephone behind the line, also in
Chromium. Signer and others have no browser; each sends what one sends in such a call, three layers of real pictures up
to 360 lines at their full rate, and a silent microphone. "down" is what the seeker gets, "up" what the counsellor gets
of the seeker.

First the line without loss and limit; then as it is, from the moment of the change on; then without again, until all
are seen as large as before. A picture is shown in a second in which a new frame of it came. Concealed is of the loudest
voice; at least the seconds in which not one packet of any came.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bad_network.line import behind
from tests.bad_network.profiles import Way, profiles
from tests.bench.speech import speak
from tests.bench.watched import BACK_WITHIN_S, Second, Watched, until_back
from tests.e2e.signing_group import COUNSELLOR, OTHERS, SEEKER, SEEN_BY_SEEKER, SIGNER, SigningGroup, signing_group
from tools.programs import CHROMIUM

SECONDS, PROFILE = 60.0, "300-kbit"
BEFORE_S, SETTLE_S = 20.0, 10.0
CONCEALED_AT_MOST, SMALL, KEPT_AT_LEAST = 1.0, 180, 95.0  # percent, lines, percent of the time
ROLES = {SIGNER: "signs", COUNSELLOR: "speaks", SEEKER: "seeker"} | dict.fromkeys(OTHERS, "camera")


def missed(down: Watched) -> Iterator[str]:
    """What is not as it should be on 300 kbit/s: sound clean, pictures small or off, who signs or speaks kept."""
    kept = down.share(keeps_one)
    if down.concealed > CONCEALED_AT_MOST:
        yield "concealed sound"
    if any(down.usual_height(name) > SMALL for name in SEEN_BY_SEEKER):
        yield "a picture is large"
    if kept < KEPT_AT_LEAST:
        yield f"who signs or who speaks is seen for {kept:.0f} % of the time only"
    if any(down.shown(other) > down.shown(SIGNER) for other in OTHERS):
        yield "somebody else is seen for longer than who signs"


def keeps_one(look: Second) -> bool:
    """Who signs or who speaks is seen."""
    return SIGNER in look.shown or COUNSELLOR in look.shown


async def both(group: SigningGroup, seconds: float) -> tuple[Watched, Watched]:
    """What the seeker and what the counsellor gets."""
    pages = (group.seeker.page, group.counsellor.page)
    down, up = await asyncio.gather(*(Watched.on(page, seconds) for page in pages))
    return down, up


def report(what: str, down: Watched, up: Watched) -> None:
    """One line for each picture and sound."""
    for way, watched, names in ((Way.DOWN, down, SEEN_BY_SEEKER), (Way.UP, up, (SEEKER,))):
        for name in names:
            print(f"{what:8} {way.value:5} {_who(name)} {_picture(watched, name)}")
        print(f"{what:8} {way.value:5} sound: concealed {watched.concealed:.1f} %   {watched.sound_kbit_s:.0f} kbit/s")
    print(f"{what:8} down  who signs or who speaks is seen for {down.share(keeps_one):.0f} % of the time", flush=True)


def _who(name: str) -> str:
    return f"{name} ({ROLES[name]})"


def _picture(watched: Watched, name: str) -> str:
    heights = ", ".join(f"{height} lines for {spent_s:.0f} s" for height, spent_s in watched.heights(name).items())
    return f"shown {watched.shown(name):.0f} %   {watched.picture_kbit_s(name):.0f} kbit/s   {heights or 'never came'}"


async def measure(seconds: float, name: str) -> None:
    """Everything."""
    profile = profiles()[name]
    with tempfile.TemporaryDirectory() as folder, behind(profile.clean()) as line:
        _speech, file = speak(Path(folder))
        voice = f"--use-file-for-fake-audio-capture={file}"
        async with signing_group(line, Path(folder), str(CHROMIUM.path()), voice) as group:
            await asyncio.sleep(SETTLE_S)
            before, up = await both(group, BEFORE_S)
            report("without", before, up)
            line.change(profile)
            down, up = await both(group, seconds)
            report(name, down, up)
            for miss in missed(down) if name == PROFILE else ():
                print(f"{name:8} MISSED: {miss}", flush=True)
            line.change(profile.clean())
            await _report_return(group, {name: before.usual_height(name) for name in SEEN_BY_SEEKER})


async def _report_return(group: SigningGroup, before: dict[str, int]) -> None:
    for name, back_s in (await until_back(group.seeker.page, before)).items():
        when = f"never in {BACK_WITHIN_S:.0f} s" if back_s is None else f"after {back_s:.1f} s"
        print(f"{'back':8} down  {_who(name)} {before[name]} lines {when}", flush=True)


def main(arguments: list[str]) -> None:
    """Print the figures."""
    asyncio.run(measure(float(arguments[0]) if arguments else SECONDS, *(arguments[1:] or [PROFILE])))


if __name__ == "__main__":
    main(sys.argv[1:])
