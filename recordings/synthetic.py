"""Made-up pictures and sounds, already encoded: what sample guests send and what tests record. Nobody is shown.

The lists loop: one picture in every second is a key frame, beginning with the first. `packetise.py` makes RTP of them.
"""

from array import array
from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import log10, pi, sin
from typing import NamedTuple

from av import AudioFrame, VideoFrame
from av.codec import CodecContext

from recordings.picture import silhouette

OPUS_RATE_HZ = 48_000
OPUS_FRAME_SAMPLES = 960  # 20 ms


def picture(seconds: float, width: int, height: int, fps: int, seed: int) -> list[bytes]:
    """VP8 frames of a swaying silhouette; `seed` chooses its colour. Key frames once a second."""
    count = max(1, round(seconds * fps))
    chroma = (96 + seed * 37 % 64, 96 + seed * 53 % 64)
    frames = (silhouette(width, height, sin(2 * pi * number / count), chroma) for number in range(count))
    return list(encode_vp8(frames, width, height, fps, bitrate_bps=width * height * fps // 12))


class Sound(NamedTuple):
    """An Opus packet of 20 ms and how loud it is: 0 (loudest) to 127 (silence) below full scale (RFC 6464)."""

    frame: bytes
    level_dbov: int


def tone(seconds: float, hz: int) -> list[bytes]:
    """Opus packets of 20 ms, mono: a quiet sine, or silence for 0 Hz."""
    return list(encode_opus(_sine(seconds, hz)))


def voice(speaks_s: float, pauses_s: float, hz: int) -> list[Sound]:
    """Somebody who speaks in tones: a quiet sine, then silence, with the level of each packet."""
    samples = _sine(speaks_s, hz) + _sine(pauses_s, 0)
    levels = (
        level_dbov(samples[start : start + OPUS_FRAME_SAMPLES]) for start in range(0, len(samples), OPUS_FRAME_SAMPLES)
    )
    return [Sound(frame, level) for frame, level in zip(encode_opus(samples), levels, strict=False)]


def level_dbov(samples: "array[int]") -> int:
    """The level of these 16-bit samples by RFC 6464: their root mean square in dB below full scale."""
    power = sum(sample * sample for sample in samples) / len(samples)
    return 127 if power == 0 else min(127, round(-10 * log10(power / 32_768**2)))


def _sine(seconds: float, hz: int) -> "array[int]":
    count = max(1, round(seconds * 50))
    step, amplitude = 2 * pi * hz / OPUS_RATE_HZ, 3_000
    return array("h", (round(amplitude * sin(step * n)) for n in range(count * OPUS_FRAME_SAMPLES)))


def encode_vp8(
    frames: Iterable[VideoFrame], width: int, height: int, fps: int, bitrate_bps: int, key_frame_every_s: float = 1.0
) -> Iterator[bytes]:
    """VP8 as a browser would send it: no alternative references, one frame out for one frame in."""
    encoder = CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps)
    encoder.bit_rate, encoder.gop_size = bitrate_bps, max(1, round(fps * key_frame_every_s))
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"}
    for number, frame in enumerate(frames):
        frame.pts, frame.time_base = number, encoder.time_base
        yield from (bytes(packet) for packet in encoder.encode(frame))
    yield from (bytes(packet) for packet in encoder.encode(None))


def encode_opus(samples: "array[int]") -> Iterator[bytes]:
    """Opus packets of 20 ms from 48 kHz mono 16-bit samples; a rest shorter than 20 ms is left out."""
    encoder = CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = OPUS_RATE_HZ, "mono", "s16", 32_000
    encoder.options = {"application": "voip", "frame_duration": "20"}
    for start in range(0, len(samples) - OPUS_FRAME_SAMPLES + 1, OPUS_FRAME_SAMPLES):
        frame = AudioFrame("s16", "mono", OPUS_FRAME_SAMPLES)
        frame.sample_rate, frame.pts = OPUS_RATE_HZ, start
        frame.planes[0].update(samples[start : start + OPUS_FRAME_SAMPLES].tobytes())
        yield from (bytes(packet) for packet in encoder.encode(frame))
