"""A flood of strangers at the port over which two people talk: they hear each other, and it is counted, not logged."""

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from signaling.media.port import CallId, SeatId, Source, TrackId, track_id
from signaling.media.sfu.engine import SfuEngine
from signaling.media.sfu.ice import IceAgent
from signaling.media.sfu.kernel_filter import MOST_KEYS, attach, key_of, program
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from signaling.media.sfu.shield import CALM_S, CHECKS_PER_S, LOOK_S
from signaling.media.sfu.udp import BATCH, UdpPort
from tests.bots import Bot, Ear, EngineDoor
from tests.checks import check_of
from tests.strangers import REASON, flooded
from tests.waiting import until

CALL = CallId("call1")
ANNA, BERTA = SeatId("anna"), SeatId("berta")
HEARD_BY = {BERTA: track_id(ANNA, Source.MIC), ANNA: track_id(BERTA, Source.MIC)}
PACKETS_PER_S, SECONDS = 10_000, 3.0
LOST = 0.01  # what may be lost of the talk, on a machine that others use as well
GROWN_KB = 4_000  # less than 140 bytes for each datagram of the flood


class Talk:
    """Anna and Berta hear each other over one port."""

    def __init__(self) -> None:
        self.engine = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
        self.ear = Ear()
        self.bots: dict[SeatId, Bot] = {}

    async def begin(self) -> None:
        self.engine.listen(CALL, self.ear)
        for seat in HEARD_BY:
            await self.engine.admit(CALL, seat)
            self.bots[seat] = self.ear.bots[seat] = Bot(EngineDoor(self.engine, CALL, seat))
            await self.bots[seat].publish(Source.MIC)
        for seat, track in HEARD_BY.items():
            await self.bots[seat].want(track)
        await until(lambda: self.speak() and min(self.heard().values()) > 5)

    def speak(self) -> bool:
        return all(bot.say() for bot in self.bots.values())

    def heard(self) -> dict[TrackId, int]:
        return {track: self.bots[seat].heard[track] for seat, track in HEARD_BY.items()}

    async def lost_during(self, flood: "asyncio.Task[Counter[str]]") -> float:
        """They talk until it is over: the share of what the one said who was heard worst that did not arrive."""
        before, said = self.heard(), 0
        while not flood.done():
            self.speak()
            said += 1
            await asyncio.sleep(0.02)

        def come() -> int:
            return min(count - before[track] for track, count in self.heard().items())

        with suppress(TimeoutError):
            await until(lambda: come() == said, 5)
        return 1 - come() / said

    async def close(self) -> None:
        for bot in self.bots.values():
            await bot.close()
        await self.engine.close()


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    errors: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: errors.append(context))
    made = Talk()
    await made.begin()
    yield made
    await made.close()
    assert errors == []


def resident_kb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


async def test_a_flood_of_strangers_costs_a_talk_nothing_and_is_counted_by_reason(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    """Control: `UdpPort` drops what comes from an unbound address, and every forged check, before anything is kept."""
    caplog.set_level(logging.DEBUG)
    port, drops = talk.engine._port, talk.engine.traffic.drops
    bound, agents, resident = dict(port._bindings), dict(port._agents), resident_kb()
    ufrag = talk.bots[ANNA].up._ufrag
    async with flooded("127.0.0.1", talk.engine.port, ufrag, PACKETS_PER_S, SECONDS) as flood:
        lost = await talk.lost_during(flood)
        sent = await flood
    expected: Counter[str] = Counter()
    for kind, count in sent.items():
        expected[REASON[kind]] += count
    assert sent.total() > PACKETS_PER_S * SECONDS / 4, "even where the machine is slow, it is a flood"
    await until(lambda: talk.engine.traffic.drops.total() >= sent.total())
    assert lost <= LOST
    assert all(0 < drops[reason] <= count for reason, count in expected.items())
    assert drops["shielded"] > sent.total() / 4
    assert drops.total() == pytest.approx(sent.total(), rel=0.001)
    assert (port._bindings, port._agents) == (bound, agents)
    assert resident_kb() - resident < GROWN_KB
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == ["the shield is up"]
    assert not talk.ear.resets


class Guarded:
    """A port with one peer that is bound, strangers, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.delivered: list[bytes] = []
        self.port = UdpPort(MediaNetwork(bind_hosts=("127.0.0.1",)), lambda: self.now_s)
        self.sockets: list[socket.socket] = []
        self.peer, self.stranger = self.connected(), self.connected()
        self.peers_agent = self.agent()

    def connected(self) -> socket.socket:
        self.sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.sockets[-1].connect(("127.0.0.1", self.port.number))
        return self.sockets[-1]

    def agent(self) -> IceAgent:
        return self.port.new_agent(lambda datagram: self.delivered.append(bytes(datagram)))

    async def bind(self, sock: socket.socket, agent: IceAgent, within: int = 1) -> None:
        """One of so many checks is answered."""
        answered = self.port.traffic.checks_answered
        for _ in range(within):
            sock.send(check_of(agent.local.ufrag, agent.local.password))
        await until(lambda: self.port.traffic.checks_answered > answered)

    async def flood(self, datagram: bytes, count: int = 2_000) -> None:
        """So many in a quarter of a second."""
        before = self.drops()
        for number in range(count):
            self.stranger.send(datagram)
            if number % 200 == 0:
                await asyncio.sleep(0)
        await until(lambda: self.drops() >= before + count)
        self.now_s += LOOK_S
        self.port.tick()

    def drops(self) -> int:
        self.port.count()
        return self.port.traffic.drops.total()

    async def hears(self, sock: socket.socket, media: bytes) -> None:
        sock.send(media)
        await until(lambda: media in self.delivered)

    def close(self) -> None:
        self.port.close()
        for sock in self.sockets:
            sock.close()


@pytest.fixture
async def guarded() -> AsyncIterator[Guarded]:
    made = Guarded()
    made.port.tick()
    await made.bind(made.peer, made.peers_agent)
    yield made
    made.close()


async def test_in_a_flood_the_kernel_drops_what_we_would_drop_and_nothing_else(guarded: Guarded) -> None:
    """Control: `Shield`. Without it each of these datagrams is read."""
    drops = guarded.port.traffic.drops
    await guarded.flood(b"\x80" * 40)
    assert drops["unbound_address"] == 2_000, "this much was read before it was known for a flood"
    for datagram in (b"\x80" * 40, b"\xff" * 40, b"\x80", b"\x80" * 1501, b"\x00" * 60):
        await guarded.flood(datagram)
    assert drops == {"unbound_address": 2_000, "shielded": 10_000, "port_overflow": 0}
    await guarded.hears(guarded.peer, b"\x80" + b"media" * 4)
    newcomer = guarded.connected()
    await guarded.bind(newcomer, guarded.agent())
    await guarded.hears(newcomer, b"\x16" + b"hello" * 4)


async def test_of_a_flood_of_forged_checks_few_are_read_and_whoever_repeats_theirs_comes_in(guarded: Guarded) -> None:
    """Control: `Shield` lets one in so many pass from unknown paths; a known path's always pass."""
    forged, drops = check_of("nobody120001", "x" * 32), guarded.port.traffic.drops
    for _ in range(8):
        await guarded.flood(forged)
    before = drops["stun_unknown_ufrag"]
    await guarded.flood(forged)
    assert drops["stun_unknown_ufrag"] - before < CHECKS_PER_S * LOOK_S * 2
    await guarded.bind(guarded.connected(), guarded.agent(), within=500)
    await guarded.bind(guarded.peer, guarded.peers_agent)
    assert guarded.port._shield.is_up


async def test_when_the_flood_is_over_everything_is_read_again(guarded: Guarded) -> None:
    drops = guarded.port.traffic.drops
    for _ in range(2):
        await guarded.flood(b"\x80" * 40)
    guarded.now_s += CALM_S / 2
    guarded.port.tick()
    assert guarded.port._shield.is_up, "it may come again"
    guarded.now_s += CALM_S
    guarded.port.tick()
    guarded.stranger.send(b"\x80" * 40)
    await until(lambda: drops["unbound_address"] == 2_001)


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
@pytest.mark.parametrize("others", [0, 250, MOST_KEYS - 1, MOST_KEYS])
def test_a_path_is_known_among_thousands_of_others(family: socket.AddressFamily, host: str, others: int) -> None:
    """More than fit into a program count as known, every one."""
    with (
        socket.socket(family, socket.SOCK_DGRAM) as ours,
        socket.socket(family, socket.SOCK_DGRAM) as known,
        socket.socket(family, socket.SOCK_DGRAM) as stranger,
    ):
        for sock in (ours, known, stranger):
            sock.bind((host, 0))
        keys = [key_of("192.0.2.1" if family == socket.AF_INET else "2001:db8::1", 20_000 + n) for n in range(others)]
        attach(ours, program(family, [*keys, key_of(*known.getsockname()[:2])], one_check_in=1))
        for sock, said in ((stranger, b"\x80 a stranger's"), (known, b"\x80 a known path's")):
            sock.sendto(said, ours.getsockname()[:2])
        ours.setblocking(False)
        if others == MOST_KEYS:
            assert ours.recv(100) == b"\x80 a stranger's"
        assert ours.recv(100) == b"\x80 a known path's"


async def test_a_port_that_is_full_leaves_the_loop_to_others() -> None:
    """Control: `BATCH`. Without it, nothing else has a turn for as long as junk comes."""
    port = UdpPort(MediaNetwork(bind_hosts=("127.0.0.1",)), clock=lambda: 0.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(4 * BATCH):
            stranger.sendto(b"\xff" * 20, ("127.0.0.1", port.number))
    seen = []
    while port.traffic.drops.total() < 4 * BATCH:
        await asyncio.sleep(0)
        seen.append(port.traffic.drops.total())
    port.close()
    assert max(later - earlier for earlier, later in zip([0, *seen], seen, strict=False)) == BATCH


async def test_what_the_kernel_dropped_because_nobody_read_is_counted() -> None:
    """Control: `Shield.count`."""
    engine = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
    for sock in engine._port._sockets.values():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(500):
            stranger.sendto(b"\xff" * 1000, ("127.0.0.1", engine.port))
    overflow = engine.traffic.drops["port_overflow"]
    assert overflow > 0
    await until(lambda: engine.traffic.drops.total() == 500)
    assert engine.traffic.drops["port_overflow"] == overflow
    await engine.close()
