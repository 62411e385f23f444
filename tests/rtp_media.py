"""RTP as a browser would send it, made at test time: pictures and tones of one seat, with sender reports.

`Sender` has a clock of its own, so a test can give each person another idea of the time and of how long a second is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from recordings.packetise import RtpStream
from signaling.media.port import CallId, SeatId, Source, Tap, Track, track_id

NTP_EPOCH_S = 2_208_988_800  # 1900 to 1970
START_NS = 1_760_000_000_000_000_000


class Packet(NamedTuple):
    """One RTP packet or, with `data` empty, one sender report, when it arrives at the node."""

    arrived_ns: int
    track: Track
    data: bytes
    ntp_time: int = 0
    rtp_time: int = 0

    def into(self, tap: Tap) -> None:
        """Let the tap hear it."""
        if self.data:
            tap.on_packet(self.track, self.data, self.arrived_ns)
        else:
            tap.on_sender_report(self.track, self.ntp_time, self.rtp_time, self.arrived_ns)


def a_track(seat: str, source: Source, call: str = "call1") -> Track:
    """A track named as the engine names it."""
    return Track(track_id(SeatId(seat), source), CallId(call), SeatId(seat), source)


@dataclass
class Sender:
    """One browser: its wall clock is off by `clock_offset_ns` and runs fast by `drift`; its packets take `delay_ns`."""

    seat: str
    clock_offset_ns: int = 0
    drift: float = 0.0
    delay_ns: int = 20_000_000
    ssrc: int = 1000
    report_every_s: float = 1.0
    _streams: dict[tuple[Source, int], RtpStream] = field(default_factory=dict)

    def stream(self, source: Source) -> RtpStream:
        """The RTP stream of this source, made at first use."""
        number = list(Source).index(source)
        key = (source, self.ssrc)
        if key not in self._streams:
            payload_type = 111 if source.kind == "audio" else 96
            self._streams[key] = RtpStream(self.ssrc + number, payload_type, sequence=65_000 + number)
        return self._streams[key]

    def rtp_time(self, source: Source, at_s: float) -> int:
        """The stream's clock `at_s` seconds after the start, with an offset of its own that wraps soon."""
        rate = 48_000 if source.kind == "audio" else 90_000
        return (0xFFFF0000 + list(Source).index(source) * 777 + round(at_s * (1 + self.drift) * rate)) & 0xFFFFFFFF

    def ntp_time(self, at_s: float) -> int:
        """The browser's own wall clock as a 64-bit NTP time."""
        wall_s = START_NS / 1e9 + at_s * (1 + self.drift) + self.clock_offset_ns / 1e9 + NTP_EPOCH_S
        return round(wall_s * 2**32)

    def video(
        self, frames: list[bytes], fps: float, start_s: float = 0.0, source: Source = Source.CAMERA
    ) -> Iterator[Packet]:
        """VP8 frames, `fps` of them a second, each when it was captured plus the delay."""
        track = a_track(self.seat, source)
        for number, frame in enumerate(frames):
            at_s = start_s + number / fps
            yield from self._report(track, at_s, number % max(1, round(fps * self.report_every_s)) == 3)
            for data in self.stream(source).vp8(frame, self.rtp_time(source, at_s)):
                yield Packet(self._arrival(at_s), track, data)

    def audio(self, frames: list[bytes], start_s: float = 0.0, source: Source = Source.MIC) -> Iterator[Packet]:
        """Opus packets, fifty a second."""
        track = a_track(self.seat, source)
        for number, frame in enumerate(frames):
            at_s = start_s + number / 50
            yield from self._report(track, at_s, number % max(1, round(50 * self.report_every_s)) == 4)
            yield Packet(self._arrival(at_s), track, self.stream(source).opus(frame, self.rtp_time(source, at_s)))

    def _report(self, track: Track, at_s: float, due: bool) -> Iterator[Packet]:
        if due and self.report_every_s:
            yield Packet(self._arrival(at_s), track, b"", self.ntp_time(at_s), self.rtp_time(track.source, at_s))

    def _arrival(self, at_s: float) -> int:
        return START_NS + round(at_s * 1e9) + self.delay_ns


def in_order_of_arrival(*streams: Iterator[Packet]) -> list[Packet]:
    """All packets of all streams as the node receives them."""
    return sorted((packet for stream in streams for packet in stream), key=lambda packet: packet.arrived_ns)
