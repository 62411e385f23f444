"""RTCP packets, built and read: SR, RR, SDES, NACK, PLI, FIR, REMB.

RFC 3550 6 (reports), RFC 4585 6 (feedback), RFC 5104 4.3.1 (FIR), draft-alvestrand-rmcat-remb-03. No state, no clock.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SR, RR, SDES, RTPFB, PSFB = 200, 201, 202, 205, 206
NACK_FMT, PLI_FMT, FIR_FMT, ALFB_FMT = 1, 1, 4, 15
MAX_REPORT_BLOCKS = 31
MAX_NACK_ENTRIES = 64  # read of one NACK; the rest of a longer one would only cost time
NTP_EPOCH_S = 2_208_988_800  # 1900 to 1970

_SR_WORDS, _BLOCK_BYTES = 6, 24


class ReportBlock(NamedTuple):
    """What a receiver says of one stream it receives (RFC 3550 6.4.1)."""

    ssrc: int
    fraction_lost: int  # of 256, since the last report
    packets_lost: int  # since the beginning
    highest_sequence: int  # 32 bits, with cycles
    jitter: int  # in RTP clock ticks
    last_sr: int  # middle 32 bits of the NTP time of the last sender report
    delay_since_last_sr: int  # in 1/65,536 s


@dataclass(frozen=True, slots=True)
class SenderReport:
    """`ntp_time` (64 bits) and `rtp_time` are the same moment by the sender's clock."""

    ssrc: int
    ntp_time: int
    rtp_time: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """The blocks of a receiver report or of a sender report."""

    blocks: tuple[ReportBlock, ...]


@dataclass(frozen=True, slots=True)
class Nack:
    """These packets of the stream did not arrive."""

    ssrc: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyFrameRequest:
    """PLI or FIR: the receiver cannot decode the stream without a new key frame."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """REMB: the receiver believes that so much can reach it."""

    bitrate_bps: int
    ssrcs: tuple[int, ...]


Message = SenderReport | ReceiverReport | Nack | KeyFrameRequest | Bandwidth


def parse(compound: bytes) -> Iterator[Message]:
    """What a compound packet says; kinds we do not know are skipped. Raises ValueError at the first malformed one."""
    position = 0
    while position < len(compound):
        if position + 4 > len(compound) or compound[position] >> 6 != 2:
            raise ValueError("not an RTCP packet")
        count, kind = compound[position] & 31, compound[position + 1]
        end = position + 4 + 4 * int.from_bytes(compound[position + 2 : position + 4])
        if end > len(compound):
            raise ValueError("RTCP packet beyond the datagram")
        try:
            yield from _read(kind, count, compound[position + 4 : end])
        except (struct.error, IndexError) as error:
            raise ValueError("RTCP packet too short") from error
        position = end


def _read(kind: int, count: int, body: bytes) -> Iterator[Message]:
    if kind == SR:
        ssrc, ntp_time, rtp_time, packets, octets = struct.unpack_from("!LQLLL", body)
        yield SenderReport(ssrc, ntp_time, rtp_time, packets, octets)
        yield ReceiverReport(tuple(_blocks(body, 4 * _SR_WORDS, count)))
    elif kind == RR:
        yield ReceiverReport(tuple(_blocks(body, 4, count)))
    elif kind == RTPFB and count == NACK_FMT:
        yield Nack(struct.unpack_from("!L", body, 4)[0], tuple(_nacked(body)))
    elif kind == PSFB and count == PLI_FMT:
        yield KeyFrameRequest(struct.unpack_from("!L", body, 4)[0])
    elif kind == PSFB and count == FIR_FMT:  # names its streams in the body, not in the header
        yield from (KeyFrameRequest(struct.unpack_from("!L", body, at)[0]) for at in range(8, len(body), 8))
    elif kind == PSFB and count == ALFB_FMT and body[8:12] == b"REMB":
        yield _read_remb(body)


def _blocks(body: bytes, at: int, count: int) -> Iterator[ReportBlock]:
    for start in range(at, at + count * _BLOCK_BYTES, _BLOCK_BYTES):
        ssrc, loss, highest, jitter, last_sr, delay = struct.unpack_from("!LLLLLL", body, start)
        lost = loss & 0xFFFFFF
        yield ReportBlock(ssrc, loss >> 24, lost - (lost >> 23 << 24), highest, jitter, last_sr, delay)


def _nacked(body: bytes) -> Iterator[int]:
    for at in range(8, min(len(body), 8 + 4 * MAX_NACK_ENTRIES), 4):
        first, following = struct.unpack_from("!HH", body, at)
        yield first
        yield from ((first + 1 + bit) & 0xFFFF for bit in range(16) if following >> bit & 1)


def _read_remb(body: bytes) -> Bandwidth:
    count, exponent_and_mantissa = body[12], int.from_bytes(body[13:16])
    mantissa, exponent = exponent_and_mantissa & 0x3FFFF, exponent_and_mantissa >> 18
    return Bandwidth(mantissa << exponent, struct.unpack_from(f"!{count}L", body, 16))


def sender_report(report: SenderReport) -> bytes:
    """An SR without report blocks."""
    fields = (report.ssrc, report.ntp_time, report.rtp_time, report.packets & 0xFFFFFFFF, report.octets & 0xFFFFFFFF)
    return struct.pack("!BBHLQLLL", 0x80, SR, _SR_WORDS, *fields)


def receiver_report(ssrc: int, blocks: Sequence[ReportBlock]) -> bytes:
    """An RR of up to 31 blocks; more are left out."""
    blocks = blocks[:MAX_REPORT_BLOCKS]
    packed = b"".join(_pack_block(block) for block in blocks)
    return struct.pack("!BBHL", 0x80 | len(blocks), RR, 1 + 6 * len(blocks), ssrc) + packed


def _pack_block(block: ReportBlock) -> bytes:
    loss = block.fraction_lost << 24 | block.packets_lost & 0xFFFFFF
    tail = (block.highest_sequence, block.jitter & 0xFFFFFFFF, block.last_sr, block.delay_since_last_sr & 0xFFFFFFFF)
    return struct.pack("!LLLLLL", block.ssrc, loss, *tail)


def source_description(ssrc: int, cname: str) -> bytes:
    """An SDES with the CNAME, which every compound packet must carry (RFC 3550 6.1)."""
    chunk = struct.pack("!LBB", ssrc, 1, len(cname)) + cname.encode("ascii") + b"\0"
    chunk += bytes(-len(chunk) % 4)
    return struct.pack("!BBH", 0x81, SDES, len(chunk) // 4) + chunk


def nack(sender_ssrc: int, ssrc: int, sequences: Iterable[int]) -> bytes:
    """A NACK for these sequence numbers, packed as closely as their order allows."""
    pairs: list[list[int]] = []
    for sequence in sequences:
        behind = (sequence - pairs[-1][0] - 1) & 0xFFFF if pairs else 0xFFFF
        if behind < 16:
            pairs[-1][1] |= 1 << behind
        else:
            pairs.append([sequence, 0])
    packed = b"".join(struct.pack("!HH", *pair) for pair in pairs)
    return struct.pack("!BBHLL", 0x80 | NACK_FMT, RTPFB, 2 + len(pairs), sender_ssrc, ssrc) + packed


def picture_loss(sender_ssrc: int, ssrc: int) -> bytes:
    """A PLI."""
    return struct.pack("!BBHLL", 0x80 | PLI_FMT, PSFB, 2, sender_ssrc, ssrc)


def bandwidth(sender_ssrc: int, bitrate_bps: int, ssrcs: Sequence[int]) -> bytes:
    """A REMB; the bitrate is for all streams of the peer connection together."""
    exponent = max(0, bitrate_bps.bit_length() - 18)
    packed = struct.pack("!B3s", len(ssrcs), (exponent << 18 | bitrate_bps >> exponent).to_bytes(3))
    packed += struct.pack(f"!{len(ssrcs)}L", *ssrcs)
    return struct.pack("!BBHLL4s", 0x80 | ALFB_FMT, PSFB, 4 + len(ssrcs), sender_ssrc, 0, b"REMB") + packed


def ntp_from_ns(unix_ns: int) -> int:
    """64-bit NTP time of nanoseconds since 1970."""
    seconds, rest_ns = divmod(unix_ns, 1_000_000_000)
    return ((seconds + NTP_EPOCH_S) & 0xFFFFFFFF) << 32 | (rest_ns << 32) // 1_000_000_000


def ns_from_ntp(ntp_time: int) -> int:
    """Nanoseconds since 1970 of a 64-bit NTP time, which begins anew in 2036 (RFC 4330 section 3)."""
    seconds = ntp_time >> 32
    era_s = 0 if seconds >> 31 else 1 << 32
    return (seconds + era_s - NTP_EPOCH_S) * 1_000_000_000 + ((ntp_time & 0xFFFFFFFF) * 1_000_000_000 >> 32)
