"""How well a voice is understood: ESTOI of what was heard against the same path without loss.

ESTOI (Jensen and Taal 2016) is 1 where both are the same and grows with the share of words that listeners understand.
A receiver stretches and shortens pauses as its buffer grows, so each sentence is aligned on its own, by correlation.
"""

import base64
import shutil
import statistics
import subprocess
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy
from numpy.typing import NDArray
from playwright.async_api import Page
from pystoi import stoi
from scipy.signal import correlate, resample_poly

RATE_HZ = 16_000
HEARD_RATE_HZ = 48_000
PAUSE_S = 0.5
SEARCH_S = 0.5  # a sentence is looked for so far around its place
FARTHEST_S = 4.0  # and so far when those before it were not found; nearer than when the same is said again
SURE = 0.6  # above this ESTOI it was found, and where it was says where the next will be
SENTENCES = (
    "안녕하세요, 오늘 상담을 맡은 김서연입니다.",
    "지난주에 보내 주신 이력서를 잘 읽어 보았습니다.",
    "물류 회사에서 삼 년 동안 재고를 관리하셨지요.",
    "지게차 자격증은 언제 따셨는지 말씀해 주시겠어요?",
    "월요일부터 금요일까지 아침 아홉 시에 시작합니다.",
    "면접은 다음 달 십칠 일 오후 두 시 반에 있습니다.",
    "궁금한 점이 있으면 언제든지 물어보셔도 됩니다.",
    "그럼 준비할 서류를 하나씩 알려 드리겠습니다.",
)

Sound: TypeAlias = NDArray[numpy.float64]

# What the page plays of the other for so many seconds: 16-bit samples at 48 kHz in base64; silence where nothing came.
HEAR = """async (seconds) => {
    const rate = 48000, heard = new Int16Array(seconds * rate), began = performance.now();
    const playing = [...document.querySelectorAll("audio")].find(({srcObject, paused}) => srcObject && !paused);
    const [track] = playing.srcObject.getAudioTracks();
    const reader = new MediaStreamTrackProcessor({track, maxBufferSize: 1000}).readable.getReader();
    const until = new Promise((resolve) => setTimeout(resolve, (seconds + 1) * 1000, {done: true}));
    let at = 0;
    while (at < heard.length) {
        const {value, done} = await Promise.race([reader.read(), until]);
        if (done) break;
        if (value.sampleRate !== rate) throw new Error(`sound at ${value.sampleRate} Hz`);
        const samples = new Float32Array(value.numberOfFrames);
        value.copyTo(samples, {planeIndex: 0, format: "f32-planar"});
        value.close();
        for (const sample of samples.subarray(0, heard.length - at))
            heard[at++] = Math.max(-1, Math.min(1, sample)) * 32767;
    }
    await reader.cancel();
    const bytes = new Uint8Array(heard.buffer);
    let text = "";
    for (let from = 0; from < bytes.length; from += 32768)
        text += String.fromCharCode(...bytes.subarray(from, from + 32768));
    return btoa(text);
}"""


@dataclass(frozen=True)
class Speech:
    """Sentences with pauses; each as (first sample, last sample + 1)."""

    samples: Sound
    sentences: Sequence[tuple[int, int]]

    @property
    def seconds(self) -> float:
        """How long it takes to say everything."""
        return len(self.samples) / RATE_HZ


def speak(folder: Path) -> tuple[Speech, Path]:
    """Let espeak-ng say the sentences; also as a file that Chromium takes for a microphone, over and over."""
    if shutil.which("espeak-ng") is None:
        raise SystemExit(
            "the speech is made by espeak-ng, which is not here; on Debian and Ubuntu: apt-get install espeak-ng"
        )
    parts, sentences, at = [], [], 0
    pause = numpy.zeros(int(PAUSE_S * RATE_HZ))
    for text in SENTENCES:
        said = _said(text, folder / "sentence.wav")
        sentences.append((at, at + len(said)))
        parts += [said, pause]
        at += len(said) + len(pause)
    speech = Speech(numpy.concatenate(parts), sentences)
    return speech, _written(resample_poly(speech.samples, 3, 1), folder / "speech.wav")


def _said(text: str, path: Path) -> Sound:
    subprocess.run(["espeak-ng", "-v", "ko", "-s", "180", "-w", str(path), text], check=True)
    with wave.open(str(path)) as file:
        samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2") / 32_768
        return numpy.asarray(resample_poly(samples, RATE_HZ, file.getframerate()))


def _written(samples: Sound, path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HEARD_RATE_HZ)
        file.writeframes((numpy.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return path


async def heard(page: Page, seconds: float) -> Sound:
    """What is played there of the other person from now on, at `RATE_HZ`."""
    samples = numpy.frombuffer(base64.b64decode(await page.evaluate(HEAR, int(seconds))), "<i2") / 32_768
    return numpy.asarray(resample_poly(samples, 1, 3))


def place(part: Sound, whole: Sound) -> int:
    """Where in `whole` the part is; negative where it begins before it."""
    return int(numpy.argmax(correlate(whole, part, "full"))) - len(part) + 1


class Reference:
    """The sentences as they sound over the path without loss. `clear` must hold each of them whole at least once."""

    def __init__(self, speech: Speech, clear: Sound) -> None:
        self._speech = speech
        self._clear: dict[int, Sound] = {}
        for sentence, begin, end in self._places(clear):
            self._clear.setdefault(sentence, clear[begin:end])

    def intelligibility(self, sound: Sound) -> list[float]:
        """ESTOI of each sentence that is wholly in `sound`, as often as it is."""
        late, lost, found = 0, 0, list[float]()
        for sentence, begin, _end in self._places(sound):
            margin = int(min(SEARCH_S * (1 + lost), FARTHEST_S) * RATE_HZ)
            clear = self._clear.get(sentence)
            first = max(0, begin + late - margin)
            if clear is None or first > begin + late or first + len(clear) + 2 * margin > len(sound):
                continue
            near = sound[first : first + len(clear) + 2 * margin]
            lag = int(numpy.argmax(correlate(near, clear, "valid")))
            said = near[lag : lag + len(clear)]
            found.append(float(stoi(clear, said, RATE_HZ, extended=True)) if said.any() else 0.0)
            late, lost = (first + lag - begin, 0) if found[-1] > SURE else (late, lost + 1)
        return found

    def _places(self, sound: Sound) -> Iterator[tuple[int, int, int]]:
        """Sentences by number, with first and last sample, in the order they are said."""
        whole = len(self._speech.samples)
        begin = place(self._speech.samples, sound[: 2 * whole]) % whole - whole
        for said_from in range(begin, len(sound), whole):
            for sentence, (first, last) in enumerate(self._speech.sentences):
                if said_from + first >= 0 and said_from + last <= len(sound):
                    yield sentence, said_from + first, said_from + last


def summary(scores: Sequence[float]) -> str:
    """Mean and worst sentence."""
    if not scores:
        return "ESTOI: nothing was heard"
    return f"ESTOI {statistics.mean(scores):4.2f} (worst of {len(scores)} sentences {min(scores):4.2f})"
