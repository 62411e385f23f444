"""Compound RTCP inside SRTP: refused, or few messages, and what we can write reads the same again."""

import struct

from signaling.media.sfu import rtcp
from tests.fuzz.inputs import bounded_time

BLOCK = rtcp.ReportBlock(7, 3, -2, 70_000, 5, 6, 8)
LARGEST_NACK = 17 * rtcp.MAX_NACK_ENTRIES


def seeds() -> list[bytes]:
    """Every kind that is read, and one that is passed over."""
    report = rtcp.SenderReport(7, 1 << 40, 2, 3, 4)
    return [
        rtcp.sender_report(report) + rtcp.source_description(7, "name"),
        rtcp.receiver_report(1, [BLOCK, BLOCK]),
        rtcp.nack(1, 7, [1, 2, 3, 40, 65_535, 0]),
        rtcp.picture_loss(1, 7) + struct.pack("!BBHLLLL", 0x84, 206, 4, 1, 0, 7, 0x05000000),
        rtcp.bandwidth(1, 1_234_567, [7, 9]),
        struct.pack("!BBHLLHHLHBB", 0x8F, 205, 5, 1, 7, 100, 2, 0x000001_03, 0x2002, 4, 8),
    ]


def check(data: bytes) -> None:
    """Raise AssertionError if a promise is broken."""
    messages: list[rtcp.Message] = []
    with bounded_time():
        try:
            messages.extend(rtcp.parse(data))
        except ValueError:
            return
    assert len(messages) <= len(data)
    for message in messages:
        if isinstance(message, rtcp.Nack):
            assert len(message.sequences) <= LARGEST_NACK
        assert same(message, list(rtcp.parse(write(message))))


def write(message: rtcp.Message) -> bytes:
    """The message by our own hand."""
    match message:
        case rtcp.SenderReport():
            return rtcp.sender_report(message)
        case rtcp.ReceiverReport():
            return rtcp.receiver_report(1, message.blocks)
        case rtcp.Nack():
            return rtcp.nack(1, message.ssrc, message.sequences[: rtcp.MAX_NACK_ENTRIES])
        case rtcp.KeyFrameRequest():
            return rtcp.picture_loss(1, message.ssrc)
        case rtcp.Bandwidth():
            return rtcp.bandwidth(1, message.bitrate_bps, message.ssrcs)


def same(message: rtcp.Message, again: list[rtcp.Message]) -> bool:
    """Whether it was read as it was, a NACK in any order."""
    if isinstance(message, rtcp.Nack):
        (other,) = again
        asked = set(message.sequences[: rtcp.MAX_NACK_ENTRIES])
        return isinstance(other, rtcp.Nack) and other.ssrc == message.ssrc and set(other.sequences) == asked
    return again[0] == message
