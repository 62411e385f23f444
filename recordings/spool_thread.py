"""The one thread of a node that writes recordings to disk, so that a slow disk never holds up the packet path.

It flushes every track spool (track_spool.py) four times a second, which outlives a kill, and waits for the disk less
often and for all of them together, for that costs the most. A full disk ends every recording of the node in order: the
reserve file is given up for the last words.
"""

import contextlib
import errno
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from recordings.track_spool import SpoolSettings, TrackSpool

_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(slots=True)
class SpoolFigures:
    """What the thread counted since the node started."""

    records: int = 0
    stored_bytes: int = 0
    slow_writes: int = 0
    slowest_write_s: float = 0.0
    dropped_packets: int = 0


class SpoolThread:
    """Flushes every track spool of a node, one after the other."""

    def __init__(self, settings: SpoolSettings, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self.settings, self.figures = settings, SpoolFigures()
        self._clock_ns = clock_ns
        self._rounds = 0
        self._spools: list[TrackSpool] = []  # in the order of their beginning: a track may end and begin again
        self._lock = threading.Lock()
        self._wake, self._stopping = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="spool")
        self._reserve, self._reserve_kept = settings.directory / "reserve", False

    def start(self) -> None:
        """Make the directory and begin."""
        self.settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """End every spool, write out what is held, and wait for the thread. Blocks; idempotent."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()

    def add(self, spool: TrackSpool) -> None:
        """Flush this spool from now on, until it has finished."""
        with self._lock:
            self._spools.append(spool)

    def wake(self) -> None:
        """Do not wait for the next quarter of a second."""
        self._wake.set()

    def free_bytes(self) -> int:
        """What the disk of the spool can still take."""
        disk = os.statvfs(self.settings.directory)
        return disk.f_bavail * disk.f_frsize

    def _keep_reserve(self) -> None:
        """Hold back the space that last words need; recording goes on without it."""
        try:
            with self._reserve.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, self.settings.reserve_bytes)
            self._reserve_kept = True
        except OSError:
            self._give_up_reserve()

    def _give_up_reserve(self) -> None:
        self._reserve_kept = False
        with contextlib.suppress(OSError):
            self._reserve.unlink(missing_ok=True)

    def _run(self) -> None:
        while True:
            self._wake.wait(self.settings.record_every_s)
            self._wake.clear()
            stopping = self._stopping
            with self._lock:
                spools = list(self._spools)
            if stopping:
                for spool in spools:
                    spool.end()
            if spools:
                self._flush_all(spools)
            if stopping and not self._spools:
                return

    def _flush_all(self, spools: list[TrackSpool]) -> None:
        if not self._reserve_kept:
            self._keep_reserve()
        concerned = spools
        try:
            if self.free_bytes() < self.settings.stop_below_bytes:
                raise OSError(errno.ENOSPC, "below the low-water mark")
            for step in self._steps():
                for spool in spools:
                    concerned = [spool]
                    step(spool)
        except OSError as error:
            if error.errno in _FULL:
                self._fail(spools, "disk_full")
            else:
                owners = {spool.owner for spool in concerned}
                self._fail([spool for spool in spools if spool.owner in owners], "disk_error")

    def _steps(self) -> list[Callable[[TrackSpool], None]]:
        """What is done with every spool in this round."""
        self._rounds += 1
        if self._rounds % self.settings.records_per_sync:
            return [self._flush]
        return [self._flush, TrackSpool.begin_sync, self._sync]

    def _flush(self, spool: TrackSpool) -> None:
        began = time.monotonic()
        stored = spool.flush(self._clock_ns())
        self._note_time_since(began)
        self.figures.records += bool(stored)
        self.figures.stored_bytes += stored
        if spool.finished:
            self.figures.dropped_packets += spool.dropped_packets
            self._forget(spool)

    def _sync(self, spool: TrackSpool) -> None:
        began = time.monotonic()
        spool.sync()
        self._note_time_since(began)

    def _note_time_since(self, began: float) -> None:
        took_s = time.monotonic() - began
        self.figures.slow_writes += took_s > self.settings.slow_write_s
        self.figures.slowest_write_s = max(self.figures.slowest_write_s, took_s)

    def _fail(self, spools: list[TrackSpool], code: str) -> None:
        if code == "disk_full":
            self._give_up_reserve()
        for spool in (spool for spool in spools if not spool.finished):
            spool.finish()
            self._forget(spool)
        for owner in {spool.owner for spool in spools}:
            owner.writing_failed(code)

    def _forget(self, spool: TrackSpool) -> None:
        with self._lock:
            self._spools.remove(spool)
        spool.owner.track_finished(spool)
