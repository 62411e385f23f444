"""Handshakes under attack: forged, raced, with another certificate; the peer's own one counts."""

import asyncio
from collections.abc import Callable

import pytest
from aiortc.rtcdtlstransport import RTCCertificate

from signaling.media.port import PeerConnection, SeatId, Source
from tests.bot_transport import BotTransport
from tests.bots import Bot, EngineDoor
from tests.media_conversation import CALL, Conversation, as_root, forge
from tests.strangers import first_hello
from tests.waiting import until


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
