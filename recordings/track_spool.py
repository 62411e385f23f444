"""The way of one track from the packet path to files on disk: a bounded queue between the loop and the spool thread.

The loop calls `put` and `end`, the thread everything else (spool_thread.py). No lock: each field has one writer.
"""

import base64
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from recordings.model import Part, PartId
from recordings.part_writer import PartWriter, sync_directory
from recordings.spool import Kind, PlainEntry, pack_dropped, start_of
from signaling.media.recorders import DataKey


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """How a node spools. Sizes in bytes, times in seconds."""

    directory: Path
    record_every_s: float = 0.25  # the most a kill can lose, beside what the disk delays
    records_per_sync: int = 3  # a power cut can lose so many records of a track
    part_s: float = 60.0
    part_bytes: int = 8 * 1024 * 1024
    held_bytes: int = 2 * 1024 * 1024  # per track, waiting for the disk; when full, packets are dropped and marked
    reserve_bytes: int = 8 * 1024 * 1024
    refuse_below_bytes: int = 512 * 1024 * 1024  # no new recording with less free space
    stop_below_bytes: int = 128 * 1024 * 1024  # running ones are ended in order
    slow_write_s: float = 1.0  # a write that takes longer is counted
    retry_s: float = 0.5  # first pause when the file store is away; doubles up to sixty times as much


class SpoolOwner(Protocol):
    """Who is told, on the spool thread, what became of a track."""

    def part_closed(self, path: Path, part: Part) -> None:
        """A part is complete on the disk."""

    def track_finished(self, spool: "TrackSpool") -> None:
        """Nothing more will be written for this track spool."""

    def writing_failed(self, code: str) -> None:
        """The owner's tracks were stopped: `disk_full` or `disk_error`."""


@dataclass(slots=True)
class PartCounter:
    """Counts the parts of one track, epoch and run, through every stop and start of its recording."""

    next_part: int = 0


class TrackSpool:
    """Writes one track until `end`. `track` names it; its part number is not used."""

    def __init__(
        self, track: PartId, counter: PartCounter, key: DataKey, settings: SpoolSettings, owner: SpoolOwner
    ) -> None:
        self.owner = owner
        self.finished = False
        self.dropped_packets = 0
        self._track, self._counter, self._key, self._settings = track, counter, key, settings
        self._waiting: deque[PlainEntry] = deque()
        # Two counters, each written by one side only, instead of one that both would have to lock.
        self._put_bytes = self._taken_bytes = 0
        self._dropped = self._dropped_since_ns = 0
        self._ending = False
        self._writer: PartWriter | None = None
        self._unwritten: list[PlainEntry] = []
        self._part_id = track
        self._started_ns = self._ended_ns = 0

    def put(self, arrived_ns: int, kind: Kind, data: bytes) -> bool:
        """Called on the loop. False means: this is the first entry after some that had to be dropped."""
        if self._put_bytes - self._taken_bytes > self._settings.held_bytes:
            self._dropped_since_ns = self._dropped_since_ns or arrived_ns
            self._dropped += 1
            return True
        unbroken = not self._dropped
        if not unbroken:
            self._mark_dropped(arrived_ns)
        self._waiting.append((arrived_ns, kind, data))
        self._put_bytes += len(data)
        return unbroken

    def end(self) -> None:
        """Called on the loop: what was put is still written, nothing more comes."""
        if self._dropped:
            self._mark_dropped(self._dropped_since_ns)
        self._ending = True

    def _mark_dropped(self, arrived_ns: int) -> None:
        dropped = pack_dropped(self._dropped_since_ns, self._dropped)
        self._waiting.append((arrived_ns, Kind.DROPPED, dropped))
        self._put_bytes += len(dropped)
        self.dropped_packets += self._dropped
        self._dropped = self._dropped_since_ns = 0

    def flush(self, now_ns: int) -> int:
        """Append what is held; close the part when it is due. Returns the bytes stored. Raises OSError."""
        ending = self._ending  # read before the queue: what was put before `end` is taken now
        self._take()
        before = self._writer.size_bytes if self._writer else 0
        if self._unwritten and self._writer is None:
            self._open()
        if self._writer is None:
            self.finished = ending
            return 0
        last = ending or self._due(self._writer, now_ns)
        if self._unwritten or last:
            self._append(self._writer, last=last)
        stored = self._writer.size_bytes - before
        if last:
            self._close(sealed=True)
        self.finished = ending
        return stored

    def begin_sync(self) -> None:
        """Have the disk begin with what `sync` waits for. Raises OSError."""
        if self._writer is not None:
            self._writer.begin_sync()

    def sync(self) -> None:
        """Wait until all that was flushed would survive a power cut. Raises OSError."""
        if self._writer is not None:
            self._writer.sync()

    def finish(self) -> None:
        """Last words on a failing disk: what is held, or at least that it is missing, or nothing."""
        self._take()
        if self._writer is not None:
            sealed = self._seal(self._writer) or self._seal_without_what_is_held(self._writer)
            self._close(sealed=sealed)
        self.finished = True

    def _seal(self, writer: PartWriter) -> bool:
        try:
            self._append(writer, last=True)
        except OSError:
            return False
        return True

    def _seal_without_what_is_held(self, writer: PartWriter) -> bool:
        if self._unwritten:
            (since_ns, _, _), packets = self._unwritten[0], len(self._unwritten)
            self._unwritten = [(since_ns, Kind.DROPPED, pack_dropped(since_ns, packets))]
            self.dropped_packets += packets
        return self._seal(writer)

    def _take(self) -> None:
        waiting = self._waiting
        taken = [waiting.popleft() for _ in range(len(waiting))]
        self._unwritten += taken
        self._taken_bytes += sum(len(data) for _, _, data in taken)

    def _open(self) -> None:
        self._part_id = replace(self._track, part=self._counter.next_part)
        self._started_ns = self._ended_ns = self._unwritten[0][0]
        header = start_of(self._part_id, self._started_ns, self._key)
        self._writer = PartWriter(self._settings.directory / self._part_id.file_name, header, self._key.plain)
        self._counter.next_part += 1
        sync_directory(self._settings.directory)

    def _append(self, writer: PartWriter, *, last: bool) -> None:
        writer.append(self._unwritten, last=last)
        if self._unwritten:
            self._ended_ns = max(self._ended_ns, self._unwritten[-1][0])
            self._unwritten = []
        if last:
            writer.sync()

    def _due(self, writer: PartWriter, now_ns: int) -> bool:
        too_old = now_ns - self._started_ns >= self._settings.part_s * 1e9
        return too_old or writer.size_bytes >= self._settings.part_bytes

    def _close(self, *, sealed: bool) -> None:
        writer, self._writer = self._writer, None
        if writer is None:
            return
        part = Part(
            id=self._part_id,
            size_bytes=writer.size_bytes,
            sha256=writer.close(),
            started_at_ns=self._started_ns,
            ended_at_ns=self._ended_ns,
            key_id=self._key.id,
            wrapped_key=base64.b64encode(self._key.wrapped).decode(),
            sealed=sealed,
        )
        self.owner.part_closed(writer.path, part)
