"""Somebody behind a bad line: a namespace that reaches this one only through a shaper.

    with behind(profiles()["lossy-cafe"]) as line:
        subprocess.run([*line.prefix, "ping", "-c", "3", line.server(4)])

What runs here is the server: it is reached under `line.server(4)` and `line.server(6)`, those addresses alone.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from tests.bad_network.profiles import Profile, Way
from tests.network import ip, namespace, open_socket

ROOT = Path(__file__).parents[2]
DEVICE = "line0"
FIRST_HOST, LAST_HOST = 2, 250


@dataclass
class Line:
    """A running line. It can be changed at any time; nobody behind it is told."""

    namespace: str
    prefix: list[str]  # put before a command, it runs behind the line
    profile: Profile
    our_device: str
    networks: dict[int, str]  # by IP version; a host's number goes in its {}
    _shaper: "subprocess.Popen[str]"
    _host: int = field(default=FIRST_HOST)

    def server(self, version: int) -> str:
        """Our address, as seen from behind the line."""
        return self._host_of(version, 1)

    def address(self, version: int) -> str:
        """The address of those behind the line, as it is now."""
        return self._host_of(version, self._host)

    def socket(self, version: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> socket.socket:
        """A socket that is behind the line, while its owner is here."""
        return open_socket(self.namespace, socket.AF_INET if version == 4 else socket.AF_INET6, kind)

    def change(self, profile: Profile) -> None:
        """From the next packet on it is this line. With other IP versions, addresses come and go as well."""
        readdress = profile.ip_versions != self.profile.ip_versions
        self.profile = profile
        self._ask({way: profile.way(way).model_dump() for way in Way})
        if readdress:
            self._give_addresses()

    def cut(self, *ways: Way) -> None:
        """Nothing passes any more, both ways or one; nobody is told."""
        cut = self.profile.cut(*ways or Way)
        self._ask({way: cut.way(way).model_dump() for way in Way})

    def heal(self) -> None:
        """As it was before `cut`."""
        self.change(self.profile)

    def change_address(self) -> None:
        """As when a phone goes from Wi-Fi to the mobile network: the old addresses are gone, others are there."""
        self._host = self._host + 1 if self._host < LAST_HOST else FIRST_HOST
        self._give_addresses()

    def rebind(self) -> None:
        """As when a router forgets its bindings: the server sees the same sockets at other UDP ports."""
        self._ask({"rebind": True})

    def counts(self) -> dict[str, Any]:
        """What happened to packets, by `up` and `down` and cause; `late_ms` is how late the shaper was at worst."""
        return self._ask({})

    def _host_of(self, version: int, number: int) -> str:
        return str(ip_address(self.networks[version].format(number)))

    def _ask(self, change: dict[str, Any]) -> dict[str, Any]:
        assert self._shaper.stdin
        self._shaper.stdin.write(json.dumps(change) + "\n")
        self._shaper.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._shaper.stdout
        line = self._shaper.stdout.readline()
        if not line:
            raise RuntimeError("the shaper ended; it said why on standard error")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _give_addresses(self) -> None:
        behind = ("-n", self.namespace)
        for version in (4, 6):
            ip(f"-{version}", *behind, "address", "flush", "dev", DEVICE, "scope", "global")
        for version in sorted(self.profile.ip_versions):
            ip(*behind, "address", "add", *_at(self.address(version)), "dev", DEVICE)
            ip(f"-{version}", *behind, "route", "replace", "default", "dev", DEVICE)

    def _connect(self) -> None:
        self._answer()
        ip("link", "set", self.our_device, "addrgenmode", "none", "up")
        ip("-n", self.namespace, "link", "set", DEVICE, "addrgenmode", "none", "up")
        for version, size in ((4, 24), (6, 64)):
            ip("address", "add", *_at(self.server(version)), "dev", self.our_device)
            ip(f"-{version}", "route", "add", f"{self._host_of(version, 0)}/{size}", "dev", self.our_device)
        self._give_addresses()
        self.change(self.profile)


def _at(address: str) -> list[str]:
    return [f"{address}/128", "nodad"] if ":" in address else [f"{address}/32"]


@contextmanager
def behind(profile: Profile, *, seed: int = 1, number: int = 0) -> Iterator[Line]:
    """A line of its own. `number` (0-3) keeps those of one process apart; the addresses are those of operators' NAT."""
    process = os.getpid()
    name = f"line{process % 1_000_000}n{number}"
    networks = {
        4: f"100.{64 + process % 64}.{(process // 64 * 4 + number) % 256}.{{}}",
        6: f"2001:db8:{process % 0x10000:x}:{number:x}::{{:x}}",
    }
    with namespace(name) as prefix:
        command = [sys.executable, "-m", "tests.bad_network.shaper", name, DEVICE, name, str(seed)]
        shaper = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = Line(name, prefix, profile, name, networks, shaper)
        try:
            line._connect()
            yield line
        finally:
            shaper.communicate(timeout=30)
