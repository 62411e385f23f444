"""The UDP port under attack while a call runs: whatever strangers send, on the path or off it, the call goes on.

Sources are forged with a raw socket, which needs root. Each kind of junk here once closed, or could close, a transport
that trusts its port.
"""

import asyncio
import contextlib
import random
import socket
import struct

import pytest
from pylibsrtp import Error as SrtpError
from pylibsrtp import Policy, Session

from signaling.errors import MediaRefused
from signaling.media.port import PathState, PeerConnection, Source, Track
from tests.media_conversation import ANNA, CALL, Conversation, as_root, forge, unanswered
from tests.waiting import until

PROFILE = Policy.SRTP_PROFILE_AEAD_AES_256_GCM
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
