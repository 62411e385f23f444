"""The sockets of the media port: which are opened, what is announced, and what happens when they cannot be."""

import asyncio
import itertools
import socket
import time

import pytest
from aioice import stun

from signaling.media.port import CallId
from signaling.media.sfu.call_media import CallMedia
from signaling.media.sfu.engine import STEP_S, SfuEngine
from signaling.media.sfu.hosts import reachable_hosts
from signaling.media.sfu.settings import MediaNetwork, SfuSettings
from signaling.media.sfu.udp import UdpPort
from tests.bots import Ear
from tests.checks import check_of
from tests.waiting import until


async def test_all_addresses_share_one_number() -> None:
    port = UdpPort(MediaNetwork(bind_hosts=("127.0.0.1", "::1")), time.monotonic)
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as sock, pytest.raises(OSError, match="in use"):
            sock.bind((host, port.number))
    port.close()
    port.close()


@pytest.mark.parametrize("hosts", [(), ("0.0.0.0",), ("::", "0.0.0.0")])
async def test_a_wildcard_means_every_address_and_is_never_announced(hosts: tuple[str, ...]) -> None:
    port = UdpPort(MediaNetwork(bind_hosts=hosts), time.monotonic)
    assert port.announced_hosts == reachable_hosts()
    port.close()


async def test_behind_a_nat_the_public_address_is_announced() -> None:
    port = UdpPort(MediaNetwork(bind_hosts=("127.0.0.1",), announced_hosts=("203.0.113.5",)), time.monotonic)
    assert port.announced_hosts == ("203.0.113.5",)
    port.close()


async def test_the_probe_answers_where_it_says_and_makes_no_address_known() -> None:
    port = UdpPort(MediaNetwork(bind_hosts=("127.0.0.1",)), time.monotonic)
    probe = port.probe
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((probe.hosts[0], probe.port))
        client.setblocking(False)
        client.send(check_of(probe.ufrag, probe.password))
        answer = stun.parse_message(await asyncio.get_running_loop().sock_recv(client, 2048))
        assert answer.message_class is stun.Class.RESPONSE
        client.send(bytes([128]) + bytes(20))  # media, as far as its first byte says
        await until(lambda: port.traffic.drops["unbound_address"] == 1)
    port.close()


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_open() -> None:
    first = UdpPort(MediaNetwork(bind_hosts=("::1",)), time.monotonic)
    with pytest.raises(OSError, match="in use"):
        UdpPort(MediaNetwork(port=first.number, bind_hosts=("127.0.0.1", "::1")), time.monotonic)
    second = UdpPort(MediaNetwork(port=first.number, bind_hosts=("127.0.0.1",)), time.monotonic)
    first.close()
    second.close()


async def test_packets_have_a_turn_between_the_clocks_of_many_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []

    def tick(_call: CallMedia, _now_s: float) -> None:
        turns.append("call")
        time.sleep(2 * STEP_S)

    async def go_on() -> None:
        while True:
            turns.append("packets")
            await asyncio.sleep(0)

    monkeypatch.setattr(CallMedia, "tick", tick)
    engine = SfuEngine(SfuSettings(MediaNetwork(bind_hosts=("127.0.0.1",))))
    for number in range(5):
        engine.listen(CallId(f"call{number}"), Ear())
    going = asyncio.create_task(go_on())
    await until(lambda: turns.count("call") >= 15)
    assert ("call", "call") not in itertools.pairwise(turns)
    going.cancel()
    await engine.close()
