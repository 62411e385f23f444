"""What a node remembers of calls that it does not carry: late orders begin nothing anew, and whoever comes is told."""

from collections import deque

from signaling.media.port import CallId

REMEMBERED = 1_000  # of each kind; the oldest are forgotten


class PastCalls:
    """Calls by the epoch under which each was here, or was to be."""

    def __init__(self) -> None:
        self._refused: deque[CallId] = deque(maxlen=REMEMBERED)
        self._over: deque[tuple[CallId, int]] = deque(maxlen=REMEMBERED)
        self._closed: deque[tuple[CallId, int]] = deque(maxlen=REMEMBERED)

    def refuse(self, call: CallId) -> None:
        """There was no room for it here."""
        self._refused.append(call)

    def was_refused(self, call: CallId) -> bool:
        """Whether there was no room for it here."""
        return call in self._refused

    def end(self, call: CallId, epoch: int) -> None:
        """It ended here."""
        self._over.append((call, epoch))

    def is_over(self, call: CallId, epoch: int) -> bool:
        """Whether it ended here under this very epoch."""
        return (call, epoch) in self._over

    def close(self, call: CallId, epoch: int) -> None:
        """Web wants it closed under this epoch and every older one."""
        self._closed.append((call, epoch))

    def is_closed(self, call: CallId, epoch: int) -> bool:
        """Whether it is to be closed as soon as it begins."""
        return any(known == call and newest >= epoch for known, newest in self._closed)
