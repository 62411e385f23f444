"""Hands what a call hears to its taps, so that a broken tap can never hurt the call. Used by every engine."""

import logging
from collections.abc import Collection

from signaling.media.port import Tap, Track

logger = logging.getLogger(__name__)


class Taps:
    """The taps of one call. One that raises is let go, and the log says so once."""

    def __init__(self) -> None:
        self._taps: list[Tap] = []

    @property
    def attached(self) -> bool:
        """Whether there is any."""
        return bool(self._taps)

    def attach(self, tap: Tap) -> None:
        """Let it hear from now on. Idempotent."""
        if tap not in self._taps:
            self._taps.append(tap)

    def detach(self, tap: Tap) -> None:
        """Let it hear no more. Idempotent."""
        if tap in self._taps:
            self._taps = [other for other in self._taps if other is not tap]

    def keep_only(self, taps: Collection[Tap]) -> int:
        """Let go of every other tap, and say how many that were."""
        others = [tap for tap in self._taps if not any(tap is kept for kept in taps)]
        for tap in others:
            self.detach(tap)
        return len(others)

    def packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        """One packet of one track, to each."""
        for tap in self._taps:
            try:
                tap.on_packet(track, packet, arrived_ns)
            except Exception:  # the other side of a border: whatever it is, the packet's way goes on
                self._let_go(tap, track)

    def sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """One sender report of one track, to each."""
        for tap in self._taps:
            try:
                tap.on_sender_report(track, ntp_time, rtp_time, arrived_ns)
            except Exception:  # as above
                self._let_go(tap, track)

    def _let_go(self, tap: Tap, track: Track) -> None:
        self.detach(tap)
        logger.exception("a tap failed and was detached", extra={"call": track.call, "seat": track.seat})
