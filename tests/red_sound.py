"""Sound as Chromium sends it when RED was agreed: each packet with the frames before it (RFC 2198)."""

import struct
from collections.abc import Sequence

RED, OPUS, FRAME_TICKS = 63, 111, 960
MAX_TICKS_AGO = 0x3FFF


def red_payload(frame: bytes, repeated: Sequence[tuple[int, bytes]], payload_type: int = OPUS) -> bytes:
    """A RED payload; `repeated` is (ticks ago, frame), the oldest first."""
    headers = b"".join(
        bytes([0x80 | payload_type]) + (ticks << 10 | len(block)).to_bytes(3) for ticks, block in repeated
    )
    return headers + bytes([payload_type]) + b"".join(block for _ticks, block in repeated) + frame


def offering_red(section: str) -> str:
    """The same m-line, of an offer; a voice offers RED as well, as Chromium does."""
    voice, red = f"SAVPF {OPUS}\r\n", f"a=rtpmap:{RED} red/48000/2\r\na=fmtp:{RED} {OPUS}/{OPUS}\r\n"
    return section.replace(voice, f"SAVPF {OPUS} {RED}\r\n") + red if voice in section else section


class RedSound:
    """One stream; `depth` frames are repeated in each packet."""

    def __init__(
        self, sequence: int = 0, rtp_time: int = 0, depth: int = 1, ssrc: int = 1, level_dbov: int | None = None
    ) -> None:
        self._sequence, self._rtp_time, self._depth, self._ssrc = sequence, rtp_time, depth, ssrc
        self._level_dbov = level_dbov
        self._sent: list[tuple[int, bytes]] = []  # RTP time without wrap, frame
        self._ticks = 0
        self._paddings = 0
        self._repeats: list[set[int]] = []

    def pause(self, frames: int) -> None:
        """Discontinuous transmission: time goes on, numbers do not."""
        self._ticks += frames * FRAME_TICKS

    def next(self, frame: bytes, marker: bool = False) -> bytes:
        """The next packet."""
        number = len(self._sent)
        earlier = [
            n for n in range(max(0, number - self._depth), number) if self._ticks - self._sent[n][0] <= MAX_TICKS_AGO
        ]
        repeated = [(self._ticks - self._sent[n][0], self._sent[n][1]) for n in earlier]
        self._repeats.append(set(earlier))
        self._sent.append((self._ticks, frame))
        extension = b"" if self._level_dbov is None else bytes([0xBE, 0xDE, 0, 1, 0x10, self._level_dbov, 0, 0])
        header = self._header(0x90 if extension else 0x80, number, self._ticks, marker)
        self._ticks += FRAME_TICKS
        return header + extension + red_payload(frame, repeated)

    def padding(self, size: int) -> bytes:
        """A packet of nothing else, with a number of its own and the time of the one before."""
        self._paddings += 1
        header = self._header(0xA0, len(self._sent) - 1, self._sent[-1][0], False)
        return header + bytes(size - 1) + bytes([size])

    def _header(self, flags: int, number: int, ticks: int, marker: bool) -> bytes:
        sequence = (self._sequence + number + self._paddings) & 0xFFFF
        rtp_time = (self._rtp_time + ticks) & 0xFFFFFFFF
        return struct.pack("!BBHLL", flags, marker << 7 | RED, sequence, rtp_time, self._ssrc)

    def repeated_by(self, number: int) -> set[int]:
        """Which earlier packets the one of this number repeats."""
        return self._repeats[number]
