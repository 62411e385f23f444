"""A seat's up connection on Janus: one publisher of the room, and what comes from each of its m-lines."""

import itertools
import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from signaling.errors import Code, MediaRefused, Unavailable
from signaling.media.janus.client import Handle, JanusRefused, Json
from signaling.media.janus.layers import WatchedLayers, WatchedPicture
from signaling.media.port import PathState, Published, Source
from signaling.media.sfu.liveness import UP_UNSTABLE_AFTER_S
from signaling.media.sfu.sdp_gate import Accepted
from signaling.media.sfu.settings import Limit

STALLED_AFTER_S = 2.0  # beyond what Janus waits before it says that nothing comes
FEED_IDS = itertools.count(secrets.randbelow(2**40))


class UpOwner(Protocol):
    """The seat, seen from its up connection."""

    def limit(self, source: Source) -> Limit:
        """How much a source may send now."""

    def up_path(self, up: "UpConnection", state: PathState) -> None:
        """It came up, fell silent or is gone."""

    def up_tracks_changed(self) -> None:
        """Something appeared or ended."""

    def flows(self, source: Source) -> None:
        """The first packet of a track came."""

    def ended(self, source: Source) -> None:
        """A track was taken back."""

    def stalled(self, source: Source, stalled: bool) -> None:
        """Packets are due and none come, or they come again."""

    def talks(self, speaks: bool) -> None:
        """The seat began to speak, or stopped."""


@dataclass(slots=True)
class UpSection:
    """One published m-line."""

    mid: str
    source: Source
    rids: tuple[str, ...] = ()
    muted: bool = False
    live: bool = False  # its first packet came
    silent_since_s: float | None = None
    stalled: bool = False
    resting: bool = False  # nothing of it need be sent
    watched: WatchedLayers = field(default_factory=WatchedLayers)
    picture: WatchedPicture = field(default_factory=WatchedPicture)
    told: tuple[Limit, tuple[str, ...], bool] = (Limit(0, 0), (), False)  # what the client knows of

    @property
    def due(self) -> bool:
        """Whether packets have to come."""
        return self.live and not self.muted and not self.resting


class UpConnection:
    """What one RTCPeerConnection publishes. `origin` and `fingerprint` tell it from its successor."""

    def __init__(self, owner: UpOwner, handle: Handle, room: int, offer: Accepted, clock: Callable[[], float]) -> None:
        self.feed = next(FEED_IDS)
        self.sections: dict[str, UpSection] = {}
        self.connected = False
        self.origin, self.fingerprint = offer.description.origin, offer.fingerprint
        self._owner, self._handle, self._room, self._clock = owner, handle, room, clock
        self._joined = False
        self._receiving: defaultdict[str, set[int]] = defaultdict(set)  # layers of each mid, as Janus said last
        self._bitrate_bps: int | None = 0  # what Janus allows; None: what it was told last may not have reached it
        self._state: PathState | None = None
        self._closed = False
        handle.on_event = self._on_event

    async def answer(self, offer: Accepted, sdp: str, published: Sequence[Published]) -> str:
        """Answer an offer: first publication, change or ICE restart. Raises MediaRefused, Unavailable."""
        bitrate_bps = self._allowed_bps([track.source for track in published])
        # The client begins the handshake, as with our own engine; by itself Janus would take that role.
        jsep: Json = {"type": "offer", "sdp": sdp.replace("a=setup:actpass", "a=setup:active"), "rid_order": "lmh"}
        terms: Json = {"bitrate": bitrate_bps}
        try:
            if self._joined:
                _, answer = await self._handle.ask("configure", jsep, **terms)
            else:
                terms |= {"ptype": "publisher", "room": self._room, "id": self.feed}
                _, answer = await self._handle.ask("joinandconfigure", jsep, **terms)
        except JanusRefused as refused:
            if refused.is_gone:
                self._tell(PathState.LOST)
                raise Unavailable(Code.BUSY, "Janus was started again", retry_after_s=1.0) from refused
            raise MediaRefused(Code.BAD_SDP, "session description refused") from refused
        self._joined, self._bitrate_bps = True, bitrate_bps
        self._take(offer, published)
        return str(answer["sdp"])

    def mute(self, mid: str, muted: bool) -> None:
        """The client sends nothing on this m-line on purpose, or sends again."""
        section = self.sections.get(mid)
        if section is not None and section.muted != muted:
            section.muted = muted
            self._count_silence(section)

    def rest(self, section: UpSection, resting: bool) -> None:
        """The client is told to send nothing of it, or to begin again."""
        if section.resting != resting:
            section.resting = resting
            self._count_silence(section)

    def section_of(self, source: Source) -> UpSection | None:
        """The m-line of this source."""
        return next((section for section in self.sections.values() if section.source is source), None)

    @property
    def allows_another_bitrate(self) -> bool:
        """Whether Janus lets the publisher send more or less than it may now."""
        return self._joined and self._bitrate_bps != self._allowed_now_bps()

    async def limit_bitrate(self) -> None:
        """Have Janus tell the publisher what it may send now, if that changed."""
        if self.allows_another_bitrate:
            self._bitrate_bps = self._allowed_now_bps()
            try:
                await self._handle.ask("configure", bitrate=self._bitrate_bps)
            except Unavailable:
                self._bitrate_bps = None
                raise

    async def request_key_frame(self, mid: str) -> None:
        """Have Janus ask for one."""
        await self._handle.ask("configure", streams=[{"mid": mid, "keyframe": True}])

    def tick(self, now_s: float) -> None:
        """Notice silence: of one track it is a stall, of all together perhaps the path."""
        due = [section for section in self.sections.values() if section.due]
        silent = [section for section in due if section.silent_since_s is not None]
        for section in due:
            since_s = section.silent_since_s
            stalled = since_s is not None and len(silent) < len(due) and now_s - since_s >= STALLED_AFTER_S
            if stalled != section.stalled and (stalled or since_s is None):
                self._tell_stalled(section, stalled)
        for section in self.sections.values():
            if section.stalled and not section.due:  # from now on it is silent on purpose
                self._tell_stalled(section, False)
        if due and self.connected:
            silent_s = min((now_s - (section.silent_since_s or now_s) for section in due), default=0.0)
            self._tell(PathState.UNSTABLE if silent_s >= UP_UNSTABLE_AFTER_S else PathState.CONNECTED)

    async def close(self) -> None:
        """End every track and the connection. Idempotent."""
        self.let_go()
        await self._handle.detach()

    def let_go(self) -> None:
        """End every track; the connection is gone by itself. Idempotent."""
        self._closed = True
        for section in tuple(self.sections.values()):
            self._end(section)

    def _allowed_now_bps(self) -> int:
        return self._allowed_bps([section.source for section in self.sections.values()])

    def _allowed_bps(self, sources: Sequence[Source]) -> int:
        return sum(self._owner.limit(source).max_bitrate_bps for source in sources if source.kind == "video")

    def _take(self, offer: Accepted, published: Sequence[Published]) -> None:
        sources = {track.mid: track.source for track in published}
        offered = {section.mid: section for section in offer.description.sections if section.sends}
        for mid, section in tuple(self.sections.items()):
            if sources.get(mid) is not section.source or mid not in offered:
                self._end(section)
        for mid, source in sources.items():
            if mid in offered and mid not in self.sections:
                rids = offered[mid].rids
                self.sections[mid] = UpSection(mid, source, rids, told=(self._owner.limit(source), rids, False))
                if self._receiving.get(mid):  # taken back and published again before Janus noticed any silence
                    self._flow(self.sections[mid])
        self._owner.up_tracks_changed()

    def _end(self, section: UpSection) -> None:
        del self.sections[section.mid]
        if section.live:
            self._owner.ended(section.source)

    def _flow(self, section: UpSection) -> None:
        section.silent_since_s = None
        if not section.live:
            section.live = True
            self._owner.flows(section.source)

    def _tell_stalled(self, section: UpSection, stalled: bool) -> None:
        section.stalled = stalled
        self._owner.stalled(section.source, stalled)

    def _count_silence(self, section: UpSection) -> None:
        """From now on, if packets have to come and none do."""
        section.silent_since_s = None if not section.due or self._receiving.get(section.mid) else self._clock()

    def _on_event(self, event: Json) -> None:
        if self._closed:
            return
        match event.get("janus"):
            case "webrtcup":
                self.connected = True
                self._tell(PathState.CONNECTED)
                self._owner.up_tracks_changed()
            case "hangup":
                self._tell(PathState.LOST)
            case "media":
                self._on_media(str(event.get("mid")), int(event.get("substream", 0)), bool(event.get("receiving")))
            case "event":
                self._on_talk(event.get("plugindata", {}).get("data", {}))

    def _on_media(self, mid: str, layer: int, receiving: bool) -> None:
        (self._receiving[mid].add if receiving else self._receiving[mid].discard)(layer)
        section = self.sections.get(mid)
        if section is None:
            return
        if receiving:
            self._flow(section)
        elif section.silent_since_s is None:
            self._count_silence(section)

    def _on_talk(self, data: Json) -> None:
        if data.get("id") != self.feed:
            return
        if data.get("videoroom") == "talking":
            self._owner.talks(True)
        elif data.get("videoroom") == "stopped-talking":
            self._owner.talks(False)

    def _tell(self, state: PathState) -> None:
        if state is not self._state:
            self._state = state
            self._owner.up_path(self, state)
