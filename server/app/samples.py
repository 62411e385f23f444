"""Sample people for trying the product: refreshed at each `ieum serve --sample`, and what synthetic guests look like.

Pictures and tones are encoded once, before any node starts: nodes only play them.
"""

import asyncio
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zlib import crc32

import structlog

from recordings import synthetic
from recordings.sample_guest import play_picture, play_sound
from server.actions import refresh_samples as actions
from server.actions.passwords import Passwords
from server.actions.refresh_samples import Samples as Samples
from server.actions.refresh_samples import SampleSite
from server.actions.sample_guests import EmptySeats, missing_guests
from server.app.resources import Resources, opened
from server.config import Settings
from server.domain.errors import Refused
from server.domain.permissions import SystemScope
from signaling.media.port import SeatId, Source
from signaling.runner.ports import OpenInlet, PlaySampleGuest

SAMPLES_FILE = "sample-people.json"
GUESTS_FILE = "sample-guests.json"
FPS, SECONDS, WIDTH, HEIGHT = 15, 4, 480, 270
LOOKS = 6  # different pictures and tones; further guests share them
LOWEST_HZ = 220
SPEAKS_S, PAUSES_S = 2.0, 6.0
LOOK_EVERY_S = 2.0

log = structlog.get_logger(__name__)


def has_samples(settings: Settings) -> bool:
    """Whether this installation was started with samples, now or before: then it stays on this machine."""
    return (settings.data_dir / SAMPLES_FILE).exists()


def write_samples(folder: Path, samples: Samples) -> None:
    """Keep names, passwords and links where only we can read them."""
    _write(folder / SAMPLES_FILE, json.dumps(asdict(samples), ensure_ascii=False, indent=2))


def make_guests(folder: Path) -> None:
    """Encode what sample guests show and sound like, unless that was done before. Takes some seconds."""
    path = folder / GUESTS_FILE
    if not _knows_levels(path):
        _write(path, json.dumps([_guest(look) for look in range(LOOKS)]))


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


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


async def refresh_samples(settings: Settings) -> Samples:
    """Make or refresh the sample people and their meetings. Raises CannotStart."""
    await asyncio.to_thread(make_guests, settings.data_dir)
    async with opened(settings) as resources:
        site = SampleSite(
            database=resources.database,
            passwords=Passwords(),
            keys=resources.keys,
            files=resources.files,
            spool=settings.data_dir / "scratch" / "samples",
            clock=resources.clock,
            new_id=resources.new_id,
            new_secret=resources.new_secret,
            public_url=str(settings.public_url).rstrip("/"),
        )
        samples = await actions.refresh_samples(site, _known_passwords(settings.data_dir / SAMPLES_FILE))
    write_samples(settings.data_dir, samples)
    return samples


async def keep_guests_waiting(resources: Resources, send: Callable[[EmptySeats], Awaitable[None]]) -> None:
    """Until cancelled: bring the sample guests that wait back into their lobbies, whatever was restarted meanwhile.

    Returns at once where there are none. While one waits this costs a query every two seconds, and the node nothing.
    """
    waiting = _waiting_seats(resources.settings.data_dir / SAMPLES_FILE)
    while waiting:
        try:
            async with resources.database.read(SystemScope("sample guests")) as uow:
                missing = await missing_guests(uow, waiting, resources.clock())
            for empty in missing:
                await send(empty)
        except Refused as refused:  # the node is not linked yet, or the database is away
            log.debug("sample_guests_not_sent", code=refused.code)
        await asyncio.sleep(LOOK_EVERY_S)


def _waiting_seats(path: Path) -> tuple[str, ...]:
    """The seats that the last start with samples named."""
    try:
        return tuple(map(str, json.loads(path.read_text())["waiting"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return ()


def _known_passwords(path: Path) -> dict[str, str]:
    """What was kept at an earlier start, by e-mail."""
    try:
        kept = json.loads(path.read_text())
        return {person["email"]: person["password"] for person in kept["people"]}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}
