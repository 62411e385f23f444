"""A node on another machine: its link and its announcements over TLS, and each way in which they are refused."""

import asyncio
import json
import logging
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from signaling.errors import Unavailable
from signaling.link import DialFault, LinkClient, PlainHttpRefused, refuse_plain_http
from tests.e2e.certificates import make_certificate
from tests.e2e.product import ROOT, environment_of, free_port, make_site
from tests.network import Host, host
from tests.real_node import NAME, SECRET, PlayedWeb, admitted, everybody, real_node
from tests.waiting import until


@pytest.fixture
def there(networks: None) -> Iterator[Host]:
    with host(31) as made:
        yield made


class Site:
    """Certificates of both machines, and the address of the node's link."""

    def __init__(self, folder: Path, there: Host) -> None:
        self.there = there
        self.folder = folder
        self.link_url = f"https://{there.address}:{free_port()}"
        for name in ("node", "web"):
            (folder / name).mkdir()
        self.node_certificate, self.node_key = make_certificate(folder / "node", there.address)
        self.web_certificate, self.web_key = make_certificate(folder / "web", there.our_address)
        self.authorities = folder / "authorities.pem"
        self.authorities.write_text(self.node_certificate.read_text() + self.web_certificate.read_text())

    @property
    def node_settings(self) -> dict[str, str]:
        """What the operator sets on the node's machine."""
        return {
            "link_url": self.link_url,
            "tls_certificate": str(self.node_certificate),
            "tls_key": str(self.node_key),
            "link_ca": str(self.authorities),
            "media_hosts": json.dumps([self.there.address]),
        }

    def trust(self, certificate: Path | None = None) -> ssl.SSLContext:
        """As a web trusts that has this certificate (the node's own, if none is named) for its authority."""
        return ssl.create_default_context(cafile=certificate or self.node_certificate)


@pytest.fixture
def site(tmp_path: Path, there: Host) -> Site:
    return Site(tmp_path, there)


class Nobody:
    """A web that does not listen."""

    def node_said(self, node: str, frame: object) -> None: ...
    def node_lost(self, node: str) -> None: ...


@asynccontextmanager
async def dialling(url: str, tls: ssl.SSLContext, secret: str = SECRET) -> AsyncIterator[LinkClient]:
    client = LinkClient(NAME, url, secret, "web-t", Nobody(), tls)
    client.start()
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def a_real_web(site: Site) -> AsyncIterator[str]:
    """`ieum web` on this machine; gives its private address."""
    data_dir = site.folder / "site" / "var"
    data_dir.mkdir(mode=0o700, parents=True)
    await make_site(data_dir)
    settings = {
        "private_host": site.there.our_address,
        "private_tls": "true",
        "tls_certificate": str(site.web_certificate),
        "tls_key": str(site.web_key),
        "link_ca": str(site.authorities),
        "link_secret": SECRET,
        "listen_host": site.there.our_address,
    }
    environment = environment_of(data_dir, "https", site.there.our_address, **settings)
    with (site.folder / "web.jsonl").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "web", cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stderr=log
        )
    try:
        yield f"https://{site.there.our_address}:{environment['IEUM_PRIVATE_PORT']}"
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 60)


async def test_a_web_and_a_node_on_two_machines_find_each_other_over_tls(site: Site) -> None:
    async with (
        a_real_web(site) as private_url,
        real_node(
            site.folder / "there", prefix=site.there.prefix, web_urls=json.dumps([private_url]), **site.node_settings
        ),
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=site.trust(site.web_certificate))) as session,
        asyncio.timeout(100),
    ):
        linked = ""
        while "ieum_web_nodes_linked 1.0" not in linked:
            await asyncio.sleep(0.1)
            try:
                async with session.get(f"{private_url}/metrics") as answer:
                    linked = await answer.text()
            except aiohttp.ClientConnectorError:
                continue


async def test_over_tls_a_call_is_carried_for_people_elsewhere(site: Site) -> None:
    async with real_node(site.folder / "there", prefix=site.there.prefix, **site.node_settings):
        web = PlayedWeb(site.link_url, tls=site.trust())
        web.link.start()
        await web.link.wait_until_up(60)
        await web.open("c1", everybody(1))
        await web.enter("c1", "host")
        await admitted(web, "c1", "g0")
        await web.close()


async def test_each_refusal_has_its_reason_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    stranger = site.folder / "stranger"
    stranger.mkdir()
    another, _key = make_certificate(stranger, site.there.address)
    elsewhere = make_certificate(stranger, "node.elsewhere.example")
    settings = site.node_settings
    async with real_node(site.folder / "there", prefix=site.there.prefix, **settings):
        async with dialling(site.link_url, site.trust()) as client:
            await client.wait_until_up(60)
            assert client.fault is None
        async with dialling(site.link_url, site.trust(), secret="guessed") as client:
            await until(lambda: client.fault is DialFault.SECRET_REFUSED)
        async with dialling(site.link_url, site.trust(another)) as client:
            await until(lambda: client.fault is DialFault.CERTIFICATE_REFUSED)
        async with dialling(site.link_url.replace("https", "http"), site.trust()) as client:
            await until(lambda: client.fault is DialFault.PLAIN_HTTP)
            with pytest.raises(Unavailable):
                await client.wait_until_up(0.1)
    settings |= {"tls_certificate": str(elsewhere[0]), "tls_key": str(elsewhere[1])}
    async with (
        real_node(site.folder / "renamed", prefix=site.there.prefix, **settings),
        dialling(site.link_url, site.trust(elsewhere[0])) as client,
    ):
        await until(lambda: client.fault is DialFault.CERTIFICATE_REFUSED)
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    reasons = ["secret_refused", "certificate_refused", "plain_http", "certificate_refused"]
    assert [f"link_down: {reason} of node {NAME}" for reason in reasons] == [line.split(" at ")[0] for line in said]
    assert not any(SECRET in line or "guessed" in line for line in said)


async def test_what_is_not_tls_is_refused(site: Site) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(silent, site.there.our_address, 0)
    port = server.sockets[0].getsockname()[1]
    async with server, dialling(f"https://{site.there.our_address}:{port}", site.trust()) as client:
        await until(lambda: client.fault is DialFault.NOT_TLS)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"link_url": "http://10.0.0.1:7443"}, "IEUM_LINK_URL must be https://host:port"),
        ({"tls_certificate": ""}, "needs the node's certificate"),
        ({"link_ca": "/nowhere.pem"}, "IEUM_LINK_CA /nowhere.pem cannot be used"),
    ],
)
async def test_a_node_that_could_not_be_dialled_safely_does_not_start(
    site: Site, changes: dict[str, str], sentence: str
) -> None:
    settings = {name: value for name, value in (site.node_settings | changes).items() if value}
    async with real_node(site.folder / "there", prefix=site.there.prefix, **settings) as node:
        assert await asyncio.wait_for(node.process.wait(), 60) == 1
    assert sentence in (site.folder / "node.jsonl").read_text()


async def test_an_announcement_is_never_sent_in_the_clear(site: Site) -> None:
    plain = json.dumps([f"http://{site.there.our_address}:9080"])
    async with real_node(site.folder / "there", prefix=site.there.prefix, web_urls=plain, **site.node_settings):
        log = site.folder / "node.jsonl"
        await until(lambda: "announcement_refused" in log.read_text(), 60)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert [line["reason"] for line in lines if line["event"] == "announcement_refused"] == ["plain_http"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9080", "http://localhost:9080", "http://0.0.0.0:1", "https://a.b:1"])
def test_this_machine_and_https_may_be_spoken_to(url: str) -> None:
    refuse_plain_http(url)


@pytest.mark.parametrize("url", ["http://198.51.100.7:9080", "http://web.internal:9080", "http://[2001:db8::7]:1"])
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    with pytest.raises(PlainHttpRefused):
        refuse_plain_http(url)
