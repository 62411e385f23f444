"""Against floods of strangers: while one lasts, the kernel drops what would be dropped here after it was read.

A datagram that we read costs some microseconds, whoever sent it, and waits in the same buffer as those of people who
talk. So when more of strangers come than any crowd of newcomers sends, the kernel is told which paths are known
(`kernel_filter.py`). Whoever joins meanwhile is still heard: their checks pass, of very many strangers one in so many,
and a check is repeated until it is answered. What the kernel drops is counted like everything else.
"""

import contextlib
import logging
import socket
from collections import Counter
from collections.abc import Collection, Mapping

from signaling.media.sfu.ice import Path
from signaling.media.sfu.kernel_filter import attach, detach, dropped_by_kernel, key_of, program

LOOK_S = 0.25
FLOOD_PER_S = 4_000  # a hundred people who join in the same second send that many checks
CALM_PER_S, CALM_S = 1_000, 10.0
CHECKS_PER_S = 2_000  # of strangers that are read; each costs up to twenty microseconds, the waking included
MOST_THINNED = 1_024
CHECKS = (
    "stun_fingerprint", "stun_not_a_check", "stun_size", "stun_unsigned", "stun_unknown_ufrag", "stun_integrity",
    "stun_replay", "probe_busy",
)  # fmt: skip
STRANGERS = ("size", "unknown_protocol", "unbound_address", *CHECKS)

logger = logging.getLogger(__name__)


class Shield:
    """Over the sockets of one port; `bound` are the paths that a signed check has bound, `drops` is kept by reason."""

    def __init__(self, sockets: Mapping[int, socket.socket], bound: Collection[Path], drops: Counter[str]) -> None:
        self.is_up = False
        self._works = True
        self._sockets, self._bound, self._drops = sockets, bound, drops
        self._one_check_in = 1
        self._known: dict[Path, int] = {}  # with their keys
        self._told: tuple[set[int], int] | None = None  # what the kernel has of it
        self._in_kernel: dict[int, int] = {}  # what each socket had dropped when last asked
        self._seen = (0, 0)  # datagrams of strangers, and of these checks that were read
        self._looked_s = float("-inf")
        self._flooded_s = float("-inf")

    def count(self) -> None:
        """Bring up to date what the kernel has dropped."""
        for descriptor, sock in self._sockets.items():
            dropped, before = dropped_by_kernel(sock), self._in_kernel.get(descriptor, 0)
            self._in_kernel[descriptor] = dropped
            self._drops["shielded" if self.is_up else "port_overflow"] += (dropped - before) & 0xFFFFFFFF

    def look(self, now_s: float) -> None:
        """Go up or down as strangers come; called every few tens of milliseconds."""
        passed_s = now_s - self._looked_s
        if passed_s < LOOK_S:
            return
        self.count()
        seen, before = self._counts(), self._seen
        self._looked_s, self._seen = now_s, seen
        strangers_per_s, checks_per_s = (
            (after - earlier) / passed_s for after, earlier in zip(seen, before, strict=True)
        )
        if strangers_per_s > (CALM_PER_S if self.is_up else FLOOD_PER_S):
            self._flooded_s = now_s
            self._hold(checks_per_s, strangers_per_s)
        elif self.is_up and now_s - self._flooded_s > CALM_S:
            self._lower()

    def cover(self, path: Path) -> None:
        """This path has just been bound: what comes from it next is to pass."""
        if self.is_up and path not in self._known:
            self._known[path] = key_of(*path.address[:2])
            self._tell_kernel()

    def _counts(self) -> tuple[int, int]:
        drops = self._drops
        checks = sum(drops[reason] for reason in CHECKS)
        return sum(drops[reason] for reason in STRANGERS) + drops["shielded"], checks

    def _hold(self, checks_per_s: float, strangers_per_s: float) -> None:
        """Raise it, or fit it to what comes now."""
        if not self.is_up:
            logger.warning("strangers flood the media port, %d datagrams a second: the shield is up", strangers_per_s)
        if checks_per_s > CHECKS_PER_S:
            self._one_check_in = min(MOST_THINNED, 2 * self._one_check_in)
        elif checks_per_s < CHECKS_PER_S / 4:
            self._one_check_in = max(1, self._one_check_in // 2)
        self._known = {path: self._known.get(path) or key_of(*path.address[:2]) for path in self._bound}
        self.is_up = True
        self._tell_kernel()

    def _lower(self) -> None:
        self.is_up, self._one_check_in, self._told = False, 1, None
        self._known.clear()
        for sock in self._sockets.values():
            with contextlib.suppress(OSError):
                detach(sock)
        logger.warning("the flood of the media port is over: the shield is down")

    def _tell_kernel(self) -> None:
        """Where the kernel takes no program, all is read and dropped here, as ever."""
        keys = set(self._known.values())
        if self._told == (keys, self._one_check_in):
            return
        self._told = keys, self._one_check_in
        try:
            for sock in self._sockets.values():
                attach(sock, program(sock.family, keys, self._one_check_in))
        except OSError as error:
            if self._works:
                logger.warning("the kernel takes no filter, every datagram is read: %s", error)
            self._works = False
