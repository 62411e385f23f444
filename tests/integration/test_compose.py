"""The playable file, decoded again: what was seen and heard when, where somebody is missing, and that nothing leaks."""

import io
import math
from array import array
from collections.abc import Iterator
from typing import NamedTuple

import av
import pytest
from av import AudioFrame, VideoFrame

from recordings.compose import Plan, compose, head_bytes
from recordings.errors import Cancelled, NothingRecorded
from recordings.facts import read_facts
from recordings.layout import Tile, scenes, tiles
from recordings.material import Material
from recordings.picture import BACKGROUND_LUMA, plain
from recordings.sealed import SEALED_MAGIC, SealedReader, SealedWriter
from recordings.synthetic import encode_opus, encode_vp8, picture, tone
from recordings.timeline import Timeline, make_timeline, stream_clocks
from recordings.vault import HEADER_MAX_BYTES, new_header
from signaling.media.port import SeatId, Source, TrackId
from tests.call_facts import Journal
from tests.rtp_media import START_NS, Packet, Sender, a_track, in_order_of_arrival
from tests.stored_recording import CONTENT_KEY, KEY, StoredRecording

ALICE, BOB = SeatId("alice"), SeatId("bob")
SEATS = [ALICE, BOB]
ABOUT: dict[str, str | int] = {"recording": "rec1", "name": "play.mp4"}
FPS = 25
DARK, BRIGHT = 40, 220


class Played(NamedTuple):
    """A decoded file: per picture its time and the luma in the middle of each tile; and the sound."""

    lumas: list[tuple[float, list[int]]]
    sound: list[tuple[float, float]]  # time and level of each 5 ms
    duration_s: float


def flashes(seconds: int, at_s: float) -> list[bytes]:
    """Dark pictures, bright for a fifth of a second in every second."""
    frames = (
        plain(160, 90, BRIGHT if number % FPS in range(round(at_s * FPS), round(at_s * FPS) + 5) else DARK)
        for number in range(seconds * FPS)
    )
    return list(encode_vp8(frames, 160, 90, FPS, 200_000))


def beeps(seconds: int, at_s: float) -> list[bytes]:
    """Silence, and a tone for a fifth of a second in every second."""
    on, off = round(at_s * 48_000), round((at_s + 0.2) * 48_000)
    samples = array(
        "h", (round(9_000 * math.sin(n / 8)) if on <= n % 48_000 < off else 0 for n in range(seconds * 48_000))
    )
    return list(encode_opus(samples))


def composed(stored: StoredRecording, journal: Journal) -> tuple[bytes, Timeline]:
    """The encrypted file and its timeline."""
    material = Material(stored.parts, stored.read, CONTENT_KEY)
    surveys = {track: material.survey(track) for track in material.tracks}
    timeline = make_timeline(read_facts(journal.rows), surveys, material.missing(), SEATS)
    clocks = {track: stream_clocks(track, surveys) for track in surveys}
    file = io.BytesIO()
    header = new_header(SEALED_MAGIC, KEY.id, KEY.wrapped, ABOUT)
    writer = SealedWriter(file, header, KEY.plain, head_bytes(timeline.duration_s))
    compose(material, Plan(timeline, scenes(timeline, SEATS), clocks), writer)
    writer.close()
    return file.getvalue(), timeline


def opened(sealed: bytes) -> bytes:
    return SealedReader(sealed[:HEADER_MAX_BYTES], len(sealed), CONTENT_KEY, ABOUT).open_all(sealed)


def played(mp4: bytes, watched: tuple[Tile, ...]) -> Played:
    with av.open(io.BytesIO(mp4), "r") as file:
        lumas: list[tuple[float, list[int]]] = []
        sound: list[tuple[float, float]] = []
        for frame in file.decode():
            if isinstance(frame, VideoFrame):
                lumas.append((float(frame.time or 0), [luma_of(frame, tile) for tile in watched]))
            elif isinstance(frame, AudioFrame):
                sound += list(levels(frame))
        return Played(lumas, sound, (file.duration or 0) / 1e6)


def luma_of(frame: VideoFrame, tile: Tile) -> int:
    """In the lower left of the tile, where the silhouette is background."""
    line = (tile.top + tile.height // 4) * frame.planes[0].line_size + tile.left
    row = bytes(frame.planes[0])[line + tile.width // 16 : line + tile.width // 8]
    return sum(row) // len(row)


def levels(frame: AudioFrame) -> Iterator[tuple[float, float]]:
    samples = memoryview(bytes(frame.planes[0])).cast("f")
    for first in range(0, frame.samples, 240):
        yield float(frame.time or 0) + first / 48_000, max(map(abs, samples[first : first + 240]), default=0)


def rises(values: list[tuple[float, float]], threshold: float) -> list[float]:
    """When the value comes above the threshold after an eighth of a second below it."""
    found, last_high = [], -1.0
    for at_s, value in values:
        if value > threshold:
            if at_s - last_high > 0.125:
                found.append(at_s)
            last_high = at_s
    return found


def a_journal(*tracks: str, seconds: float) -> Journal:
    journal = Journal()
    for seat in SEATS:
        journal.presence(0, seat, "connected")
    journal.recording(0, "recording_started", *tracks)
    journal(seconds, "recording_stopped", recording="rec1", by=None, cause="call_ended")
    return journal


ALL = ("alice.mic", "alice.camera", "bob.mic", "bob.camera")


def a_flashing_call(seconds: int) -> list[Packet]:
    """Alice flashes and beeps at 0.2 s of each second, Bob at 0.7 s; both clocks are wrong, each in its own way."""
    alice = Sender("alice", clock_offset_ns=-5_000_000_000, drift=200e-6, delay_ns=15_000_000)
    bob = Sender("bob", clock_offset_ns=3_600_000_000_000, drift=-150e-6, delay_ns=60_000_000, ssrc=5_000)
    return in_order_of_arrival(
        alice.video(flashes(seconds, 0.2), FPS),
        alice.audio(beeps(seconds, 0.2)),
        bob.video(flashes(seconds, 0.7), FPS),
        bob.audio(beeps(seconds, 0.7)),
    )


def test_everybody_is_seen_and_heard_within_40_ms_of_their_moment_to_the_end() -> None:
    seconds = 10
    stored = StoredRecording(part_s=7).add(a_flashing_call(seconds))
    sealed, _ = composed(stored, a_journal(*ALL, seconds=seconds))
    shown = played(opened(sealed), tiles(SEATS, None))
    assert shown.duration_s == pytest.approx(seconds, abs=0.05)
    assert len(shown.lumas) == seconds * FPS
    alice_seen = rises([(at_s, lumas[0]) for at_s, lumas in shown.lumas], 130)
    bob_seen = rises([(at_s, lumas[1]) for at_s, lumas in shown.lumas], 130)
    heard = rises(shown.sound, 0.1)
    assert len(alice_seen) == len(bob_seen) == seconds
    assert len(heard) == 2 * seconds
    for second in range(seconds):
        alice_at, bob_at = second + 0.2 + 0.015, second + 0.7 + 0.06  # as they arrived: delay is not known, only equal
        assert heard[2 * second] == pytest.approx(alice_at, abs=0.03)
        assert heard[2 * second + 1] == pytest.approx(bob_at, abs=0.03)
        assert alice_seen[second] == pytest.approx(heard[2 * second], abs=0.04)
        assert bob_seen[second] == pytest.approx(heard[2 * second + 1], abs=0.04)


def hardly_sent_silence(sender: Sender, frames: list[bytes], at_s: float) -> Iterator[Packet]:
    """The beeps as Opus sends them with DTX: of silence every 20th frame, with no gap in the numbers."""
    track = a_track(sender.seat, Source.MIC)
    for number, frame in enumerate(frames):
        sent_s, silent = number / 50, not at_s - 0.04 <= number / 50 % 1 < at_s + 0.24
        if not silent or number % 20 == 0:
            data = sender.stream(Source.MIC).opus(frame, sender.rtp_time(Source.MIC, sent_s))
            yield Packet(START_NS + round(sent_s * 1e9) + sender.delay_ns, track, data)


def test_silence_that_is_hardly_sent_moves_nothing_that_is_said_after_it() -> None:
    seconds, alice = 6, Sender("alice")
    stored = StoredRecording().add(hardly_sent_silence(alice, beeps(seconds, 0.2), 0.2))
    sealed, timeline = composed(stored, a_journal("alice.mic", seconds=seconds))
    heard = rises(played(opened(sealed), ()).sound, 0.1)
    assert heard == pytest.approx([second + 0.2 + 0.02 for second in range(seconds)], abs=0.04)
    assert [gap for gap in timeline.gaps if gap.track == "alice.mic"] == []


def test_where_nothing_was_recorded_there_is_an_empty_tile_and_silence() -> None:
    sender = Sender("alice")
    packets = in_order_of_arrival(sender.video(flashes(9, 0.2), FPS), sender.audio(beeps(9, 0.2)))
    kept = [packet for packet in packets if not 3 <= (packet.arrived_ns - packets[0].arrived_ns) / 1e9 < 6]
    journal = a_journal("alice.mic", "alice.camera", seconds=9)
    sealed, _ = composed(StoredRecording().add(kept), journal)
    shown = played(opened(sealed), tiles(SEATS, None))
    assert {round(at_s) for at_s in rises(shown.sound, 0.1)} == {0, 1, 2, 6, 7, 8}
    in_gap = [lumas for at_s, lumas in shown.lumas if 3.2 < at_s < 5.8]
    assert all(abs(alice - BACKGROUND_LUMA) < 6 and abs(bob - BACKGROUND_LUMA) < 6 for alice, bob in in_gap)
    assert max(lumas[0] for at_s, lumas in shown.lumas if at_s > 6.1) > 180


def test_a_shared_screen_becomes_large_and_the_faces_stay_beside_it() -> None:
    alice, bob = Sender("alice"), Sender("bob", ssrc=9_000)
    bright = list(encode_vp8((plain(320, 180, BRIGHT) for _ in range(2 * FPS)), 320, 180, FPS, 400_000))
    packets = in_order_of_arrival(
        alice.video(flashes(6, 0.2), FPS), bob.video(bright, FPS, start_s=2, source=Source.SCREEN)
    )
    journal = a_journal(*ALL, "bob.screen", seconds=6)
    sealed, timeline = composed(StoredRecording().add(packets), journal)
    screen = tiles(SEATS, TrackId("bob.screen"))[0]
    lumas = {round(at_s, 2): luma[0] for at_s, luma in played(opened(sealed), (screen,)).lumas}
    assert lumas[1.0] < 100
    assert lumas[3.0] > 180
    assert [round(scene.interval.length_ns / 1e9, 1) for scene in scenes(timeline, SEATS)] == [2.0, 4.0]


def test_a_picture_of_another_shape_keeps_its_shape() -> None:
    tall = list(encode_vp8((plain(180, 320, BRIGHT) for _ in range(2 * FPS)), 180, 320, FPS, 400_000))
    sealed, _ = composed(StoredRecording().add(Sender("alice").video(tall, FPS)), a_journal("alice.camera", seconds=2))
    alice = tiles(SEATS, None)[0]
    with av.open(io.BytesIO(opened(sealed)), "r") as file:
        frame = list(file.decode(video=0))[20]
    row = bytes(frame.planes[0])[(alice.top + alice.height // 2) * frame.planes[0].line_size :]
    assert (frame.colorspace, frame.color_range) == (6, 1), "the colours are said to be those of VP8"
    assert row[alice.left + 20] < 60
    assert row[alice.left + alice.width // 2] > 180


def test_two_takes_follow_one_another_without_the_time_between() -> None:
    sender = Sender("alice")
    packets = [*sender.audio(beeps(3, 0.2)), *sender.audio(beeps(3, 0.2), start_s=63)]
    journal = a_journal("alice.mic", seconds=3)
    journal.recording(63, "recording_started", "alice.mic")
    journal(66, "call_ended", by=None, cause="host")
    sealed, _ = composed(StoredRecording().add(packets), journal)
    shown = played(opened(sealed), ())
    assert shown.duration_s == pytest.approx(6, abs=0.05)
    assert [round(at_s, 1) for at_s in rises(shown.sound, 0.1)] == [0.2, 1.2, 2.2, 3.2, 4.2, 5.2]


def test_the_index_stands_before_the_media_and_any_range_can_be_read() -> None:
    sealed, _ = composed(StoredRecording().add(Sender("alice").audio(tone(2, 440))), a_journal("alice.mic", seconds=2))
    plain_file = opened(sealed)
    assert b"moov" in plain_file[:64]
    reader = SealedReader(sealed[:HEADER_MAX_BYTES], len(sealed), CONTENT_KEY, ABOUT)
    offset, length = reader.stored_range(30, 90_000)
    assert reader.open(30, 90_000, sealed[offset : offset + length]) == plain_file[30:90_000]
    assert b"moov" not in sealed


def test_a_part_that_is_lost_costs_its_time_only() -> None:
    stored = StoredRecording(part_s=2).add(Sender("alice").audio(beeps(8, 0.2)))
    lost = stored.parts[1]
    del stored.objects[lost.id.object_name]
    sealed, timeline = composed(stored, a_journal("alice.mic", seconds=8))
    heard = {int(at_s) for at_s in rises(played(opened(sealed), ()).sound, 0.1)}
    assert heard == {0, 1, 4, 5, 6, 7}
    assert [gap.cause.value for gap in timeline.gaps if gap.track == "alice.mic"] == ["part_missing"]


def test_a_part_that_nobody_told_of_is_missed() -> None:
    stored = StoredRecording(part_s=2).add(Sender("alice").audio(beeps(8, 0.2)))
    del stored.parts[2]
    _, timeline = composed(stored, a_journal("alice.mic", seconds=8))
    assert [gap.cause.value for gap in timeline.gaps if gap.track == "alice.mic"] == ["part_missing"]


def test_damaged_media_is_left_out_and_never_an_error() -> None:
    packets = list(Sender("alice").video(picture(3, 160, 90, FPS, seed=1), FPS))
    spoilt = [
        packet._replace(data=packet.data[:20] + bytes(len(packet.data) - 20))
        if number % 37 == 5 and packet.data
        else packet
        for number, packet in enumerate(packets)
    ]
    sealed, _ = composed(StoredRecording().add(spoilt), a_journal("alice.camera", seconds=3))
    assert len(played(opened(sealed), ()).lumas) == 3 * FPS


def test_nothing_recorded_is_said_and_not_composed() -> None:
    with pytest.raises(NothingRecorded):
        composed(StoredRecording(), a_journal(seconds=5))


def test_composing_tells_its_progress_and_can_be_cancelled() -> None:
    stored = StoredRecording().add(Sender("alice").audio(tone(5, 440)))
    material = Material(stored.parts, stored.read, CONTENT_KEY)
    surveys = {track: material.survey(track) for track in material.tracks}
    timeline = make_timeline(read_facts(a_journal("alice.mic", seconds=5).rows), surveys, {}, SEATS)
    plan = Plan(timeline, scenes(timeline, SEATS), {track: stream_clocks(track, surveys) for track in surveys})
    told: list[float] = []
    header = new_header(SEALED_MAGIC, KEY.id, KEY.wrapped, ABOUT)
    with pytest.raises(Cancelled):
        compose(
            material,
            plan,
            SealedWriter(io.BytesIO(), header, KEY.plain, head_bytes(5)),
            told.append,
            lambda: len(told) == 3,
        )
    assert told == pytest.approx([0.2, 0.4, 0.6])
