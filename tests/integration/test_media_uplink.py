"""What a publisher is told and how its sound is passed on, over real connections with our own engine."""

import re
import socket
import time
from collections.abc import AsyncIterator, Callable

import pytest

from recordings.synthetic import picture
from signaling.media.port import CallId, SeatId, Source, Track, track_id
from signaling.media.sfu import rtcp
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.red import unpack
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from signaling.media.sfu.twcc import TRANSPORT_CC_URI
from signaling.media.sfu.udp import UdpPort
from tests import transport_feedback
from tests.bots import OPUS, Bot, Ear, EngineDoor, Sent
from tests.red_sound import RED, RedSound, offering_red
from tests.waiting import until

CALL, ANNA, BERTA, CARLA = CallId("call1"), SeatId("anna"), SeatId("berta"), SeatId("carla")
MIC = track_id(ANNA, Source.MIC)
EXTENSION = 5
FRAMES = picture(1, 320, 180, 15, seed=1)


class Publisher(Bot):
    """Offers feedback for the whole connection, and RED, as Chromium does."""

    offers_transport_cc = True
    number = 65_530  # of the next packet on the connection

    def _section(self, sent: Sent, direction: str) -> str:
        text = super()._section(sent, direction)
        if self.offers_transport_cc:
            text += f"a=extmap:{EXTENSION} {TRANSPORT_CC_URI}\r\na=rtcp-fb:* transport-cc\r\n"
        return offering_red(text)

    def send(self, packet: bytes, lose: bool = False) -> None:
        """A packet with a bare header, numbered."""
        number = self.number.to_bytes(2)
        self.number = (self.number + 1) & 0xFFFF
        extension = b"\xbe\xde\0\1" + bytes([EXTENSION << 4 | 1]) + number + b"\0"
        if not lose:
            self.up.send_rtp(bytes([packet[0] | 0x10]) + packet[1:12] + extension + packet[12:])

    def told(self) -> list[transport_feedback.Feedback]:
        return [transport_feedback.read(p) for p in self.up.rtcp if transport_feedback.is_feedback(p)]

    def said(self) -> list[rtcp.Message]:
        return [message for packet in self.up.rtcp for message in rtcp.parse(packet)]


class WithoutRed(Bot):
    """Answers as Firefox does."""

    def answer(self, offer: str) -> str:
        return re.sub(
            rf"a=rtpmap:{RED} .*\r\n", "", super().answer(offer).replace(f" {RED} {OPUS}\r\n", f" {OPUS}\r\n")
        )


class Stage:
    """One engine, one call, and Anna who publishes in it."""

    def __init__(self) -> None:
        self.engine = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
        self.ear = Ear()
        self.recorded: list[bytes] = []
        self.engine.listen(CALL, self.ear)
        self.engine.attach(CALL, self)
        self.anna = Publisher(EngineDoor(self.engine, CALL, ANNA))

    async def begin(self, *sources: Source) -> str:
        await self.engine.admit(CALL, ANNA)
        return await self.anna.publish(*sources)

    async def listen(self, seat: SeatId, kind: type[Bot] = Bot) -> Bot:
        """Another seat that hears Anna; she has spoken before."""
        await self.engine.admit(CALL, seat)
        bot = self.ear.bots[seat] = kind(EngineDoor(self.engine, CALL, seat))
        await bot.want(MIC)
        await until(bot.down.connected.is_set)
        return bot

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.recorded.append(packet)

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """None comes."""

    async def close(self) -> None:
        for bot in (self.anna, *self.ear.bots.values()):
            await bot.close()
        await self.engine.close()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    yield made
    await made.close()


async def meanwhile(act: Callable[[], object], until_true: Callable[[], object]) -> None:
    """Act again and again until something is so."""

    def step() -> object:
        act()
        return until_true()

    await until(step)


async def test_a_publisher_hears_what_of_all_its_m_lines_arrived(stage: Stage) -> None:
    answer = await stage.begin(Source.MIC, Source.CAMERA)
    assert answer.count(f"a=extmap:{EXTENSION} {TRANSPORT_CC_URI}\r\n") == 2
    anna, camera, mic = stage.anna, stage.anna.sent[Source.CAMERA], stage.anna.sent[Source.MIC]
    for number, packet in enumerate(p for frame in FRAMES[:8] for p in camera.stream.vp8(frame, 0)):
        anna.send(packet, lose=number % 5 == 3)
        anna.send(mic.stream.opus(b"\xf8\xff\xfe", number * 960))
    sent = (anna.number - 65_530) & 0xFFFF

    def statuses() -> dict[int, int | None]:
        return {(f.first + n) & 0xFFFF: ticks for f in anna.told() for n, ticks in enumerate(f.ticks)}

    await until(lambda: len(statuses()) == sent)
    missing = {number for number, ticks in statuses().items() if ticks is None}
    assert missing == {(65_530 + 2 * n) & 0xFFFF for n in range(sent // 2) if n % 5 == 3}
    assert [f.number for f in anna.told()] == list(range(len(anna.told())))
    assert {f.media_ssrc for f in anna.told()} <= {mic.ssrc, camera.ssrc}
    await until(lambda: any(isinstance(message, rtcp.ReceiverReport) for message in anna.said()))
    assert not any(isinstance(message, rtcp.Bandwidth) for message in anna.said())


async def test_an_arrival_is_when_the_kernel_got_the_packet_and_not_when_a_busy_node_read_it() -> None:
    port = UdpPort(MediaNetwork(bind_hosts=("127.0.0.1",)), time.monotonic)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        before_s = time.time()
        sender.sendto(b"\xff" * 20, ("127.0.0.1", port.number))
        after_s = time.time()
        while time.time() < after_s + 0.05:
            """The loop is busy."""
        await until(lambda: port.traffic.drops["unknown_protocol"])
    assert before_s <= port.arrived_s <= after_s
    port.close()


async def test_a_publisher_that_does_not_offer_it_is_told_a_bitrate(stage: Stage) -> None:
    stage.anna.offers_transport_cc = False
    answer = await stage.begin(Source.CAMERA)
    assert "goog-remb" in answer
    assert TRANSPORT_CC_URI not in answer
    stage.anna.show(FRAMES[0])
    await until(lambda: any(isinstance(message, rtcp.Bandwidth) for message in stage.anna.said()))
    assert stage.anna.told() == []


async def test_repeated_sound_goes_to_those_who_take_it_and_plain_to_the_others(stage: Stage) -> None:
    await stage.begin(Source.MIC)
    sound = RedSound(sequence=65_500, ssrc=stage.anna.sent[Source.MIC].ssrc)
    stage.anna.up.send_rtp(sound.next(b"\xf8first"))
    await until(lambda: stage.ear.published == [MIC])
    takes, refuses = await stage.listen(BERTA), await stage.listen(CARLA, WithoutRed)
    await meanwhile(
        lambda: stage.anna.up.send_rtp(sound.next(b"\xf8frame")), lambda: takes.heard[MIC] and refuses.heard[MIC]
    )
    sound.next(b"\xf8lost")
    stage.anna.up.send_rtp(sound.next(b"\xf8last"))
    await until(lambda: takes.received[MIC][-1].endswith(b"last") and refuses.received[MIC][-1].endswith(b"last"))

    last = takes.received[MIC][-1]
    assert last[1] & 0x7F == RED
    assert [repeated.frame for repeated in unpack(last[12:], OPUS).repeated] == [b"\xf8lost"]
    assert [packet[12:] for packet in refuses.received[MIC][-2:]] == [b"\xf8lost", b"\xf8last"]
    assert {packet[1] & 0x7F for packet in refuses.received[MIC] + stage.recorded} == {OPUS}
    assert [packet[12:] for packet in stage.recorded[-2:]] == [b"\xf8lost", b"\xf8last"]
    for bot in (takes, refuses):
        numbers = [int.from_bytes(packet[2:4]) for packet in bot.received[MIC]]
        assert numbers == [(numbers[0] + n) & 0xFFFF for n in range(len(numbers))], "nobody sees a gap"


async def test_malformed_red_is_counted_and_sound_goes_on(stage: Stage) -> None:
    await stage.begin(Source.MIC)
    sound = RedSound(ssrc=stage.anna.sent[Source.MIC].ssrc)
    for payload in (b"\x6f", b"\xef", b"\xef\xff\xff\xff\x6f", b"\x00\x00", b"\xef\0\0\0" * 200):
        stage.anna.up.send_rtp(sound.next(b"\xf8frame")[:12] + payload)
    await until(lambda: stage.engine.traffic.drops["rtp_malformed"] == 5)
    assert stage.recorded == []
    stage.anna.up.send_rtp(sound.next(b"\xf8next"))
    await until(lambda: stage.recorded and stage.recorded[-1].endswith(b"next"))


async def test_a_listener_on_a_bad_line_is_heard_of_by_the_publisher(stage: Stage) -> None:
    await stage.begin(Source.MIC)
    anna = stage.anna
    await meanwhile(anna.say, lambda: stage.ear.published == [MIC])
    berta = await stage.listen(BERTA)
    await meanwhile(anna.say, lambda: berta.heard[MIC])

    def fractions() -> set[int]:
        reports = [message for message in anna.said() if isinstance(message, rtcp.ReceiverReport)]
        return {block.fraction_lost for report in reports for block in report.blocks}

    await meanwhile(anna.say, fractions)
    assert fractions() == {0}
    lost = rtcp.ReportBlock(berta.ssrc_of(MIC), 26, 5, 100, 0, 0, 0)
    berta.down.send_rtcp(rtcp.receiver_report(1, [lost]))
    await meanwhile(anna.say, lambda: 26 in fractions())
    berta.down.send_rtcp(rtcp.receiver_report(1, [lost._replace(fraction_lost=255)]))
    await meanwhile(anna.say, lambda: 51 in fractions())
    assert max(fractions()) == 51, "never more than a fifth"
