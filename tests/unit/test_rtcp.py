"""RTCP, against another implementation's reading of it."""

import struct
from typing import Any

import pytest
from aiortc import rtp as other
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.media.sfu import rtcp

SSRCS = st.integers(0, 0xFFFFFFFF)
BLOCK = rtcp.ReportBlock(5, 64, -3, 70_000, 12, 0xABCD1234, 65_536)


def read_by_other(packet: bytes) -> Any:
    (read,) = other.RtcpPacket.parse(packet)
    return read


def test_a_receiver_report_says_what_another_reader_reads() -> None:
    read = read_by_other(rtcp.receiver_report(1, [BLOCK]))
    block = read.reports[0]
    assert (read.ssrc, block.ssrc, block.fraction_lost, block.packets_lost) == (1, 5, 64, -3)
    assert (block.highest_sequence, block.jitter, block.lsr, block.dlsr) == (70_000, 12, 0xABCD1234, 65_536)


def test_a_sender_report_says_what_another_reader_reads() -> None:
    read = read_by_other(rtcp.sender_report(rtcp.SenderReport(1, 2**63, 90_000, 7, 2**32 + 5)))
    info = read.sender_info
    assert (info.ntp_timestamp, info.rtp_timestamp, info.packet_count, info.octet_count) == (2**63, 90_000, 7, 5)


def test_a_source_description_names_the_sender() -> None:
    read = read_by_other(rtcp.source_description(7, "anna"))
    assert (read.chunks[0].ssrc, read.chunks[0].items) == (7, [(1, b"anna")])


@settings(deadline=None)
@given(SSRCS, st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=40, unique=True))
def test_a_nack_asks_for_exactly_the_packets_named(ssrc: int, sequences: list[int]) -> None:
    packet = rtcp.nack(1, ssrc, sorted(sequences))
    assert sorted(set(read_by_other(packet).lost)) == sorted(sequences)
    (message,) = rtcp.parse(packet)
    assert isinstance(message, rtcp.Nack)
    assert (message.ssrc, sorted(message.sequences)) == (ssrc, sorted(sequences))


def test_a_nack_over_the_end_of_the_numbers_is_one_entry() -> None:
    packet = rtcp.nack(1, 2, [0xFFFE, 0xFFFF, 0, 1])
    assert len(packet) == 16
    assert list(rtcp.parse(packet)) == [rtcp.Nack(2, (0xFFFE, 0xFFFF, 0, 1))]


@settings(deadline=None)
@given(st.integers(0, 2**40), st.lists(SSRCS, max_size=5))
def test_a_bandwidth_is_told_to_the_precision_of_its_format(bitrate_bps: int, ssrcs: list[int]) -> None:
    packet = rtcp.bandwidth(1, bitrate_bps, ssrcs)
    told_bps, told_ssrcs = other.unpack_remb_fci(read_by_other(packet).fci)
    assert told_ssrcs == ssrcs
    assert bitrate_bps * (1 - 2**-17) <= told_bps <= bitrate_bps
    assert list(rtcp.parse(packet)) == [rtcp.Bandwidth(told_bps, tuple(ssrcs))]


def test_both_ways_of_asking_for_a_key_frame_are_understood() -> None:
    full_intra_request = struct.pack("!BBHLLLB3x", 0x84, 206, 4, 1, 0, 3, 9)
    asked = rtcp.picture_loss(1, 2) + full_intra_request
    assert list(rtcp.parse(asked)) == [rtcp.KeyFrameRequest(2), rtcp.KeyFrameRequest(3)]


def test_a_compound_is_read_in_order_and_the_unknown_is_skipped() -> None:
    report = rtcp.SenderReport(1, 2, 3, 4, 5)
    unknown = bytes([0x80, 207, 0, 1]) + bytes(4)
    compound = rtcp.sender_report(report) + rtcp.source_description(1, "x") + unknown + rtcp.receiver_report(1, [BLOCK])
    assert list(rtcp.parse(compound)) == [report, rtcp.ReceiverReport(()), rtcp.ReceiverReport((BLOCK,))]


@settings(deadline=None)
@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(compound: bytes) -> None:
    try:
        list(rtcp.parse(compound))
    except ValueError:
        return


@settings(deadline=None)
@given(st.sampled_from([200, 201, 205, 206]), st.integers(0, 31), st.binary(max_size=80))
def test_any_body_of_a_known_kind_is_read_or_refused(kind: int, count: int, body: bytes) -> None:
    body += bytes(-len(body) % 4)
    try:
        list(rtcp.parse(bytes([0x80 | count, kind]) + (len(body) // 4).to_bytes(2) + body))
    except ValueError:
        return


def test_more_streams_than_a_report_can_hold_are_left_out() -> None:
    (message,) = rtcp.parse(rtcp.receiver_report(1, [BLOCK] * 40))
    assert isinstance(message, rtcp.ReceiverReport)
    assert len(message.blocks) == 31


@settings(deadline=None)
@given(st.integers(0, 4 * 10**18))
def test_wall_time_up_to_2096_survives_the_form_of_ntp(unix_ns: int) -> None:
    assert abs(rtcp.ns_from_ntp(rtcp.ntp_from_ns(unix_ns)) - unix_ns) <= 1


def test_a_packet_beyond_its_datagram_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond"):
        list(rtcp.parse(rtcp.picture_loss(1, 2)[:-4]))
