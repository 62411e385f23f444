"""What one seat sees on the line it has: gathers what its browser reports, asks the adaptation, chooses the layers.

Asked every half second, and at once when a sign may be a bad one. Sound is never chosen from: its bits come first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from signaling.media.adaptation.downlink import VOICE_BPS, Downlink
from signaling.media.adaptation.line import Estimate, Resends, Sign
from signaling.media.adaptation.shedding import Role, Shown
from signaling.media.port import ClientStats, Track, TrackId, Wanted
from signaling.media.sfu import rtcp
from signaling.media.sfu.feed import Feed, Subscription
from signaling.media.sfu.receiver_reports import ReceiverReports

DECIDE_INTERVAL_S = 0.5
SOONEST_DECISION_S = 0.1  # after the one before, however many reports come
HEADERS_BPS = 32_000  # of its fifty packets a second
QUIET_BPS = 3_000  # of a voice that is silent with DTX: a packet now and then
QUIET_BELOW_BPS = 500  # of what such packets carry
REPEATS_FROM_BPS = 500_000  # on a narrower line the repetitions of voices would crowd out what they repeat


@dataclass(frozen=True, slots=True)
class Forwarded:
    """One track that the seat gets."""

    feed: Feed
    subscription: Subscription


@dataclass(slots=True)
class _Counted:
    """Totals when they were last looked at."""

    sent: int = 0
    asked: int = 0
    exhausted: int = 0


@dataclass(slots=True)
class Viewing:
    """One down connection's choice of layers. `forwarded` is its tracks by SSRC, kept by their owner."""

    forwarded: Mapping[int, Forwarded]
    role: Callable[[Track], Role]  # why a picture is shown
    now_s: float
    wanted: Mapping[TrackId, Wanted] = field(default_factory=dict)
    paused: tuple[TrackId, ...] = ()  # visible pictures that are kept back now
    busy: tuple[TrackId, ...] = ()  # those of them that give way to voices, and not for this line
    _asked: int = 0
    _counted: _Counted = field(default_factory=_Counted)
    _due_s: float = 0.0
    _decided_s: float = float("-inf")
    _downlink: Downlink = field(init=False)
    _reports: ReceiverReports = field(init=False)

    def __post_init__(self) -> None:
        self._downlink = Downlink(self.now_s)
        self._reports = ReceiverReports(self._unsent)

    @property
    def rtt_s(self) -> float | None:
        """The newest round trip to the client; None while unknown."""
        return self._downlink.round_trip_s or None

    def forget(self, ssrc: int) -> None:
        """This track is forwarded no longer."""
        self._reports.forget(ssrc)

    def asked_again(self, packets: int) -> None:
        """The client's line lost so many packets of pictures, or again lost them."""
        self._asked += packets

    def on_reports(self, blocks: Iterable[rtcp.ReportBlock], ntp_time: int, now_s: float) -> None:
        """A receiver report came at `ntp_time`."""
        for sign in self._reports.read(blocks, ntp_time):
            self._on_sign(sign, now_s)

    def on_bandwidth(self, bitrate_bps: int, now_s: float) -> None:
        """The client's estimate of what can reach it."""
        self._on_sign(Estimate(bitrate_bps), now_s)

    def on_client_stats(self, stats: ClientStats, now_s: float) -> None:
        """What the client counted, over signalling: some browsers send less feedback than others."""
        self._on_sign(stats, now_s)

    def tick(self, now_s: float) -> None:
        """Decide when it is time to; called every few tens of milliseconds."""
        if now_s >= self._due_s:
            self._due_s = now_s + DECIDE_INTERVAL_S
            self._downlink.sign(self._resends(), now_s)
            self.decide(now_s)

    def decide(self, now_s: float) -> None:
        """Look again at what the seat is to see."""
        self.now_s = self._decided_s = now_s
        pictures = [each for each in self.forwarded.values() if each.feed.track.source.kind == "video"]
        shown = [self._shown(each.feed, now_s) for each in pictures]
        layers = self._downlink.decide(now_s, shown, self._sound_bps(now_s)).layers
        for each, picture in zip(pictures, shown, strict=True):
            each.subscription.shown = picture.visible
            layer = layers[each.feed.track.id]
            if layer != each.subscription.wanted:
                each.feed.choose(each.subscription, layer, now_s)
        for each in self.forwarded.values():
            each.subscription.forwarder.repeats = self._downlink.narrow_bps >= REPEATS_FROM_BPS
        off = tuple(each.track for each in shown if each.visible and each.layers and layers[each.track] is None)
        narrow = off if self._downlink.fits_bps < float("inf") else ()  # else they are only not opened yet
        self.busy = tuple(each.feed.track.id for each in pictures if each.feed.gives_way and each.subscription.shown)
        self.paused = (*(track for track in narrow if track not in self.busy), *self.busy)

    def _on_sign(self, sign: Sign, now_s: float) -> None:
        if self._downlink.sign(sign, now_s) and now_s - self._decided_s >= SOONEST_DECISION_S:
            self.decide(now_s)

    def _unsent(self, ssrc: int) -> int | None:
        each = self.forwarded.get(ssrc)
        return None if each is None else each.subscription.forwarder.unsent

    def _resends(self) -> Resends:
        pictures = [each for each in self.forwarded.values() if each.feed.track.source.kind == "video"]
        forwarders = [each.subscription.forwarder for each in pictures]
        now = _Counted(
            sum(forwarder.packets for forwarder in forwarders),
            self._asked,
            sum(forwarder.exhausted_resends for forwarder in forwarders),
        )
        before, self._counted = self._counted, now
        changes = (now.sent - before.sent, now.asked - before.asked, now.exhausted - before.exhausted)
        return Resends(*(max(0, change) for change in changes))  # a track that went takes its totals along

    def _shown(self, feed: Feed, now_s: float) -> Shown:
        track = feed.track
        want = self.wanted.get(track.id)
        role = self.role(track)
        if want is None:
            return Shown(track.id, role, 0, False, 0, ())
        return Shown(track.id, role, want.max_height, want.visible, want.priority, feed.offered(now_s))

    def _sound_bps(self, now_s: float) -> int:
        sounds = [each.feed for each in self.forwarded.values() if each.feed.track.source.kind == "audio"]
        return sum(_voice_bps(feed.layers[0].bitrate_bps) for feed in sounds if not feed.layers[0].is_silent(now_s))


def _voice_bps(carried_bps: float) -> int:
    """What a sound of so many bits takes of the line. In a crowd most are silent: they must not keep pictures away."""
    return QUIET_BPS if carried_bps < QUIET_BELOW_BPS else min(VOICE_BPS, int(HEADERS_BPS + carried_bps))
