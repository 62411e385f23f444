"""The link itself: who may dial, what is refused, a peer that does not read, frames that are none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.errors import ProtocolError, Unavailable
from signaling.frames import LINK_VERSION, AnyFrame, CallClose, ConnClose, ConnPush, Hello, decode, encode
from signaling.link import MAX_WAITING_BYTES, LinkClient, Peer, link_application
from signaling.media.port import MediaProbe
from tests.waiting import until

SECRET = "s3cret"


class NodeEnd:
    """What a node hears."""

    def __init__(self) -> None:
        self.peers: list[Peer] = []
        self.heard: list[AnyFrame] = []

    def carried(self) -> list[str]:
        return []

    def web_joined(self, peer: Peer) -> None:
        self.peers.append(peer)

    def web_said(self, peer: Peer, frame: AnyFrame) -> None:
        self.heard.append(frame)

    def web_left(self, peer: Peer) -> None:
        self.peers.remove(peer)


class WebEnd:
    """What a web hears."""

    def __init__(self) -> None:
        self.heard: list[AnyFrame] = []
        self.lost = 0

    def node_said(self, node: str, frame: AnyFrame) -> None:
        self.heard.append(frame)

    def node_lost(self, node: str) -> None:
        self.lost += 1


@asynccontextmanager
async def listening(path: Path, listener: NodeEnd, probe: MediaProbe | None = None) -> AsyncIterator[None]:
    runner = web.AppRunner(link_application(listener, "node-0", SECRET, probe), shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, str(path)).start()
    yield
    await runner.cleanup()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.sock"


@asynccontextmanager
async def dialled(path: Path, secret: str = SECRET) -> AsyncIterator[tuple[LinkClient, WebEnd]]:
    end = WebEnd()
    client = LinkClient("node-0", f"unix:{path}", secret, "web-0", end)
    client.start()
    yield client, end
    await client.close()
    await client.close()


async def test_frames_travel_both_ways_in_order(path: Path) -> None:
    node = NodeEnd()
    async with listening(path, node), dialled(path) as (client, end):
        await client.wait_until_up(20)
        for number in range(100):
            client.send(ConnClose(conn=str(number)))
        await until(lambda: len(node.heard) == 100)
        assert [frame.conn for frame in node.heard if isinstance(frame, ConnClose)] == [str(n) for n in range(100)]
        node.peers[0].send(ConnPush(conn="1", event="state", data={"말": "한글"}))
        await until(lambda: end.heard)
        assert end.heard == [ConnPush(conn="1", event="state", data={"말": "한글"})]
        assert node.peers[0].name == "web-0"


async def test_a_web_knows_where_clients_may_try_the_node_as_long_as_it_is_linked(path: Path) -> None:
    probe = MediaProbe("ufrag", "password", ("192.0.2.10", "2001:db8::1"), 42000)
    async with dialled(path) as (client, _):
        assert client.probe is None
        async with listening(path, NodeEnd(), probe):
            await client.wait_until_up(20)
            assert client.probe == probe
        await until(lambda: client.probe is None)


async def test_without_the_secret_nobody_is_heard(path: Path) -> None:
    node = NodeEnd()
    async with listening(path, node), dialled(path, "guessed") as (client, _):
        with pytest.raises(Unavailable):
            await client.wait_until_up(0.3)
        with pytest.raises(Unavailable):
            client.send(CallClose(call="c1"))
        assert node.peers == []


async def test_a_node_that_comes_back_is_dialled_again(path: Path) -> None:
    node = NodeEnd()
    async with dialled(path) as (client, end):
        async with listening(path, node):
            await client.wait_until_up(20)
        await until(lambda: end.lost == 1)
        async with listening(path, node):
            await client.wait_until_up(20)
            client.send(CallClose(call="c1"))
            await until(lambda: CallClose(call="c1") in node.heard)


@pytest.mark.parametrize(
    "first", ["{}", "no json", encode(Hello(version=LINK_VERSION + 1, name="web")), encode(CallClose(call="c1"))]
)
async def test_another_version_or_no_greeting_is_hung_up_on(path: Path, first: str) -> None:
    node = NodeEnd()
    async with listening(path, node), stranger(path) as socket:
        await socket.send_str(first)
        assert await hung_up(socket)
        assert node.peers == []


async def test_a_frame_that_is_none_ends_the_link(path: Path) -> None:
    node = NodeEnd()
    async with listening(path, node), stranger(path) as socket:
        await socket.send_str(encode(Hello(version=LINK_VERSION, name="web")))
        await until(lambda: node.peers)
        await socket.send_str('{"type": "no.such.frame"}')
        assert await hung_up(socket)
        await until(lambda: node.peers == [])


async def test_a_peer_that_does_not_read_is_cut_off(path: Path) -> None:
    node = NodeEnd()
    async with listening(path, node), stranger(path) as socket:
        await socket.send_str(encode(Hello(version=LINK_VERSION, name="web")))
        await until(lambda: node.peers)
        peer = node.peers[0]
        frame = ConnPush(conn="1", event="state", data={"text": "x" * 500_000})
        for _ in range(MAX_WAITING_BYTES // 500_000 + 1):
            peer.send(frame)
        assert not peer.open
        await until(lambda: node.peers == [])


@asynccontextmanager
async def stranger(path: Path) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    connector = aiohttp.UnixConnector(str(path))
    async with aiohttp.ClientSession(connector=connector) as session:
        headers = {"Authorization": f"Bearer {SECRET}"}
        async with session.ws_connect("http://node/link", headers=headers, autoping=False) as socket:
            await socket.receive()
            yield socket


async def hung_up(socket: aiohttp.ClientWebSocketResponse) -> bool:
    async with asyncio.timeout(20):
        while not socket.closed:
            await socket.receive()
    return True


@settings(deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_noise_is_never_a_frame_and_never_another_error(noise: str | bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(noise)


def test_an_error_about_a_frame_does_not_repeat_its_secrets() -> None:
    with pytest.raises(ProtocolError) as caught:
        decode('{"type": "conn.open", "conn": 1, "token": "a-resume-secret"}')
    assert "a-resume-secret" not in str(caught.value)
