"""When more comes than one core carries, pictures give way, so that no voice waits behind them or is lost. Pure.

Datagrams wait in a socket in the order in which they came, and what finds no room there is lost, whatever it is. A
queue that a burst has made empties by itself; one that stands is more than we carry. The two are told apart as CoDel
does (RFC 8289 section 3.2): by the shortest time that anything waited in an interval, not by the longest.
"""

from enum import IntEnum

STANDS_S = 0.03  # what the quickest datagram of an interval waited, from which on more comes than we carry
LONG_S = 0.1  # the same, from which on there is no time to try how much is enough
INTERVAL_S = 0.1
SHRINKS = 0.95  # of what stood before: a queue that becomes shorter needs no more than time
PATIENCE_S = (1.0, 64.0)  # without a queue until less gives way: at first, and after many vain trials


class GivesWay(IntEnum):
    """How much is not forwarded. Each includes the one before it; sound is in none of them."""

    NOTHING = 0
    LARGE = 1  # of simulcast the largest layer, of three
    MEDIUM = 2  # all layers but the smallest
    QUARTER = 3  # of the pictures that nobody records and that are no interpreter's
    HALF = 4
    THREE_QUARTERS = 5
    MOST = 6  # all of these
    ALL = 7  # every picture


class Backlog:
    """Hears how long datagrams waited in each socket, and says how much gives way. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.gives_way = GivesWay.NOTHING
        self._shortest_s: dict[int, float] = {}  # in this interval, by socket: each has a queue of its own
        self._standing_s = 0.0  # of the fullest socket, in the interval before
        self._overflows = 0
        self._looked_s = float("-inf")
        self._changed_s = float("-inf")  # or when a queue stood
        self._on_trial = False  # less gives way than before, and no queue has stood since
        self._patience_s = dict.fromkeys(GivesWay, PATIENCE_S[0])  # by the step that is tried after it

    def waited(self, socket: int, waited_s: float) -> None:
        """The datagram that is read now reached this socket so long ago."""
        before_s = self._shortest_s.get(socket)
        if before_s is None or waited_s < before_s:
            self._shortest_s[socket] = waited_s

    def look(self, now_s: float, overflows: int) -> bool:
        """Change, if it is time, how much gives way; whether it was changed. Called every few tens of milliseconds.

        `overflows`: for how many datagrams the kernel has had no room so far; where buffers are small none waits long.
        """
        if now_s - self._looked_s < INTERVAL_S:
            return False
        before, was_s = self.gives_way, self._standing_s
        self._looked_s, self._standing_s = now_s, max(self._shortest_s.values(), default=0.0)
        self._shortest_s.clear()
        overflowed, self._overflows = overflows > self._overflows, overflows
        if self._standing_s > STANDS_S or overflowed:
            self._changed_s = now_s
            if self._standing_s > SHRINKS * was_s or overflowed:
                self._more(at_once=self._standing_s > LONG_S)
        elif now_s - self._changed_s >= self._patience_s[self._next]:
            self._changed_s = now_s
            self._less()
        return self.gives_way is not before

    @property
    def _next(self) -> GivesWay:
        return GivesWay(max(self.gives_way - 1, GivesWay.NOTHING))

    def _more(self, *, at_once: bool) -> None:
        if self._on_trial:
            self._patience_s[self.gives_way] = min(PATIENCE_S[1], 2 * self._patience_s[self.gives_way])
        self._on_trial = False
        self.gives_way = GivesWay.ALL if at_once else GivesWay(min(self.gives_way + 1, GivesWay.ALL))

    def _less(self) -> None:
        self._on_trial = self.gives_way is not GivesWay.NOTHING
        if not self._on_trial:  # nothing has stood for as long as the last vain trial was put off
            self._patience_s = dict.fromkeys(GivesWay, PATIENCE_S[0])
        self.gives_way = self._next


def gives_way_from(layer: int, *, signs: bool, recorded: bool, quarter: int) -> GivesWay:
    """When a picture in this layer is no longer forwarded; of whom signs for somebody the middle one stays for long.

    `quarter` says in which of four parts of all pictures it is, 0 to 3.
    """
    if layer > 1:
        return GivesWay.LARGE
    if signs:
        return GivesWay.ALL
    if layer == 1:
        return GivesWay.MEDIUM
    if recorded:
        return GivesWay.ALL
    return GivesWay(GivesWay.QUARTER + quarter)
