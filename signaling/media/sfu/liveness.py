"""Is a peer connection still there? Our own timer; the browsers' ICE states change too late (Chromium after 8 s)."""

from signaling.media.port import PathState

LOST_AFTER_S = 45.0
UP_UNSTABLE_AFTER_S = 8.0  # a publisher without tracks sends only ICE checks, Firefox every 5 s or so
DOWN_UNSTABLE_AFTER_S = 4.0  # a subscriber that is sent media reports at least once a second


class Liveness:
    """Turns the time of the last authenticated packet into changes of `PathState`. Begins when DTLS is up."""

    def __init__(self) -> None:
        self._state: PathState | None = None

    def change(self, silent_s: float, unstable_after_s: float) -> PathState | None:
        """The new state if it differs from the last one told, else None. LOST is final."""
        if self._state is PathState.LOST:
            return None
        state = PathState.CONNECTED
        if silent_s >= LOST_AFTER_S:
            state = PathState.LOST
        elif silent_s >= unstable_after_s:
            state = PathState.UNSTABLE
        if state is self._state:
            return None
        self._state = state
        return state
