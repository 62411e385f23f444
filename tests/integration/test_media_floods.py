"""A seat with keys that floods or sends nonsense in its SRTP: only it suffers, it is counted, recordings are whole."""

import asyncio
import contextlib
import itertools
import random
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pylibsrtp import Error as SrtpError

from recordings.packetise import RtpStream
from recordings.spool import Kind
from recordings.synthetic import picture
from signaling.media.port import CallId, SeatId, Source, Track, TrackId, track_id
from signaling.media.sfu import rtcp
from signaling.media.sfu.ceiling import (
    BURST_S,
    CHECKS_PER_S,
    NACKED_PER_S,
    RTCP_PACKETS_PER_S,
    UNKNOWN_PACKETS_PER_S,
    VIDEO_BPS,
    track_rate,
)
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.rtp import payload_start
from signaling.media.sfu.settings import MediaNetwork, MediaPolicy, SfuSettings
from tests.bots import Bot, Ear, EngineDoor
from tests.recording_node import a_node
from tests.waiting import until

CALL = CallId("call1")
ANNA, BERTA, CARLA, DORA = (SeatId(name) for name in ("anna", "berta", "carla", "dora"))
FRAMES = picture(1, 640, 360, 15, seed=1)
AUDIO = track_rate("audio", MediaPolicy().microphone)
NACKED = 60 * 17  # numbers in a full NACK that are still remembered
BATCH = 40  # packets between which everybody else has a turn
RANDOM = random.Random(2)


class Tape:
    """A tap that counts the bytes of each track."""

    def __init__(self) -> None:
        self.sizes: dict[TrackId, list[int]] = {}

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.sizes.setdefault(track.id, []).append(len(packet))

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """Not of interest."""


class TwoPairs:
    """Anna is heard by Berta, Carla by Dora; Anna is the one who misbehaves."""

    def __init__(self) -> None:
        self.engine = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
        self.ear = Ear()
        self.tape = Tape()
        self.engine.listen(CALL, self.ear)
        self.engine.attach(CALL, self.tape)
        self.bots: dict[SeatId, Bot] = {}

    async def begin(self) -> None:
        for seat in (ANNA, BERTA, CARLA, DORA):
            await self.engine.admit(CALL, seat)
            self.bots[seat] = self.ear.bots[seat] = Bot(EngineDoor(self.engine, CALL, seat))
        for speaker, listener in ((ANNA, BERTA), (CARLA, DORA)):
            await self.bots[speaker].publish(Source.MIC, Source.CAMERA)
            await self.bots[listener].want(track_id(speaker, Source.MIC), track_id(speaker, Source.CAMERA))
            await self.is_heard(speaker, listener)
        self.began_s = asyncio.get_running_loop().time()

    async def is_heard(self, speaker: SeatId, listener: SeatId) -> None:
        track, bot = track_id(speaker, Source.MIC), self.bots[listener]
        goal = bot.heard[track] + 5

        def heard() -> bool:
            self.bots[speaker].say()
            return bot.heard[track] >= goal

        await until(heard)

    async def is_seen(self, speaker: SeatId, listener: SeatId) -> None:
        track, bot = track_id(speaker, Source.CAMERA), self.bots[listener]
        before = bot.heard[track]

        def seen() -> bool:
            self.bots[speaker].show(FRAMES[0])
            return bot.heard[track] > before

        await until(seen)

    @property
    def passed_s(self) -> float:
        """Since everybody began to talk."""
        return asyncio.get_running_loop().time() - self.began_s

    async def close(self) -> None:
        for bot in self.bots.values():
            await bot.close()
        await self.engine.close()


@pytest.fixture
async def pairs() -> AsyncIterator[TwoPairs]:
    errors: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: errors.append(context))
    made = TwoPairs()
    await made.begin()
    yield made
    await made.close()
    assert errors == []


def gaps(sequences: list[int]) -> list[int]:
    """Sequence numbers that do not follow the one before."""
    return [later for earlier, later in itertools.pairwise(sequences) if (later - earlier) & 0xFFFF != 1]


async def say_whole(pairs: TwoPairs, packets: int) -> None:
    """Carla speaks so many packets while others do what they do; Dora hears each, in order, without a gap."""
    track, dora = track_id(CARLA, Source.MIC), pairs.bots[DORA]
    before = len(dora.received[track])
    for _ in range(packets):
        pairs.bots[CARLA].say()
        await asyncio.sleep(0.02)
    await until(lambda: len(dora.received[track]) >= before + packets)
    heard = [int.from_bytes(packet[2:4]) for packet in dora.received[track][before:]]
    assert gaps(heard) == []
    assert not pairs.ear.resets


async def flood(send: Callable[[int], object], packets: int) -> None:
    for number in range(packets):
        send(number)
        if number % BATCH == 0:
            await asyncio.sleep(0)


async def flood_with_sound(pairs: TwoPairs, packets: int) -> None:
    await flood(lambda _: pairs.bots[ANNA].say(), packets)


async def test_a_flood_of_sound_is_cut_at_its_ceiling_and_others_hear_no_gap(pairs: TwoPairs) -> None:
    """Control: `Ceiling.allows` in `UpConnection.on_rtp` (ASVS 17.2.5)."""
    flood = asyncio.create_task(flood_with_sound(pairs, 6_000))
    await say_whole(pairs, 50)
    await flood
    await until(lambda: pairs.engine.traffic.drops["rtp_over_ceiling"] > 1_000)
    most = AUDIO.packets_per_s * (BURST_S + pairs.passed_s)
    assert pairs.bots[BERTA].heard[track_id(ANNA, Source.MIC)] <= most + 10
    assert len(pairs.tape.sizes[track_id(ANNA, Source.MIC)]) <= most + 10


async def test_a_flood_of_large_pictures_is_cut_at_its_bitrate(pairs: TwoPairs) -> None:
    """Control: the bits of `Ceiling.allows`; the packets alone would pass."""
    frame = FRAMES[0] + bytes(20_000)

    async def show() -> None:
        for _ in range(120):
            pairs.bots[ANNA].show(frame)
            await asyncio.sleep(0.002)

    showing = asyncio.create_task(show())
    await say_whole(pairs, 25)
    await showing
    await until(lambda: pairs.engine.traffic.drops["rtp_over_ceiling"] > 100)
    bits = 8 * sum(pairs.tape.sizes[track_id(ANNA, Source.CAMERA)])
    assert bits <= VIDEO_BPS * (BURST_S + pairs.passed_s)


async def test_the_ceiling_of_one_track_leaves_the_others_of_the_seat_alone(pairs: TwoPairs) -> None:
    await flood_with_sound(pairs, 2_000)
    await until(lambda: pairs.engine.traffic.drops["rtp_over_ceiling"] > 0)
    await pairs.is_seen(ANNA, BERTA)


async def test_a_flood_of_reports_is_cut_and_others_hear_no_gap(pairs: TwoPairs) -> None:
    """Control: `RTCP_RATE` in `Peer`."""
    await pairs.is_seen(ANNA, BERTA)
    wanted = rtcp.picture_loss(1, pairs.bots[BERTA].ssrc_of(track_id(ANNA, Source.CAMERA))) * 100

    packets = int(RTCP_PACKETS_PER_S * (BURST_S + 4))
    asking = asyncio.create_task(flood(lambda _: pairs.bots[BERTA].down.send_rtcp(wanted), packets))
    await say_whole(pairs, 25)
    await asking
    await until(lambda: pairs.engine.traffic.drops["rtcp_over_ceiling"] > 0)


async def test_a_flood_of_requests_to_send_again_is_cut_and_others_hear_no_gap(pairs: TwoPairs) -> None:
    """Control: `NACKED_RATE` in `DownConnection._resend`; few reports, each of which names a thousand packets."""
    track, berta, drops = track_id(ANNA, Source.CAMERA), pairs.bots[BERTA], pairs.engine.traffic.drops
    await pairs.is_seen(ANNA, BERTA)

    def seen_a_thousand() -> bool:
        pairs.bots[ANNA].show(FRAMES[0])
        return berta.heard[track] > NACKED

    await until(seen_a_thousand)
    newest = int.from_bytes(berta.received[track][-1][2:4])
    missed = rtcp.nack(1, berta.ssrc_of(track), [(newest - at) & 0xFFFF for at in reversed(range(NACKED))])
    asked = 800
    asking = asyncio.create_task(flood(lambda _: berta.down.send_rtcp(missed), asked))
    await say_whole(pairs, 50)
    await asking
    await until(lambda: drops["nack_over_ceiling"] > asked / 2)
    taken = NACKED * (asked - drops["nack_over_ceiling"] - drops["rtcp_over_ceiling"])
    assert taken <= NACKED_PER_S * (BURST_S + pairs.passed_s)
    await pairs.is_seen(ANNA, BERTA)


async def test_a_fault_of_one_seat_stops_no_clock_of_the_others(
    pairs: TwoPairs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Control: `CallMedia._tick_seat`."""

    def fault(now_s: float) -> None:
        raise RuntimeError("of Anna's alone")

    seats = pairs.engine._calls[CALL].seats
    assert next(iter(seats)) == ANNA, "whose turn is first"
    monkeypatch.setattr(seats[ANNA], "tick", fault)
    reports = pairs.bots[CARLA].up.rtcp
    reports.clear()
    await until(lambda: [pairs.bots[CARLA].say(), any(packet[1] == 201 for packet in reports)][1], 5)
    (record, *_) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert (record.__dict__["call"], record.__dict__["seat"]) == (CALL, ANNA)


async def test_media_on_the_way_down_is_not_even_decrypted(pairs: TwoPairs) -> None:
    """Control: `Peer.takes_media`."""
    drops, stream = pairs.engine.traffic.drops, RtpStream(0x77, 96)
    sending = asyncio.create_task(flood(lambda n: pairs.bots[BERTA].down.send_rtp(stream.opus(b"\xf8", n)), 3_000))
    await say_whole(pairs, 50)
    await sending
    await until(lambda: drops["rtp_unasked"] > 1_000)
    assert drops["srtp_refused"] == 0
    forged = b"\x80\x60" + bytes(40)
    before = drops["rtp_unasked"]
    pairs.bots[BERTA].down.send(forged)
    await until(lambda: drops["rtp_unasked"] > before)
    assert drops["srtp_refused"] == 0, "what is not decrypted cannot be refused"
    await pairs.is_heard(ANNA, BERTA)


async def test_a_flood_of_signed_checks_is_answered_up_to_its_ceiling(pairs: TwoPairs) -> None:
    """Control: the ceilings in `IceAgent.on_check`."""
    anna, traffic = pairs.bots[ANNA].up, pairs.engine.traffic
    before = traffic.checks_answered
    asking = asyncio.create_task(flood(lambda _: anna.send(anna.check()), 2_000))
    await say_whole(pairs, 50)
    await asking
    await until(lambda: traffic.drops["stun_over_ceiling"] > 100)
    of_others = 8 * (1 + pairs.passed_s)
    assert traffic.checks_answered - before <= CHECKS_PER_S * (BURST_S + pairs.passed_s) + of_others
    await pairs.is_heard(ANNA, BERTA)


async def test_packets_of_streams_that_nobody_declared_are_looked_at_up_to_a_ceiling(pairs: TwoPairs) -> None:
    """Control: the ceiling in `UpConnection._learn`."""
    drops, anna = pairs.engine.traffic.drops, pairs.bots[ANNA].up
    streams = [RtpStream(0x100 + number, 100) for number in range(200)]  # a payload type of none of its tracks
    sending = asyncio.create_task(flood(lambda n: anna.send_rtp(streams[n % 200].opus(b"\xf8", n)), 6_000))
    await say_whole(pairs, 50)
    await sending
    await until(lambda: drops["rtp_unknown_over_ceiling"] > 500)
    assert drops["rtp_unknown_ssrc"] <= UNKNOWN_PACKETS_PER_S * (BURST_S + pairs.passed_s)
    await pairs.is_heard(ANNA, BERTA)


async def test_a_flood_of_what_is_sent_again_is_cut_with_its_track(pairs: TwoPairs) -> None:
    """Control: `Ceiling.allows` in `UpConnection.on_rtp`, which stands before what is sent again is told apart."""
    camera = pairs.bots[ANNA].sent[Source.CAMERA]
    again = RtpStream(camera.ssrc + 1, 97)
    sending = asyncio.create_task(flood(lambda n: pairs.bots[ANNA].up.send_rtp(again.opus(bytes(600), n)), 6_000))
    await say_whole(pairs, 50)
    await sending
    await until(lambda: pairs.engine.traffic.drops["rtp_over_ceiling"] > 500)
    await pairs.is_heard(ANNA, BERTA)


async def test_what_is_recorded_of_others_is_whole_under_a_flood(pairs: TwoPairs, tmp_path: Path) -> None:
    """Control: `Ceiling.allows`, which stands before the taps, and the recorder's bounded queue (ASVS 17.2.7)."""
    track = track_id(CARLA, Source.MIC)
    async with a_node(tmp_path) as node:
        recorder = node.record()
        recorder.write_only({track, track_id(ANNA, Source.MIC)})
        pairs.engine.attach(CALL, recorder)
        flood = asyncio.create_task(flood_with_sound(pairs, 6_000))
        await say_whole(pairs, 50)
        await flood
        await until(lambda: pairs.engine.traffic.drops["rtp_over_ceiling"] > 1_000)
        pairs.engine.detach(CALL, recorder)
        await recorder.close()
        written = [entry.data for entry in node.read(track) if entry.kind == Kind.RTP]
        numbers = [int.from_bytes(packet[2:4]) for packet in written]
        assert len(numbers) >= 50
        assert gaps(numbers) == []
        flooded = [entry for entry in node.read(track_id(ANNA, Source.MIC)) if entry.kind == Kind.RTP]
        assert len(flooded) <= AUDIO.packets_per_s * (BURST_S + pairs.passed_s) + 10


def mutated(packet: bytes) -> bytes:
    """A few bytes changed, cut off or doubled; never the SSRC, so that it reaches its track."""
    changed = bytearray(packet)
    for _ in range(RANDOM.randrange(1, 4)):
        at = RANDOM.choice([0, 1, RANDOM.randrange(12, len(changed)), RANDOM.randrange(12, len(changed))])
        changed[at] = RANDOM.randrange(256)
    changed[0] = changed[0] & 0x3F | 0x80  # else libsrtp would not send it
    end = RANDOM.randrange(12, len(changed) + 1) if RANDOM.random() < 0.3 else len(changed)
    return bytes(changed[:end])


def with_extension(packet: bytes) -> bytes:
    block = struct.pack("!HH", RANDOM.choice((0xBEDE, 0x1000)), 2) + RANDOM.randbytes(8)
    start = payload_start(packet)
    return bytes([packet[0] | 0x10]) + packet[1:start] + block + packet[start:]


async def test_mutations_of_what_browsers_send_inside_srtp_hurt_only_their_sender(pairs: TwoPairs) -> None:
    """Control: ValueError as the one error of `rtp.py` and `rtcp.py`, caught where packets come in (ASVS 17.2.4)."""
    anna = pairs.bots[ANNA]
    camera, mic = anna.sent[Source.CAMERA], anna.sent[Source.MIC]
    speech = mic.stream.opus(b"\xf8\xff\xfe" * 5, mic.rtp_time)
    shown = camera.stream.vp8(FRAMES[0], camera.rtp_time)[0]
    again = struct.pack("!BBHLL", 0x80, 97, 1, camera.rtp_time, camera.ssrc + 1) + shown[2:4] + shown[12:]
    block = rtcp.ReportBlock(camera.ssrc, 1, 1, 1, 1, 1, 1)
    reports = [
        rtcp.sender_report(rtcp.SenderReport(camera.ssrc, 1 << 40, 1, 1, 1)) + rtcp.source_description(1, "bot"),
        rtcp.receiver_report(1, [block] * 3),
        rtcp.nack(1, camera.ssrc, range(0, 400, 3)),
        rtcp.picture_loss(1, camera.ssrc) + rtcp.bandwidth(1, 500_000, [camera.ssrc]),
        struct.pack("!BBHLLHHLH", 0x8F, 205, 5, 1, camera.ssrc, 1, 2, 1, 0x2002) + b"\x04\x04",
    ]
    check = anna.up.check()

    def once(number: int) -> None:
        whole = RANDOM.choice((speech, shown, again, with_extension(speech), with_extension(shown)))
        for place, nonsense in enumerate((mutated(whole), mutated(whole[:12] + check))):
            with contextlib.suppress(SrtpError):  # some nonsense libsrtp refuses to send, too
                anna.up.send_rtp(nonsense[:2] + struct.pack("!H", 2 * number + place) + nonsense[4:])
        for transport in (anna.up, pairs.bots[BERTA].down):
            with contextlib.suppress(SrtpError):
                transport.send_rtcp(mutated(RANDOM.choice(reports)))

    async def misbehave() -> None:
        for number in range(2_000):
            once(number)
            if number % BATCH == 0:
                await asyncio.sleep(0.02)

    nonsense = asyncio.create_task(misbehave())
    await say_whole(pairs, 50)
    await nonsense
    await until(lambda: pairs.engine.traffic.drops["rtcp_malformed"] > 200)
    assert pairs.engine.traffic.drops["rtp_malformed"] > 0
    assert not pairs.ear.resets
