"""The recorder's side of one call: opened when first needed, told exactly what to write, closed with the call.

Data keys come with the spec and live in memory only. Without one nothing can be written: more are asked for, and
writing begins when they come.
"""

import asyncio
import contextlib
from base64 import b64decode
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from signaling.call.inputs import PartWasStored, RecorderClosed, RecorderFailed
from signaling.call.spec import KeySpec
from signaling.media.port import CallId, MediaEngine, Tap, TrackId
from signaling.media.recorders import DataKey, Recorder, RecorderFactory
from signaling.runner.ports import Outlet, Submit

MAX_KEYS = 512
HAND_OVER_WITHIN_S = 5.0
KEYS_AT_ONCE = 48  # four sources for each of twelve seats


@dataclass(frozen=True)
class Placement:
    """Which run of which call this is."""

    call: CallId
    epoch: int
    run: int


class RecordingSide:
    """Holds the keys and the recorder. Implements `RecorderListener`."""

    def __init__(
        self, placement: Placement, engine: MediaEngine, recorders: RecorderFactory, outlet: Outlet, submit: Submit
    ) -> None:
        self._placement = placement
        self._engine = engine
        self._recorders = recorders
        self._outlet = outlet
        self._submit = submit
        self._keys: dict[str, DataKey] = {}
        self._recording: str | None = None
        self._recorder: Recorder | None = None
        self._tracks: frozenset[TrackId] = frozenset()
        self._closing: asyncio.Task[None] | None = None

    def add_keys(self, keys: Iterable[KeySpec]) -> None:
        """More data keys; those that are known already are left out."""
        new = [
            DataKey(key.id, b64decode(key.plain), b64decode(key.wrapped))
            for key in keys
            if key.id not in self._keys and len(self._keys) < MAX_KEYS
        ]
        self._keys |= {key.id: key for key in new}
        if self._recorder is not None:
            self._recorder.add_keys(new)
        elif new and self._tracks:
            self._open()

    @property
    def taps(self) -> Collection[Tap]:
        """By which it hears the call."""
        return () if self._recorder is None else (self._recorder,)

    def ask_for_keys(self) -> None:
        """Ask for data keys if something is to be written and there are none."""
        if self._tracks and not self._keys:
            self._outlet.keys_wanted(self._placement.call, KEYS_AT_ONCE)

    def open(self, recording: str) -> None:
        """There is to be a recorder for this recording."""
        self._recording = recording

    def write_only(self, tracks: frozenset[TrackId]) -> None:
        """Exactly these tracks, from now on."""
        self._tracks = tracks
        if self._recorder is None and tracks:
            self._open()
        elif self._recorder is not None:
            self._recorder.write_only(tracks)

    def _open(self) -> None:
        if self._recording is None or self._closing is not None:
            return
        if not self._keys:
            self.ask_for_keys()
            return
        self._recorder = self._new_recorder(self._recording)
        self._recorder.write_only(self._tracks)
        self._engine.attach(self._placement.call, self._recorder)

    def _new_recorder(self, recording: str) -> Recorder:
        at = self._placement
        return self._recorders(at.call, recording, at.epoch, at.run, list(self._keys.values()), self)

    def close(self) -> None:
        """Stop hearing, and have the recorder hand over what it holds; `RecorderClosed` says when. Idempotent."""
        if self._recording is None or self._closing is not None:
            return
        recorder = self._recorder or self._new_recorder(self._recording)  # it takes over what an earlier run left
        self._engine.detach(self._placement.call, recorder)
        self._closing = asyncio.create_task(self._hand_over(recorder, self._recording), name="close recorder")

    async def _hand_over(self, recorder: Recorder, recording: str) -> None:
        await recorder.close()
        self._submit(RecorderClosed(recording))

    async def abandon(self) -> None:
        """The node stops: close without saying that the recording is complete. Idempotent."""
        if self._closing is not None:
            self._closing.cancel()
            await asyncio.wait([self._closing])
        elif self._recorder is not None:
            self._engine.detach(self._placement.call, self._recorder)
            with contextlib.suppress(TimeoutError):  # the store is away: the next run hands over
                async with asyncio.timeout(HAND_OVER_WITHIN_S):
                    await self._recorder.close()
        self._recorder = None

    def part_stored(self, recording: str, part: dict[str, object]) -> None:
        """A part is in the file store."""
        self._submit(PartWasStored(recording, part))

    def recording_failed(self, recording: str, code: str) -> None:
        """Writing stopped by itself."""
        self._submit(RecorderFailed(recording, code))
