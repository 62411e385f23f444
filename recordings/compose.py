"""One playable file of a recording: MP4 with H.264 (yuv420p) and AAC, the index in front, encrypted as it is written.

Everybody's tile and voice are placed by the one wall clock of timeline.py. Works through the recording second by
second, so its memory does not grow with the length. Nothing readable touches the disk.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
from av import AudioFrame, AudioStream, VideoFrame, VideoStream
from av.container import OutputContainer

from recordings.clock import StreamClock
from recordings.depacketise import opus_frames, vp8_frames
from recordings.errors import Cancelled, NothingRecorded
from recordings.intervals import Interval
from recordings.layout import HEIGHT, WIDTH, Scene
from recordings.material import Material
from recordings.picture import paste, plain
from recordings.picture_track import PictureTrack
from recordings.sealed import SealedWriter
from recordings.sound_track import AAC_FRAME_SAMPLES, RATE_HZ, Mix, SoundTrack, sample_at
from recordings.timeline import Timeline
from signaling.media.port import Source, TrackId

FPS = 25
_FRAME_NS = 1_000_000_000 // FPS
_CANVAS_LUMA = 24
# What the index needs at most: each sample's size (4 bytes), chunk offset (8) and chunk entry (12), and a fixed part.
_INDEX_BYTES_PER_SAMPLE, _INDEX_FIXED_BYTES = 24, 32_768
_X264 = {"preset": "veryfast", "crf": "26", "profile": "main", "bf": "0", "g": str(2 * FPS)}
_SMPTE_170M, _LIMITED_RANGE = 6, 1  # VP8's colours (RFC 6386 9.2), in the numbers of ITU-T H.273

Progress = Callable[[float], None]
IsCancelled = Callable[[], bool]


def index_bytes(duration_s: float) -> int:
    """Room to leave in front for the index of a file of this length."""
    samples = duration_s * (FPS + RATE_HZ / AAC_FRAME_SAMPLES) + 2 * FPS
    return _INDEX_FIXED_BYTES + _INDEX_BYTES_PER_SAMPLE * round(samples)


def head_bytes(duration_s: float) -> int:
    """What the writer must be able to write again (`SealedWriter`): the index and the boxes around it."""
    return index_bytes(duration_s) + 4_096


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be composed."""

    timeline: Timeline
    scenes: Sequence[Scene]
    clocks: Mapping[TrackId, Mapping[int, StreamClock]]


def compose(
    material: Material,
    plan: Plan,
    writer: SealedWriter,
    progress: Progress = lambda share: None,
    is_cancelled: IsCancelled = lambda: False,
) -> None:
    """Write the whole file and tell `progress` 0..1. Raises NothingRecorded, Cancelled. Blocks: not for a loop."""
    if not plan.timeline.duration_s or not any(plan.timeline.spans.values()):
        raise NothingRecorded
    pictures = {track: _pictures(material, plan, track) for track in plan.clocks if _kind(track) == "video"}
    sounds = [_sounds(material, plan, track) for track in plan.clocks if _kind(track) == "audio"]
    stage = _Stage(plan.scenes, pictures)
    with _Mp4(writer, plan.timeline.duration_s, max(1, len(sounds))) as file:
        for second in _seconds(plan.timeline.takes):
            if is_cancelled():
                raise Cancelled
            first = sample_at(second.start_ns)
            count = sample_at(second.end_ns) - first
            file.add_sound([sound.read(first, count) for sound in sounds] or [bytes(2 * count)])
            for at_ns in range(second.start_ns, second.end_ns, _FRAME_NS):
                file.add_picture(stage.at(at_ns))
            progress(min(1.0, (plan.timeline.position_s(second.end_ns) or 0.0) / plan.timeline.duration_s))


def _kind(track: TrackId) -> str:
    return Source(track.rpartition(".")[2]).kind


def _pictures(material: Material, plan: Plan, track: TrackId) -> PictureTrack:
    return PictureTrack(vp8_frames(material.items(track)), plan.clocks[track], plan.timeline.spans.get(track, ()))


def _sounds(material: Material, plan: Plan, track: TrackId) -> SoundTrack:
    return SoundTrack(opus_frames(material.items(track)), plan.clocks[track])


def _seconds(takes: Sequence[Interval]) -> Iterator[Interval]:
    """The takes in pieces of a second, whole pictures each; what is less than a picture at an end is left out."""
    for take in takes:
        end_ns = take.start_ns + take.length_ns // _FRAME_NS * _FRAME_NS
        for start_ns in range(take.start_ns, end_ns, 1_000_000_000):
            yield Interval(start_ns, min(start_ns + 1_000_000_000, end_ns))


class _Stage:
    """The canvas with everybody's tile; only what changed is painted."""

    def __init__(self, scenes: Sequence[Scene], pictures: Mapping[TrackId, PictureTrack]) -> None:
        self._scenes, self._pictures = list(scenes), pictures
        self._nobody = PictureTrack(iter(()), {}, ())
        self._canvas = plain(WIDTH, HEIGHT, _CANVAS_LUMA)
        self._painted: dict[TrackId, VideoFrame] = {}
        self._scene: Scene | None = None

    def at(self, at_ns: int) -> VideoFrame:
        """The canvas at this moment: every picture within half a frame of its time."""
        while len(self._scenes) > 1 and self._scenes[0].interval.end_ns <= at_ns:
            self._scenes.pop(0)
        if self._scene is not self._scenes[0]:
            self._scene, self._painted = self._scenes[0], {}
            self._canvas = plain(WIDTH, HEIGHT, _CANVAS_LUMA)
        for tile in self._scene.tiles:
            shown = self._pictures.get(tile.track, self._nobody).at(at_ns + _FRAME_NS // 2, tile.width, tile.height)
            if self._painted.get(tile.track) is not shown:
                paste(self._canvas, shown, tile.left, tile.top)
                self._painted[tile.track] = shown
        return self._canvas


class _Mp4:
    """The file being written: a picture and a sound stream."""

    def __init__(self, writer: SealedWriter, duration_s: float, sounds: int) -> None:
        self._writer, self._mix, self._pictures = writer, Mix(sounds), 0
        # The index goes into room left in front, so the file plays while it loads and needs no second pass.
        options = {"moov_size": str(index_bytes(duration_s))}
        self._file: OutputContainer = av.open(writer, "w", format="mp4", options=options)
        self._video: VideoStream = self._file.add_stream("libx264", rate=FPS, options=dict(_X264))
        self._video.width, self._video.height, self._video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        self._video.color_primaries = self._video.color_trc = self._video.colorspace = _SMPTE_170M
        self._video.color_range = _LIMITED_RANGE
        self._audio: AudioStream = self._file.add_stream("aac", rate=RATE_HZ, layout="mono", bit_rate=96_000)

    def __enter__(self) -> "_Mp4":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            self._encode_sound(self._mix.end())
            self._file.mux(self._video.encode(None))
            self._file.mux(self._audio.encode(None))
        self._file.close()

    def add_picture(self, canvas: VideoFrame) -> None:
        canvas.pts, canvas.time_base = self._pictures, Fraction(1, FPS)
        self._pictures += 1
        self._file.mux(self._video.encode(canvas))

    def add_sound(self, sounds: Sequence[bytes]) -> None:
        self._encode_sound(self._mix.add(sounds))

    def _encode_sound(self, frames: Iterator[AudioFrame]) -> None:
        for frame in frames:
            self._file.mux(self._audio.encode(frame))
