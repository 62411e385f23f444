"""Recorders for the process whose cost is measured: a tap on each call that writes encrypted parts to a spool.

They are those of a node (`recordings/`). What they hand over goes into a folder, as with a store on the same disk.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from recordings.model import Part
from recordings.recorder import SpoolRecorder, SpoolRecorders
from recordings.spool import Kind, PartReader
from recordings.track_spool import SpoolSettings
from recordings.vault import new_key, wrap
from signaling.media.port import CallId, MediaEngine, TrackId
from signaling.media.recorders import DataKey

CONTENT_KEY = bytes(32)


class MovingStore:
    """Takes parts over as a store on the same disk does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, object_name: str, path: Path) -> None:
        """Keep it under the name; what is at `path` is deleted afterwards."""
        target = self._folder / object_name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(path)

    def packets_in(self, part: Part) -> int:
        """How many RTP packets it holds, read as for playing; then it is deleted. Raises `Damaged`."""
        path = self._folder / part.id.object_name
        entries = PartReader(path.read_bytes(), CONTENT_KEY, part.id).entries()
        packets = sum(entry.kind == Kind.RTP for entry in entries)
        path.unlink()
        return packets


@asynccontextmanager
async def recording_of(engine: MediaEngine, folder: Path) -> AsyncIterator["Recording"]:
    """The recorders of a node with this engine whose spool is here."""
    settings, store = SpoolSettings(folder / "spool", refuse_below_bytes=0, stop_below_bytes=0), MovingStore(folder)
    async with SpoolRecorders(settings, store, lambda _track: None) as recorders:
        yield Recording(engine, recorders, store)


class Recording:
    """Records calls from `start` to `stop`, and counts what came of it. Implements `RecorderListener`."""

    def __init__(self, engine: MediaEngine, recorders: SpoolRecorders, store: MovingStore) -> None:
        self._engine, self._recorders, self._store = engine, recorders, store
        self._running: dict[CallId, SpoolRecorder] = {}
        self._runs = 0
        self._parts: list[Part] = []
        self._failures: list[str] = []

    def start(self, calls: Mapping[CallId, Collection[TrackId]]) -> None:
        """Write these tracks from now on."""
        self._runs += 1
        self._parts.clear()
        for call, tracks in calls.items():
            keys = [_key(f"{call}-{self._runs}-{at}") for at in range(len(tracks))]
            recorder = self._recorders(call, f"{call}-{self._runs}", 1, self._runs, keys, self)
            recorder.write_only(tracks)
            self._engine.attach(call, recorder)
            self._running[call] = recorder

    async def stop(self) -> dict[str, Any]:
        """Seal, hand over and read again; how many packets came, and what went wrong."""
        for call, recorder in self._running.items():
            self._engine.detach(call, recorder)
        for recorder in self._running.values():
            await recorder.close()
        self._running.clear()
        dropped = self._recorders.figures.dropped_packets
        written = await asyncio.to_thread(lambda: sum(map(self._store.packets_in, self._parts)))
        return {"written": written, "dropped": dropped, "failures": self._failures}

    def part_stored(self, recording: str, part: dict[str, object]) -> None:
        """Remember it."""
        self._parts.append(Part.from_json(part))

    def recording_failed(self, recording: str, code: str) -> None:
        """Remember it."""
        self._failures.append(code)


def _key(name: str) -> DataKey:
    plain = new_key()
    return DataKey(name, plain, wrap(plain, CONTENT_KEY))
