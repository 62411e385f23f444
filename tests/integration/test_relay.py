"""The relay of docs/deploy/turnserver.conf: over TLS to the node, for those with credentials, and to nowhere else."""

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from signaling.media.ice_servers import TurnService
from signaling.media.port import SeatId
from tests.bad_network.line import Line, behind
from tests.bad_network.profiles import profiles
from tests.relay import RELAY_HOST, SECRET, Relay, connected, relay, second_address, settings
from tests.waiting import until
from tools.programs import TURNSERVER, Program

pytestmark = [pytest.mark.usefixtures("networks"), pytest.mark.asyncio(loop_scope="module")]

QUOTA = 12  # of the example
RELAYED = range(49_160, 51_610)  # where allocations of seats are, likewise
UNAUTHORIZED, FORBIDDEN, QUOTA_REACHED = 401, 403, 486  # RFC 8656 19
NOWHERE = [
    "0.0.0.0", "0.0.0.1", "10.0.0.1", "10.255.255.254", "100.64.0.1", "100.127.255.254", "127.0.0.1",
    "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.254", "192.0.0.1", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "192.168.255.254", "198.18.0.1", "198.19.255.254", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "1.1.1.1", "8.8.8.8", "93.184.216.34", "::", "::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
    "2002:7f00:1::1", "fc00::1", "fd00::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "2606:4700::1111",
]  # fmt: skip

FLOOD_S = 3.0


@dataclass
class Site:
    """A relay, the node's address, and a line from behind which only the relay is reached."""

    line: Line
    relay: Relay
    of_ipv6: str  # where it relays IPv6

    @property
    def relays(self) -> list[str]:
        """Its own addresses."""
        return [self.relay.address, self.of_ipv6]

    @property
    def node(self) -> str:
        return self.line.server(4)

    def credentials(self, seat: str, made: datetime | None = None, lifetime_s: int = 600) -> dict[str, Any]:
        """As a node makes them."""
        service = TurnService((self.relay.url,), SECRET, lifetime_s)
        return service.ice_servers(SeatId(seat), made or datetime.now(UTC)).servers[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(
    networks: None, needs: Callable[[Program], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    with (
        behind(profiles()["company-firewall"]) as line,
        second_address(line) as address,
        second_address(line, 6) as of_ipv6,
    ):
        folder = tmp_path_factory.mktemp("relay")
        nodes, addresses = [line.server(4), line.server(6)], {"relay-ip": [address, of_ipv6]}
        async with relay(needs(TURNSERVER), folder, address, nodes, addresses) as running:
            yield Site(line, running, of_ipv6)


@pytest.mark.parametrize("version", [4, 6])
async def test_a_seat_may_send_to_the_node_and_to_nobody_else(site: Site, version: int) -> None:
    """On either kind of path: a relay with an IPv6 address gives paths of IPv6, and each denial is asked for."""
    nowhere = [address for address in [*NOWHERE, *site.relays] if ip_address(address).version == version]
    async with connected(site.relay, site.credentials("seat"), site.line.namespace) as client:
        assert await client.allocate(version) is None
        assert await client.permit(site.line.server(version)) is None
        answers = {address: await client.permit(address) for address in nowhere}
        assert {address: answer for address, answer in answers.items() if answer != FORBIDDEN} == {}


async def test_all_seats_together_have_so_many_allocations_and_no_more(
    site: Site, needs: Callable[[Program], str], tmp_path: Path
) -> None:
    """With a smaller number than the example's: that coturn reads the line, and means allocations of whomever."""
    with second_address(site.line, 4, RELAY_HOST + 1) as address:
        fewer = {"total-quota": ["2"]}
        async with contextlib.AsyncExitStack() as stack:
            small = await stack.enter_async_context(relay(needs(TURNSERVER), tmp_path, address, [site.node], fewer))

            async def allocate(seat: str) -> int | None:
                opened = connected(small, site.credentials(seat), site.line.namespace)
                return await (await stack.enter_async_context(opened)).allocate()

            assert [await allocate(seat) for seat in ("first", "second")] == [None, None]
            assert await allocate("third") == QUOTA_REACHED


async def test_a_seat_that_floods_is_cut_at_the_relays_bitrate(site: Site) -> None:
    most_bytes_per_s = int(settings("max-bps")[0].split("=")[1])
    payload, sent, got = bytes(1_000), 0, 0
    with _listening(site.node) as node:
        async with connected(site.relay, site.credentials("flood"), site.line.namespace) as client:
            assert await client.allocate() is None
            assert await client.permit(*node.getsockname()) is None
            began_s = asyncio.get_running_loop().time()
            while (passed_s := asyncio.get_running_loop().time() - began_s) < FLOOD_S:
                if sent < 4 * most_bytes_per_s * FLOOD_S:
                    for _ in range(100):
                        client.send(payload, *node.getsockname())
                    sent += 100 * len(payload)
                await asyncio.sleep(0.005)
                got += sum(map(len, _received(node)))
            assert sent > 2 * most_bytes_per_s * passed_s, "a flood"
            assert 0 < got <= most_bytes_per_s * (passed_s + 1)


async def test_what_is_sent_arrives_at_the_node_alone(site: Site) -> None:
    with contextlib.ExitStack() as stack:
        node, *others = [
            stack.enter_context(_listening(address)) for address in (site.node, "127.0.0.1", site.relay.address)
        ]
        async with connected(site.relay, site.credentials("sender"), site.line.namespace) as client:
            assert await client.allocate() is None
            for sock in (*others, node):
                await client.permit(*sock.getsockname())
                client.send(b"a check", *sock.getsockname())
            await until(lambda: _received(node) == [b"a check"])
            assert [_received(sock) for sock in others] == [[], []]


async def test_nobody_gets_a_thing_without_credentials_that_are_good_now(site: Site) -> None:
    good = site.credentials("stranger")
    later = site.credentials("stranger", datetime.now(UTC) + timedelta(hours=1))
    for wrong in (
        good | {"credential": "guessed"},
        good | {"username": later["username"]},
        site.credentials("stranger", datetime.now(UTC) - timedelta(seconds=660)),
    ):
        async with connected(site.relay, wrong, site.line.namespace) as client:
            assert await client.allocate() == UNAUTHORIZED


async def test_a_path_that_stands_outlives_its_credentials(site: Site) -> None:
    short = site.credentials("survivor", lifetime_s=2)
    async with connected(site.relay, short, site.line.namespace) as client:
        assert await client.allocate() is None
        await _until_refused(site, short)
        assert await client.refresh() is None
        assert await client.permit(site.node) is None


async def _until_refused(site: Site, credentials: dict[str, Any]) -> None:
    async with asyncio.timeout(60):
        while True:
            async with connected(site.relay, credentials, site.line.namespace) as client:
                if await client.allocate() == UNAUTHORIZED:
                    return
            await asyncio.sleep(0.1)


async def test_a_seat_has_twelve_allocations_however_often_its_credentials_are_renewed(site: Site) -> None:
    async with contextlib.AsyncExitStack() as stack:

        async def allocate(seat: str, number: int) -> int | None:
            made = datetime.now(UTC) + timedelta(seconds=number)
            opened = connected(site.relay, site.credentials(seat, made), site.line.namespace)
            return await (await stack.enter_async_context(opened)).allocate()

        assert [await allocate("greedy", number) for number in range(QUOTA)] == [None] * QUOTA
        assert await allocate("greedy", QUOTA) == QUOTA_REACHED
        assert await allocate("modest", 0) is None


async def test_there_is_one_door_and_it_speaks_tls_1_2_at_least(site: Site) -> None:
    old = site.relay.tls()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        async with connected(site.relay, site.credentials("old"), site.line.namespace, old):
            pass
    doors = {door for door in _listening_ports(site.relay) if door[1] not in RELAYED}
    assert doors == {("tcp", 443)}


def _listening_ports(relay: Relay) -> set[tuple[str, int]]:
    """TCP and UDP ports that the relay's process has open at its address."""
    wanted = socket.inet_aton(relay.address)[::-1].hex().upper()
    own = {os.readlink(handle) for handle in Path(f"/proc/{relay.pid}/fd").iterdir()}
    found = set()
    for protocol, state in (("tcp", "0A"), ("udp", "07")):  # linux/include/net/tcp_states.h
        for row in Path(f"/proc/thread-self/net/{protocol}").read_text().splitlines()[1:]:
            fields = row.split()
            (local, _, has), inode = fields[1:4], fields[9]
            if local.startswith(f"{wanted}:") and has == state and f"socket:[{inode}]" in own:
                found.add((protocol, int(local.split(":")[1], 16)))
    return found


@contextlib.contextmanager
def _listening(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 0))
        sock.setblocking(False)
        yield sock


def _received(sock: socket.socket) -> list[bytes]:
    received = []
    with contextlib.suppress(BlockingIOError):
        while True:
            received.append(sock.recv(2048))
    return received
