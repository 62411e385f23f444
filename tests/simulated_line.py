"""A viewer's line as a queue, and a browser at its end that reports as browsers were measured to.

What was measured on a line of 400 kbit/s with a queue of 300 ms: the estimate (REMB) grows by 8 % a second, from below
the truth, to at most one and a half times what comes; it falls to 0.85 of what comes within 2 s of a queue growing, and
once more, too low, when the queue has drained. Lost packets are asked for again and again; a limiter answers some.
"""

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from signaling.media.adaptation.downlink import Downlink
from signaling.media.adaptation.line import Estimate, Loss, Resends, RoundTrip
from signaling.media.adaptation.shedding import LayerRate, Role, Shown
from signaling.media.port import ClientStats, TrackId

TICK_S = 0.02
AUDIO_BPS = 40_000
AUDIO_PACKET_BYTES = 100
VIDEO_PACKET_BYTES = 1_000
KEY_FRAME_S = 0.4  # until another layer begins; the old one is sent meanwhile
FREEZES_FROM_LOSS = 0.05  # a picture of which more is missing stands still now and then
RESEND_BYTES_PER_S = 15_000
RESEND_BURST_BYTES = 30_000
RESEND_PART = 0.2
LAYERS = (LayerRate(0, 150_000, 180), LayerRate(1, 500_000, 360), LayerRate(2, 1_500_000, 720))


def picture(name: str, role: Role = Role.CAMERA, layers: Sequence[LayerRate] = LAYERS, height: int = 720) -> Shown:
    """A visible picture."""
    return Shown(TrackId(name), role, height, True, 40, tuple(layers))


def always(value: float) -> Callable[[float], float]:
    """The same at any time."""
    return lambda _at_s: value


NO_LOSS = always(0.0)


@dataclass(frozen=True)
class Line:
    """Bits per second, and the part of packets that is lost, at a time in seconds; one that carries nothing is cut.

    Packets that would wait longer than the queue are dropped.
    """

    capacity: Callable[[float], float]
    queue_s: float = 0.3
    loss: Callable[[float], float] = NO_LOSS
    round_trip_s: float = 0.04  # without the queue


@dataclass
class Moment:
    """What held in one tick."""

    at_s: float
    capacity_bps: float
    decided_bps: int  # sound and the layers decided on
    given: dict[TrackId, int | None]
    audio_lost: bool


@dataclass
class _Packet:
    size: int
    track: TrackId | None  # None: sound
    queued_s: float


@dataclass
class _Sent:
    """One picture as it is being sent."""

    number: int | None = None
    next_number: int | None = None
    switch_s: float = 0.0
    owed_bytes: float = 0.0
    part: float = 1.0  # of the layer's bitrate, as pictures move more or less


@dataclass
class _Counts:
    """Since the last report."""

    lost: int = 0
    expected: int = 0
    video_sent: int = 0
    asked: int = 0
    exhausted: int = 0


@dataclass
class Simulation:
    """One viewer on one line.

    `hears_estimates` false: a browser that sends reports but no REMB. `only_counts`: one that sends neither, and whose
    client says every four seconds what it counted.
    """

    line: Line
    shown: list[Shown]
    seed: int = 1
    hears_estimates: bool = True
    only_counts: bool = False
    moments: list[Moment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now_s = 0.0
        self.downlink = Downlink(0.0)
        self._random = random.Random(self.seed)
        self._queue: deque[_Packet] = deque()
        self._queued_bytes = 0
        self._credit_bytes = 0.0
        self._sent: dict[TrackId, _Sent] = {}
        self._missing: list[_Packet] = []
        self._resend_budget = float(RESEND_BURST_BYTES)
        self._counts = _Counts()
        self._arrived: deque[tuple[float, int]] = deque()
        self._delays: deque[float] = deque(maxlen=50)
        self._estimate_bps = 170_000.0
        self._congested = False
        self._given: dict[TrackId, int | None] = {}
        self._audio_lost = False

    def run(self, seconds: float) -> "Simulation":
        """So much longer."""
        end_s = self.now_s + seconds
        tick = round(self.now_s / TICK_S)
        while self.now_s < end_s - TICK_S / 2:
            self._audio_lost = False
            urgent = self._browser_reports(tick)
            if tick % 25 == 0 or urgent:
                self._decide()
            self._send()
            self._drain()
            self._moment()
            tick += 1
            self.now_s = tick * TICK_S
        return self

    def _decide(self) -> None:
        if round(self.now_s / TICK_S) % 25 == 0:
            counts = self._counts
            self.downlink.sign(Resends(counts.video_sent, counts.asked, counts.exhausted), self.now_s)
            counts.video_sent = counts.asked = counts.exhausted = 0
        self._given = self.downlink.decide(self.now_s, [self._measured(each) for each in self.shown], AUDIO_BPS).layers
        for track, number in self._given.items():
            sent = self._sent.setdefault(track, _Sent())
            if number is None:
                sent.number = sent.next_number = None
            elif number != sent.next_number:
                sent.next_number, sent.switch_s = number, self.now_s + KEY_FRAME_S

    def _send(self) -> None:
        self._offer(_Packet(AUDIO_PACKET_BYTES, None, self.now_s))
        for track, sent in self._sent.items():
            if sent.number != sent.next_number and self.now_s >= sent.switch_s:
                sent.number = sent.next_number
            if sent.number is None:
                continue
            if round(self.now_s / TICK_S) % 50 == 0:
                sent.part = self._random.uniform(0.7, 1.1)
            sent.owed_bytes += self._layer(track, sent.number).bitrate_bps * sent.part / 8 * TICK_S
            while sent.owed_bytes >= VIDEO_PACKET_BYTES:
                sent.owed_bytes -= VIDEO_PACKET_BYTES
                self._counts.video_sent += 1
                self._resend_budget += RESEND_PART * VIDEO_PACKET_BYTES
                self._offer(_Packet(VIDEO_PACKET_BYTES, track, self.now_s))
        self._resend()

    def _measured(self, shown: Shown) -> Shown:
        """What is sent is measured; of the rest only the likely bitrate is known."""
        sent = self._sent.get(shown.track, _Sent())
        layers = [
            replace(layer, bitrate_bps=int(layer.bitrate_bps * sent.part)) if layer.index == sent.number else layer
            for layer in shown.layers
        ]
        return replace(shown, layers=tuple(layers))

    def _layer(self, track: TrackId, number: int) -> LayerRate:
        layers = next(each.layers for each in self.shown if each.track == track)
        return next(layer for layer in layers if layer.index == number)

    def _resend(self) -> None:
        """Every 120 ms what is missing is asked for; the limiter answers within its bytes."""
        self._resend_budget = min(RESEND_BURST_BYTES, self._resend_budget + RESEND_BYTES_PER_S * TICK_S)
        if round(self.now_s / TICK_S) % 6 or self._is_cut:
            return
        missing, self._missing = self._missing[-200:], []
        for packet in missing:
            self._counts.asked += 1
            if self.now_s - packet.queued_s > 1:
                continue  # too late to be shown
            if packet.size > self._resend_budget:
                self._counts.exhausted += 1
                self._missing.append(packet)
                continue
            self._resend_budget -= packet.size
            self._offer(packet)

    @property
    def _is_cut(self) -> bool:
        """What the browser says does not come through either."""
        return self.line.capacity(self.now_s) <= 0

    def _offer(self, packet: _Packet) -> None:
        self._counts.expected += 1
        full = self._queued_bytes * 8 > self.line.queue_s * max(self.line.capacity(self.now_s), 50_000)
        if full or self._random.random() < self.line.loss(self.now_s):
            self._counts.lost += 1
            self._audio_lost |= packet.track is None
            if packet.track is not None:
                self._missing.append(packet)
            return
        self._queue.append(replace(packet, queued_s=self.now_s))
        self._queued_bytes += packet.size

    def _drain(self) -> None:
        self._credit_bytes += self.line.capacity(self.now_s) / 8 * TICK_S
        while self._queue and self._queue[0].size <= self._credit_bytes:
            packet = self._queue.popleft()
            self._credit_bytes -= packet.size
            self._queued_bytes -= packet.size
            self._arrived.append((self.now_s, packet.size))
        if not self._queue:
            self._credit_bytes = min(self._credit_bytes, VIDEO_PACKET_BYTES)
        while self._arrived and self._arrived[0][0] < self.now_s - 1:
            self._arrived.popleft()
        self._delays.append(self._queued_bytes * 8 / max(self.line.capacity(self.now_s), 50_000))

    def _browser_reports(self, tick: int) -> bool:
        """Reports every second and estimates with them, or at once when they fall; true if something may be bad."""
        if self._is_cut:
            return False
        if self.only_counts:
            return self._client_counts(tick)
        fell = self.hears_estimates and tick % 5 == 0 and self._estimate_falls()
        if tick % 50:
            return fell
        if self.hears_estimates:
            self._grow_estimate()
        loss = Loss(self._counts.lost, self._counts.expected)
        self._counts.lost = self._counts.expected = 0
        self.downlink.sign(loss, self.now_s)
        self.downlink.sign(RoundTrip(self.line.round_trip_s + (self._delays[-1] if self._delays else 0.0)), self.now_s)
        return fell or loss.lost > 0.1 * max(1, loss.expected)

    def _client_counts(self, tick: int) -> bool:
        if tick % 200:
            return False
        loss = self._counts.lost / max(1, self._counts.expected)
        self._counts.lost = self._counts.expected = 0
        delay_s = sum(self._delays) / max(1, len(self._delays))
        freezes = int(loss > FREEZES_FROM_LOSS)
        self.downlink.sign(ClientStats(4.0, loss, self.line.round_trip_s + delay_s, freezes, delay_s), self.now_s)
        return True

    def _arriving_bps(self) -> float:
        return sum(size for _at, size in self._arrived) * 8 / min(1.0, max(self.now_s, 0.1))

    def _estimate_falls(self) -> bool:
        if len(self._delays) < 50:
            return False
        grows = self._delays[-1] - self._delays[0] > 0.08 or self._delays[-1] > 0.8 * self.line.queue_s
        drained = self._congested and self._delays[-1] < 0.01
        if not grows and not drained:
            return False
        target_bps = (0.85 if grows else 0.72) * self._arriving_bps()
        self._congested = grows
        if target_bps > 0.97 * self._estimate_bps:
            return False
        self._estimate_bps = target_bps
        self.downlink.sign(Estimate(int(target_bps)), self.now_s)
        return True

    def _grow_estimate(self) -> None:
        if not self._congested and self._estimate_bps < 1.5 * self._arriving_bps() + 10_000:
            self._estimate_bps *= 1.08
        self.downlink.sign(Estimate(int(self._estimate_bps)), self.now_s)

    def _moment(self) -> None:
        pictures_bps = sum(
            self._layer(track, number).bitrate_bps for track, number in self._given.items() if number is not None
        )
        capacity_bps = self.line.capacity(self.now_s)
        given = dict(self._given)
        self.moments.append(Moment(self.now_s, capacity_bps, AUDIO_BPS + pictures_bps, given, self._audio_lost))

    def since(self, from_s: float, to_s: float = float("inf")) -> list[Moment]:
        """The moments of a span."""
        return [moment for moment in self.moments if from_s <= moment.at_s < to_s]

    def share_over(self, from_s: float = 0.0, to_s: float = float("inf")) -> float:
        """Part of the time in which more was decided on than the line carries."""
        moments = self.since(from_s, to_s)
        return sum(moment.decided_bps > moment.capacity_bps for moment in moments) / len(moments)

    def audio_loss(self, from_s: float = 0.0, to_s: float = float("inf")) -> float:
        """Part of the packets of sound that did not come."""
        moments = self.since(from_s, to_s)
        return sum(moment.audio_lost for moment in moments) / len(moments)

    def seconds_until(self, from_s: float, holds: Callable[[Moment], bool]) -> float:
        """How long from a time on until something holds; infinite if it never does."""
        return next((moment.at_s - from_s for moment in self.since(from_s) if holds(moment)), float("inf"))
