"""The proxy examples of docs/deploy as they stand: only names, ports and certificate paths are replaced."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.certificates import make_certificate
from tests.e2e.product import PASSWORD, ROOT, email_of, free_port, serving
from tools.programs import CADDY, NGINX, Program

EXAMPLES = ROOT / "docs/deploy"
NAME = "interview.example.go.kr"


def nginx_configuration(folder: Path, port: int, upstream: str) -> list[str]:
    certificate, key = make_certificate(folder, NAME)
    example = (EXAMPLES / "nginx.conf").read_text()
    example = re.sub(r"listen \[::\]:443.*\n", "", example).replace("listen 443", f"listen 127.0.0.1:{port}")
    example = example.replace("http://127.0.0.1:8080", upstream)
    example = re.sub(r"/etc/ssl/ieum/fullchain.pem", str(certificate), example)
    example = re.sub(r"/etc/ssl/ieum/privkey.pem", str(key), example)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n{example}\n}}\n"
    )
    return ["-c", str(folder / "nginx.conf"), "-p", str(folder)]


def caddy_configuration(folder: Path, port: int, upstream: str) -> list[str]:
    example = (EXAMPLES / "Caddyfile").read_text()
    example = example.replace(f"{NAME} {{", f"https://{NAME}:{port} {{\n\ttls internal\n\tbind 127.0.0.1")
    example = example.replace("127.0.0.1:8080", upstream.removeprefix("http://"))
    options = ["admin off", "skip_install_trust", "auto_https disable_redirects", f"storage file_system {folder}/store"]
    (folder / "Caddyfile").write_text("{\n\t" + "\n\t".join(options) + "\n}\n" + example)
    return ["run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


PROXIES: list[tuple[Program, Callable[[Path, int, str], list[str]]]] = [
    (NGINX, nginx_configuration),
    (CADDY, caddy_configuration),
]


@asynccontextmanager
async def proxy(path: str, arguments: list[str], log: Path) -> AsyncIterator[None]:
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            path, *arguments, stdout=output, stderr=output, env={"HOME": str(log.parent), "PATH": "/usr/bin:/bin"}
        )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


class ToThisMachine(aiohttp.abc.AbstractResolver):
    """The example's name, answered without asking anybody."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[aiohttp.abc.ResolveResult]:
        address = {"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0, "flags": 0}
        return [aiohttp.abc.ResolveResult(**address)]  # type: ignore[typeddict-item] # built from one dict for brevity

    async def close(self) -> None:
        return


def browser() -> aiohttp.ClientSession:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context, resolver=ToThisMachine()))


async def open_page(session: aiohttp.ClientSession, url: str) -> int:
    async with asyncio.timeout(60):
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status < 500:
                        return answer.status
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


@pytest.mark.parametrize(("program", "configuration"), PROXIES, ids=lambda value: getattr(value, "name", ""))
async def test_the_example_serves_pages_sign_in_and_sockets(
    program: Program,
    configuration: Callable[[Path, int, str], list[str]],
    needs: Callable[[Program], str],
    tmp_path: Path,
) -> None:
    path, port = needs(program), free_port()
    url = f"https://{NAME}:{port}"
    (tmp_path / "proxy").mkdir()
    async with serving(tmp_path / "var", public_url=url, trusted_proxies='["127.0.0.1/32"]') as product:
        upstream = product.local_url.replace("localhost", "127.0.0.1")
        arguments = configuration(tmp_path / "proxy", port, upstream)
        async with proxy(path, arguments, tmp_path / "proxy.log"), browser() as session:
            assert await open_page(session, f"{url}/") == 200
            credentials = {"email": email_of("김서연"), "password": PASSWORD}
            async with session.post(f"{url}/api/session", json=credentials, headers={"Origin": url}) as answer:
                assert answer.status == 200, await answer.text()
            async with session.get(f"{url}/api/desk") as answer:
                assert answer.status == 200
            socket = f"{url}/socket.io/?EIO=4&transport=websocket".replace("https", "wss", 1)
            async with session.ws_connect(socket, origin=url) as opened:
                assert (await opened.receive_str()).startswith("0{")
            async with session.post(
                f"{url}/api/session", json=credentials, headers={"Origin": "https://other"}
            ) as answer:
                assert answer.status == 403
