"""How full a node is, from what it measures of itself, and whether it takes another room. Pure.

One event loop forwards every packet, so the first thing to run out is the time of its thread on one processor core:
the share it uses is the share of the limit that is used, whatever this machine's core can do and whatever the rooms
send. The packets that would fit are extrapolated from it and only told, never compared. Memory and seats have limits
that a person sets.
"""

from dataclasses import dataclass

REFUSES_FROM = 0.7  # of the limit, no new room
TAKES_BELOW = 0.6  # again
RUNNING_UP_TO = 0.9  # of the limit, a room in which people talk is still taken in from another node
LATE_S = 0.05  # a loop that is late by so much is at its limit: it is heard
OWN_DOING = 0.3  # share of a core from which a late loop is laid to our own work and not to other programs
TELLING = 0.05  # share of a core from which packets can be extrapolated
SMOOTHED_OVER_S = 5.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meters say at one moment. Counts only ever grow."""

    at_s: float
    processor_s: float  # time that the loop's thread has had of a core
    packets: int  # sent to seats
    late_s: float  # how late the loop was since the reading before
    free_bytes: int | None  # of the spool's disk; None where it cannot be told


@dataclass(frozen=True, slots=True)
class Load:
    """How a node is now, over the last seconds."""

    processor: float = 0.0  # share of one core
    packets_per_s: float = 0.0
    late_s: float = 0.0
    free_bytes: int | None = None
    disk: float = 0.0  # share of its limit: 0.7 where no new recording would begin

    @property
    def fullness(self) -> float:
        """Share of the limit that is used, of whatever is closest to it."""
        late = min(1.0, self.late_s / LATE_S) if self.processor >= OWN_DOING else 0.0
        return max(self.processor, late, self.disk)

    @property
    def packet_limit(self) -> float | None:
        """Packets per second at which the loop would have no time left; None while too little flows to tell."""
        return self.packets_per_s / self.processor if self.processor >= TELLING and self.packets_per_s else None


def next_load(before: Load, older: Reading, newer: Reading, reserve_bytes: int) -> Load:
    """The load after another reading. What is measured is smoothed: a moment's work closes no door.

    `reserve_bytes` is the free space below which no recording is begun.
    """
    passed_s = newer.at_s - older.at_s
    if passed_s <= 0:
        return before
    weight = min(1.0, passed_s / SMOOTHED_OVER_S)

    def towards(was: float, now: float) -> float:
        return was + weight * (now - was)

    return Load(
        processor=towards(before.processor, (newer.processor_s - older.processor_s) / passed_s),
        packets_per_s=towards(before.packets_per_s, (newer.packets - older.packets) / passed_s),
        late_s=towards(before.late_s, newer.late_s),
        free_bytes=newer.free_bytes,
        disk=_disk(newer.free_bytes, reserve_bytes),
    )


def _disk(free_bytes: int | None, reserve_bytes: int) -> float:
    if free_bytes is None:
        return 0.0
    return min(1.0, REFUSES_FROM * reserve_bytes / free_bytes) if free_bytes > 0 else 1.0


def stays_open(was_open: bool, fullness: float) -> bool:
    """Whether new rooms are taken from now on. Between the two thresholds it stays as it was."""
    return fullness < (REFUSES_FROM if was_open else TAKES_BELOW)


def takes(is_open: bool, fullness: float, *, running: bool) -> bool:
    """Whether this room is taken. One in which people already talk has nowhere to wait: it is taken for longer."""
    return is_open or (running and fullness < RUNNING_UP_TO)
