"""What a finished recording says of itself, and whether a person who plays it sees anybody."""

import re
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from playwright.async_api import expect

from tests.e2e.desk import Desk
from tests.e2e.people import WITHIN_MS, Host, Person
from tests.e2e.product import Product

PLAYABLE = ("available", "partial")
# How often the picture really changes from one place to another of the recording, played once. A still tile does not,
# however often it is coded anew.
CHANGES = """async (video, [from, to]) => {
    const sheet = new OffscreenCanvas(160, 90).getContext("2d", {willReadFrequently: true});
    const look = () => {
        sheet.drawImage(video, 0, 0, 160, 90);
        return sheet.getImageData(0, 0, 160, 90).data;
    };
    const differs = (one, other) => {
        let points = 0;
        for (let place = 0; place < one.length; place++) if (Math.abs(one[place] - other[place]) > 24) points++;
        return points > 50;
    };
    video.currentTime = from;
    await video.play();
    let before = null, changes = 0;
    for (const until = performance.now() + 30000; video.currentTime < to && performance.now() < until;) {
        await new Promise(requestAnimationFrame);
        if (video.seeking || video.currentTime < from) continue;
        const now = look();
        if (before !== null && differs(before, now)) changes++;
        if (before === null || differs(before, now)) before = now;
    }
    video.pause();
    return changes;
}"""


class Gap(NamedTuple):
    """Why something is missing, from where to where."""

    cause: str
    from_s: float
    to_s: float


class Recorded:
    """A recording that is made."""

    def __init__(self, view: dict[str, Any]) -> None:
        self.id = str(view["id"])
        self.status = str(view["status"])
        self.duration_s = float(view["duration_s"])
        self._started = datetime.fromisoformat(view["started_at"]).timestamp()
        self._tracks: list[dict[str, Any]] = view["tracks"]
        self._gaps: list[dict[str, Any]] = view["gaps"]

    def position_s(self, moment: float) -> float:
        """Where this moment, as `time.time()`, is in it."""
        return moment - self._started

    def spans(self, name: str) -> dict[str, list[tuple[float, float]]]:
        """When something was written of this person, by source; nothing of a source that was never written."""
        found = {track["source"]: track["spans"] for track in self._tracks if track["name"] == name}
        return {source: [(span["from_s"], span["to_s"]) for span in spans] for source, spans in found.items() if spans}

    def gaps(self, name: str, source: str) -> list[Gap]:
        """What is missing of this source of this person, in order."""
        tracks = {track["track"] for track in self._tracks if (track["name"], track["source"]) == (name, source)}
        found = [gap for gap in self._gaps if gap["track"] in tracks]
        return [Gap(gap["cause"], gap["from_s"], gap["to_s"]) for gap in sorted(found, key=lambda gap: gap["from_s"])]


async def recorded(desk: Desk, appointment: str) -> Recorded:
    """The recording of this conversation, once it is over and the file is made."""
    after = await desk.when(f"/api/appointments/{appointment}/after", lambda made: made["recording"])
    path = f"/api/recordings/{after['recording']['id']}"
    return Recorded(await desk.when(path, lambda made: made["status"] in PLAYABLE, within_s=300))


async def plays(host: Host, product: Product, recording: Recorded, stretches: Iterable[tuple[float, float]]) -> None:
    """Somebody moves in each of these stretches of the picture."""
    await host.page.goto(f"{product.url}/desk/recordings/{recording.id}")
    await host.press("녹화 재생")
    video = host.page.locator("video")
    await expect(video).to_have_js_property("readyState", 4, timeout=WITHIN_MS)
    for stretch in stretches:
        assert await video.evaluate(CHANGES, list(stretch)) >= 3, stretch


async def is_being_recorded(person: Person, *names: str) -> float:
    """Wait until all of these are; when this was seen."""
    await person.sees(re.compile("녹화 중: " + "".join(f"(?=.*{name})" for name in names)))
    return time.time()
