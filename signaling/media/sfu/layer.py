"""One encoding of a track: simulcast sends a picture in several sizes (RFC 8853), each a stream of its own. Pure."""

from signaling.media.sfu.forwarding import MediaPacket, Stream
from signaling.media.sfu.reception import Reception
from signaling.media.sfu.rtcp import SenderReport

KEY_FRAME_INTERVAL_S = 0.4  # a publisher is asked for key frames not more often than this
SILENT_KEY_FRAME_INTERVAL_S = 5.0  # nor than this while it sends nothing at all: its first packet is reason to ask
SILENT_AFTER_S = 0.7  # a layer that sends nothing for so long is not there, while another of the track is
RATE_INTERVAL_S = 1.0
STILL_S = 3.0  # between the frames of a screen that stands still there may be a second or more


class Layer:
    """What arrives of one encoding. `index` counts from the smallest; `rid` is its name, empty without simulcast."""

    def __init__(self, index: int, rid: str, clock_rate_hz: int, *, is_video: bool) -> None:
        self.index = index
        self.rid = rid
        self.height = 0  # pixels of the shorter side as its key frames say; 0 while none came
        self.bitrate_bps = 0.0  # of the last interval with a packet in it
        self.heard_s = float("-inf")  # when a packet last came
        self._clock_rate_hz = clock_rate_hz
        self._is_video = is_video
        self._key_frame_wanted = False
        self._key_frame_asked_s = float("-inf")
        self._counted_octets = 0
        self._counted_since_s: float | None = None
        self._counted_before = 0  # octets of the interval before
        self.begin()

    def begin(self) -> None:
        """The publisher's sequence numbers begin anew: another SSRC, or another peer connection."""
        self.stream = Stream(self.index, self._clock_rate_hz)
        self.reception = Reception(self._clock_rate_hz, repairable=self._is_video)

    def is_silent(self, now_s: float) -> bool:
        """Whether nothing has come for a while."""
        return now_s - self.heard_s > SILENT_AFTER_S

    def rate_bps(self, now_s: float) -> int:
        """What is sent of it now, without headers."""
        return 0 if now_s - self.heard_s > STILL_S else self.measured_bps(now_s)

    def measured_bps(self, now_s: float) -> int:
        """What it takes, without headers: less and less while nothing comes."""
        if self._counted_since_s is None or now_s <= self._counted_since_s:
            return int(self.bitrate_bps)
        octets = self._counted_before + self._counted_octets
        return int(min(self.bitrate_bps, 8 * octets / (now_s - self._counted_since_s)))

    def on_packet(self, packet: MediaPacket, now_s: float) -> None:
        """A packet that is no duplicate was taken."""
        self.heard_s = now_s
        self._count(len(packet.payload), now_s)
        if packet.vp8 is None:
            return
        self.stream.ring.put(packet)
        if packet.vp8.starts_key_frame:
            self.height = packet.vp8.height or self.height
            self._key_frame_wanted = False

    def on_sender_report(self, report: SenderReport, now_s: float) -> None:
        """The publisher said which RTP time of this stream is which moment of its clock."""
        self.stream.report = report
        self.reception.on_sender_report(report.ntp_time, now_s)

    def request_key_frame(self) -> None:
        """Ask the publisher soon; asked again and again until one comes."""
        self._key_frame_wanted = self._is_video

    def key_frame_due(self, now_s: float) -> bool:
        """Whether to ask for a key frame now; if so, that is noted."""
        if self.reception.needs_key_frame:
            self.reception.needs_key_frame, self._key_frame_wanted = False, True
        interval_s = SILENT_KEY_FRAME_INTERVAL_S if self.is_silent(now_s) else KEY_FRAME_INTERVAL_S
        due = self._key_frame_wanted and now_s - self._key_frame_asked_s >= interval_s
        if due:
            self._key_frame_asked_s = now_s
        return due

    def _count(self, octets: int, now_s: float) -> None:
        if self._counted_since_s is None:
            self._counted_since_s = now_s
        self._counted_octets += octets
        elapsed_s = now_s - self._counted_since_s
        if elapsed_s >= RATE_INTERVAL_S:
            self.bitrate_bps = 8 * self._counted_octets / elapsed_s
            self._counted_before, self._counted_octets, self._counted_since_s = self._counted_octets, 0, now_s
