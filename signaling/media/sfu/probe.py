"""An ICE agent that leads nowhere: it answers checks, so that a client learns before a call whether they get here.

Its password is given to everybody who holds a link, so it binds no address and moves nothing. An answer is smaller
than the check it answers, and there are only so many in a second: it is no lever for anybody.
"""

from collections.abc import Callable

from signaling.media.sfu.ice import ID_CHARS, PASSWORD_CHARS, Credentials, Path
from signaling.media.sfu.stun import Check, Rejected, success

ANSWERS_PER_S = 500  # a client sends some twenty checks; a device check takes a second or two


class ProbeAgent:
    """The same for everybody, as long as the node lives. `random_chars(n)` gives n ice-chars."""

    def __init__(self, random_chars: Callable[[int], str]) -> None:
        self.id = random_chars(ID_CHARS)
        self.local = Credentials(f"{self.id}0000", random_chars(PASSWORD_CHARS))
        self._second = 0
        self._answered = 0

    def on_check(self, check: Check, path: Path, now_s: float) -> bytes:
        """Answer one check. Raises `Rejected`."""
        if check.ufrag != self.local.ufrag:
            raise Rejected("stun_unknown_ufrag")
        if not check.is_signed_with(self.local.password):
            raise Rejected("stun_integrity")
        self._count(int(now_s))
        return success(check, path.address[0], path.address[1], self.local.password)

    def _count(self, second: int) -> None:
        if second != self._second:
            self._second, self._answered = second, 0
        self._answered += 1
        if self._answered > ANSWERS_PER_S:
            raise Rejected("probe_busy")
