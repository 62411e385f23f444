"""The UDP port under attack while a call runs: whatever strangers send, on the path or off it, the call goes on.

Sources are forged with a raw socket, which needs root. Each kind of junk here once closed, or could close, a transport
that trusts its port.
"""

import asyncio
import contextlib
import os
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

import pytest
from aiortc.rtcdtlstransport import RTCCertificate
from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session

from recordings.synthetic import picture
from signaling.errors import MediaRefused
from signaling.media.port import CallId, PathState, PeerConnection, SeatId, Source, Track, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from tests.bots import Bot, BotTransport, Ear, EngineDoor
from tests.waiting import until

CALL, ANNA, BERTA = CallId("call1"), SeatId("anna"), SeatId("berta")
ANNA_MIC = track_id(ANNA, Source.MIC)
PROFILE = Policy.SRTP_PROFILE_AEAD_AES_256_GCM
FRAMES = picture(1, 160, 90, 15, seed=1)
RANDOM = random.Random(1)

JUNK = {
    "empty": b"",
    "one byte": b"\x80",
    "oversize rtp": b"\x80\x60" + bytes(1499),
    "oversize dtls": b"\x16\xfe\xfd" + bytes(1500),
    "junk rtp": b"\x80\x60" + RANDOM.randbytes(100),
    "junk rtcp": b"\x80\xc8" + RANDOM.randbytes(100),
    "rtp without payload": b"\x80\x60" + bytes(10),
    "junk dtls record": b"\x16\xfe\xfd" + RANDOM.randbytes(60),
    "dtls close notify": b"\x15\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x01\x00\x02\x01\x00",
    "dtls fatal alert": b"\x15\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x01\x00\x02\x02\x28",
    "stun without attributes": b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12),
    "stun with a bad length": b"\x00\x01\xff\xff\x21\x12\xa4\x42" + bytes(40),
    "stun that is not utf-8": b"\x00\x01\x00\x0c\x21\x12\xa4\x42" + bytes(12) + b"\x00\x06\x00\x08" + b"\xff" * 8,
    "turn channel": b"\x40\x00\x00\x04abcdefgh",
    "zrtp": b"\x10\x00abcdefghijkl",
}


@dataclass
class Conversation:
    """Anna speaks, Berta hears."""

    engine: SfuEngine
    ear: Ear
    anna: Bot
    berta: Bot

    @property
    def server(self) -> tuple[str, int]:
        return ("127.0.0.1", self.engine.port)

    async def goes_on(self) -> bool:
        """Whether what Anna says now is heard."""
        before = self.berta.heard[ANNA_MIC]

        def heard() -> bool:
            self.anna.say()
            return self.berta.heard[ANNA_MIC] >= before + 5

        await until(heard, 10)
        return not self.ear.resets


@pytest.fixture
async def errors() -> list[dict[str, object]]:
    """What the event loop would have complained of."""
    found: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: found.append(context))
    return found


@pytest.fixture
async def conversation(errors: list[dict[str, object]]) -> AsyncIterator[Conversation]:
    engine, ear = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",)))), Ear()
    engine.listen(CALL, ear)
    bots = {}
    for seat in (ANNA, BERTA):
        await engine.admit(CALL, seat)
        bots[seat] = ear.bots[seat] = Bot(EngineDoor(engine, CALL, seat))
    made = Conversation(engine, ear, bots[ANNA], bots[BERTA])
    await made.anna.publish(Source.MIC, Source.CAMERA)
    await made.berta.want(ANNA_MIC)
    assert await made.goes_on()
    yield made
    for bot in bots.values():
        await bot.close()
    await engine.close()
    assert errors == []


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


async def unanswered(conversation: Conversation, stranger: socket.socket, datagram: bytes, reason: str) -> None:
    """Send; the server counts it under `reason` and is silent."""
    before = conversation.engine.traffic.drops[reason]
    stranger.sendto(datagram, conversation.server)
    await until(lambda: conversation.engine.traffic.drops[reason] > before)
    with pytest.raises(BlockingIOError):
        stranger.recv(2048)


def forge(source_port: int, target: tuple[str, int], payload: bytes) -> None:
    """Send as if from another's address on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        raw.bind(("127.0.0.1", 0))
        raw.sendto(struct.pack("!HHHH", source_port, target[1], 8 + len(payload), 0) + payload, (target[0], 0))


def as_root() -> None:
    if os.geteuid() != 0:
        if os.environ.get("CI"):
            pytest.fail("forging a source address needs root")
        pytest.skip("forging a source address needs root")


@pytest.mark.parametrize("name", list(JUNK))
async def test_junk_from_a_stranger_is_dropped_and_counted(
    name: str, conversation: Conversation, stranger: socket.socket
) -> None:
    before = conversation.engine.traffic.drops.total()
    for _ in range(50):
        stranger.sendto(JUNK[name], conversation.server)
    await until(lambda: conversation.engine.traffic.drops.total() >= before + 50)
    assert await conversation.goes_on()


@pytest.mark.parametrize("name", list(JUNK))
async def test_junk_from_the_forged_address_of_a_peer_changes_nothing(name: str, conversation: Conversation) -> None:
    as_root()
    own_port = conversation.anna.up.address[1]
    for _ in range(50):
        forge(own_port, conversation.server, JUNK[name])
    assert await conversation.goes_on()
    assert (ANNA, PeerConnection.UP, PathState.LOST) not in conversation.ear.paths
    if name.startswith("junk rt"):
        assert conversation.engine.traffic.drops["srtp_refused"] >= 50


async def test_a_datagram_longer_than_ours_is_never_handed_to_the_srtp_library(
    conversation: Conversation, stranger: socket.socket
) -> None:
    """Control: `LARGEST_BYTES` in `UdpPort` (F12): one of 1,501 bytes ends a transport that hands it on."""
    as_root()
    before = conversation.engine.traffic.drops["size"]
    for name in ("oversize rtp", "oversize dtls"):
        stranger.sendto(JUNK[name], conversation.server)
        forge(conversation.anna.up.address[1], conversation.server, JUNK[name])
    await until(lambda: conversation.engine.traffic.drops["size"] == before + 4)
    assert conversation.engine.traffic.drops["srtp_refused"] == 0
    assert await conversation.goes_on()


async def test_nobody_is_answered_but_who_knows_the_password(
    conversation: Conversation, stranger: socket.socket
) -> None:
    up = conversation.anna.up
    await unanswered(conversation, stranger, up.check(password="x" * 32), "stun_integrity")
    await unanswered(conversation, stranger, up.check(ufrag="nobody120001"), "stun_unknown_ufrag")
    assert await conversation.goes_on()


async def test_a_recorded_check_cannot_be_replayed_from_elsewhere(
    conversation: Conversation, stranger: socket.socket
) -> None:
    up = conversation.anna.up
    recorded, answered = up.check(), up.answered_checks
    up.send(recorded)
    await until(lambda: up.answered_checks > answered)
    await unanswered(conversation, stranger, recorded, "stun_replay")
    assert await conversation.goes_on()


class Heard:
    """A tap that remembers."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def on_packet(self, track: Track, packet: bytes, arrived_ns: int) -> None:
        self.packets.append(packet)

    def on_sender_report(self, track: Track, ntp_time: int, rtp_time: int, arrived_ns: int) -> None:
        """Not of interest."""


async def test_what_is_protected_with_another_key_or_sent_twice_is_neither_heard_nor_recorded(
    conversation: Conversation,
) -> None:
    """Control: `srtp_unprotect`, the only way to a feed (ASVS 17.2.3)."""
    as_root()
    up, tap, sent = conversation.anna.up, Heard(), conversation.anna.sent[Source.MIC]
    conversation.engine.attach(CALL, tap)
    assert await conversation.goes_on()
    stranger = Session(Policy(key=bytes(range(44)), ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=PROFILE))
    recorded: list[bytes] = []
    send = up.send

    def keep(datagram: bytes) -> None:
        recorded.append(datagram)
        send(datagram)

    up.send = keep  # type: ignore[method-assign]
    said = conversation.anna.say()
    await until(lambda: said in tap.packets)
    before = conversation.engine.traffic.drops["srtp_refused"]
    for number in range(50):
        forged = struct.pack("!BBHLL", 0x80, 111, 1_000 + number, number, sent.ssrc) + b"forged"
        forge(up.address[1], conversation.server, stranger.protect(forged))
        forge(up.address[1], conversation.server, recorded[0])
    await until(lambda: conversation.engine.traffic.drops["srtp_refused"] == before + 100)
    assert await conversation.goes_on()
    assert not [packet for packet in tap.packets if b"forged" in packet]
    assert tap.packets.count(said) == 1


async def test_media_from_an_address_that_was_never_checked_is_not_taken(conversation: Conversation) -> None:
    up, tap = conversation.anna.up, Heard()
    conversation.engine.attach(CALL, tap)
    before = conversation.engine.traffic.drops["unbound_address"]
    await up.new_socket()
    too_early = conversation.anna.say()
    await until(lambda: conversation.engine.traffic.drops["unbound_address"] > before)
    up.send(up.check())
    assert await conversation.goes_on()
    assert tap.packets
    assert too_early not in tap.packets


async def test_thousands_of_mutated_checks_do_no_harm(conversation: Conversation, stranger: socket.socket) -> None:
    up = conversation.anna.up
    check = bytearray()
    for number in range(4000):
        check = bytearray(up.check()) if number % 20 == 0 else check
        at = RANDOM.randrange(len(check) - 4)
        check[at : at + 4] = RANDOM.randbytes(4)
        stranger.sendto(check[: RANDOM.randrange(1, len(check))] if number % 3 == 0 else check, conversation.server)
        if number % 200 == 0:
            await asyncio.sleep(0)
    assert await conversation.goes_on()


async def test_a_clienthello_from_a_stranger_does_not_win_the_race(
    conversation: Conversation, errors: list[dict[str, object]]
) -> None:
    as_root()
    before = conversation.engine.traffic.drops["unbound_address"]
    for number in range(10):
        seat = SeatId(f"guest{number}")
        await conversation.engine.admit(CALL, seat)
        bot, racer = (
            Bot(EngineDoor(conversation.engine, CALL, seat)),
            BotTransport(RTCCertificate.generateCertificate()),
        )
        racer.server = conversation.server
        await racer.new_socket()
        racer.begin_handshake()
        await bot.publish(Source.MIC)
        assert bot.up.connected.is_set()
        await bot.close()
        await racer.close()
        await conversation.engine.release(CALL, seat)
    assert conversation.engine.traffic.drops["unbound_address"] >= before + 10
    assert await conversation.goes_on()


def first_hello() -> bytes:
    """What a stranger's handshake would begin with."""
    sent: list[bytes] = []
    stranger = BotTransport(RTCCertificate.generateCertificate())
    stranger.send = sent.append  # type: ignore[method-assign, assignment]
    stranger.begin_handshake()
    return sent[0]


FORGED_HANDSHAKES = {  # under a record number that the peer has not come to, or a replay window would drop them
    "first hello": first_hello(),
    "second hello without the cookie": first_hello()[:17] + b"\x00\x01" + first_hello()[19:],
    "second half of a hello": first_hello()[:17] + b"\x00\x01\x00\x00\x40" + first_hello()[22:],
    "fatal alert": b"\x15\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x64\x00\x02\x02\x28",
    "close notify": b"\x15\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x64\x00\x02\x01\x00",
    "hello request": b"\x16\xfe\xfd" + bytes(8) + b"\x00\x0c" + bytes(12),
}


@pytest.mark.parametrize("name", list(FORGED_HANDSHAKES))
async def test_a_handshake_forged_from_the_peers_own_address_does_not_disturb_its_own(
    name: str, conversation: Conversation
) -> None:
    """Control: `HelloGate` (F12, ASVS 17.2.6). Without it a forged first hello ended every such handshake."""
    as_root()
    for number in range(10):
        seat = SeatId(f"guest{number}")
        await conversation.engine.admit(CALL, seat)
        bot = Bot(EngineDoor(conversation.engine, CALL, seat))
        begin, send = bot.up.begin_handshake, bot.up.send

        def forge_some(bot: Bot = bot) -> None:
            for _ in range(5):
                forge(bot.up.address[1], conversation.server, FORGED_HANDSHAKES[name])

        def begin_after_the_forger(
            begin: Callable[[], None] = begin, forge_some: Callable[[], None] = forge_some
        ) -> None:
            forge_some()
            begin()

        def send_before_the_forger(
            datagram: bytes, send: Callable[[bytes], None] = send, forge_some: Callable[[], None] = forge_some
        ) -> None:
            send(datagram)
            if 19 < datagram[0] < 64:
                forge_some()

        bot.up.begin_handshake = begin_after_the_forger  # type: ignore[method-assign]
        bot.up.send = send_before_the_forger  # type: ignore[method-assign]
        await bot.publish(Source.MIC)
        assert bot.up.connected.is_set()
        await bot.close()
        await conversation.engine.release(CALL, seat)
    assert not conversation.ear.resets
    assert await conversation.goes_on()


async def test_a_handshake_with_another_certificate_fails_at_once_and_frees_the_address(
    conversation: Conversation,
) -> None:
    """Whoever knows the password but is not who the description promised gets no keys."""
    guest = SeatId("guest")
    await conversation.engine.admit(CALL, guest)
    bot = Bot(EngineDoor(conversation.engine, CALL, guest))
    promised, bot.up._certificate = bot.up._certificate, RTCCertificate.generateCertificate()
    offer = bot.offer

    def lying_offer(sources: object) -> str:
        actual = bot.up.fingerprint
        return offer(sources).replace(actual, f"sha-256 {promised.getFingerprints()[0].value}")  # type: ignore[arg-type]

    bot.offer = lying_offer  # type: ignore[method-assign]
    attempt = asyncio.create_task(bot.publish(Source.MIC))
    await until(lambda: (guest, PeerConnection.UP) in conversation.ear.resets)
    attempt.cancel()
    conversation.ear.resets.clear()
    honest = Bot(EngineDoor(conversation.engine, CALL, guest))
    honest.up._transports = bot.up._transports  # from the very same address
    honest.up._transports[-1].set_protocol(honest.up)
    await honest.publish(Source.MIC)
    await bot.close()
    await honest.close()
    assert await conversation.goes_on()


async def test_addresses_named_in_a_description_are_never_written_to(
    conversation: Conversation, stranger: socket.socket
) -> None:
    host, port = stranger.getsockname()
    candidate = f"a=candidate:1 1 udp 2130706431 {host} {port} typ host\r\n"
    offer = conversation.anna.offer
    conversation.anna.offer = lambda sources: offer(sources) + candidate * 20  # type: ignore[method-assign]
    await conversation.anna.restart_up()
    assert await conversation.goes_on()
    with pytest.raises(BlockingIOError):
        stranger.recv(2048)


async def test_a_peer_that_sends_nonsense_inside_srtp_hurts_only_itself(conversation: Conversation) -> None:
    up, ssrc = conversation.anna.up, conversation.anna.sent[Source.CAMERA].ssrc
    for number in range(500):
        first = RANDOM.choice((0x80, 0x90, 0xB0, 0xBF))
        head = struct.pack("!BBHLL", first, RANDOM.choice((96, 97, 111)), number, number, ssrc)
        with contextlib.suppress(SrtpError):  # some nonsense libsrtp refuses to send, too
            up.send_rtp(head + RANDOM.randbytes(RANDOM.randrange(60)))
        rtcp = bytes([0x80 | RANDOM.randrange(32), RANDOM.choice((200, 201, 203, 205, 206))])
        up.send_rtcp(rtcp + RANDOM.randbytes(2) + RANDOM.randbytes(4 * RANDOM.randrange(2, 20)))
    assert await conversation.goes_on()
    assert conversation.engine.traffic.drops["rtcp_malformed"] > 100


async def test_a_malformed_description_leaves_the_connection_as_it_was(conversation: Conversation) -> None:
    for sdp in ("", "v=0", "m=" * 20_000, conversation.anna.offer([Source.MIC])[:-300]):
        with pytest.raises(MediaRefused):
            await conversation.engine.answer_up(CALL, ANNA, 9, sdp, [])
    assert await conversation.goes_on()


async def test_everything_is_let_go_when_the_call_ends(conversation: Conversation) -> None:
    port = conversation.engine._port
    assert port._agents
    await conversation.engine.close_call(CALL)
    assert not port._agents
    assert not port._bindings
