"""How full a node is, from what it measures of itself, and whether it takes another room. Pure.

With our own engine one event loop forwards every packet, so the first thing to run out is the time of its thread on one
processor core: the share it uses is the share of the limit that is used, whatever this machine's core can do and
whatever the rooms send. Media that a process of their own carries fill the cores of that process, and the loop keeps
what is recorded: the fuller of the two counts. The packets that would fit are extrapolated and only told, never
compared. Memory and seats have limits that a person sets.
"""

from dataclasses import dataclass

from signaling.media.port import ProcessorTime

REFUSES_FROM = 0.7  # of the limit, no new room
TAKES_BELOW = 0.6  # again
RUNNING_UP_TO = 0.9  # of the limit, a room in which people talk is still taken in from another node
LATE_S = 0.05  # a loop that is late by so much is at its limit: it is heard
OWN_DOING = 0.3  # processor share from which a late loop is laid to our own work and not to other programs
TELLING = 0.05  # processor share from which packets can be extrapolated
SMOOTHED_OVER_S = 5.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the meters say at one moment. Counts only ever grow."""

    at_s: float
    loop_s: float  # time that the loop's thread has had of a core
    media: ProcessorTime | None  # of whoever carries the media; None where it cannot be told
    packets: int | None  # sent to seats; None where they are not counted
    late_s: float  # how late the loop was since the reading before
    free_bytes: int | None  # of the spool's disk; None where it cannot be told
    gives_way: bool = False  # more comes than is carried: pictures are dropped for voices


@dataclass(frozen=True, slots=True)
class Load:
    """How a node is now, over the last seconds."""

    processor: float = 0.0  # share of one core that the loop uses, or of its cores whoever carries the media if more
    media_seen: bool = True  # whether that says what media cost
    packets_per_s: float | None = None  # None where they are not counted, and before the first two readings
    late_s: float = 0.0
    free_bytes: int | None = None
    disk: float = 0.0  # share of its limit: 0.7 where no new recording would begin
    gives_way: bool = False

    @property
    def fullness(self) -> float:
        """Share of the limit that is used, of whatever is closest to it; what is dropped on purpose costs nothing."""
        if self.gives_way:
            return 1.0
        own_doing = self.processor >= OWN_DOING or not self.media_seen
        late = min(1.0, self.late_s / LATE_S) if own_doing else 0.0
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
    sent = _sent(older, newer)

    def towards(was: float, now: float) -> float:
        return was + weight * (now - was)

    return Load(
        processor=towards(before.processor, max(newer.loop_s - older.loop_s, _media(older, newer)) / passed_s),
        media_seen=newer.media is not None,
        packets_per_s=None if sent is None else towards(before.packets_per_s or 0.0, sent / passed_s),
        late_s=towards(before.late_s, newer.late_s),
        free_bytes=newer.free_bytes,
        disk=_disk(newer.free_bytes, reserve_bytes),
        gives_way=newer.gives_way,
    )


def _sent(older: Reading, newer: Reading) -> int | None:
    """Packets between the two."""
    return None if older.packets is None or newer.packets is None else newer.packets - older.packets


def _media(older: Reading, newer: Reading) -> float:
    """Seconds that carrying media took between the two, of each core it has."""
    if older.media is None or newer.media is None:
        return 0.0
    grown = newer.media.used_s - older.media.used_s
    return (grown if grown >= 0 else newer.media.used_s) / newer.media.cores


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
