"""What a page in the room receives of each person, by getStats: pictures by the names on their faces, and sounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from playwright.async_api import Page

# Remembers every peer connection of the page, so that its statistics can be asked.
REMEMBER = """
window.peers = [];
const Original = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
    constructor(...given) { super(...given); window.peers.push(this); }
};
"""

# By track, whatever it had counted last; a picture that is not shown now keeps the name under which it was.
_RECEIVED = """async () => {
    const names = (window.names ??= new Map()), kept = (window.kept ??= new Map());
    for (const video of document.querySelectorAll("video[aria-label$=' 카메라 화면']"))
        for (const {id} of video.srcObject?.getVideoTracks() ?? []) names.set(id, video.ariaLabel.slice(0, -7));
    for (const peer of window.peers.filter(({connectionState}) => connectionState !== "closed"))
        for (const report of (await peer.getStats()).values())
            if (report.type === "inbound-rtp") kept.set(report.trackIdentifier, report);
    const pictures = [], sounds = [];
    for (const [track, report] of kept) {
        const bytes = report.bytesReceived + report.headerBytesReceived;
        if (report.kind === "audio") {
            const silent = report.silentConcealedSamples ?? 0;
            const concealed = (report.concealedSamples ?? 0) - silent;
            const samples = (report.totalSamplesReceived ?? 0) - silent;
            sounds.push({bytes, concealed, samples, energy: report.totalAudioEnergy ?? 0});
        } else if (names.has(track)) {
            const height = Math.min(report.frameHeight ?? 0, report.frameWidth ?? 0);
            pictures.push({name: names.get(track), bytes, frames: report.framesDecoded ?? 0, height});
        }
    }
    return {pictures, sounds};
}"""


@dataclass(frozen=True)
class Picture:
    """Totals of one person's picture, and how high its newest frame was."""

    name: str
    bytes: int
    frames: int
    height: int  # lines


@dataclass(frozen=True)
class Sound:
    """Totals of one sound. What is silent and was made up is not counted: silence may be made of silence."""

    bytes: int
    concealed: int  # samples
    samples: int
    energy: float  # grows with loudness and time


@dataclass(frozen=True)
class Received:
    """What came until now."""

    pictures: dict[str, Picture]
    sounds: Sequence[Sound]

    @classmethod
    async def by(cls, page: Page) -> Self:
        """What this page, which remembers its connections, has received so far."""
        said = await page.evaluate(_RECEIVED)
        pictures = (Picture(**picture) for picture in said["pictures"])
        return cls({picture.name: picture for picture in pictures}, [Sound(**sound) for sound in said["sounds"]])

    @property
    def voice(self) -> Sound:
        """The sound of which most was heard."""
        return max(self.sounds, key=lambda sound: sound.energy, default=Sound(0, 0, 0, 0.0))

    @property
    def sound_bytes(self) -> int:
        """Of all sounds together."""
        return sum(sound.bytes for sound in self.sounds)

    def shown_since(self, before: "Received") -> dict[str, int]:
        """Of whom new frames came, and how high they are."""
        return {
            name: picture.height
            for name, picture in self.pictures.items()
            if name in before.pictures and picture.frames > before.pictures[name].frames
        }
