"""The engine's side of one call: effects become engine requests, what the engine notices becomes inputs."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial

from signaling.call.effects import AnswerUp, ChangeMedia, RestartDown
from signaling.call.inputs import EngineSays, PathChanged, Speaking, TrackStalled, UpRefused
from signaling.errors import Code, MediaRefused, SignalingError, Unavailable
from signaling.media.port import (
    CallId,
    ClientStats,
    DownSlot,
    Inlet,
    MediaEngine,
    PathState,
    PeerConnection,
    Published,
    SeatId,
    Source,
    Tap,
    Track,
    TrackId,
    Wanted,
)
from signaling.messages import pushes
from signaling.messages.requests import DownAnswer, DownWant, MediaReset, MediaStats, UpState
from signaling.runner.lane import MediaLane
from signaling.runner.ports import Outlet, PlaySampleGuest, Submit, accepted, refusal

ANSWER_WITHIN_S = 5.0
USUAL_STATS_S = 4.0  # what a client counted in, if it does not say so

logger = logging.getLogger(__name__)


class MediaSide:
    """One lane per seat to the engine. Implements `EngineListener`."""

    def __init__(self, call: CallId, engine: MediaEngine, outlet: Outlet, submit: Submit) -> None:
        self._call = call
        self._engine = engine
        self._outlet = outlet
        self._submit = submit
        self._lanes: dict[SeatId, MediaLane] = {}
        self._guests: dict[SeatId, asyncio.Task[None]] = {}
        engine.listen(call, self)

    def admit(self, seat: SeatId) -> None:
        """The seat may send and receive."""
        self._lane(seat).put(partial(self._engine.admit, self._call, seat))

    def release(self, seat: SeatId) -> None:
        """The seat may no longer; nothing that waits for it is done any more."""
        self._lane(seat).cut(partial(self._engine.release, self._call, seat))
        guest = self._guests.pop(seat, None)
        if guest is not None:
            guest.cancel()

    def keep_only(self, roster: Collection[SeatId], taps: Collection[Tap]) -> None:
        """Have the engine cut whoever else hears the call. A seat whose requests are under way may come or go."""
        coming_or_going = {seat for seat, lane in self._lanes.items() if lane.is_busy}
        cut = self._engine.keep_only(self._call, {*roster, *coming_or_going}, taps)
        if cut:
            logger.error("media went to %d who are in no roster; they were cut", cut, extra={"call": self._call})

    def prefer(self, interpreters: Collection[SeatId]) -> None:
        """Have the engine give up the pictures of these seats last."""
        self._engine.set_interpreters(self._call, interpreters)

    def client_counted(self, seat: SeatId, stats: MediaStats) -> None:
        """Have the engine hear what the client saw; the seat may just have been released."""
        with contextlib.suppress(MediaRefused):
            self._engine.client_counted(self._call, seat, client_stats(stats))

    def answer_up(self, effect: AnswerUp) -> None:
        """Have the engine answer an offer."""
        self._request(effect.conn, effect.id, effect.seat, partial(self._answer_up, effect))

    async def _answer_up(self, effect: AnswerUp) -> dict[str, object]:
        offer = effect.offer
        published = [Published(track.mid, track.source) for track in offer.tracks]
        try:
            sdp = await self._engine.answer_up(self._call, effect.seat, offer.neg, offer.sdp, published)
        except SignalingError:
            self._submit(UpRefused(effect.seat, effect.before))
            raise
        return {"neg": offer.neg, "sdp": sdp}

    def change(self, effect: ChangeMedia) -> None:
        """Hand a request to the engine."""
        self._request(effect.conn, effect.id, effect.seat, partial(self._change, effect))

    async def _change(self, effect: ChangeMedia) -> dict[str, object]:
        engine, call, seat = self._engine, self._call, effect.seat
        match effect.change:
            case DownWant(tracks=tracks):
                wanted = [Wanted(TrackId(t.track), t.max_height, t.visible, t.priority) for t in tracks]
                await engine.want(call, seat, wanted)
            case DownAnswer(neg=neg, sdp=sdp):
                await engine.answer_down(call, seat, neg, sdp)
            case MediaReset(pc=pc):
                await engine.reset(call, seat, pc)
            case UpState(mid=mid, muted=muted):
                engine.set_muted(call, seat, mid, muted)
        return {}

    def restart_down(self, effect: RestartDown) -> None:
        """Have the engine restart ICE on `down`."""
        self._request(effect.conn, effect.id, effect.seat, partial(self._restart_down, effect.seat))

    async def _restart_down(self, seat: SeatId) -> dict[str, object]:
        await self._engine.restart_down(self._call, seat)
        return {}

    def _request(self, conn: str, request: int, seat: SeatId, ask: Callable[[], Awaitable[dict[str, object]]]) -> None:
        async def step() -> None:
            try:
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    answer = accepted(await ask())
            except SignalingError as error:
                answer = refusal(error)
            except Exception as error:  # a border: the client never waits for nothing
                logger.exception("engine failed on a request", extra={"call": self._call, "seat": seat})
                code = Code.BUSY if isinstance(error, TimeoutError) else Code.INTERNAL
                answer = refusal(Unavailable(code, "the media engine failed"))
            self._outlet.reply(conn, request, answer)

        try:
            self._lane(seat).ask(step)
        except SignalingError as error:
            self._outlet.reply(conn, request, refusal(error))

    def _lane(self, seat: SeatId) -> MediaLane:
        return self._lanes.setdefault(seat, MediaLane(self._call, seat))

    def play(self, seats: Sequence[SeatId], play: PlaySampleGuest) -> None:
        """Feed these seats with synthetic sound and picture once they are admitted."""

        async def start(seat: SeatId) -> None:
            self._guests[seat] = asyncio.create_task(play(seat, partial(self._inlet, seat)), name="sample guest")

        for seat in seats:
            self._lane(seat).put(partial(start, seat))

    def _inlet(self, seat: SeatId, source: Source) -> Inlet:
        return self._engine.open_inlet(self._call, seat, source)

    async def close(self) -> None:
        """Release everybody and forget the call. Idempotent."""
        guests, self._guests = list(self._guests.values()), {}
        for guest in guests:
            guest.cancel()
        await asyncio.gather(*guests, *(lane.close() for lane in self._lanes.values()), return_exceptions=True)
        await self._engine.close_call(self._call)

    def track_published(self, track: Track) -> None:
        """Tracks are known from the offers that publish them."""

    def track_unpublished(self, track: Track) -> None:
        """As above."""

    def track_stalled(self, track: Track, stalled: bool) -> None:
        """Tell the call, which shows it to the seat and to its hosts."""
        self._submit(TrackStalled(track.seat, track.source, stalled))

    def down_offer(self, call: CallId, seat: SeatId, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        """Pass it on to the seat."""
        views = [pushes.DownSlotView(mid=s.mid, track=s.track, seat=s.seat, source=s.source) for s in slots]
        self._submit(EngineSays(seat, "down.offer", pushes.DownOffer(neg=neg, sdp=sdp, map=views)))

    def up_limit(
        self,
        call: CallId,
        seat: SeatId,
        mid: str,
        max_bitrate_bps: int,
        max_height: int,
        layers: Sequence[str],
        paused: bool = False,
    ) -> None:
        """Pass it on to the seat."""
        limit = pushes.UpLimit(
            mid=mid, max_bitrate_bps=max_bitrate_bps, max_height=max_height, layers=list(layers), paused=paused
        )
        self._submit(EngineSays(seat, "up.limit", limit))

    def pictures_paused(
        self, call: CallId, seat: SeatId, tracks: Sequence[TrackId], busy: Sequence[TrackId] = ()
    ) -> None:
        """Pass it on to the seat."""
        self._submit(EngineSays(seat, "down.paused", pushes.DownPaused(tracks=list(tracks), busy=list(busy))))

    def path_changed(self, call: CallId, seat: SeatId, pc: PeerConnection, state: PathState) -> None:
        """Tell the call, and have the client repair its side; for a lost path the engine asks for a reset itself."""
        self._submit(PathChanged(seat, pc, state))
        if state == PathState.UNSTABLE and pc == PeerConnection.UP:
            self._submit(EngineSays(seat, "up.restart", pushes.UpRestart(reason="unstable")))

    def reset_needed(self, call: CallId, seat: SeatId, pc: PeerConnection) -> None:
        """Pass it on to the seat."""
        self._submit(EngineSays(seat, "media.reset", pushes.MediaResetNeeded(pc=pc)))

    def speaking(self, call: CallId, seats: Sequence[SeatId]) -> None:
        """Tell the call, which tells everybody in the room."""
        self._submit(Speaking(tuple(seats)))


def client_stats(said: MediaStats) -> ClientStats:
    """The client's figures of its whole line, in the port's units."""
    pictures = [track for track in said.tracks if track.frames_per_s is not None]
    delays_ms = [track.jitter_buffer_ms for track in pictures if track.jitter_buffer_ms is not None]
    return ClientStats(
        seconds=said.seconds or USUAL_STATS_S,
        loss=None if said.down_loss_percent is None else said.down_loss_percent / 100,
        rtt_s=None if said.rtt_ms is None else said.rtt_ms / 1000,
        freezes=sum(track.freezes or 0 for track in pictures),
        jitter_buffer_s=min(delays_ms) / 1000 if delays_ms else None,
    )
