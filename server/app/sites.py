"""Where a process listens: public pages, the private site of metrics and announcements, a node's link."""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from server.config import Settings
from server.preparation import CannotStart

CLOSE_WITHIN_S = 2.0  # sockets are told to come back before their site closes, so nothing is worth waiting for
LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 108


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """For the public pages and a node's link, if a certificate is set. Raises CannotStart."""
    if settings.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise CannotStart(f"the certificate {settings.tls_certificate} cannot be used ({error}).") from error
    return context


def link_trust(settings: Settings) -> ssl.SSLContext:
    """Whose certificates webs and nodes believe of each other. Raises CannotStart."""
    try:
        return ssl.create_default_context(cafile=settings.link_ca)
    except (OSError, ssl.SSLError) as error:
        raise CannotStart(f"the authority IEUM_LINK_CA {settings.link_ca} cannot be used ({error}).") from error


@asynccontextmanager
async def private_site(settings: Settings, app: web.Application) -> AsyncIterator[None]:
    """Metrics and announcements, over TLS if that is set. Raises CannotStart."""
    tls = tls_context(settings) if settings.private_tls else None
    if settings.private_tls and tls is None:
        raise CannotStart("IEUM_PRIVATE_TLS needs a certificate: set IEUM_TLS_CERTIFICATE and IEUM_TLS_KEY.")
    async with tcp_site(app, settings.private_host, settings.private_port, tls):
        yield


@asynccontextmanager
async def tcp_site(
    app: web.Application, host: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[None]:
    """Serve on a port. Raises CannotStart when it is taken."""
    async with _runner(app) as runner:
        try:
            await web.TCPSite(runner, host, port, ssl_context=tls).start()
        except OSError as error:
            raise CannotStart(f"port {port} on {host} cannot be used ({error.strerror}).") from error
        yield


@asynccontextmanager
async def unix_site(app: web.Application, path: Path) -> AsyncIterator[None]:
    """Serve on a Unix socket that only our own user may open. Raises CannotStart."""
    if len(str(path)) > LONGEST_SOCKET_PATH:
        raise CannotStart(f"{path} is too long for a socket; set IEUM_DATA_DIR to a shorter path.")
    _make_way(path)
    async with _runner(app) as runner:
        await web.UnixSite(runner, str(path)).start()
        yield


def _make_way(path: Path) -> None:
    """The folder keeps others out; what a killed process left there is taken away."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)


@asynccontextmanager
async def _runner(app: web.Application) -> AsyncIterator[web.AppRunner]:
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=CLOSE_WITHIN_S)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        yield runner
