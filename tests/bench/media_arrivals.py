"""What comes of the load at those who watch: all of it is counted, and looked at by the kernel's clock.

Arrival times are the kernel's, so that the load's own delays are not counted as the engine's. One packet in `SAMPLE` of
each stream is decrypted and every byte of it checked.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from pylibsrtp import Error as SrtpError

from tests.bench.media_packets import Incoming, Outgoing
from tests.bench.media_reports import Hearing

SAMPLE = 8


@dataclass(slots=True, eq=False)
class _Track:
    """One on its way to one seat."""

    incoming: Incoming
    hearing: Hearing
    last_ns: int = 0  # when its latest packet came; 0: none since `begin`


@dataclass
class Arrivals:
    """What came on all down connections since `begin`; `all_damaged` since it was made."""

    packets: Counter[bool] = field(default_factory=Counter)  # by: is it a picture?
    damaged: int = 0
    all_damaged: int = 0
    delays_ms: list[float] = field(default_factory=list)
    voice_delays_ms: list[float] = field(default_factory=list)  # those of them that voices had
    longest_gap_ms: float = 0.0  # in any voice, one packet every 20 ms; also before its first and after its last
    _tracks: dict[tuple[int, bytes], _Track] = field(default_factory=dict)  # by session and SSRC as it arrives
    _began_ns: int = 0

    def expect(self, session: Any, ssrc: int, incoming: Incoming) -> Hearing:
        """This comes on a connection from now on; what came of it is kept there for its reports."""
        hearing = Hearing(ssrc, incoming.is_picture)
        self._tracks[id(session), ssrc.to_bytes(4)] = _Track(incoming, hearing)
        return hearing

    @property
    def all_have_come(self) -> bool:
        """Whether something of every track that was ever expected has come to whom it is for."""
        return all(track.hearing.came for track in self._tracks.values())

    def begin(self, now_ns: int) -> None:
        """Forget what came until now: from here on voices are waited for."""
        self._began_ns = now_ns
        self.packets.clear()
        for track in self._tracks.values():
            track.last_ns = 0
        self.damaged = 0
        self.begin_to_time()

    def begin_to_time(self) -> None:
        """Forget how long it took until now."""
        self.delays_ms.clear()
        self.voice_delays_ms.clear()
        self.longest_gap_ms = 0.0

    def count(self, data: memoryview, arrived_ns: int, session: Any) -> None:
        """One protected RTP packet; what is not of a track that was offered, as padding in RTX, does not count."""
        track = self._tracks.get((id(session), bytes(data[8:12])))
        if track is None:
            return
        hearing = track.hearing
        if not hearing.is_picture:
            self._close_gap(track, arrived_ns)
            track.last_ns = arrived_ns
        self.packets[hearing.is_picture] += 1
        hearing.came += 1
        hearing.sequence = bytes(data[2:4])
        if hearing.came % SAMPLE == 0:
            self._check(track.incoming, bytes(data), arrived_ns, session)

    def close_gaps(self, ended_ns: int, sent: Collection[Outgoing]) -> None:
        """Sending has ended: a voice of these that has stopped before, or never came, has a gap up to then."""
        ssrcs = {stream.stream.ssrc for stream in sent}
        for track in self._tracks.values():
            if not track.hearing.is_picture and not ssrcs.isdisjoint(track.incoming.streams):
                self._close_gap(track, ended_ns)

    def _close_gap(self, track: _Track, until_ns: int) -> None:
        gap_ms = (until_ns - (track.last_ns or self._began_ns)) / 1e6
        self.longest_gap_ms = max(self.longest_gap_ms, gap_ms)

    def _check(self, incoming: Incoming, data: bytes, arrived_ns: int, session: Any) -> None:
        try:
            left_ns = incoming.left_ns(session.unprotect(data))
        except SrtpError:
            left_ns = None
        if left_ns is None:
            self.damaged += 1
            self.all_damaged += 1
            return
        self.delays_ms.append((arrived_ns - left_ns) / 1e6)
        if not incoming.is_picture:
            self.voice_delays_ms.append(self.delays_ms[-1])
