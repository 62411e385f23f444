"""One admitted seat of a call on Janus: its two peer connections, and what is told of them."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from signaling.media.adaptation.shedding import Role
from signaling.media.janus.client import Handle
from signaling.media.janus.down import DownConnection, Stream
from signaling.media.janus.up import UpConnection, UpSection
from signaling.media.port import (
    CallId,
    ClientStats,
    DownSlot,
    EngineListener,
    PathState,
    PeerConnection,
    Published,
    SeatId,
    Source,
    Track,
    TrackId,
    Wanted,
    track_id,
)
from signaling.media.sfu.sdp_gate import accept_offer
from signaling.media.sfu.settings import Limit


class SeatCall(Protocol):
    """The call, seen from a seat."""

    id: CallId
    listener: EngineListener

    async def room(self) -> int:
        """Its room on Janus, made when it is missing. Raises Unavailable."""

    async def attach(self) -> Handle:
        """A new handle. Raises Unavailable."""

    def notify(self, event: Callable[..., None], *details: object) -> None:
        """Tell the listener, a little later."""

    def later(self, work: Awaitable[None]) -> None:
        """Do it in a task of the call; what Janus refuses is logged."""

    def streams_for(self, seat: SeatId) -> Sequence[Stream]:
        """What the other seats publish and can be subscribed to."""

    def streams_changed(self) -> None:
        """Something appeared or is gone."""

    def choices_changed(self) -> None:
        """Other layers are watched than before."""

    def limit(self, source: Source) -> Limit:
        """How much a source may send in this call as it is now."""

    def layer_heights(self, source: Source, layers: int) -> tuple[int, ...]:
        """How high each layer of a source is."""

    def layer_limits(self, source: Source, layers: int) -> Sequence[Limit]:
        """What each of so many layers may send now, the smallest first."""

    def role(self, viewer: SeatId, seat: SeatId, source: Source) -> Role:
        """How long the picture is kept on this viewer's weak line."""

    def watched(self, feed: int, mid: str) -> Collection[int]:
        """The layers of a stream that are sent to somebody."""

    def shown(self, feed: int, mid: str) -> bool:
        """Whether a stream is sent to somebody."""

    def talks(self, seat: SeatId, speaks: bool) -> None:
        """The seat began to speak, or stopped."""


class Seat:
    """What an engine keeps for a seat between `admit` and `release`."""

    def __init__(self, seat: SeatId, call: SeatCall, clock: Callable[[], float]) -> None:
        self.id = seat
        self.up: UpConnection | None = None
        self._call = call
        self._clock = clock
        self._down: DownConnection | None = None
        self._beginning_down = asyncio.Lock()
        self._wanted: Collection[Wanted] = ()
        self._last_neg = 0

    async def answer_up(self, sdp: str, published: Sequence[Published]) -> str:
        """Answer an up-offer of this or of a newly built RTCPeerConnection. Raises MediaRefused, Unavailable."""
        offer = accept_offer(sdp, published)
        if self.up is not None and (self.up.origin, self.up.fingerprint) != (
            offer.description.origin,
            offer.fingerprint,
        ):
            await self.forget(PeerConnection.UP)
        if self.up is None:
            room = await self._call.room()
            self.up = UpConnection(self, await self._call.attach(), room, offer, self._clock)
        up = self.up
        try:
            return await up.answer(offer, sdp, published)
        except BaseException:
            if not up.sections and self.up is up:  # nothing was ever answered on it
                self.up = None
                self._call.later(up.close())
            raise

    async def want(self, wanted: Collection[Wanted]) -> None:
        """The whole set of tracks that the seat is to receive. Raises Unavailable."""
        self._wanted = wanted
        (await self._down_connection()).want(wanted)

    async def answer_down(self, neg: int, sdp: str) -> None:
        """The client's answer to a down-offer. Raises MediaRefused, Unavailable."""
        if self._down is not None:
            await self._down.answer(neg, sdp)

    async def restart_down(self) -> None:
        """New ICE credentials in a new down-offer. Raises Unavailable."""
        (await self._down_connection()).restart()

    async def reset(self, pc: PeerConnection) -> None:
        """The client builds this one anew; a new down-offer is made at once. Raises Unavailable."""
        await self.forget(pc)
        if pc is PeerConnection.DOWN and self._wanted:
            await self._down_connection()

    def mute(self, mid: str, muted: bool) -> None:
        """The client sends nothing on this m-line on purpose."""
        if self.up is not None:
            self.up.mute(mid, muted)

    def request_key_frame(self, source: Source) -> None:
        """Ask for one soon."""
        section = self.up.section_of(source) if self.up else None
        if self.up is not None and section is not None and self.up.connected:
            self._call.later(self.up.request_key_frame(section.mid))

    def published(self) -> Sequence[Stream]:
        """What it publishes and others can subscribe to."""
        up = self.up
        if up is None or not up.connected:
            return ()
        return [
            Stream(
                track_id(self.id, section.source),
                self.id,
                section.source,
                up.feed,
                section.mid,
                self._call.layer_heights(section.source, len(section.rids)),
            )
            for section in up.sections.values()
        ]

    def watched(self, feed: int, mid: str) -> int | None:
        """The layer of another's stream that this seat is sent."""
        return self._down.watched(feed, mid) if self._down is not None else None

    def shows(self, feed: int, mid: str) -> bool:
        """Whether another's stream is sent to this seat."""
        return self._down is not None and self._down.shows(feed, mid)

    def client_counted(self, stats: ClientStats) -> None:
        """The client's own figures."""
        if self._down is not None:
            self._down.client_counted(stats)

    def refresh(self) -> None:
        """Streams came or went in the call."""
        if self._down is not None:
            self._down.refresh()

    def tell_limits(self, now_s: float) -> None:
        """Tell the publisher which limits have changed for it, and Janus until it knows."""
        if self.up is not None:
            for section in self.up.sections.values():
                self._tell_limit(self.up, section, now_s)
            if self.up.allows_another_bitrate:
                self._call.later(self.up.limit_bitrate())

    def _tell_limit(self, up: UpConnection, section: UpSection, now_s: float) -> None:
        limit, layers = self._call.limit(section.source), section.rids
        if len(section.rids) > 1:
            layers = section.watched.of(section.rids, self._call.watched(up.feed, section.mid), now_s)
        elif section.source.kind == "video" and section.live:
            up.rest(section, section.picture.rests(self._call.shown(up.feed, section.mid), now_s))
        if (limit, layers, section.resting) != section.told:
            section.told = (limit, layers, section.resting)
            details = (section.mid, limit.max_bitrate_bps, limit.max_height, layers, section.resting)
            self._call.notify(self._call.listener.up_limit, self._call.id, self.id, *details)

    def tick(self, now_s: float) -> None:
        """Everything that time brings."""
        if self.up is not None:
            self.up.tick(now_s)
        if self._down is not None:
            self._down.tick(now_s)

    async def forget(self, pc: PeerConnection) -> None:
        """Close one peer connection. Idempotent."""
        gone = self._take(pc)
        if gone is not None:
            await gone.close()

    async def close(self) -> None:
        """Close both, at once. Idempotent."""
        gone = [connection for pc in PeerConnection if (connection := self._take(pc)) is not None]
        for connection in gone:
            connection.let_go()
        await asyncio.gather(*(connection.close() for connection in gone))

    def lose(self) -> None:
        """Janus is gone, and both peer connections with it: the client has to build them anew."""
        for pc in PeerConnection:
            connection = self._take(pc)
            if connection is not None:
                connection.let_go()
                self._tell_lost(pc)

    def _take(self, pc: PeerConnection) -> UpConnection | DownConnection | None:
        """Keep it no longer."""
        if pc is PeerConnection.UP:
            up, self.up = self.up, None
            return up
        down, self._down = self._down, None
        if down is not None:
            self._last_neg = down.neg
        return down

    async def _down_connection(self) -> DownConnection:
        async with self._beginning_down:
            if self._down is None:
                room, handle = await self._call.room(), await self._call.attach()
                self._down = DownConnection(self, handle, room, self._last_neg, self._clock)
                self._down.want(self._wanted)
            return self._down

    def _give_up(self, pc: PeerConnection) -> None:
        connection = self._take(pc)
        if connection is not None:
            connection.let_go()
            self._call.later(connection.close())
            self._tell_lost(pc)

    def _tell_lost(self, pc: PeerConnection) -> None:
        listener = self._call.listener
        self._call.notify(listener.path_changed, self._call.id, self.id, pc, PathState.LOST)
        self._call.notify(listener.reset_needed, self._call.id, self.id, pc)

    def _tell_path(self, pc: PeerConnection, state: PathState) -> None:
        if state is PathState.LOST:
            self._give_up(pc)
        else:
            self._call.notify(self._call.listener.path_changed, self._call.id, self.id, pc, state)

    def _track(self, source: Source) -> Track:
        return Track(track_id(self.id, source), self._call.id, self.id, source)

    # What its connections say.

    def limit(self, source: Source) -> Limit:
        """How much a source may send now."""
        return self._call.limit(source)

    def up_path(self, up: UpConnection, state: PathState) -> None:
        """The up connection came up, fell silent or is gone."""
        if up is self.up:
            self._tell_path(PeerConnection.UP, state)

    def up_tracks_changed(self) -> None:
        """Something appeared or ended."""
        self._call.streams_changed()

    def flows(self, source: Source) -> None:
        """The first packet of a track came."""
        self._call.notify(self._call.listener.track_published, self._track(source))
        self._call.streams_changed()

    def ended(self, source: Source) -> None:
        """A track was taken back."""
        self._call.notify(self._call.listener.track_unpublished, self._track(source))
        self._call.streams_changed()
        if source is Source.MIC:
            self._call.talks(self.id, False)

    def stalled(self, source: Source, stalled: bool) -> None:
        """Packets are due and none come, or they come again."""
        self._call.notify(self._call.listener.track_stalled, self._track(source), stalled)

    def talks(self, speaks: bool) -> None:
        """The seat began to speak, or stopped."""
        self._call.talks(self.id, speaks)

    def streams(self) -> Sequence[Stream]:
        """What others publish."""
        return self._call.streams_for(self.id)

    def down_offer(self, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        """An offer for the client."""
        self._call.notify(self._call.listener.down_offer, self._call.id, self.id, neg, sdp, slots)

    def down_path(self, state: PathState) -> None:
        """The down connection came up, or is gone."""
        self._tell_path(PeerConnection.DOWN, state)

    def choices_changed(self) -> None:
        """Other layers are watched than before."""
        self._call.choices_changed()

    def role(self, seat: SeatId, source: Source) -> Role:
        """Why this seat is shown somebody's picture."""
        return self._call.role(self.id, seat, source)

    def layer_limits(self, source: Source, layers: int) -> Sequence[Limit]:
        """What each layer may send now."""
        return self._call.layer_limits(source, layers)

    def pictures_paused(self, tracks: Sequence[TrackId]) -> None:
        """The client's line does not carry these."""
        self._call.notify(self._call.listener.pictures_paused, self._call.id, self.id, tracks)

    def rebuild_needed(self) -> None:
        """The client did not answer in time, or answered from another peer connection."""
        connection = self._take(PeerConnection.DOWN)
        if connection is not None:
            connection.let_go()
            self._call.later(connection.close())
            self._call.notify(self._call.listener.reset_needed, self._call.id, self.id, PeerConnection.DOWN)
