"""Random numbers that RTP asks for (RFC 3550 5.1, 8.1), handed in so that tests can choose them."""

import random


class RandomNumbers:
    """SSRCs and first sequence numbers from the system's random source."""

    def __init__(self) -> None:
        self._random = random.SystemRandom()

    def ssrc(self) -> int:
        """A synchronisation source; never 0, which some receivers take for none."""
        return self._random.randrange(1, 1 << 32)

    def sequence(self) -> int:
        """A first sequence number in the lower half: nobody has to unwrap it in the first minutes."""
        return self._random.randrange(1 << 15)
