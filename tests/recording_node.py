"""The recorders of one node with a folder for a store and a listener that remembers: what recorder tests share."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from recordings.model import Part
from recordings.recorder import SpoolRecorder, SpoolRecorders
from recordings.spool import Entry, PartReader
from recordings.track_spool import SpoolSettings
from recordings.vault import new_key, wrap
from signaling.media.port import CallId, TrackId
from signaling.media.recorders import DataKey

CONTENT_KEY = bytes(range(32))


def keys(count: int) -> list[DataKey]:
    plain = [new_key() for _ in range(count)]
    return [DataKey(f"key-{number}", key, wrap(key, CONTENT_KEY)) for number, key in enumerate(plain)]


def settings(directory: Path, **changes: Any) -> SpoolSettings:
    small = {
        "record_every_s": 0.01,
        "retry_s": 0.001,
        "part_s": 1e12,  # packets of tests arrived long ago
        "reserve_bytes": 4_096,
        "refuse_below_bytes": 0,
        "stop_below_bytes": 0,
    }
    return SpoolSettings(directory / "spool", **small | changes)


class FolderStore:
    """A file store that can be taken away."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.refusals = directory / "store", 0

    async def put(self, object_name: str, path: Path) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OSError("away")
        target = self.directory / object_name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)

    def bytes_of(self, part: Part) -> bytes:
        return (self.directory / part.id.object_name).read_bytes()


class Listener:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.failures: list[str] = []

    def part_stored(self, recording: str, part: dict[str, object]) -> None:
        assert part["recording"] == recording
        self.parts.append(Part.from_json(part))

    def recording_failed(self, recording: str, code: str) -> None:
        self.failures.append(code)


class Node:
    """The recorders of one node with everything around them."""

    def __init__(self, directory: Path, disk: Path, **changes: Any) -> None:
        self.store, self.listener = FolderStore(directory), Listener()
        self.key_frames: list[TrackId] = []
        self.recorders = SpoolRecorders(settings(disk, **changes), self.store, self.key_frames.append)

    def record(self, key_count: int = 8, run: int = 1) -> SpoolRecorder:
        return self.recorders(CallId("call1"), "rec1", 1, run, keys(key_count), self.listener)

    def read(self, track: TrackId) -> list[Entry]:
        parts = sorted((part for part in self.listener.parts if part.id.track == track), key=lambda part: part.id)
        return [
            entry for part in parts for entry in PartReader(self.store.bytes_of(part), CONTENT_KEY, part.id).entries()
        ]

    @property
    def spool(self) -> list[Path]:
        return list(self.recorders.thread.settings.directory.glob("*.spool"))


@asynccontextmanager
async def a_node(directory: Path, disk: Path | None = None, **changes: Any) -> AsyncIterator[Node]:
    """A running node whose store is in `directory` and whose spool is there too, or on a disk of its own."""
    node = Node(directory, disk or directory, **changes)
    async with node.recorders:
        yield node
