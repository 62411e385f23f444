"""What becomes of packets on one way of a line. Pure: time is an argument, chance comes from a seed."""

import math
import random
from dataclasses import dataclass
from enum import StrEnum

from tests.bad_network.packets import TCP, UDP, Headers, fragments, headers, too_big
from tests.bad_network.profiles import Impairments, Way

JITTER_MEMORY_S = 0.05  # delays of packets that follow each other closely are alike


class Cause(StrEnum):
    """Why a packet did not arrive."""

    NOT_ROUTED = "not_routed"  # multicast, link-local or no IP: no line between two networks carries it
    CUT = "cut"
    IP_VERSION = "ip_version"
    UDP_BLOCKED = "udp_blocked"
    TCP_BLOCKED = "tcp_blocked"
    TOO_LONG = "too_long"
    LOST = "lost"
    LOST_IN_BURST = "lost_in_burst"
    QUEUE_FULL = "queue_full"
    REBOUND = "rebound"  # nobody is at this port any more


@dataclass(frozen=True)
class Fate:
    """What becomes of one packet: when which bytes arrive, or why nothing does."""

    deliveries: tuple[tuple[float, bytes], ...] = ()  # in seconds of the clock that `take` was given
    dropped: Cause | None = None
    answer: bytes | None = None  # what the sender is told


class Channel:
    """One way of a line. Its `impairments` may be exchanged at any time; what is on its way stays so.

    Each impairment has a sequence of chances of its own, which every packet that enters moves on by one. So the same
    packets are lost again with the same seed, whatever else is changed, and a higher loss only adds to a lower one.
    """

    def __init__(self, way: Way, impairments: Impairments, seed: int) -> None:
        self.impairments = impairments
        self._way = way
        self._loss, self._burst, self._in_burst, self._duplicate, self._reorder, self._jitter = (
            random.Random(f"{seed} {way} {name}")
            for name in ("loss", "burst", "in burst", "twice", "reorder", "jitter")
        )
        self._bad = False  # state of the Gilbert-Elliott channel
        self._free_at_s = -math.inf  # when the last bit of the queue is sent
        self._newest_s = -math.inf  # nobody but the reordered arrives before this
        self._wander, self._wandered_at_s = 0.0, -math.inf

    def take(self, packet: bytes, now_s: float) -> Fate:
        """The fate of a packet that enters at `now_s`, which never runs backwards."""
        try:
            whose = headers(packet)
        except ValueError:
            return Fate(dropped=Cause.NOT_ROUTED)
        if cause := self._barred(whose):
            return Fate(dropped=cause)
        if (mtu := self.impairments.mtu) is None or len(packet) <= mtu:
            return self._carry([packet], now_s)
        if whose.fragmentable:
            return self._carry(fragments(packet, mtu), now_s)
        return Fate(dropped=Cause.TOO_LONG, answer=too_big(packet, mtu) if self.impairments.mtu_told else None)

    def _barred(self, whose: Headers) -> Cause | None:
        rules = self.impairments
        server_port = whose.destination_port if self._way is Way.UP else whose.source_port
        if not whose.crosses_routers:
            return Cause.NOT_ROUTED
        if rules.cut:
            return Cause.CUT
        if whose.version not in rules.ip_versions:
            return Cause.IP_VERSION
        if whose.protocol == UDP and (rules.udp_blocked or server_port in rules.udp_ports_blocked):
            return Cause.UDP_BLOCKED
        if whose.protocol == TCP and rules.tcp_ports_open is not None and server_port not in rules.tcp_ports_open:
            return Cause.TCP_BLOCKED
        return None

    def _carry(self, pieces: list[bytes], now_s: float) -> Fate:
        lost, twice = self._is_lost(), self._duplicate.random() < self.impairments.duplicates
        held_s = self.impairments.reordered_by_ms / 1000 if self._reorder.random() < self.impairments.reordered else 0.0
        if lost is not None:
            return Fate(dropped=lost)
        deliveries = []
        for piece in pieces * (1 + twice):
            if (sent_s := self._sent_at(len(piece), now_s)) is not None:
                deliveries.append((self._arrives_at(sent_s, held_s), piece))
        return Fate(tuple(deliveries), None if deliveries else Cause.QUEUE_FULL)

    def _is_lost(self) -> Cause | None:
        alone = self._loss.random() < self.impairments.loss
        move, hit = self._burst.random(), self._in_burst.random()
        bursts = self.impairments.bursts
        self._bad = bursts is not None and (move >= bursts.leave if self._bad else move < bursts.enter)
        if bursts is not None and self._bad and hit < bursts.loss:
            return Cause.LOST_IN_BURST
        return Cause.LOST if alone else None

    def _sent_at(self, size: int, now_s: float) -> float | None:
        """When the last bit has left the queue; None if there is no place in it."""
        rate_kbit_s = self.impairments.rate_kbit_s
        if rate_kbit_s is None:
            return now_s
        begins_s = max(now_s, self._free_at_s)
        if begins_s - now_s > self.impairments.queue_ms / 1000:
            return None
        self._free_at_s = begins_s + size * 8 / (rate_kbit_s * 1000)
        return self._free_at_s

    def _arrives_at(self, sent_s: float, held_s: float) -> float:
        delay_s = max(0.0, self.impairments.delay_ms / 1000 + self._wandered(sent_s))
        in_order_s = max(sent_s + delay_s, self._newest_s)
        if held_s:
            return in_order_s + held_s
        self._newest_s = in_order_s
        return in_order_s

    def _wandered(self, sent_s: float) -> float:
        """How much more or less than the mean it takes: an Ornstein-Uhlenbeck process, since real delays drift."""
        alike = math.exp(-max(0.0, sent_s - self._wandered_at_s) / JITTER_MEMORY_S)
        self._wander = alike * self._wander + math.sqrt(1 - alike * alike) * self._jitter.gauss(0, 1)
        self._wandered_at_s = sent_s
        return self._wander * self.impairments.jitter_ms / 1000
