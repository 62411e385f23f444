"""Plays made-up frames over and over into an inlet of a media engine: sample guests let one person try a full room.

Encodes nothing: the frames come from `synthetic.py`, made once and handed over. Each task belongs to who starts it.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import TypeVar

from recordings.packetise import RtpStream
from recordings.synthetic import Sound
from signaling.media.port import Inlet

OPUS_PAYLOAD_TYPE, VP8_PAYLOAD_TYPE = 111, 96
OPUS_FRAME_S, OPUS_FRAME_TICKS = 0.02, 960
VP8_CLOCK_HZ = 90_000
Frame = TypeVar("Frame")
LATEST_S = 1.0  # after a long stop the rest is not caught up


async def play_picture(frames: Sequence[bytes], fps: int, inlet: Inlet, ssrc: int) -> None:
    """VP8 frames at their pace until cancelled, `fps` of them a second; the inlet is closed at the end."""
    stream = RtpStream(ssrc, VP8_PAYLOAD_TYPE)
    await _play(frames, 1 / fps, VP8_CLOCK_HZ // fps, stream.vp8, inlet)


async def play_sound(sounds: Sequence[Sound], inlet: Inlet, ssrc: int) -> None:
    """Opus packets of 20 ms and their levels, at their pace until cancelled; the inlet is closed at the end."""
    stream = RtpStream(ssrc, OPUS_PAYLOAD_TYPE)

    def packets_of(sound: Sound, rtp_time: int) -> list[bytes]:
        return [stream.opus(sound.frame, rtp_time, sound.level_dbov)]

    await _play(sounds, OPUS_FRAME_S, OPUS_FRAME_TICKS, packets_of, inlet)


async def _play(
    frames: Sequence[Frame],
    frame_s: float,
    frame_ticks: int,
    packets_of: Callable[[Frame, int], list[bytes]],
    inlet: Inlet,
) -> None:
    loop = asyncio.get_running_loop()
    due_s, rtp_time = loop.time(), 0
    try:
        for frame in cycle(frames):
            for packet in packets_of(frame, rtp_time):
                inlet.write(packet)
            rtp_time = (rtp_time + frame_ticks) & 0xFFFFFFFF
            due_s = max(due_s + frame_s, loop.time() - LATEST_S)
            await asyncio.sleep(due_s - loop.time())
    finally:
        inlet.close()
