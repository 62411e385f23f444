"""A seat's down connection on Janus: one subscriber of the room. Janus writes its offers; when, is decided here.

One offer at a time; changes that come close together share one. A task of its own goes through what has changed; an
answer that does not come in time needs a new peer connection.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from signaling.errors import Code, MediaRefused, Unavailable
from signaling.media.adaptation.shedding import LayerRate, Role, Shown
from signaling.media.janus.client import Handle, JanusRefused, Json
from signaling.media.janus.layers import Choice, changed
from signaling.media.janus.stream_names import with_stream_names
from signaling.media.janus.viewing import Viewing
from signaling.media.port import ClientStats, DownSlot, PathState, SeatId, Source, TrackId, Wanted, stream_name
from signaling.media.sfu.negotiation import ANSWER_TIMEOUT_S, COALESCE_S
from signaling.media.sfu.sdp import Fingerprint
from signaling.media.sfu.sdp_gate import MAX_DOWN_SECTIONS, accept_answer
from signaling.media.sfu.settings import Limit

MAX_OF_A_KIND = MAX_DOWN_SECTIONS // 2  # m-lines are used again by kind, so that there are never more
RETRY_S = 0.5
DECIDE_INTERVAL_S = 0.5

logger = logging.getLogger(__name__)


class Stream(NamedTuple):
    """A published track as Janus knows it: it has another name with each peer connection of its publisher."""

    track: TrackId
    seat: SeatId
    source: Source
    feed: int
    mid: str
    heights: tuple[int, ...]  # of its layers, the smallest first


class DownOwner(Protocol):
    """The seat, seen from its down connection."""

    def streams(self) -> Sequence[Stream]:
        """What others publish and can be subscribed to now."""

    def down_offer(self, neg: int, sdp: str, slots: Sequence[DownSlot]) -> None:
        """An offer for the client."""

    def down_path(self, state: PathState) -> None:
        """It came up, or is gone."""

    def choices_changed(self) -> None:
        """Other layers are watched than before."""

    def role(self, seat: SeatId, source: Source) -> Role:
        """Why this picture is shown."""

    def layer_limits(self, source: Source, layers: int) -> Sequence[Limit]:
        """What each of so many layers may send now, the smallest first."""

    def pictures_paused(self, tracks: Sequence[TrackId]) -> None:
        """The client's line does not carry these, which it shows."""

    def rebuild_needed(self) -> None:
        """The client must build a new peer connection, and say so."""


class DownConnection:
    """Sends to one RTCPeerConnection. `last_neg` is the number of the offer before, of this or an earlier one."""

    def __init__(self, owner: DownOwner, handle: Handle, room: int, last_neg: int, clock: Callable[[], float]) -> None:
        self.neg = last_neg
        self._owner, self._handle, self._room, self._clock = owner, handle, room, clock
        self._wanted: Mapping[TrackId, Wanted] = {}
        self._carried: dict[str, Stream] = {}  # by mid, as offered last
        self._choices: dict[str, Choice] = {}  # by mid, as told to Janus
        self._viewing = Viewing()
        self._paused: tuple[TrackId, ...] = ()
        self._decide_due_s = 0.0
        self._joined = False
        self._restart = False
        self._answer_due_s: float | None = None  # while an offer is outstanding
        self._fingerprint: Fingerprint | None = None
        self._mids: Sequence[str] = ()
        self._woken = asyncio.Event()
        self._closed = False
        handle.on_event = self._on_event
        self._task = asyncio.create_task(self._run(), name="down connection on Janus")

    def want(self, wanted: Collection[Wanted]) -> None:
        """The whole set of tracks the client wants; those not there yet are remembered."""
        self._wanted = {want.track: want for want in wanted}
        self.refresh()

    def refresh(self) -> None:
        """Look again at which of them exist."""
        self._woken.set()

    def restart(self) -> None:
        """ICE restart: new credentials in a new offer."""
        self._restart = True
        self._woken.set()

    def client_counted(self, stats: ClientStats) -> None:
        """What the client saw of its line."""
        self._viewing.on_client_stats(stats, self._clock())
        self._decide_due_s = 0.0

    def tick(self, now_s: float) -> None:
        """Look again at what the line carries."""
        if now_s >= self._decide_due_s and self._joined:
            self._decide_due_s = now_s + DECIDE_INTERVAL_S
            if self._decide():
                self._woken.set()

    def watched(self, feed: int, mid: str) -> int | None:
        """The layer of a stream that is sent to this seat."""
        sent = (self._choices.get(at) for at, s in self._carried.items() if (s.feed, s.mid) == (feed, mid))
        return next((each.substream for each in sent if each is not None and each.send), None)

    def shows(self, feed: int, mid: str) -> bool:
        """Whether a stream is sent to this seat."""
        return any(self._choices[at].send for at, s in self._carried.items() if (s.feed, s.mid) == (feed, mid))

    async def answer(self, neg: int, sdp: str) -> None:
        """The client's answer; a late one changes nothing. Raises MediaRefused, Unavailable."""
        if self._answer_due_s is None or neg != self.neg:
            return
        accepted = accept_answer(sdp, self._mids)
        if self._fingerprint not in (None, accepted.fingerprint):  # another RTCPeerConnection, without a reset
            self._owner.rebuild_needed()
            return
        try:
            await self._handle.ask("start", {"type": "answer", "sdp": sdp})
        except JanusRefused as refused:
            if refused.is_gone:
                self._gone()
                raise Unavailable(Code.BUSY, "Janus was started again", retry_after_s=1.0) from refused
            raise MediaRefused(Code.BAD_SDP, "session description refused") from refused
        self._fingerprint, self._answer_due_s = accepted.fingerprint, None
        self._woken.set()

    async def close(self) -> None:
        """Send nothing any more. Idempotent."""
        self.let_go()
        await self._handle.detach()

    def let_go(self) -> None:
        """The connection is gone by itself. Idempotent."""
        self._closed = True
        self._carried, self._choices = {}, {}
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._left_s()):
                    await self._woken.wait()
            except TimeoutError:
                self._owner.rebuild_needed()
                return
            self._woken.clear()
            try:
                await self._step()
            except (JanusRefused, Unavailable) as error:  # a publisher went just now; Janus is being started again
                if isinstance(error, JanusRefused) and error.is_gone:
                    self._gone()
                    return
                logger.debug("a down connection could not be changed yet: %s", error)
                await asyncio.sleep(RETRY_S)
                self._woken.set()

    def _gone(self) -> None:
        if not self._closed:  # else it has a successor by now
            self._owner.rebuild_needed()

    def _left_s(self) -> float | None:
        return None if self._answer_due_s is None else max(0.0, self._answer_due_s - self._clock())

    async def _step(self) -> None:
        await self._tune()
        if self._answer_due_s is not None:
            return
        if self._joined and not self._restart:
            await asyncio.sleep(COALESCE_S)
            self._woken.clear()
            await self._tune()  # to what was wished meanwhile
        gone, new = self._difference()
        if not self._joined:
            if new:
                await self._offer(
                    "join", ptype="subscriber", room=self._room, autoupdate=False, streams=self._named(new)
                )
        elif gone or new:
            changes: dict[str, list[Json]] = {"unsubscribe": [{"sub_mid": mid} for mid in gone]}
            changes["subscribe"] = self._named(new)
            await self._offer("update", **{name: each for name, each in changes.items() if each})
        elif self._restart:
            self._restart = False
            await self._offer("configure", restart=True)

    def _difference(self) -> tuple[list[str], list[Stream]]:
        """The m-lines to free, and the streams to put on one."""
        order = sorted(self._owner.streams(), key=lambda s: -self._priority(s))
        wanted = [stream for stream in order if stream.track in self._wanted]
        sound = [stream for stream in wanted if stream.source.kind == "audio"][:MAX_OF_A_KIND]
        pictures = [stream for stream in wanted if stream.source.kind == "video"][:MAX_OF_A_KIND]
        fitting = [*sound, *pictures]
        gone = [mid for mid, stream in self._carried.items() if stream not in fitting]
        return gone, [stream for stream in fitting if stream not in self._carried.values()]

    def _priority(self, stream: Stream) -> int:
        wanted = self._wanted.get(stream.track)
        return wanted.priority if wanted else 0

    def _named(self, streams: Sequence[Stream]) -> list[Json]:
        named: list[Json] = []
        for stream in streams:
            chosen = self._choice(stream)
            layer = {} if chosen.substream is None else {"substream": chosen.substream}
            named.append({"feed": stream.feed, "mid": stream.mid, "send": chosen.send, **layer})
        return named

    def _choice(self, stream: Stream) -> Choice:
        """Sound is always sent."""
        if stream.source.kind == "audio":
            return Choice(send=True, substream=None)
        layer = self._viewing.layers.get(stream.track)
        return Choice(layer is not None, layer if len(stream.heights) > 1 else None)

    def _decide(self) -> bool:
        """Whether other layers are to be sent."""
        pictures = [stream for stream in self._owner.streams() if stream.source.kind == "video"]
        shown = [self._shown(stream) for stream in pictures if stream.track in self._wanted]
        has_changed = self._viewing.decide(shown, self._clock())
        if self._viewing.paused != self._paused:
            self._paused = self._viewing.paused
            self._owner.pictures_paused(self._paused)
        return has_changed

    def _shown(self, stream: Stream) -> Shown:
        want, role = self._wanted[stream.track], self._owner.role(stream.seat, stream.source)
        limits = self._owner.layer_limits(stream.source, len(stream.heights))
        rates = [
            LayerRate(index, limit.max_bitrate_bps, height)
            for index, (limit, height) in enumerate(zip(limits, stream.heights, strict=True))
        ]
        return Shown(stream.track, role, want.max_height, want.visible, want.priority, tuple(rates))

    async def _offer(self, request: str, **body: object) -> None:
        data, jsep = await self._handle.ask(request, None, **body)
        self._joined = True
        if "sdp" not in jsep:  # Janus saw no change
            return
        known = {(stream.feed, stream.mid): stream for stream in (*self._carried.values(), *self._owner.streams())}
        lines = data.get("streams") or [{"mid": mid, **_source(s)} for mid, s in self._carried.items()]
        carried = {str(line["mid"]): known.get((line.get("feed_id"), line.get("feed_mid"))) for line in lines}
        self._carried = {mid: stream for mid, stream in carried.items() if stream is not None}
        self._choices = {mid: self._choices.get(mid, Choice(True, None)) for mid in self._carried}
        names = {mid: stream_name(stream.seat, stream.source) for mid, stream in self._carried.items()}
        sdp = with_stream_names(str(jsep["sdp"]), names)
        self._mids = [line.removeprefix("a=mid:").strip() for line in sdp.splitlines() if line.startswith("a=mid:")]
        self.neg += 1
        self._answer_due_s = self._clock() + ANSWER_TIMEOUT_S
        slots = [DownSlot(mid, s.track, s.seat, s.source) for mid, s in self._carried.items()]
        self._owner.down_offer(self.neg, sdp, slots)
        await self._tune()

    async def _tune(self) -> None:
        """Tell Janus which layers to send, where that changed."""
        self._decide()
        chosen = {mid: self._choice(s) for mid, s in self._carried.items() if s.track in self._wanted}
        told = changed(self._choices, chosen)
        if told:
            await self._handle.ask("configure", streams=told)
            self._choices.update(chosen)
            self._owner.choices_changed()

    def _on_event(self, event: Json) -> None:
        if self._closed:
            return
        match event.get("janus"):
            case "webrtcup":
                self._owner.down_path(PathState.CONNECTED)
            case "hangup":
                self._owner.down_path(PathState.LOST)


def _source(stream: Stream) -> Json:
    return {"feed_id": stream.feed, "feed_mid": stream.mid}
