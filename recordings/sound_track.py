"""One audio track read by wall time as 48 kHz mono samples, and the mix of several."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from av import AudioFrame, CodecContext, Packet
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore
from av.error import FFmpegError
from av.filter import Graph

from recordings.clock import StreamClock
from recordings.depacketise import Frame

RATE_HZ = 48_000
SAMPLE_BYTES = 2
AAC_FRAME_SAMPLES = 1_024
_CONTIGUOUS_SAMPLES = 40 * RATE_HZ // 1_000  # a frame this near to the end of the last one follows it
_CORRECTION_SAMPLES = RATE_HZ // 1_000  # and is stretched or cut by this much at most: 1 ms in 20 is not heard


def sample_at(wall_ns: int) -> int:
    """Samples since 1970."""
    return wall_ns * RATE_HZ // 1_000_000_000


class SoundTrack:
    """Asked for ever later moments. Silence where nothing was recorded."""

    def __init__(self, frames: Iterator[Frame], clocks: Mapping[int, StreamClock]) -> None:
        self._frames, self._clocks = frames, clocks
        self._decoder = CodecContext.create("libopus", "r")
        self._decoder.sample_rate, self._decoder.layout = RATE_HZ, "mono"
        self._held = bytearray()  # decoded, not yet read
        self._end = 0  # the sample after the last one placed
        self._coming = next(frames, None)

    def read(self, first: int, count: int) -> bytes:
        """Samples [first, first + count), 16 bits each, native order."""
        self._decode_until(first + count)
        self._forget_before(first)
        held_from = self._end - len(self._held) // SAMPLE_BYTES
        silence = min(count, max(0, held_from - first)) if self._held else count
        sound = bytes(self._held[: (count - silence) * SAMPLE_BYTES])
        return bytes(silence * SAMPLE_BYTES) + sound.ljust((count - silence) * SAMPLE_BYTES, b"\0")

    def _decode_until(self, end: int) -> None:
        while (frame := self._coming) is not None:
            at = sample_at(self._clocks[frame.stretch].wall_ns(frame.rtp_time, frame.arrived_ns))
            if at >= end:
                return
            self._place(at, self._decoded(frame.data))
            self._coming = next(self._frames, None)

    def _decoded(self, data: bytes) -> bytes:
        """What does not decode is silence."""
        try:
            frames = self._decoder.decode(Packet(data))
        except FFmpegError:
            return b""
        return b"".join(bytes(frame.planes[0])[: frame.samples * SAMPLE_BYTES] for frame in frames)

    def _place(self, at: int, sound: bytes) -> None:
        """Append at its moment: silence before it if it is late, cut off where the time is already taken."""
        off = at - self._end
        if off > _CONTIGUOUS_SAMPLES:
            self._held += bytes(off * SAMPLE_BYTES) if self._held else b""
            self._end = at
        elif off < -_CONTIGUOUS_SAMPLES:
            sound = sound[-off * SAMPLE_BYTES :]
        elif off > 0:
            sound += sound[-SAMPLE_BYTES:] * min(off, _CORRECTION_SAMPLES)
        elif off < 0:
            sound = sound[: -min(-off, _CORRECTION_SAMPLES) * SAMPLE_BYTES]
        self._held += sound
        self._end += len(sound) // SAMPLE_BYTES

    def _forget_before(self, first: int) -> None:
        held_from = self._end - len(self._held) // SAMPLE_BYTES
        del self._held[: max(0, first - held_from) * SAMPLE_BYTES]


class Mix:
    """Adds sounds of the same length; gives out frames for the AAC encoder."""

    def __init__(self, inputs: int) -> None:
        self._graph = Graph()
        self._inputs = [
            self._graph.add_abuffer(
                sample_rate=RATE_HZ, format="s16", layout="mono", time_base=Fraction(1, RATE_HZ), name=f"sound{number}"
            )
            for number in range(inputs)
        ]
        mix = self._graph.add("amix", f"inputs={inputs}:normalize=0:dropout_transition=0")
        for number, source in enumerate(self._inputs):
            source.link_to(mix, 0, number)
        self._sink = self._graph.add("abuffersink")
        self._graph.link_nodes(
            mix,
            self._graph.add("alimiter", "limit=0.9:level=0:latency=1"),
            self._graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE_HZ}:channel_layouts=mono"),
            self._graph.add("asetnsamples", f"n={AAC_FRAME_SAMPLES}:p=0"),
            self._sink,
        ).configure()
        self._samples = 0

    def add(self, sounds: Sequence[bytes]) -> Iterator[AudioFrame]:
        """One sound per input, all of the same length; the mixed frames that are ready."""
        count = len(sounds[0]) // SAMPLE_BYTES
        for source, sound in zip(self._inputs, sounds, strict=True):
            frame = AudioFrame("s16", "mono", count)
            frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._samples, Fraction(1, RATE_HZ)
            frame.planes[0].update(sound)
            source.push(frame)
        self._samples += count
        return self._ready()

    def end(self) -> Iterator[AudioFrame]:
        """The rest."""
        for source in self._inputs:
            source.push(None)
        return self._ready()

    def _ready(self) -> Iterator[AudioFrame]:
        while True:
            try:
                frame = self._sink.pull()
            except (NothingYet, NothingMore):
                return
            if isinstance(frame, AudioFrame):
                yield frame
