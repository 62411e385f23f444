"""A node measures itself: the processor time of its loop and of its media, packets, delay, the disk it spools to."""

import asyncio
import shutil
import time
from pathlib import Path

from signaling.capacity import Load, Reading, next_load, stays_open, takes
from signaling.media.port import MediaEngine

EVERY_S = 1.0


class Meter:
    """What the node says of its load, and whether it takes another room. `watch` runs on the engine's loop."""

    def __init__(self, engine: MediaEngine, spool: Path, reserve_bytes: int) -> None:
        self.load = Load()
        self._is_open = True  # as far as the load goes
        self._engine = engine
        self._spool = spool
        self._reserve_bytes = reserve_bytes

    @property
    def fullness(self) -> float:
        """Share of the limit that is used. An engine that does not answer uses nothing, and carries nothing either."""
        return self.load.fullness if self._engine.available else 1.0

    @property
    def takes_rooms(self) -> bool:
        """Whether new rooms are taken."""
        return self._is_open and self._engine.available

    def takes(self, running: bool) -> bool:
        """Whether a room is taken; `running`: people are talking in it."""
        return takes(self.takes_rooms, self.fullness, running=running)

    async def watch(self) -> None:
        """Until cancelled: read every second."""
        loop = asyncio.get_running_loop()
        before = self._read(0.0)
        while True:
            due_s = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            now = self._read(max(0.0, loop.time() - due_s))
            self.load = next_load(self.load, before, now, self._reserve_bytes)
            self._is_open = stays_open(self._is_open, self.load.fullness)
            before = now

    def _read(self, late_s: float) -> Reading:
        return Reading(
            at_s=time.monotonic(),
            loop_s=time.thread_time(),
            media=self._engine.processor_time(),
            packets=self._engine.traffic.packets_sent if self._engine.capabilities.measures else None,
            late_s=late_s,
            free_bytes=self._free_bytes(),
            gives_way=self._engine.load().gives_way > 0,
        )

    def _free_bytes(self) -> int | None:
        try:
            return shutil.disk_usage(self._spool).free
        except OSError:  # not made yet, or the disk is gone: recorders say so
            return None
