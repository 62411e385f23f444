"""A real browser's camera, microphone and screen, recorded on their way through the engine and made playable."""

import io
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import av
import pytest
from av import AudioFrame, VideoFrame

from recordings.material import Material
from recordings.picture import BACKGROUND_LUMA
from recordings.pipeline import process
from recordings.sealed import SealedReader
from recordings.vault import HEADER_MAX_BYTES
from recordings.verify import verify
from signaling.media.port import Source, Track, TrackId
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import SfuSettings
from tests.bench.compose import an_order
from tests.browsers import chromium
from tests.media_site import CALL, MediaSite, media_site
from tests.recording_node import CONTENT_KEY, a_node
from tests.stored_recording import Shelf, StoredRecording
from tests.waiting import until


@pytest.fixture
async def site() -> AsyncIterator[MediaSite]:
    engine = SfuEngine(SfuSettings())
    async with media_site(engine) as made:
        yield made
    await engine.close()


class Count:
    """A tap that counts packets and reports by track."""

    def __init__(self) -> None:
        self.packets: Counter[TrackId] = Counter()
        self.reports: Counter[TrackId] = Counter()

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.packets[track.id] += 1

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        self.reports[track.id] += 1


SOURCES = {Source.MIC: 250, Source.CAMERA: 300, Source.SCREEN: 20}  # packets to wait for


@pytest.mark.parametrize("simulcast", [False, True], ids=["one size", "simulcast"])
async def test_what_chromium_sends_is_recorded_and_plays(
    site: MediaSite, chromium_path: str, tmp_path: Path, simulcast: bool
) -> None:
    tracks = {source: TrackId(f"p0.{source}") for source in SOURCES}
    async with a_node(tmp_path) as node, chromium(chromium_path) as browser:
        page = await browser.new_page()
        await site.admit("p0")
        await page.goto(f"{site.url}#p0")
        recorder, count = node.record(), Count()
        recorder.write_only(set(tracks.values()))
        site.engine.attach(CALL, recorder)
        site.engine.attach(CALL, count)
        await page.evaluate(f"publish(['mic', 'camera', 'screen'], {{layers: {str(simulcast).lower()}}})")
        await until(lambda: all(count.packets[tracks[source]] >= SOURCES[source] for source in SOURCES), 90)
        await until(lambda: all(count.reports[track] for track in tracks.values()), 90)
        site.engine.detach(CALL, recorder)
        await recorder.close()
        parts = node.listener.parts
        shelf = Shelf({part.id.object_name: node.store.bytes_of(part) for part in parts})
    assert verify(parts, shelf.read, CONTENT_KEY) == []
    material = Material(parts, shelf.read, CONTENT_KEY)
    for track in tracks.values():
        (stretch,) = material.survey(track).stretches
        assert stretch.lost_packets == 0
        assert stretch.reports

    stored = StoredRecording()
    stored.parts = parts
    order = replace(an_order(1, stored, seconds=0), facts=())
    made = process(order, shelf, tmp_path, lambda step, share: None)
    assert made.playable
    sealed = shelf.objects[made.playable.object]
    reader = SealedReader(sealed[:HEADER_MAX_BYTES], len(sealed), CONTENT_KEY, order.about)
    pictures: list[VideoFrame] = []
    loudest = 0.0
    with av.open(io.BytesIO(reader.open_all(sealed)), "r") as file:
        for frame in file.decode():
            if isinstance(frame, VideoFrame):
                pictures.append(frame)
            elif isinstance(frame, AudioFrame):
                loudest = max(loudest, peak(frame))
    assert loudest > 0.01, "the fake microphone beeps"
    assert len(pictures) == pytest.approx(made.playable.duration_s * 25, abs=2)
    lumas = {luma(picture) for picture in pictures[len(pictures) // 2 :]}
    assert any(abs(value - BACKGROUND_LUMA) > 20 for value in lumas), "the fake camera is not the silhouette"


def peak(frame: AudioFrame) -> float:
    return max(map(abs, memoryview(bytes(frame.planes[0])).cast("f")[: frame.samples]))


def luma(picture: VideoFrame) -> int:
    plane = picture.planes[0]
    row = bytes(plane)[picture.height // 2 * plane.line_size :][: picture.width]
    return sum(row) // len(row)
