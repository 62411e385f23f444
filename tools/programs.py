"""Which of the programs that tests need are on this machine, and how to get the others."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """Something a test needs that pip cannot install."""

    name: str
    candidates: tuple[str, ...]  # commands or paths, the first that exists is used
    debian: str  # the package that brings it
    variable: str  # environment variable that names it instead

    def path(self) -> str | None:
        """Where it is, or None."""
        named = os.environ.get(self.variable)
        for candidate in (named, *self.candidates) if named else self.candidates:
            found = shutil.which(candidate) or next((str(p) for p in sorted(Path("/").glob(candidate[1:]))), None)
            if found:
                return found
        return None

    def how_to_install(self) -> str:
        """The command that brings it on Debian and Ubuntu."""
        return f"apt-get install {self.debian}"


CHROMIUM = Program("Chromium", ("chromium", "chromium-browser", "google-chrome"), "chromium", "IEUM_CHROMIUM")
FIREFOX = Program("Firefox", ("firefox-esr", "firefox"), "firefox-esr", "IEUM_FIREFOX")
LIBAVCODEC = Program(  # Debian's Firefox plays H.264 and AAC with it
    "libavcodec (recordings in Firefox)",
    ("/usr/lib/*/libavcodec.so.*", "/usr/lib64/libavcodec.so.*"),
    "libavcodec-extra",
    "IEUM_LIBAVCODEC",
)
POSTGRESQL = Program("PostgreSQL", ("/usr/lib/postgresql/*/bin/initdb", "initdb"), "postgresql", "IEUM_INITDB")
IP = Program("ip (network namespaces)", ("ip", "/usr/sbin/ip", "/sbin/ip"), "iproute2", "IEUM_IP")
NGINX = Program("nginx", ("nginx", "/usr/sbin/nginx"), "nginx", "IEUM_NGINX")
CADDY = Program("Caddy", ("caddy",), "caddy", "IEUM_CADDY")
TURNSERVER = Program("coturn", ("turnserver",), "coturn", "IEUM_TURNSERVER")
JANUS = Program("Janus", ("janus",), "janus", "IEUM_JANUS")

ALL = (CHROMIUM, FIREFOX, LIBAVCODEC, POSTGRESQL, IP, NGINX, CADDY, TURNSERVER, JANUS)


def missing() -> list[Program]:
    """What is not here."""
    return [program for program in ALL if program.path() is None]


def get_chromium() -> str | None:
    """A browser is the least that testing needs: find one, else install one. None if neither works."""
    if found := CHROMIUM.path():
        return found
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if found := _playwright_chromium():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], check=False)
    return CHROMIUM.path()


def _playwright_chromium() -> str | None:
    found = sorted((Path.home() / ".cache/ms-playwright").glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None
