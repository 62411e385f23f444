"""The recorder: a tap on a call that writes the permitted tracks to the node's spool and hands the parts over.

It decides nothing: which tracks may be written is told by the call (`write_only`), and what is not permitted is not
even queued. Encryption is in spool.py, threads in spool_thread.py, the way to the file store in hand_over.py.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from recordings.hand_over import HandOver, PartStore, leftovers
from recordings.model import Part, PartId
from recordings.spool import Kind, pack_sender_report
from recordings.spool_thread import SpoolFigures, SpoolThread
from recordings.track_spool import PartCounter, SpoolSettings, TrackSpool
from signaling.media.port import CallId, Track, TrackId
from signaling.media.recorders import DataKey, RecorderListener

RequestKeyFrame = Callable[[TrackId], None]
_RTP = Kind.RTP  # looked up once and not for each packet: in Python 3.11 that costs as much as packing the entry


class SpoolRecorder:
    """Records one recording of one call. Implements `signaling.media.port.Recorder`."""

    def __init__(
        self,
        name: PartId,
        keys: Sequence[DataKey],
        listener: RecorderListener,
        node: "SpoolRecorders",
    ) -> None:
        """`name` carries call, recording, epoch and run; its track and part are not used."""
        self._name, self._listener, self._node = name, listener, node
        self._loop = asyncio.get_running_loop()
        self._free_keys = list(keys)
        self._key_of: dict[TrackId, DataKey] = {}
        self._permitted: frozenset[TrackId] = frozenset()
        self._spools: dict[TrackId, TrackSpool] = {}
        self._unfinished: set[TrackSpool] = set()
        self._unstored = 0
        self._settled = asyncio.Event()  # set while nothing is held, neither in memory nor on the way to the store
        self._settled.set()
        self._failed = False

    def add_keys(self, keys: Sequence[DataKey]) -> None:
        """More data keys, for tracks yet to come."""
        known = {key.id for key in (*self._free_keys, *self._key_of.values())}
        self._free_keys.extend(key for key in keys if key.id not in known)

    def write_only(self, tracks: Collection[TrackId]) -> None:
        """From now on exactly these tracks are written. A new one begins with its next packet."""
        self._permitted = frozenset() if self._failed else frozenset(tracks)
        for track in [track for track in self._spools if track not in self._permitted]:
            self._spools.pop(track).end()

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        """Queue one RTP packet if its track may be written."""
        spool = self._spools.get(track.id)
        if spool is None and track.id in self._permitted:
            spool = self._start(track)
        if spool is None:
            return
        if not spool.put(arrived_ns, _RTP, packet):
            self._need_key_frame(track)

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """Queue the pair that ties the track's clock to its sender's."""
        if (spool := self._spools.get(track.id)) is not None:
            spool.put(arrived_ns, Kind.SENDER_REPORT, pack_sender_report(ntp_time, rtp_time))

    async def close(self) -> None:
        """Write out what is held, seal the parts and hand them to the file store, however long that is away.

        When it returns, every part was told. Cancelled, it leaves the rest in the spool for the next run of the node.
        """
        self.write_only(())
        self._node.thread.wake()
        await self._settled.wait()

    def _start(self, track: Track) -> TrackSpool | None:
        key = self._key_of.get(track.id) or (self._free_keys.pop(0) if self._free_keys else None)
        if key is None:
            self._fail("no_keys")
            return None
        self._key_of[track.id] = key
        spool = self._node.open_spool(replace(self._name, track=track.id), key, self)
        self._spools[track.id] = spool
        self._unfinished.add(spool)
        self._settled.clear()
        self._need_key_frame(track)
        return spool

    def _need_key_frame(self, track: Track) -> None:
        if track.source.kind == "video":
            self._node.request_key_frame(track.id)

    def _fail(self, code: str) -> None:
        if not self._failed:
            self._failed = True
            self.write_only(())
            self._listener.recording_failed(self._name.recording, code)

    # What the spool thread tells (track_spool.SpoolOwner); each goes on on the loop.

    def part_closed(self, path: Path, part: Part) -> None:
        """A part is complete on the disk."""
        self._loop.call_soon_threadsafe(self._hand_over, path, part)

    def track_finished(self, spool: TrackSpool) -> None:
        """Nothing more will be written for this track spool."""
        self._loop.call_soon_threadsafe(self._forget, spool)

    def writing_failed(self, code: str) -> None:
        """The disk refused; every track of this recorder was stopped."""
        self._loop.call_soon_threadsafe(self._fail, code)

    def adopt(self, path: Path, part: Part) -> None:
        """Hand over, as its own, a part that an earlier run of the node left behind."""
        self._hand_over(path, part)

    def _hand_over(self, path: Path, part: Part) -> None:
        self._unstored += 1
        self._settled.clear()
        self._node.hand_over.add(path, part, self._stored)

    def _stored(self, part: Part) -> None:
        self._unstored -= 1
        self._listener.part_stored(self._name.recording, part.to_json())
        self._settle()

    def _forget(self, spool: TrackSpool) -> None:
        self._unfinished.discard(spool)
        self._settle()

    def _settle(self) -> None:
        if not self._unfinished and not self._unstored:
            self._settled.set()


class SpoolRecorders:
    """All recorders of one node: the factory that the node is given. Implements `RecorderFactory`.

    Use as `async with`: inside it the spool thread and the hand-over run.
    """

    def __init__(
        self,
        settings: SpoolSettings,
        store: PartStore,
        request_key_frame: RequestKeyFrame,
    ) -> None:
        self.thread = SpoolThread(settings)
        self.hand_over = HandOver(store, settings.retry_s)
        self.request_key_frame = request_key_frame
        self._counters: defaultdict[PartId, PartCounter] = defaultdict(PartCounter)
        self._leftovers: defaultdict[str, list[tuple[Path, Part]]] = defaultdict(list)  # by recording
        self._task: asyncio.Task[None] | None = None

    @property
    def figures(self) -> SpoolFigures:
        """What was written and dropped since the node started, for metrics."""
        return self.thread.figures

    def __call__(
        self,
        call: CallId,
        recording: str,
        epoch: int,
        run: int,
        keys: Sequence[DataKey],
        listener: RecorderListener,
    ) -> SpoolRecorder:
        """A recorder that writes nothing until `write_only` names a track. On a nearly full disk it fails at once.

        It takes over what an earlier run left of its recording, so that after a crash every part is told in the end.
        """
        name = PartId(call, recording, TrackId(""), epoch, run, 0)
        recorder = SpoolRecorder(name, keys, listener, self)
        if self.thread.free_bytes() < self.thread.settings.refuse_below_bytes:
            recorder.writing_failed("disk_full")
        for path, part in self._leftovers.pop(recording, []):
            recorder.adopt(path, part)
        return recorder

    @property
    def unclaimed_parts(self) -> int:
        """Parts of an earlier run whose recording nobody has opened again."""
        return sum(map(len, self._leftovers.values()))

    def open_spool(self, track: PartId, key: DataKey, owner: SpoolRecorder) -> TrackSpool:
        """A spool for one track; for recorders only."""
        spool = TrackSpool(track, self._counters[track], key, self.thread.settings, owner)
        self.thread.add(spool)
        return spool

    async def __aenter__(self) -> Self:
        self.thread.start()
        for path, part in await asyncio.to_thread(leftovers, self.thread.settings.directory):
            self._leftovers[part.id.recording].append((path, part))
        self._task = asyncio.create_task(self.hand_over.run(), name="hand over parts")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.thread.stop)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
