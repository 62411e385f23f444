"""What a viewer's browser reports of its line: is it in trouble, and how much would fit? Pure.

Browsers' estimates are below the truth for many seconds after every change for the better, so an estimate is never
believed for being low, only for falling. Loss alone may be the line's own, which sending less does not mend.
"""

from collections import deque
from dataclasses import dataclass

from signaling.media.port import ClientStats

ESTIMATE_FALL = 0.85  # below this part of its recent peak an estimate has fallen
LOSS_LIMIT = 0.10
LOSS_SAMPLE = 40  # packets; browsers report on a small picture five at a time, of which chance takes three
GRAVE_LOSS = 0.40  # never taken for the line's own
OWN_LOSS_LIMIT = GRAVE_LOSS - LOSS_LIMIT
OWN_LOSS_CHANGE = 0.1  # of the difference, per report
LEARN_OWN_LOSS_S = 10.0  # after less is sent
MANY_ASKED = 0.5  # packets asked for again, of those sent
FEWEST_ASKED = 20
FEWEST_EXHAUSTED = 10  # that the limiter had no bytes for, in two counts
EXHAUSTED_PART = 0.1  # of those sent
FREEZE_LOSS = 0.03  # with this much lost, a freeze is the line's doing and not the publisher's
SLOWER_S = 0.15  # a round trip longer by this than the longest before more was sent
STALE_JITTER_BUFFER_S = 0.25  # more held back than before
UNKNOWN_FITS = 0.7  # of what is sent, where a sign says only "too much"
LOSS_FITS = 0.95  # of what arrived
SLOT_S = 5.0
# One unheard for so long, or so much longer than lately, was cut off: what it says of that time is no sign.
CUT_AFTER_S = 3.0  # however seldom it reports
SHORTEST_CUT_S = 0.7  # however often
CUT_PART = 1.5  # of the longest silence of late: a report of a lossy line is lost now and then
CAUGHT_UP_S = 3.0  # until signs are of the time after the cut
KNOWN_S = 6.0  # until its silences are known; what breaks off more often is no line that was cut, but a bad one
FEEDBACK_SILENT_S = 5.0  # so long without feedback of a kind, and the client's figures are heard in its place


@dataclass(frozen=True, slots=True)
class Loss:
    """Packets of all streams of the viewer together, since the last report."""

    lost: int
    expected: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the receiver believes can reach it: REMB, for the whole connection."""

    bitrate_bps: int


@dataclass(frozen=True, slots=True)
class Resends:
    """Counted by us since the last time, about every half second."""

    sent: int  # packets of pictures
    asked: int  # of them, how many the viewer asked for again
    exhausted: int  # of these, how many the limiter had no bytes left for


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """From a receiver report and our sender report (RFC 3550 6.4.1)."""

    seconds: float


Sign = Loss | Estimate | Resends | RoundTrip | ClientStats


@dataclass(frozen=True, slots=True)
class Trouble:
    """More is sent than the line carries."""

    fits_bps: int  # sound and pictures together
    grave: bool  # not only a loss that may be the line's own
    is_guess: bool = False  # nothing speaks for it but one of the signs that are also there without a reason


class RecentPeak:
    """The largest value of the last 5 to 10 seconds, in constant space."""

    def __init__(self) -> None:
        self._slot_began_s = float("-inf")
        self._before: float | None = None
        self._current: float | None = None

    def add(self, value: float, now_s: float) -> None:
        """One more value."""
        age_s = now_s - self._slot_began_s
        if age_s >= SLOT_S:
            self._before = self._current if age_s < 2 * SLOT_S else None
            self._current, self._slot_began_s = None, now_s
        self._current = value if self._current is None else max(value, self._current)

    @property
    def value(self) -> float | None:
        """None until something was added."""
        values = [each for each in (self._before, self._current) if each is not None]
        return max(values, default=None)


class Line:
    """Hears signs and judges them. A flood of signs costs no memory."""

    def __init__(self) -> None:
        self._heard_s = float("-inf")  # anything at all
        self._reported_s = float("-inf")  # by the transport
        self._silences = RecentPeak()  # between two reports of the transport
        self._known_s = float("inf")  # since when it reports, or was last back after a cut
        self._loss_heard_s = float("-inf")  # from the transport
        self._estimate_heard_s = float("-inf")
        self._settled_s = float("-inf")
        self._own_loss = 0.0
        self._arrived_bps = 0.0  # when less began to be sent because of loss
        self._arrived_until_s = float("-inf")
        self._round_trips = RecentPeak()
        self._round_trip_s = 0.0
        self._shortest_round_trip_s = float("inf")
        self._usual_round_trip_s = float("inf")
        self._forget()

    def _forget(self) -> None:
        self._losses: deque[float] = deque(maxlen=2)
        self._sample = Loss(0, 0)  # reported, and too little yet to be judged
        self._resends: deque[Resends] = deque(maxlen=2)
        self._peak = RecentPeak()
        self._estimate_bps: int | None = None
        self._shortest_buffer_s = float("inf")
        self._stutters = False

    @property
    def round_trip_s(self) -> float:
        """The newest; 0 while unknown."""
        return self._round_trip_s

    def is_heard(self, now_s: float) -> bool:
        """Whether anything was heard lately: no news is no good news."""
        return now_s - self._heard_s < FEEDBACK_SILENT_S

    @property
    def is_unknown(self) -> bool:
        """Whether nothing was ever heard of it."""
        return self._heard_s == float("-inf")

    def settle(self, until_s: float) -> None:
        """What is sent has become less, or the line was cut: what is heard until then is of before, and not judged."""
        self._settled_s = until_s
        self._forget()

    def expect_as_now(self) -> None:
        """More will be sent: remember how long a round trip took at most without it, and count anew."""
        self._losses.clear()
        self._sample = Loss(0, 0)
        self._resends.clear()
        slowest_s = self._round_trips.value
        self._usual_round_trip_s = float("inf") if slowest_s is None else slowest_s

    def hear(self, sign: Sign, now_s: float) -> None:
        """Take note of a sign, at the moment it came."""
        if isinstance(sign, Resends):  # counted by us, whether anything was heard or not
            self._note(sign, now_s)
            return
        self._heard_s = now_s
        if isinstance(sign, ClientStats):
            self._hear_client(sign, now_s)
            return
        self._hear_again(sign, now_s)
        if isinstance(sign, Loss):
            self._loss_heard_s = now_s
        elif isinstance(sign, Estimate):
            self._estimate_heard_s = now_s
        self._note(sign, now_s)

    def _hear_again(self, sign: Loss | Estimate | RoundTrip, now_s: float) -> None:
        if self._is_cut(now_s) and not self._was_queued(sign, now_s):
            self._known_s = now_s
            self.settle(now_s + CAUGHT_UP_S)
        elif self._reported_s > float("-inf"):
            self._silences.add(now_s - self._reported_s, now_s)
        self._known_s, self._reported_s = min(self._known_s, now_s), now_s

    def _is_cut(self, now_s: float) -> bool:
        """Whether nothing has come for much longer than lately; NACKs alone do not count."""
        silence_s, longest_s = now_s - self._reported_s, self._silences.value
        if longest_s is None or now_s - self._known_s < KNOWN_S:
            return CUT_AFTER_S < silence_s < float("inf")
        return silence_s > min(CUT_AFTER_S, max(SHORTEST_CUT_S, CUT_PART * longest_s))

    def _was_queued(self, sign: Loss | Estimate | RoundTrip, now_s: float) -> bool:
        """Whether the sign that ends a short silence says that it waited in a full queue: then nothing was cut off."""
        late = isinstance(sign, RoundTrip) and sign.seconds > self._shortest_round_trip_s + SLOWER_S
        return late and now_s - self._reported_s <= CUT_AFTER_S

    def _may_be_cut(self, now_s: float) -> bool:
        """Whether it is silent, and not yet for so long that the client's own figures take the reports' place."""
        return self._is_cut(now_s) and now_s - self._reported_s < FEEDBACK_SILENT_S

    def may_be_bad(self, sign: Sign) -> bool:
        """Whether to look at once at a sign not yet heard; what says nothing new can wait."""
        if isinstance(sign, Loss):
            return sign.lost > 0
        if isinstance(sign, Estimate):
            return self._estimate_bps is None or sign.bitrate_bps < self._estimate_bps
        return isinstance(sign, ClientStats)

    def _note(self, sign: Loss | Estimate | Resends | RoundTrip, now_s: float) -> None:
        if isinstance(sign, RoundTrip):
            self._round_trip_s = sign.seconds
            self._shortest_round_trip_s = min(self._shortest_round_trip_s, sign.seconds)
            self._round_trips.add(sign.seconds, now_s)
        elif now_s < self._settled_s:
            return
        elif isinstance(sign, Loss):
            self._note_loss(sign)
        elif isinstance(sign, Resends):
            self._resends.append(sign)
        else:
            self._peak.add(sign.bitrate_bps, now_s)
            self._estimate_bps = sign.bitrate_bps

    def _note_loss(self, sign: Loss) -> None:
        sample = self._sample = Loss(self._sample.lost + sign.lost, self._sample.expected + sign.expected)
        if sample.expected < LOSS_SAMPLE:
            return
        self._sample = Loss(0, 0)
        loss = min(1.0, max(0.0, sample.lost / sample.expected))  # duplicates can make it negative
        self._losses.append(loss)
        if self._own_loss and loss < self._own_loss + LOSS_LIMIT:
            self._own_loss += (min(loss, OWN_LOSS_LIMIT) - self._own_loss) * OWN_LOSS_CHANGE

    def _hear_client(self, sign: ClientStats, now_s: float) -> None:
        """Its loss counts where no reports come, what it sees of its own stutter where no estimates come."""
        if now_s - sign.seconds < self._settled_s:
            return  # part of it is of the time before less was sent
        if now_s - self._loss_heard_s >= FEEDBACK_SILENT_S:
            if sign.rtt_s is not None:
                self._note(RoundTrip(sign.rtt_s), now_s)
            for _second in range(2 if sign.loss is not None else 0):  # one reading of a client covers several seconds
                self._note(Loss(int(10_000 * (sign.loss or 0.0)), 10_000), now_s)
        self._stutters = False
        if now_s - self._estimate_heard_s >= FEEDBACK_SILENT_S:
            self._stutters = sign.freezes > 0 and (sign.loss or 0.0) > FREEZE_LOSS
            if sign.jitter_buffer_s is not None:
                self._shortest_buffer_s = min(self._shortest_buffer_s, sign.jitter_buffer_s)
                self._stutters |= sign.jitter_buffer_s - self._shortest_buffer_s > STALE_JITTER_BUFFER_S

    def trouble(self, sent_bps: float, on_trial: bool, now_s: float) -> Trouble | None:
        """Whether less must be sent than now. `on_trial`: it has just become more, which is then the first suspect."""
        if now_s < self._settled_s or self._may_be_cut(now_s):
            return None
        estimate, peak = self._estimate_bps, self._peak.value
        if estimate is not None and peak is not None and estimate < min(ESTIMATE_FALL * peak, sent_bps):
            return Trouble(estimate, grave=True, is_guess=self._is_alone())
        too_much = int(min(UNKNOWN_FITS, 1 - self._newest_loss()) * sent_bps)
        if self._stutters or (on_trial and self._is_slower()):
            return Trouble(too_much, grave=True)
        if self._asked_for_much():
            return Trouble(too_much, grave=True, is_guess=self._is_alone())
        return self._loss_trouble(sent_bps, now_s)

    def accept_loss(self) -> None:
        """Nothing more will be done about the loss: it is the line's own."""
        self._own_loss = min(OWN_LOSS_LIMIT, max((*self._losses, self._own_loss)))

    def _loss_trouble(self, sent_bps: float, now_s: float) -> Trouble | None:
        if len(self._losses) < 2:
            return None
        loss = min(self._losses)
        if loss > LOSS_LIMIT + self._own_loss and sent_bps <= self._arrived_bps and now_s < self._arrived_until_s:
            self._own_loss = min(loss, OWN_LOSS_LIMIT)  # less is sent than had arrived before, and as much is lost
        if loss <= LOSS_LIMIT + self._own_loss:
            return None
        self._arrived_bps, self._arrived_until_s = sent_bps * (1 - loss), now_s + LEARN_OWN_LOSS_S
        return Trouble(int(LOSS_FITS * self._arrived_bps), grave=loss > GRAVE_LOSS)

    def _asked_for_much(self) -> bool:
        if len(self._resends) < 2:
            return False
        sent = sum(each.sent for each in self._resends)
        asked = sum(each.asked for each in self._resends)
        exhausted = sum(each.exhausted for each in self._resends)
        many = asked >= FEWEST_ASKED and asked > MANY_ASKED * sent
        return many or (exhausted >= FEWEST_EXHAUSTED and exhausted > EXHAUSTED_PART * sent)

    def _is_alone(self) -> bool:
        """Whether neither a longer round trip nor the newest loss says the same."""
        loses = self._newest_loss() > LOSS_LIMIT + self._own_loss
        return not loses and self._round_trip_s <= self._shortest_round_trip_s + SLOWER_S

    def _newest_loss(self) -> float:
        return self._losses[-1] if self._losses else 0.0

    def _is_slower(self) -> bool:
        return self._round_trip_s > self._usual_round_trip_s + SLOWER_S
