"""What `./run bench web_kills` takes for a packet that was not handed on."""

import socket
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.packetise import RtpStream
from tests.bench.wire import Handed, Passage, Stream, rtp_of

PORT, PAGE = 10_000, 50_000
IPV4, IPV6 = 0x0800, 0x86DD


def packet(
    ethertype: int, rtp: bytes, source: int = PORT, target: int = PAGE, protocol: int = socket.IPPROTO_UDP
) -> bytes:
    udp = source.to_bytes(2) + target.to_bytes(2) + (8 + len(rtp)).to_bytes(2) + bytes(2)
    if ethertype == IPV4:
        return b"\x45" + bytes(8) + bytes([protocol]) + bytes(10) + udp + rtp
    return b"\x60" + bytes(5) + bytes([protocol]) + bytes(33) + udp + rtp


def passage(*sequences: int) -> Passage:
    passed = Passage()
    for at, sequence in enumerate(sequences):
        passed.add(at * 0.02, sequence)
    return passed


@pytest.mark.parametrize("ethertype", [IPV4, IPV6])
def test_a_packet_is_known_by_its_way_its_peer_its_stream_and_its_number(ethertype: int) -> None:
    rtp = RtpStream(0x1234, 111).opus(b"voice", 0)
    sequence = int.from_bytes(rtp[2:4])
    assert rtp_of(packet(ethertype, rtp), ethertype, PORT) == (Stream(True, PAGE, 0x1234), sequence)
    assert rtp_of(packet(ethertype, rtp, PAGE, PORT), ethertype, PORT) == (Stream(False, PAGE, 0x1234), sequence)


@pytest.mark.parametrize(
    "frame",
    [
        packet(IPV4, bytes([0x80, 200]) + bytes(26)),  # RTCP
        packet(IPV4, bytes([0x00, 0x01]) + bytes(18)),  # STUN
        packet(IPV4, bytes([0x80, 111]) + bytes(10), PAGE, PAGE + 1),
        packet(IPV4, bytes([0x80, 111]) + bytes(10), protocol=socket.IPPROTO_TCP),
        packet(IPV4, bytes([0x80, 111]) + bytes(9)),
    ],
)
def test_what_is_not_rtp_of_the_port_is_left_out(frame: bytes) -> None:
    assert rtp_of(frame, IPV4, PORT) is None


@given(st.integers(0, 65_535), st.sets(st.integers(1, 198)), st.randoms(use_true_random=False))
def test_numbers_left_out_are_counted_over_the_wrap_and_in_any_order(
    first: int, left_out: set[int], chance: Random
) -> None:
    numbers = [number for number in range(200) if number not in left_out]
    chance.shuffle(numbers)
    assert passage(*((first + number) % 65_536 for number in numbers)).missing == len(left_out)


def test_the_longest_time_is_told_of_steady_streams_only() -> None:
    steady = passage(*range(100))
    sparse = passage(1, 9)
    paused = passage(*range(100))
    paused.at_s = [at_s + (0.3 if at_s > 1 else 0) for at_s in paused.at_s]
    passages = {Stream(True, 1, 1): steady, Stream(True, 1, 2): sparse, Stream(False, 2, 3): paused}
    handed = Handed.of(passages, 2.0)
    assert (handed.streams, handed.packets, handed.missing) == (1, 100, 0)
    assert handed.sent_ms == pytest.approx(20)
    assert handed.got_ms == pytest.approx(320)
