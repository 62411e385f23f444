"""Sound that repeats itself: each RED packet carries a frame and the one or few before it (RFC 2198). Pure.

Browsers name it audio/red and put nothing but Opus inside. What they send goes on as it is to seats that take RED; for
all others, and for taps, it becomes plain Opus here, with the packets that were lost put back from their repetition.
Whatever is malformed raises ValueError.
"""

from typing import NamedTuple

from signaling.media.sfu.rtp import payload_end, payload_start

MAX_BLOCKS = 16  # browsers send two; libwebrtc reads up to 32
WINDOW = 64  # packets remembered, to know a lost one from one that was never sent: over a second

_FOLLOWED, _PAYLOAD_TYPE = 0x80, 0x7F
_PADDING_BIT = 0x20


class Repeated(NamedTuple):
    """A frame sent before: how many RTP ticks before, and its bytes."""

    ticks_ago: int
    frame: bytes


class Unpacked(NamedTuple):
    """What a RED payload carries: the frame of now, and earlier ones with the oldest first."""

    frame: bytes
    repeated: tuple[Repeated, ...]


class Plain(NamedTuple):
    """A packet with one frame; `red` is the payload it came in, if that was RED."""

    packet: bytes
    red: bytes | None
    found_again: bool  # it was lost


def unpack(payload: bytes, payload_type: int) -> Unpacked:
    """Take a RED payload apart; all its blocks must be of `payload_type`."""
    headers, at = _headers(payload)
    if any(kind != payload_type for kind, _ticks, _size in headers) or payload[at - 1] != payload_type:
        raise ValueError("another codec inside RED")
    repeated = []
    for _kind, ticks, size in headers:
        repeated.append(Repeated(ticks, payload[at : at + size]))
        at += size
    if at >= len(payload):
        raise ValueError("RED blocks beyond the packet")
    return Unpacked(payload[at:], tuple(repeated))


def with_payload_type(payload: bytes, payload_type: int) -> bytes:
    """The same RED payload with another number for what is inside."""
    changed, at = bytearray(payload), 0
    while changed[at] & _FOLLOWED:
        changed[at] = _FOLLOWED | payload_type
        at += 4
    changed[at] = payload_type
    return bytes(changed)


def _headers(payload: bytes) -> tuple[list[tuple[int, int, int]], int]:
    """(payload type, ticks ago, size) of each earlier block, and where the blocks begin."""
    headers: list[tuple[int, int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & _FOLLOWED:
        if at + 4 > len(payload) or len(headers) == MAX_BLOCKS:
            raise ValueError("RED headers beyond the packet")
        ticks_and_size = int.from_bytes(payload[at + 1 : at + 4])
        headers.append((payload[at] & _PAYLOAD_TYPE, ticks_and_size >> 10, ticks_and_size & 0x3FF))
        at += 4
    if at >= len(payload):
        raise ValueError("RED without a frame of now")
    return headers, at + 1


class RedStream:
    """One SSRC whose packets may be RED. `payload_type` is that of the Opus inside."""

    def __init__(self, payload_type: int) -> None:
        self._payload_type = payload_type
        self._seen: dict[int, int] = {}  # sequence -> RTP time of the newest packets, those put back included

    def noted(self, packet: bytes) -> list[Plain]:
        """A packet of plain Opus came on the stream; nothing if it was already put back."""
        start = payload_start(packet)
        is_sound = start < payload_end(packet, start)
        return [Plain(packet, None, False)] if self._note_packet(packet, is_sound) else []

    def plain(self, packet: bytes) -> list[Plain]:
        """The packets that a RED packet brings, in their order: those that were lost, then its own if it is new."""
        start = payload_start(packet)
        end = payload_end(packet, start)
        payload = packet[start:end]
        own = bytes([packet[0] & ~_PADDING_BIT, packet[1] & 0x80 | self._payload_type]) + packet[2:start]
        if not payload:  # padding alone: a browser without pictures measures its line with it
            return self.noted(own)
        unpacked = unpack(payload, self._payload_type)
        found = self._put_back(packet, unpacked.repeated)
        if self._note_packet(packet, is_sound=True):
            found.append(Plain(own + unpacked.frame, payload, False))
        return found

    def _put_back(self, packet: bytes, repeated: tuple[Repeated, ...]) -> list[Plain]:
        """The lost ones of these, the oldest first. RED has no numbers inside: each fills the newest place it fits."""
        sequence, rtp_time = int.from_bytes(packet[2:4]), int.from_bytes(packet[4:8])
        found: list[Plain] = []
        for ticks_ago, frame in reversed(repeated):
            lost_time = (rtp_time - ticks_ago) & 0xFFFFFFFF
            if not frame or not ticks_ago or lost_time in self._seen.values():
                continue
            sequence = self._empty_before(sequence)
            if self._fits(sequence, lost_time):
                self._note(sequence, lost_time)
                header = bytes([0x80, self._payload_type]) + sequence.to_bytes(2) + lost_time.to_bytes(4)
                found.insert(0, Plain(header + packet[8:12] + frame, None, True))
        return found

    def _empty_before(self, sequence: int) -> int:
        """The newest number before this one that did not come."""
        sequence = (sequence - 1) & 0xFFFF
        while sequence in self._seen:
            sequence = (sequence - 1) & 0xFFFF
        return sequence

    def _fits(self, sequence: int, rtp_time: int) -> bool:
        """Whether a packet of this time was here: its neighbours by number, one before at least, are so by time."""
        earlier = [seen for seen in self._seen if (sequence - seen) & 0xFFFF < 0x8000]
        return bool(earlier) and all(
            0 < ((rtp_time - seen_time if seen in earlier else seen_time - rtp_time) & 0xFFFFFFFF) < 1 << 31
            for seen, seen_time in self._seen.items()
        )

    def _note_packet(self, packet: bytes, is_sound: bool) -> bool:
        """Padding has the time of the sound before it; it is noted a tick later, so that both have their place."""
        rtp_time = int.from_bytes(packet[4:8])
        return self._note(int.from_bytes(packet[2:4]), rtp_time if is_sound else (rtp_time + 1) & 0xFFFFFFFF)

    def _note(self, sequence: int, rtp_time: int) -> bool:
        if sequence in self._seen:
            return False
        self._seen[sequence] = rtp_time
        if len(self._seen) > WINDOW:
            del self._seen[next(iter(self._seen))]
        return True
