"""What synthetic guests show and sound like: encoded once, before any node starts; nodes only play it."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from zlib import crc32

from recordings import synthetic
from recordings.sample_guest import play_picture, play_sound
from server.config import Settings
from server.secret_files import write_private
from signaling.media.port import SeatId, Source
from signaling.runner.ports import OpenInlet, PlaySampleGuest

GUESTS_FILE = "sample-guests.json"
FPS, SECONDS, WIDTH, HEIGHT = 15, 4, 480, 270
LOOKS = 6  # different pictures and tones; further guests share them
LOWEST_HZ = 220
SPEAKS_S, PAUSES_S = 2.0, 6.0


async def make_guests(folder: Path) -> None:
    """Encode what sample guests show and sound like, unless that was done before. Takes some seconds.

    One after the other, so that whoever cancels waits for one at most.
    """
    path = folder / GUESTS_FILE
    if not _knows_levels(path):
        write_private(path, json.dumps([await asyncio.to_thread(_guest, look) for look in range(LOOKS)]))


def _knows_levels(path: Path) -> bool:
    """Whether it was made, and not by a version whose guests were never seen to speak."""
    try:
        return all("levels" in look for look in json.loads(path.read_text()))
    except FileNotFoundError:
        return False


def sample_player(settings: Settings) -> PlaySampleGuest | None:
    """How a node plays sample guests; None where there are no samples."""
    path = settings.data_dir / GUESTS_FILE
    return _player(path) if path.exists() else None


def _player(path: Path) -> PlaySampleGuest:
    looks: list[dict[str, list[Any]]] = []

    def play(seat: SeatId, open_inlet: OpenInlet) -> Coroutine[Any, Any, None]:
        if not looks:
            looks.extend(json.loads(path.read_text()))
        number = crc32(seat.encode())
        look = looks[number % len(looks)]
        return _play(look, open_inlet, number)

    return play


async def _play(look: dict[str, list[Any]], open_inlet: Callable[[Source], Any], number: int) -> None:
    frames, packets = ([b64decode(frame) for frame in look[kind]] for kind in ("picture", "sound"))
    sounds = [synthetic.Sound(packet, level) for packet, level in zip(packets, look["levels"], strict=True)]
    begins = number % len(sounds)  # so that not all of them speak at once
    async with asyncio.TaskGroup() as group:
        group.create_task(play_picture(frames, FPS, open_inlet(Source.CAMERA), number & 0xFFFFFFFE))
        group.create_task(play_sound(sounds[begins:] + sounds[:begins], open_inlet(Source.MIC), number | 1))


def _guest(look: int) -> dict[str, list[Any]]:
    picture = synthetic.picture(SECONDS, WIDTH, HEIGHT, FPS, seed=look)
    sounds = synthetic.voice(SPEAKS_S, PAUSES_S, LOWEST_HZ + 40 * look)
    return {
        "picture": [b64encode(frame).decode() for frame in picture],
        "sound": [b64encode(sound.frame).decode() for sound in sounds],
        "levels": [sound.level_dbov for sound in sounds],
    }
