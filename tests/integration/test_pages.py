"""The built pages: every screen's address gives the page, files come as they are, and nothing else of the disk."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request

from server.api.doors import address_of
from server.app.announcing import PATH as ANNOUNCEMENTS
from server.storage.unit_of_work import Database
from tests.world import Browsers, make_world, served, services_of


@pytest.fixture
async def browsers(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Browsers]:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>이음</title>")
    (static / "icon.svg").write_text("<svg/>")
    (static / "assets" / "app-1a2b.js").write_text("0")
    (tmp_path / "secret").write_text("secret")
    database = Database(sqlite_url)
    async with served(services_of(await make_world(database), tmp_path)) as browser:
        yield browser
    await database.close()


async def test_every_screen_is_the_one_page_and_is_asked_for_again_each_time(browsers: Browsers) -> None:
    for path in ("/", "/join", "/desk/appointments/1", "/nowhere"):
        response = await browsers().send("GET", path)
        assert (response.status, response.content_type) == (200, "text/html")
        assert "이음" in await response.text()
        assert response.headers["Cache-Control"] == "no-cache"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


async def test_hashed_files_are_kept_for_good_and_others_are_not(browsers: Browsers) -> None:
    asset = await browsers().send("GET", "/assets/app-1a2b.js")
    assert (asset.status, asset.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    assert (await browsers().send("GET", "/icon.svg")).content_type == "image/svg+xml"
    missing = await browsers().send("GET", "/assets/gone.js")
    assert (missing.status, missing.headers.get("Cache-Control")) == (404, None)


@pytest.mark.parametrize(
    "path", ["/../secret", "/%2e%2e/secret", "/assets/..%2f..%2fsecret", "/..%5csecret", "/%2fsecret"]
)
async def test_nothing_outside_the_folder_is_served(browsers: Browsers, path: str) -> None:
    response = await browsers().send("GET", path)
    assert "secret" not in await response.text()


async def test_figures_and_announcements_of_nodes_are_for_the_private_port_alone(browsers: Browsers) -> None:
    for path in ("/metrics", "/seats"):
        response = await browsers().send("GET", path)
        assert response.content_type == "text/html"
        assert "ieum_" not in await response.text()
    assert (await browsers().send("POST", ANNOUNCEMENTS)).status in (404, 405)


@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        ("", [], "10.0.0.1"),
        ("1.2.3.4", [], "10.0.0.1"),
        ("1.2.3.4", ["10.0.0.0/8"], "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", ["10.0.0.0/8"], "1.2.3.4"),
        ("1.2.3.4, 10.9.9.9", ["10.0.0.0/8"], "1.2.3.4"),
        ("nonsense", ["10.0.0.0/8"], "nonsense"),
    ],
)
def test_only_trusted_proxies_say_whose_a_request_is(forwarded: str, trusted: list[str], address: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote="10.0.0.1")
    assert address_of(request, [ip_network(network) for network in trusted]) == address
