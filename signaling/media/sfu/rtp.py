"""RTP packets as bytes: where the payload begins, header extensions, RTX, the VP8 payload descriptor.

RFC 3550 5.1, RFC 8285 (header extensions), RFC 4588 (retransmission), RFC 7741 (VP8), RFC 6464 (audio level).
Nothing here copies more than it returns, and nothing raises but `ValueError`.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEADER_BYTES = 12

_ONE_BYTE_PROFILE = 0xBEDE
_TWO_BYTE_PROFILE = 0x1000  # the low four bits are the application's
_EXTENSION_BIT, _PADDING_BIT = 0x10, 0x20


def payload_start(packet: bytes) -> int:
    """Offset of the payload behind CSRCs and extension. Raises ValueError if the packet ends before it."""
    if len(packet) < HEADER_BYTES or packet[0] >> 6 != 2:
        raise ValueError("not an RTP packet")
    start = HEADER_BYTES + 4 * (packet[0] & 15)
    if packet[0] & _EXTENSION_BIT:
        if start + 4 > len(packet):
            raise ValueError("extension beyond the packet")
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4])
    if start > len(packet):
        raise ValueError("payload beyond the packet")
    return start


def payload_end(packet: bytes, start: int) -> int:
    """Offset of the padding, or the packet's length without any. Raises ValueError if it would begin before `start`."""
    if not packet[0] & _PADDING_BIT:
        return len(packet)
    end = len(packet) - packet[-1]
    if packet[-1] == 0 or end < start:
        raise ValueError("impossible padding")
    return end


def extensions(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """Each header extension element as (id, value), of either form; stops at the first that does not fit."""
    if not packet[0] & _EXTENSION_BIT:
        return
    start = HEADER_BYTES + 4 * (packet[0] & 15)
    if start + 4 > len(packet):
        return
    profile, words = struct.unpack_from("!HH", packet, start)
    position, end = start + 4, min(start + 4 + 4 * words, len(packet))
    one_byte = profile == _ONE_BYTE_PROFILE
    if not one_byte and profile & 0xFFF0 != _TWO_BYTE_PROFILE:
        return
    while position < end:
        first = packet[position]
        if first == 0:  # padding between elements
            position += 1
            continue
        if one_byte:
            identifier, size, value = first >> 4, (first & 15) + 1, position + 1
        elif position + 1 < end:
            identifier, size, value = first, packet[position + 1], position + 2
        else:
            return
        if (one_byte and identifier == 15) or value + size > end:
            return
        yield identifier, packet[value : value + size]
        position = value + size


def extension(packet: bytes, identifier: int) -> bytes | None:
    """The value of one header extension element, or None."""
    for found, value in extensions(packet):
        if found == identifier:
            return value
    return None


def restore_from_rtx(packet: bytes, ssrc: int, payload_type: int) -> bytes | None:
    """The packet that was sent again as `packet`, or None for one of padding only (a bandwidth probe)."""
    start = payload_start(packet)
    end = payload_end(packet, start)
    if end - start < 2:
        return None
    first = packet[0] & ~_PADDING_BIT
    marker_and_type = packet[1] & 0x80 | payload_type
    header = struct.pack("!BB2s4sL", first, marker_and_type, packet[start : start + 2], packet[4:8], ssrc)
    return header + packet[HEADER_BYTES:start] + packet[start + 2 : end]


class Vp8Descriptor(NamedTuple):
    """What a switch of streams must know of a VP8 payload; offsets are -1 where the field is absent."""

    starts_key_frame: bool
    picture_id_at: int  # offset of a 15-bit PictureID; a 7-bit one is left as it is
    tl0picidx_at: int
    height: int = 0  # pixels of the shorter side, where a key frame starts (RFC 6386 9.1)


_NO_VP8 = Vp8Descriptor(False, -1, -1)
_VP8_START_CODE = b"\x9d\x01\x2a"


def vp8_descriptor(payload: bytes) -> Vp8Descriptor:
    """Read the descriptor (RFC 7741 4.2); a payload that ends inside it is no start of a key frame."""
    if len(payload) < 2:
        return _NO_VP8
    first, at, picture_id_at, tl0picidx_at = payload[0], 1, -1, -1
    if first & 0x80:  # X: more octets follow
        fields, at = payload[1], 2
        if fields & 0x80:  # I: PictureID
            wide = at < len(payload) and payload[at] & 0x80
            picture_id_at = at if wide else -1
            at += 2 if wide else 1
        if fields & 0x40:  # L: TL0PICIDX
            tl0picidx_at = at
            at += 1
        if fields & 0x30:  # T or K: TID, KEYIDX
            at += 1
    if at >= len(payload):
        return _NO_VP8
    starts_key_frame = bool(first & 0x10) and not first & 7 and not payload[at] & 1  # S, partition 0, P of the frame
    height = _vp8_height(payload, at) if starts_key_frame else 0
    return Vp8Descriptor(starts_key_frame, picture_id_at, tl0picidx_at, height)


def _vp8_height(payload: bytes, at: int) -> int:
    """The shorter side of a key frame that starts at `at`; 0 if its header is not whole."""
    if payload[at + 3 : at + 6] != _VP8_START_CODE or len(payload) < at + 10:
        return 0
    width, height = (int.from_bytes(payload[start : start + 2], "little") & 0x3FFF for start in (at + 6, at + 8))
    return min(width, height)


def with_vp8_offsets(payload: bytes, descriptor: Vp8Descriptor, picture_id: int, tl0picidx: int) -> bytes:
    """The payload with these amounts added to its PictureID and TL0PICIDX, where it has them."""
    changed = bytearray(payload)
    at = descriptor.picture_id_at
    if at >= 0:
        wide = (int.from_bytes(payload[at : at + 2]) + picture_id) & 0x7FFF
        changed[at : at + 2] = (0x8000 | wide).to_bytes(2)
    if descriptor.tl0picidx_at >= 0:
        changed[descriptor.tl0picidx_at] = (payload[descriptor.tl0picidx_at] + tl0picidx) & 0xFF
    return bytes(changed)
