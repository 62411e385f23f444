"""What must be true before `ieum serve` starts: a folder we may write, that nobody else serves from, and free ports.

Each refusal is one sentence that says what to do.
"""

import contextlib
import errno
import fcntl
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.config import Settings
from server.domain.engines import Engine

LAST_PORT = 65535
ANY_IPV6 = "::"
_ANYWHERE = ("0.0.0.0", ANY_IPV6)  # noqa: S104 only probed: it finds who is on any one address

SAMPLES_FILE = "sample-people.json"  # in the data directory: who to sign in as, and the links to try


class CannotStart(Exception):
    """Why the product cannot start; the text is shown to the person who started it, the status to what started it."""

    exit_status = 1


class AlreadyServed(CannotStart):
    """Another process has the data directory; trying again later may do (EX_TEMPFAIL of sysexits.h)."""

    exit_status = 75


@contextmanager
def data_directory(path: Path) -> Iterator[None]:
    """Own the data directory while serving. Raises CannotStart, AlreadyServed."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(f"{path.resolve()} cannot be written to ({error.strerror}); set IEUM_DATA_DIR.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise AlreadyServed(
            f"another ieum already serves from {path.resolve()}; stop it or set IEUM_DATA_DIR."
        ) from None
    try:
        yield
    finally:
        os.close(lock)


def check_ports(settings: Settings) -> None:
    """Every port that our processes will take is free. Raises CannotStart."""
    _check(socket.SOCK_STREAM, settings.listen_host, settings.listen_port, "the pages", "IEUM_LISTEN_PORT")
    for port in private_ports(settings):
        _check(socket.SOCK_STREAM, settings.private_host, port, "metrics", "IEUM_PRIVATE_PORT")
    if settings.engine is Engine.SFU and settings.media_port:
        for port in range(settings.media_port, settings.media_port + settings.nodes):
            for host in map(str, settings.media_hosts or _ANYWHERE):
                _check(socket.SOCK_DGRAM, host, port, "media", "IEUM_MEDIA_PORT")


def private_ports(settings: Settings) -> Sequence[int]:
    """One for each process of `ieum serve`: web, nodes, work. None where each is to find a free one."""
    first = settings.private_port
    return range(first, first + settings.nodes + 2) if first else ()


def has_samples(settings: Settings) -> bool:
    """Whether this installation was started with samples, now or before: then it stays on this machine."""
    return (settings.data_dir / SAMPLES_FILE).exists()


def check_sample(settings: Settings) -> None:
    """Sample people have known names and are for one person trying: never beyond this machine. Raises CannotStart."""
    if settings.engine is Engine.JANUS:
        raise CannotStart("a Janus plays no sample guests: unset IEUM_ENGINE, or start a real site without --sample.")
    if not settings.listens_on_loopback_only:
        raise CannotStart(
            f"sample people are only served to this machine, not on {settings.listen_host};"
            " start a real site with `ieum serve` and `ieum admin create`."
        )


def _check(kind: socket.SocketKind, host: str, port: int, what: str, setting: str) -> None:
    if port == 0:
        return
    if port > LAST_PORT:
        raise CannotStart(f"port {port} for {what} cannot be used (the last one is {LAST_PORT}); set {setting}.")
    try:
        found = socket.getaddrinfo(host, port, type=kind)
    except socket.gaierror:
        raise CannotStart(f"{host} is not an address of this machine; set IEUM_LISTEN_HOST.") from None
    for family, _, _, _, address in found:
        try:
            _bind(family, kind, address)
        except OSError as error:
            if host == ANY_IPV6 and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                continue  # a machine without IPv6
            raise CannotStart(f"port {port} for {what} cannot be used ({error.strerror}); set {setting}.") from error


def _bind(family: int, kind: socket.SocketKind, address: tuple[Any, ...]) -> None:
    """As the process will. Raises OSError."""
    with contextlib.closing(socket.socket(family, kind)) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind(address)
