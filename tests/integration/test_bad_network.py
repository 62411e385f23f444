"""Every impairment does what it says to real packets between two namespaces, each way on its own."""

import contextlib
import errno
import select
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest

from tests.bad_network.line import Line, behind
from tests.bad_network.model import Channel
from tests.bad_network.packets import udp_packet
from tests.bad_network.profiles import Bursts, Impairments, Way, both_ways, one_way, profiles
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("networks")

VERSIONS = (4, 6)
SERVER_PORT, PERSON_PORT = 42_160, 42_161
AT_ONCE = 100  # packets; a device's queue takes 500
LATE_MS = 400  # this much later than said is the machine's doing
IP_MTU_DISCOVER, IP_PMTUDISC_DONT, IP_PMTUDISC_DO, IP_MTU = 10, 0, 2, 14  # linux/in.h
IPV6_MTU_DISCOVER, IPV6_MTU = 23, 24  # linux/in6.h

NO_FATES = ("entered", "not_routed")  # of packets that a test sends

each_way = pytest.mark.parametrize("way", Way)


class Sockets:
    """A UDP socket of the server and one of the person, who know each other. Both are held here."""

    def __init__(self, line: Line, version: int, server_port: int = SERVER_PORT) -> None:
        self.line, self.version = line, version
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        self._ends = {Way.DOWN: socket.socket(family, socket.SOCK_DGRAM), Way.UP: line.socket(version)}
        self._ends[Way.DOWN].bind((line.server(version), server_port))
        self._ends[Way.UP].bind((line.address(version), PERSON_PORT))
        self._ends[Way.DOWN].connect((line.address(version), PERSON_PORT))
        self._ends[Way.UP].connect((line.server(version), server_port))
        for end in self._ends.values():
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
            end.setblocking(False)

    def sender(self, way: Way) -> socket.socket:
        return self._ends[way]

    def receiver(self, way: Way) -> socket.socket:
        return self._ends[Way.DOWN if way is Way.UP else Way.UP]

    async def send(self, way: Way, count: int, size: int = 200) -> list[int]:
        """Send so many numbered packets (`size` with headers) and wait until each has met its fate: who arrived."""
        before, headers = self.line.counts()[way], 28 if self.version == 4 else 48
        for begin in range(0, count, AT_ONCE):
            for number in range(begin, min(count, begin + AT_ONCE)):
                self.sender(way).send(number.to_bytes(4) + bytes(size - headers - 4))
            await until(lambda: self._entered(way, before) == min(count, begin + AT_ONCE))  # noqa: B023
        arrived: list[int] = []
        await until(lambda: self._settled(way, before, count, arrived))
        return arrived

    def _entered(self, way: Way, before: dict[str, int]) -> int:
        return int(self.line.counts()[way].get("entered", 0)) - before.get("entered", 0)

    def _settled(self, way: Way, before: dict[str, int], count: int, arrived: list[int]) -> bool:
        """Read what is there; whether every packet is accounted for."""
        counts: dict[str, int] = self.line.counts()[way]
        arrived += [int.from_bytes(packet[:4]) for packet in self.read(way)]
        fates = {name: number - before.get(name, 0) for name, number in counts.items() if name not in NO_FATES}
        read_all = len(arrived) == fates.pop("arrived", 0)
        return read_all and len(set(arrived)) + sum(fates.values()) >= count

    def read(self, way: Way) -> Iterator[bytes]:
        """What has arrived."""
        with contextlib.suppress(BlockingIOError):
            while True:
                yield self.receiver(way).recv(65_536)

    async def delays_ms(self, way: Way, count: int) -> list[float]:
        """How long each of so many packets took, one sent after the other's arrival."""
        return [await self._delay_ms(way) for _ in range(count)]

    async def _delay_ms(self, way: Way) -> float:
        sent_s = time.monotonic()
        self.sender(way).send(b"x")
        assert select.select([self.receiver(way)], [], [], 10)[0], "lost"
        self.receiver(way).recv(100)
        return (time.monotonic() - sent_s) * 1000

    def close(self) -> None:
        for end in self._ends.values():
            end.close()


@contextmanager
def sockets(line: Line, version: int = 4, server_port: int = SERVER_PORT) -> Iterator[Sockets]:
    made = Sockets(line, version, server_port)
    try:
        yield made
    finally:
        made.close()


def other(way: Way) -> Way:
    return Way.DOWN if way is Way.UP else Way.UP


def foreseen(way: Way, count: int, seed: int, **impairments: Any) -> list[int]:
    """Which of so many packets the model lets through."""
    channel = Channel(way, Impairments(**impairments), seed)
    sent = udp_packet(("100.64.0.2", 1), ("100.64.0.1", 2), b"")
    return [number for number in range(count) if channel.take(sent, number / 1000).deliveries]


def answers(line: Line, port: int, version: int = 4) -> bool:
    """Whether a TCP connection to this port of the server opens within a second."""
    with line.socket(version, socket.SOCK_STREAM) as asking:
        asking.settimeout(1)
        try:
            asking.connect((line.server(version), port))
        except TimeoutError:
            return False
        return True


@each_way
@pytest.mark.parametrize("version", VERSIONS)
async def test_loss_is_as_said_in_one_direction_and_none_in_the_other(way: Way, version: int) -> None:
    with behind(one_way(way, loss=0.1), seed=5) as line, sockets(line, version) as pair:
        arrived = await pair.send(way, 1000)
        assert arrived == foreseen(way, 1000, 5, loss=0.1)
        assert 850 <= len(arrived) <= 950, "five standard deviations"
        assert line.counts()[way]["lost"] == 1000 - len(arrived)
        assert await pair.send(other(way), 300) == list(range(300))


async def test_the_same_seed_loses_the_same_packets_and_another_seed_others() -> None:
    bursts = Bursts(enter=0.02, leave=0.2, loss=0.8)
    line_of_life = both_ways(loss=0.05, bursts=bursts)
    runs = []
    for seed in (7, 7, 8):
        with behind(line_of_life, seed=seed) as line, sockets(line) as pair:
            runs.append([await pair.send(way, 500) for way in Way])
            assert line.counts()[Way.UP]["lost_in_burst"] > 0
    assert runs[0] == runs[1]
    assert runs[0] == [foreseen(way, 500, 7, loss=0.05, bursts=bursts) for way in Way]
    assert runs[0] != runs[2]


@each_way
async def test_delay_is_as_said_in_one_direction_and_none_in_the_other(way: Way) -> None:
    with behind(one_way(way, delay_ms=80)) as line, sockets(line) as pair:
        slow, quick = await pair.delays_ms(way, 20), await pair.delays_ms(other(way), 20)
        assert min(slow) >= 80
        assert statistics.median(slow) < 80 + LATE_MS
        assert min(quick) < 80


@each_way
async def test_jitter_spreads_delays_and_keeps_the_order(way: Way) -> None:
    with behind(one_way(way, delay_ms=60, jitter_ms=20)) as line, sockets(line) as pair:
        delays = await pair.delays_ms(way, 40)
        assert statistics.stdev(delays) > 8
        assert min(delays) < 60 < max(delays)
        assert await pair.send(way, 300) == list(range(300))


@each_way
async def test_some_packets_are_overtaken_in_one_direction_only(way: Way) -> None:
    with behind(one_way(way, reordered=0.1, reordered_by_ms=100), seed=2) as line, sockets(line) as pair:
        arrived = await pair.send(way, 300)
        assert sorted(arrived) == list(range(300))
        assert sum(later < earlier for earlier, later in pairwise(arrived)) >= 1
        assert await pair.send(other(way), 300) == list(range(300))


@each_way
async def test_some_packets_come_twice_in_one_direction_only(way: Way) -> None:
    with behind(one_way(way, duplicates=0.2), seed=2) as line, sockets(line) as pair:
        arrived = await pair.send(way, 300)
        assert sorted(set(arrived)) == list(range(300))
        assert 30 <= len(arrived) - 300 <= 90
        assert await pair.send(other(way), 300) == list(range(300))


@each_way
async def test_the_rate_is_kept_and_the_last_of_a_rush_are_dropped(way: Way) -> None:
    with behind(one_way(way, rate_kbit_s=1000, queue_ms=300)) as line, sockets(line) as pair:
        began_s = time.monotonic()
        arrived = await pair.send(way, 100, size=1250)  # 10 ms each
        took_s = time.monotonic() - began_s
        assert arrived[:31] == list(range(31)), "one on its way and 300 ms of them waiting"
        assert took_s >= len(arrived) * 0.01
        assert line.counts()[way]["queue_full"] == 100 - len(arrived) > 0
        assert await pair.send(other(way), 100, size=1250) == list(range(100))


@each_way
@pytest.mark.parametrize("version", VERSIONS)
async def test_whoever_sends_too_long_packets_is_told_which_length_passes(way: Way, version: int) -> None:
    headers, (level, discover, mtu) = (
        (28, (socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_MTU))
        if version == 4
        else (48, (socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_MTU))
    )
    with behind(one_way(way, mtu=1280)) as line, sockets(line, version) as pair:
        sender = pair.sender(way)
        sender.setsockopt(level, discover, IP_PMTUDISC_DO)
        assert sender.getsockopt(level, mtu) == 1500
        sender.send(bytes(1281 - headers))
        await until(lambda: sender.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.EMSGSIZE)
        assert sender.getsockopt(level, mtu) == 1280
        with pytest.raises(OSError, match=r"too long"):
            sender.send(bytes(1281 - headers))
        assert line.counts()[way]["too_long"] == 1
        assert await pair.send(way, 5, size=1280) == list(range(5))
        pair.sender(other(way)).send(bytes(1500 - headers))
        await until(lambda: list(pair.read(other(way))) == [bytes(1500 - headers)])


async def test_a_line_that_tells_nobody_swallows_what_is_too_long() -> None:
    with behind(both_ways(mtu=1280, mtu_told=False)) as line, sockets(line) as pair:
        sender = pair.sender(Way.UP)
        sender.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
        assert await pair.send(Way.UP, 5, size=1400) == []
        assert sender.getsockopt(socket.IPPROTO_IP, IP_MTU) == 1500
        assert line.counts()[Way.UP]["too_long"] == 5


async def test_what_may_be_cut_into_pieces_passes_in_pieces() -> None:
    with behind(both_ways(mtu=1280)) as line, sockets(line) as pair:
        pair.sender(Way.UP).setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
        pair.sender(Way.UP).send(bytes(range(256)) * 5)
        await until(lambda: list(pair.read(Way.UP)) == [bytes(range(256)) * 5])
        assert line.counts()[Way.UP]["arrived"] == 2


async def test_ipv6_only_has_no_other_address_and_lets_nothing_else_through() -> None:
    with behind(profiles()["ipv6-only"]) as line:
        with sockets(line, 6) as pair:
            assert await pair.send(Way.UP, 10) == list(range(10))
            assert await pair.send(Way.DOWN, 10) == list(range(10))
        with line.socket(4) as person, pytest.raises(OSError, match=r"unreachable"):
            person.sendto(b"x", (line.server(4), SERVER_PORT))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.sendto(b"x", (line.address(4), PERSON_PORT))
        await until(lambda: line.counts()[Way.DOWN].get("ip_version") == 1)


@each_way
async def test_blocked_udp_does_not_pass_and_tcp_does(way: Way) -> None:
    with behind(one_way(way, udp_blocked=True)) as line, sockets(line) as pair:
        assert await pair.send(way, 20) == []
        assert line.counts()[way]["udp_blocked"] == 20
        assert await pair.send(other(way), 20) == list(range(20))
        with socket.create_server((line.server(4), SERVER_PORT)):
            assert answers(line, SERVER_PORT)


@each_way
async def test_one_blocked_port_of_the_server_leaves_the_others_open(way: Way) -> None:
    with behind(one_way(way, udp_ports_blocked=[SERVER_PORT])) as line:
        with sockets(line) as blocked:
            assert await blocked.send(way, 20) == []
            assert await blocked.send(other(way), 20) == list(range(20))
        with sockets(line, server_port=SERVER_PORT + 2) as free:
            assert await free.send(way, 20) == list(range(20))


@each_way
async def test_only_the_open_tcp_port_answers(way: Way) -> None:
    with (
        behind(one_way(way, tcp_ports_open=[443])) as line,
        socket.create_server((line.server(4), 443)),
        socket.create_server((line.server(4), SERVER_PORT)),
    ):
        assert answers(line, 443)
        assert not answers(line, SERVER_PORT)
        assert line.counts()[way]["tcp_blocked"] >= 1
        line.change(both_ways())
        assert answers(line, SERVER_PORT)


@pytest.mark.parametrize("version", VERSIONS)
async def test_after_a_change_of_address_the_server_sees_somebody_else(version: int) -> None:
    with behind(both_ways()) as line, socket.socket(_family(version), socket.SOCK_DGRAM) as server:
        server.bind((line.server(version), 0))
        server.settimeout(10)

        def seen_as() -> str:
            with line.socket(version) as person:
                person.sendto(b"x", server.getsockname())
                return str(server.recvfrom(10)[1][0])

        first = line.address(version)
        assert seen_as() == first
        line.change_address()
        assert seen_as() == line.address(version) != first
        with line.socket(version) as person, pytest.raises(OSError, match=r"assign"):
            person.bind((first, 0))


@pytest.mark.parametrize("version", VERSIONS)
async def test_after_a_rebinding_the_same_socket_is_seen_at_another_port_and_answered_there(version: int) -> None:
    with behind(both_ways()) as line, socket.socket(_family(version), socket.SOCK_DGRAM) as server:
        server.bind((line.server(version), 0))
        server.settimeout(10)
        with line.socket(version) as person:
            person.settimeout(10)
            ports = []
            for _ in range(2):
                person.sendto(b"x", server.getsockname())
                seen = server.recvfrom(10)[1]
                server.sendto(b"y", seen)
                assert person.recv(10) == b"y", "its checksum holds, or the kernel would have dropped it"
                ports.append(seen[1])
                line.rebind()
            assert ports[0] == person.getsockname()[1] != ports[1]
            server.sendto(b"z", seen)
            await until(lambda: line.counts()[Way.DOWN].get("rebound") == 1)


def _family(version: int) -> socket.AddressFamily:
    return socket.AF_INET if version == 4 else socket.AF_INET6


@pytest.mark.parametrize("ways", [(), (Way.UP,), (Way.DOWN,)])
async def test_a_cut_line_loses_everything_in_silence_until_it_is_healed(ways: tuple[Way, ...]) -> None:
    with behind(both_ways()) as line, sockets(line) as pair:
        line.cut(*ways)
        for way in Way:
            expected: list[int] = [] if way in (ways or Way) else list(range(10))
            assert await pair.send(way, 10) == expected
        line.heal()
        assert [await pair.send(way, 10) for way in Way] == [list(range(10))] * 2


async def test_a_line_changes_while_packets_are_on_it() -> None:
    with behind(both_ways(delay_ms=500)) as line, sockets(line) as pair:
        pair.sender(Way.UP).send(b"slow")
        await until(lambda: line.counts()[Way.UP].get("entered") == 1)
        line.change(both_ways(loss=1))
        await until(lambda: list(pair.read(Way.UP)) == [b"slow"])
        assert await pair.send(Way.UP, 20) == []
        line.change(both_ways())
        assert await pair.send(Way.UP, 20) == list(range(20))


async def test_lines_side_by_side_do_not_touch_each_other() -> None:
    with (
        behind(both_ways(loss=1), number=0) as bad,
        behind(both_ways(), number=1) as good,
        sockets(bad) as lost,
        sockets(good) as found,
    ):
        assert await lost.send(Way.UP, 20) == []
        assert await found.send(Way.UP, 20) == list(range(20))
