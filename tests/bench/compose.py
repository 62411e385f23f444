"""Time to a playable file per recorded minute: two people at 720p25, six at 360p25, each with a voice.

Arguments: recorded seconds (60), runs (3). Prints one JSON line per run and the medians. Faster than real time means
less than 60 s of wall time per minute. The pictures are a moving test card at the bitrate of a camera.
"""

import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from zoneinfo import ZoneInfo

from av import VideoFrame
from av.filter import Graph

from recordings.pipeline import Order, process
from recordings.summarise import Meeting
from recordings.synthetic import encode_vp8, tone
from signaling.media.port import SeatId, Source, track_id
from tests.call_facts import Journal
from tests.rtp_media import Packet, Sender, in_order_of_arrival
from tests.stored_recording import CONTENT_KEY, KEY, Shelf, StoredRecording

CASES = {"two at 720p25": (2, 1280, 720, 1_500_000), "six at 360p25": (6, 640, 360, 500_000)}
LOOP_S = 4
FPS = 25


def test_card(width: int, height: int, bitrate_bps: int) -> list[bytes]:
    """A few seconds of VP8."""
    graph = Graph()
    graph.link_nodes(
        graph.add("testsrc2", f"size={width}x{height}:rate={FPS}:duration={LOOP_S}"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ).configure()

    def frames() -> Iterator[VideoFrame]:
        for _ in range(LOOP_S * FPS):
            frame = graph.vpull()
            assert isinstance(frame, VideoFrame)
            yield frame

    return list(encode_vp8(frames(), width, height, FPS, bitrate_bps, key_frame_every_s=LOOP_S))


def a_call(people: int, frames: list[bytes], seconds: int) -> list[Packet]:
    """Everybody moves and hums all the time."""
    streams = []
    for number in range(people):
        sender = Sender(f"p{number}", ssrc=1_000 * (number + 1))
        sounds = tone(LOOP_S, 220 + 40 * number)
        streams.append(sender.video(list(islice(cycle(frames), seconds * FPS)), FPS))
        streams.append(sender.audio(list(islice(cycle(sounds), seconds * 50))))
    return in_order_of_arrival(*streams)


def an_order(people: int, stored: StoredRecording, seconds: int) -> Order:
    """Everything recorded, nobody missing."""
    seats = [SeatId(f"p{number}") for number in range(people)]
    journal = Journal()
    for seat in seats:
        journal.presence(0, seat, "connected")
    tracks = [track_id(seat, source) for seat in seats for source in (Source.MIC, Source.CAMERA)]
    journal.recording(0, "recording_started", *tracks)
    journal(seconds, "call_ended", by="p0", cause="host")
    return Order(
        recording="rec1",
        parts=stored.parts,
        facts=journal.rows,
        seats=seats,
        meeting=Meeting(ZoneInfo("UTC"), {}, {}),
        content_key=CONTENT_KEY,
        data_key=KEY,
        about={"recording": "rec1"},
    )


def measure(case: str, order: Order, objects: dict[str, bytes], seconds: int) -> dict[str, object]:
    """Process once."""
    began_s, cpu_s = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        made = process(order, Shelf(dict(objects)), Path(scratch), lambda step, share: None)
    assert made.playable
    minutes = seconds / 60
    return {
        "case": case,
        "wall_s_per_minute": round((time.perf_counter() - began_s) / minutes, 2),
        "cpu_s_per_minute": round((time.process_time() - cpu_s) / minutes, 2),
        "recorded_mb_per_minute": round(sum(map(len, objects.values())) / minutes / 1e6, 1),
        "playable_mb_per_minute": round(made.playable.size_bytes / minutes / 1e6, 1),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024,
    }


def main(arguments: list[str]) -> int:
    """Run every case, alternating."""
    seconds, runs = int(arguments[0]) if arguments else 60, int(arguments[1]) if len(arguments) > 1 else 3
    prepared = {}
    for case, (people, width, height, bitrate_bps) in CASES.items():
        stored = StoredRecording().add(a_call(people, test_card(width, height, bitrate_bps), seconds))
        prepared[case] = (an_order(people, stored, seconds), stored.objects)
    figures: dict[str, list[dict[str, object]]] = {case: [] for case in CASES}
    for _ in range(runs):
        for case, (order, objects) in prepared.items():
            figures[case].append(measure(case, order, objects, seconds))
            print(json.dumps(figures[case][-1]), flush=True)
    for case, found in figures.items():
        wall = statistics.median(float(str(figure["wall_s_per_minute"])) for figure in found)
        print(f"{case}: median {wall:.1f} s per recorded minute, {60 / wall:.1f} times as fast as real time")
    return 0
