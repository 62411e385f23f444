"""What arrived of one published stream: losses to repair, duplicates to drop, the figures of a receiver report.

RFC 3550 appendix A.1, A.3 and A.8 (sequence, loss, jitter). Pure: arrival times are arguments.
"""

from dataclasses import dataclass

from signaling.media.sfu.rtcp import ReportBlock

MAX_GAP = 256  # a larger jump is not a loss to repair but a new beginning
CUT_AFTER_S = 0.5  # nor is what is missing after such a silence: a key frame is there sooner than all of it
FIRST_NACK_AFTER_S = 0.015  # a little patience for packets that only changed places
NACK_INTERVAL_S = 0.1  # until it is known how long a repair takes
NACK_INTERVALS_S = (0.03, 0.4)  # the shortest and the longest
MAX_NACKS = 10  # per packet; after that nobody waits for it any more
PATIENCE = 1.25  # times what a repair takes, before the same packet is asked for again


@dataclass(slots=True)
class _Missing:
    """A packet that did not come, and how we ask for it."""

    due_s: float
    asked: int = 0
    asked_s: float = 0.0


class Reception:
    """One SSRC of one publisher. `repairable`: lost packets are asked for again (video)."""

    def __init__(self, clock_rate_hz: int, repairable: bool) -> None:
        self.loss: float | None = None  # share lost between the last two reports, before any repair
        self.needs_key_frame = False  # something is lost for good; whoever asks for the key frame clears it
        self.nacks_due_s = float("inf")  # when there will be something to ask for
        self._clock_rate_hz = clock_rate_hz
        self._repairable = repairable
        self._missing: dict[int, _Missing] = {}
        self._nack_interval_s = NACK_INTERVAL_S
        self._arrived_s = 0.0  # the newest
        self._first: int | None = None  # sequence numbers here have 32 bits: cycles above, the packet's own below
        self._highest = 0
        self._received = 0
        self._reported_expected = 0
        self._reported_received = 0
        self._transit: float | None = None
        self._jitter = 0.0
        self._last_sr = 0
        self._last_sr_s = 0.0

    def accept(self, sequence: int, rtp_time: int, arrived_s: float) -> bool:
        """Take note of a packet; False if it is a duplicate or came too late to be of use."""
        if self._first is None:
            self._first = self._highest = sequence
            self._arrived_s = arrived_s
        else:
            ahead = (sequence - self._highest) & 0xFFFF
            if ahead == 0:
                return False
            if ahead < 0x8000:
                if ahead > 1:
                    self._note_gap(ahead, arrived_s)
                self._highest += ahead
                self._arrived_s = arrived_s
            elif self._repairable and self._missing.pop(sequence, None) is None:
                return False
        self._received += 1
        self._measure_jitter(rtp_time, arrived_s)
        return True

    def accept_repair(self, sequence: int, arrived_s: float) -> bool:
        """Whether a packet that came as RTX was really missing; browsers also send old ones as bandwidth probes."""
        missing = self._missing.pop(sequence, None)
        if missing is not None and missing.asked == 1:  # of one asked for again nobody knows which request was heard
            self._learn_interval(arrived_s - missing.asked_s)
        return missing is not None

    def nacks(self, now_s: float) -> list[int]:
        """The packets to ask for now, oldest first. Gives up on those that were asked for often enough."""
        due, given_up = [], []
        for sequence, missing in self._missing.items():
            if missing.due_s > now_s:
                continue
            if missing.asked == MAX_NACKS:
                given_up.append(sequence)
                continue
            missing.asked, missing.asked_s = missing.asked + 1, now_s
            missing.due_s = now_s + self._nack_interval_s
            due.append(sequence)
        for sequence in given_up:
            del self._missing[sequence]
        self.nacks_due_s = min((missing.due_s for missing in self._missing.values()), default=float("inf"))
        self.needs_key_frame = self.needs_key_frame or bool(given_up)
        return due

    def on_sender_report(self, ntp_time: int, now_s: float) -> None:
        """Remember the publisher's report, so that ours lets it measure the round trip."""
        self._last_sr, self._last_sr_s = ntp_time >> 16 & 0xFFFFFFFF, now_s

    def report(self, ssrc: int, now_s: float) -> ReportBlock | None:
        """The block for the next receiver report, or None where nothing came since the last one (RFC 3550 6.4)."""
        if self._first is None:
            return None
        expected = self._highest - self._first + 1
        expected_now, received_now = expected - self._reported_expected, self._received - self._reported_received
        self._reported_expected, self._reported_received = expected, self._received
        lost_now = max(0, expected_now - received_now)
        self.loss = lost_now / expected_now if expected_now > 0 else 0.0
        if received_now == 0:
            return None
        fraction = min(255, 256 * lost_now // expected_now) if expected_now else 0
        lost = max(-0x800000, min(0x7FFFFF, expected - self._received))
        delay = int((now_s - self._last_sr_s) * 65_536) if self._last_sr else 0
        highest = self._highest & 0xFFFFFFFF
        return ReportBlock(ssrc, fraction, lost, highest, int(self._jitter), self._last_sr, delay)

    def _note_gap(self, ahead: int, now_s: float) -> None:
        if not self._repairable:
            return
        was_cut = now_s - self._arrived_s > CUT_AFTER_S
        if was_cut or ahead > MAX_GAP or len(self._missing) + ahead > 2 * MAX_GAP:
            self._missing.clear()
            self.needs_key_frame = True
            return
        due_s = now_s + FIRST_NACK_AFTER_S
        for number in range(self._highest + 1, self._highest + ahead):
            self._missing[number & 0xFFFF] = _Missing(due_s)
        self.nacks_due_s = min(self.nacks_due_s, due_s)

    def _learn_interval(self, repair_s: float) -> None:
        """Ask again when the answer should have come, RFC 6298's smoothing; sooner would bring everything twice."""
        shortest_s, longest_s = NACK_INTERVALS_S
        wanted_s = min(longest_s, max(shortest_s, PATIENCE * repair_s))
        self._nack_interval_s += (wanted_s - self._nack_interval_s) / 8

    def _measure_jitter(self, rtp_time: int, arrived_s: float) -> None:
        transit = arrived_s * self._clock_rate_hz - rtp_time
        if self._transit is not None:
            change = abs(transit - self._transit)
            if change < self._clock_rate_hz:  # more is a jump of the clock or its wrap-around
                self._jitter += (change - self._jitter) / 16
        self._transit = transit
