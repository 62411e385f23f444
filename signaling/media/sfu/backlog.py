"""When more comes than one core carries, pictures give way, so that no voice waits behind them or is lost. Pure.

Datagrams wait in a socket in the order in which they came, and what finds no room there is lost, whatever it is. A
queue that a burst has made empties by itself; one that stands is more than we carry. The two are told apart as CoDel
does (RFC 8289 section 3.2): by the shortest time that anything waited in an interval, not by the longest.
"""

from enum import IntEnum

STANDS_S = 0.03  # what the quickest datagram of an interval waited, from which on more comes than we carry
LONG_S = 0.1  # the same, from which on there is no time to try how much is enough
INTERVAL_S = 0.1
PATIENCE_S = (1.0, 64.0)  # without a queue until less gives way: at first, and after many vain trials


class GivesWay(IntEnum):
    """How much is not forwarded. Each includes the one before it; sound is in none of them."""

    NOTHING = 0
    LARGE = 1  # of simulcast the largest layer, of three
    MEDIUM = 2  # all layers but the smallest
    HALF = 3  # of the pictures of whom nobody records and who does not sign, every second
    MOST = 4  # all of these
    ALL = 5  # every picture


class Backlog:
    """Hears how long datagrams waited in each socket, and says how much gives way. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.gives_way = GivesWay.NOTHING
        self._shortest_s: dict[int, float] = {}  # in this interval, by socket: each has a queue of its own
        self._looked_s = float("-inf")
        self._changed_s = float("-inf")
        self._on_trial = False  # less gives way than before, and it has not held for long yet
        self._patience_s = PATIENCE_S[0]

    def waited(self, socket: int, waited_s: float) -> None:
        """The datagram that is read now reached this socket so long ago."""
        before_s = self._shortest_s.get(socket)
        if before_s is None or waited_s < before_s:
            self._shortest_s[socket] = waited_s

    def look(self, now_s: float) -> bool:
        """Change, if it is time, how much gives way; whether it was changed. Called every few tens of milliseconds."""
        if now_s - self._looked_s < INTERVAL_S:
            return False
        self._looked_s, before = now_s, self.gives_way
        standing_s = max(self._shortest_s.values(), default=0.0)
        self._shortest_s.clear()
        if standing_s > STANDS_S:
            self._more(at_once=standing_s > LONG_S)
            self._changed_s = now_s
        elif now_s - self._changed_s >= self._patience_s:
            self._less()
            self._changed_s = now_s
        return self.gives_way is not before

    def _more(self, at_once: bool) -> None:
        if self._on_trial:
            self._patience_s = min(PATIENCE_S[1], 2 * self._patience_s)
        self._on_trial = False
        self.gives_way = GivesWay.ALL if at_once else GivesWay(min(self.gives_way + 1, GivesWay.ALL))

    def _less(self) -> None:
        if self.gives_way is GivesWay.NOTHING:
            self._patience_s, self._on_trial = PATIENCE_S[0], False
        else:
            self.gives_way, self._on_trial = GivesWay(self.gives_way - 1), True


def gives_way_from(layer: int, *, signs: bool, recorded: bool, in_first_half: bool) -> GivesWay:
    """When a picture in this layer is no longer forwarded; of whom signs for somebody the middle one stays for long."""
    if layer > 1:
        return GivesWay.LARGE
    if signs:
        return GivesWay.ALL
    if layer == 1:
        return GivesWay.MEDIUM
    if recorded:
        return GivesWay.ALL
    return GivesWay.HALF if in_first_half else GivesWay.MOST
