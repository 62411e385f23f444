"""What Janus forwards to the taps of a call: every published track while somebody listens, none otherwise."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from signaling.errors import Unavailable
from signaling.media.janus.client import JanusRefused
from signaling.media.janus.desk import Desk
from signaling.media.janus.down import Stream
from signaling.media.janus.tap_port import TapPort
from signaling.media.port import CallId, Track
from signaling.media.taps import Taps

RETRY_S = 0.5

logger = logging.getLogger(__name__)


class _Forward(NamedTuple):
    """One stream on its way: its number at Janus, and the SSRC it has at the tap port."""

    identifier: int
    ssrc: int


class Forwards:
    """Keeps what is forwarded as it should be. One task, woken by `refresh`."""

    def __init__(self, call: CallId, taps: Taps, port: TapPort, streams: Callable[[], Sequence[Stream]]) -> None:
        self._call, self._taps, self._port, self._streams = call, taps, port, streams
        self._place: tuple[int, Desk] | None = None
        self._running: dict[Stream, _Forward] = {}
        self._ending: set[tuple[Stream, _Forward]] = set()  # heard no more; Janus does not know it yet
        self._woken = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="forwards of a call")

    def use(self, place: tuple[int, Desk] | None) -> None:
        """The call's room and who speaks of it; None when both are gone, and every forward with them."""
        self._place = place
        for forward in self._running.values():
            self._port.forget(forward.ssrc)
        self._running.clear()
        self._ending.clear()
        self.refresh()

    def refresh(self) -> None:
        """A tap came or went, or a track did."""
        self._woken.set()

    def watches(self, feed: int, mid: str) -> bool:
        """Whether a stream is forwarded."""
        return any((stream.feed, stream.mid) == (feed, mid) for stream in self._running)

    async def close(self) -> None:
        """Let nothing more be heard; the room's end ends the rest. Idempotent."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.use(None)

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self._adjust()
            except (JanusRefused, Unavailable) as error:
                logger.debug("a track is not forwarded yet: %s", error)
                await asyncio.sleep(RETRY_S)
                self._woken.set()

    async def _adjust(self) -> None:
        due = list(self._streams()) if self._taps.attached else []
        for stream in [stream for stream in self._running if stream not in due]:
            self._let_go(stream)
        for ending in tuple(self._ending):
            await self._end(*ending)
        for stream in due:
            if stream not in self._running:
                await self._start(stream)

    async def _start(self, stream: Stream) -> None:
        if self._place is None:
            return
        room, desk = self._place
        await self._port.open()
        track = Track(stream.track, self._call, stream.seat, stream.source)
        ssrc = self._port.expect(partial(self._taps.packet, track))
        try:
            forward = await desk.forward(
                *(room, stream.feed, stream.mid, ssrc),
                one_of_layers=len(stream.heights) > 1,
                to=(self._port.host, self._port.port),
                key=self._port.key,
            )
        except BaseException:
            self._port.forget(ssrc)
            raise
        self._running[stream] = _Forward(forward, ssrc)

    def _let_go(self, stream: Stream) -> None:
        forward = self._running.pop(stream)
        self._port.forget(forward.ssrc)
        self._ending.add((stream, forward))

    async def _end(self, stream: Stream, forward: _Forward) -> None:
        if self._place is not None:
            room, desk = self._place
            await desk.stop_forward(room, stream.feed, forward.identifier)
        self._ending.discard((stream, forward))
