"""What `./run bench media` takes for a packet as it was sent, and what it does about any other."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from pylibsrtp import Error as SrtpError

from recordings.packetise import RtpStream
from tests.bench import media
from tests.bench.media_load import SAMPLE, Arrivals, Load, Shape
from tests.bench.media_packets import Incoming, Outgoing
from tests.bench.media_side import Figures, Running

LEFT_NS = 1_760_000_000_000_000_000
VOICE, CAMERA, STRANGER = 0x1000, 0x2000, 0x3000


def outgoing(ssrc: int, *, is_picture: bool) -> Outgoing:
    return Outgoing(RtpStream(ssrc, 96), is_picture, 1090 if is_picture else 100, 2 if is_picture else 1, 3600, 3)


def incoming(*streams: Outgoing) -> Incoming:
    return Incoming(streams[0].is_picture, {stream.stream.ssrc: stream for stream in streams})


@pytest.mark.parametrize("is_picture", [False, True])
def test_packets_as_they_were_sent_tell_when_they_left(is_picture: bool) -> None:
    stream = outgoing(CAMERA, is_picture=is_picture)
    sent = [packet for number in range(300) for packet in stream.packets(LEFT_NS + number)]
    assert {len(packet) for packet in sent} == {12 + stream.packet_bytes}
    at = incoming(stream)
    left_ns = [at.left_ns(packet) for packet in sent]
    assert left_ns == [LEFT_NS + number for number in range(300) for _ in range(stream.packets_per_frame)]


def test_what_engines_write_anew_is_no_damage() -> None:
    stream = outgoing(CAMERA, is_picture=True)
    packet = stream.packets(LEFT_NS)[0]
    extended = bytes([packet[0] | 0x10]) + packet[1:12] + b"\xbe\xde\0\1\x10\0\0\0"
    descriptor = b"\x90\xe0\x81\x23\x07\x00"  # another picture id, TL0PICIDX and TID
    assert incoming(stream).left_ns(extended + descriptor + packet[16:]) == LEFT_NS


@pytest.mark.parametrize("is_picture", [False, True])
@pytest.mark.parametrize(
    "harm",
    [
        lambda packet: packet[:-1],
        lambda packet: packet[:-40],
        lambda packet: packet[:20],
        lambda packet: packet[:12],
        lambda packet: packet + b"\0",
        lambda packet: packet[:-1] + bytes([packet[-1] ^ 1]),
        lambda packet: packet[:16] + bytes([packet[16] ^ 0x40]) + packet[17:],
        lambda packet: packet.replace(LEFT_NS.to_bytes(8), (LEFT_NS + 1).to_bytes(8)),
        lambda _: b"",
    ],
)
def test_a_payload_that_is_cut_off_or_changed_anywhere_is_damaged(
    harm: Callable[[bytes], bytes], is_picture: bool
) -> None:
    stream = outgoing(CAMERA, is_picture=is_picture)
    assert incoming(stream).left_ns(harm(stream.packets(LEFT_NS)[0])) is None


def test_a_packet_in_the_stream_of_another_is_damaged() -> None:
    ours, stranger = outgoing(CAMERA, is_picture=True), outgoing(STRANGER, is_picture=True)
    assert incoming(ours).left_ns(stranger.packets(LEFT_NS)[0]) is None
    assert incoming(ours, stranger).left_ns(stranger.packets(LEFT_NS)[0]) == LEFT_NS, "a layer of the same camera"
    assert incoming(ours).left_ns(outgoing(VOICE, is_picture=False).packets(LEFT_NS)[0]) is None


class Session:
    """What it is given is plain already, or cannot be unprotected."""

    broken = False

    def unprotect(self, packet: bytes) -> bytes:
        if self.broken:
            raise SrtpError(1)
        return packet


def test_arrivals_count_what_is_damaged_of_each_stream_and_never_forget_that_there_was_any() -> None:
    arrivals, session, stream = Arrivals(), Session(), outgoing(VOICE, is_picture=False)
    arrivals.expect(session, VOICE, incoming(stream))
    for broken in (False, True):
        session.broken = broken
        for _ in range(SAMPLE):
            arrivals.count(memoryview(stream.packets(LEFT_NS)[0]), LEFT_NS + 2_000_000, session)
    assert arrivals.packets == {False: 2 * SAMPLE}
    assert (arrivals.delays_ms, arrivals.damaged) == ([2.0], 1)
    arrivals.begin()
    assert (arrivals.damaged, arrivals.all_damaged) == (0, 1)


async def test_an_engine_that_damages_packets_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    async def figures() -> Figures:
        return Figures(0.0, 0.0, 0, None)

    @asynccontextmanager
    async def no_engine(*_: object) -> AsyncIterator[Running]:
        yield Running(SimpleNamespace(figures=figures, name="ours"), Path())  # type: ignore[arg-type]

    async def no_time(*_: object) -> None:
        pass

    monkeypatch.setattr(media, "side", no_engine)
    monkeypatch.setattr(media, "address", lambda: "")
    monkeypatch.setattr(Load, "stretch", no_time)
    with pytest.raises(SystemExit, match="3 packets came damaged or in a wrong stream from ours"):
        async with media.filled("ours", Shape("nobody", 0, 0), 0) as (_, load, _took):
            load.arrivals.all_damaged = 3


def test_a_seat_has_both_connections_and_who_only_sends_or_watches_has_one() -> None:
    assert [shape.unit for shape, _ in media.COSTS] == ["a connection", "a connection", "a seat"]


def test_what_is_not_measured_is_not_printed_as_nothing() -> None:
    assert [media._in_ms(seconds).strip() for seconds in (None, 0.0, 0.0123)] == ["not measured", "0.0 ms", "12.3 ms"]
