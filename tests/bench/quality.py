"""What two people get of each other when one of them is behind a bad line: pictures, sound, words understood.

`./run bench quality [SECONDS [PROFILE ...]]`, `all` being all named lines: a counsellor beside the server and a seeker
behind the line, both in Chromium, both with camera and a voice that espeak-ng speaks; figures of WebRTC's getStats
(https://www.w3.org/TR/webrtc-stats/) and ESTOI. "up" is what the counsellor gets of the seeker, "down" the other way.

First the same line without loss and limit, once to learn how the sentences sound on it and once more as a control; then
the line as it is, for so many seconds; 600 is what the targets are about; then the line without loss and limit again,
until all is as it was. A second without any new picture counts as frozen, so that a picture which stands still to the
end is seen. Concealed is sound that the receiver made up where there should have been some: silence filled with silence
is no fault, but for seconds in which not one packet of sound came. A disconnect is a peer connection or a socket of the
page that was made anew.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bad_network.profiles import Way, profiles
from tests.bench.conversation import conversation
from tests.bench.recovery import Recovery, recovered
from tests.bench.speech import Reference, speak, summary
from tests.bench.talk import Talk, talked

SECONDS = 60.0
SETTLE_S = 5.0
STANDARD = ("loss-5", "loss-10", "loss-20", "300-kbit")
ALL = "all"


@dataclass(frozen=True)
class Target:
    """At most, of the time and of the sound, in percent, and in number; at least, of ESTOI."""

    frozen: float = 100.0
    concealed: float = 100.0
    estoi: float = 0.0
    disconnects: float = float("inf")

    def missed(self, talk: Talk, estoi: float) -> Iterator[str]:
        """What was worse than this."""
        if talk.frozen > self.frozen:
            yield "freezes"
        if talk.concealed > self.concealed:
            yield "concealed sound"
        if estoi < self.estoi:
            yield "ESTOI"
        if talk.disconnects > self.disconnects:
            yield "disconnects"


TARGETS = {
    "loss-5": Target(frozen=1, concealed=2),
    "loss-10": Target(frozen=5, concealed=5),
    "loss-20": Target(concealed=15, estoi=0.7, disconnects=0),
    "300-kbit": Target(concealed=1),
}


async def measure(name: str, seconds: float) -> None:
    """Everything about one profile."""
    profile = profiles()[name]
    with tempfile.TemporaryDirectory() as folder:
        speech, file = speak(Path(folder))
        once_s = speech.seconds + 8
        async with conversation(profile.clean(), f"--use-file-for-fake-audio-capture={file}") as of:
            await asyncio.sleep(SETTLE_S)
            learned = await talked(of, once_s)
            references = {way: Reference(speech, learned[way].sound) for way in Way}
            before = await talked(of, once_s)
            _report(name, "without", before, references, Target())
            of.line.change(profile)
            await asyncio.sleep(SETTLE_S)
            _report(name, "talk", await talked(of, seconds), references, TARGETS.get(name, Target()))
            of.line.change(profile.clean())
            _report_recovery(name, await recovered(of, {way: before[way].usual_height for way in Way}))


def _report(name: str, what: str, talks: dict[Way, Talk], references: dict[Way, Reference], target: Target) -> None:
    for way, talk in talks.items():
        scores = references[way].intelligibility(talk.sound)
        missed = list(target.missed(talk, sum(scores) / len(scores) if scores else 0.0))
        verdict = f"   MISSED: {', '.join(missed)}" if missed else ""
        print(f"{name:16} {what:8} {way.value:5} {talk}   {summary(scores)}{verdict}", flush=True)


def _report_recovery(name: str, recoveries: dict[Way, Recovery]) -> None:
    for way, recovery in recoveries.items():
        print(f"{name:16} {'back':8} {way.value:5} {recovery}", flush=True)


async def measure_all(seconds: float, names: list[str]) -> None:
    """One profile after the other; one that fails does not hide the others."""
    for name in names:
        try:
            await measure(name, seconds)
        except Exception as error:  # a line may be too bad to come in at all, which is a result
            print(f"{name:16} failed: {type(error).__name__}: {str(error).splitlines()[0]}", flush=True)


def main(arguments: list[str]) -> None:
    """Print the figures."""
    seconds = float(arguments[0]) if arguments else SECONDS
    named = arguments[1:] or list(STANDARD)
    asyncio.run(measure_all(seconds, list(profiles()) if named == [ALL] else named))


if __name__ == "__main__":
    main(sys.argv[1:])
