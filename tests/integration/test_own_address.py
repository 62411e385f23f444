"""The address that people type follows the port and the certificate, unless it is set."""

from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from server.actions.refresh_samples import Samples, SampleSite
from server.app import samples
from server.app.web import web
from server.config import Settings
from server.serving import greeting


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://localhost:8080/"),
        ({"listen_port": 8090}, "http://localhost:8090/"),
        ({"listen_port": 8443, "tls_certificate": "cert.pem"}, "https://localhost:8443/"),
        ({"listen_port": 443, "tls_certificate": "cert.pem"}, "https://localhost/"),
        ({"listen_port": 8090, "public_url": "https://ieum.example.kr"}, "https://ieum.example.kr/"),
    ],
    ids=["by-itself", "port", "certificate", "usual-port", "set"],
)
def test_the_greeting_names_the_address_that_is_served(given: dict[str, object], address: str) -> None:
    assert f"Ieum is ready:  {address}\n" in greeting(Settings.model_validate(given), None)


async def test_sample_links_lead_to_the_port_that_is_served(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def guests(_: Path) -> None: ...

    async def refresh(site: SampleSite, _: dict[str, str]) -> Samples:
        asked.append(site.public_url)
        return Samples((), (), ())

    monkeypatch.setattr(samples, "make_guests", guests)
    monkeypatch.setattr("server.actions.refresh_samples.refresh_samples", refresh)
    for given in ({}, {"public_url": "https://ieum.example.kr"}):
        await samples.refresh_samples(settings_of(tmp_path, sqlite_url, listen_port=8090, **given))
    assert asked == ["http://localhost:8090", "https://ieum.example.kr"]


@pytest.mark.parametrize("public_url", [None, "http://ieum.example.kr"])
async def test_pages_and_sockets_accept_the_address_that_is_served_and_no_other(
    sqlite_url: str, tmp_path: Path, public_url: str | None
) -> None:
    port = unused_port()
    own = f"http://localhost:{port}"
    chosen = {"public_url": public_url} if public_url else {}
    async with web(settings_of(tmp_path, sqlite_url, listen_port=port, **chosen)), aiohttp.ClientSession(own) as client:
        for origin in ("http://localhost:8080", own, "http://ieum.example.kr"):
            accepted = origin == (public_url or own)
            async with client.post("/api/session", headers={"Origin": origin}) as answer:
                assert (answer.status != 403) is accepted
            assert await takes_socket(client, origin) is accepted


def settings_of(folder: Path, database_url: str, **given: object) -> Settings:
    return Settings.model_validate({"data_dir": folder, "database_url": database_url, "private_port": 0, **given})


async def takes_socket(client: aiohttp.ClientSession, origin: str) -> bool:
    try:
        async with client.ws_connect("/socket.io/?EIO=4&transport=websocket", headers={"Origin": origin}):
            return True
    except aiohttp.WSServerHandshakeError:
        return False
