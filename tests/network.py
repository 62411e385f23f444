"""Hosts of our own for tests: network namespaces joined to this one by veth pairs, with links that go down and up.

Needs root and `ip` (iproute2). All traffic stays between addresses that the test made itself.
"""

import contextlib
import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNET = 0x40000000  # linux/sched.h
_libc = ctypes.CDLL(None, use_errno=True)  # os.setns comes with Python 3.12


def can_make_networks() -> bool:
    """Whether this process may make namespaces."""
    return os.geteuid() == 0 and Path("/proc/self/ns/net").exists()


def ip(*arguments: str) -> None:
    """Run one `ip` command. Raises RuntimeError with what it said."""
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


@contextmanager
def namespace(name: str) -> Iterator[list[str]]:
    """A network namespace with nothing but its loopback; yields the command prefix that runs something in it."""
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "set", "lo", "up")
        yield ["ip", "netns", "exec", name]
    finally:
        ip("netns", "delete", name)


@contextmanager
def inside(name: str) -> Iterator[None]:
    """This thread in another namespace: what is opened meanwhile belongs there and stays usable. Never await in it."""
    with Path("/proc/thread-self/ns/net").open() as ours, Path("/run/netns", name).open() as theirs:
        _enter(theirs.fileno())
        try:
            yield
        finally:
            _enter(ours.fileno())


def open_socket(name: str | None, family: socket.AddressFamily, kind: socket.SocketKind) -> socket.socket:
    """A socket in another namespace, or with None in this one."""
    with inside(name) if name else contextlib.nullcontext():
        return socket.socket(family, kind)


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


@dataclass(frozen=True)
class Host:
    """Another machine, as far as the network can tell: a namespace with one cable to ours."""

    namespace: str
    address: str  # its own end of the cable
    our_address: str  # our end
    our_link: str

    @property
    def prefix(self) -> list[str]:
        """Put before a command, it runs there."""
        return ["ip", "netns", "exec", self.namespace]

    def unplug(self) -> None:
        """Take the cable out: packets are lost in silence, both ways."""
        ip("link", "set", self.our_link, "down")

    def plug(self) -> None:
        """Put it back; IPv4 addresses are still there."""
        ip("link", "set", self.our_link, "up")


@contextmanager
def host(number: int) -> Iterator[Host]:
    """A host of its own. `number` (0–250) keeps parallel tests apart; the documentation range 198.18/15 is used."""
    name = f"ieum{os.getpid() % 100_000}n{number}"
    link, there = f"ie{os.getpid() % 100_000}n{number}", f"ip{os.getpid() % 100_000}n{number}"
    block = f"198.{18 + os.getpid() % 2}.{(os.getpid() // 2) % 250}"
    made = Host(name, f"{block}.{4 * (number % 60) + 2}", f"{block}.{4 * (number % 60) + 1}", link)
    with namespace(name):
        try:
            ip("link", "add", link, "type", "veth", "peer", "name", there, "netns", name)
            ip("address", "add", f"{made.our_address}/30", "dev", link)
            ip("link", "set", link, "up")
            ip("-n", name, "address", "add", f"{made.address}/30", "dev", there)
            ip("-n", name, "link", "set", there, "up")
            yield made
        finally:
            with contextlib.suppress(RuntimeError):
                ip("link", "delete", link)


@contextmanager
def own_namespace() -> Iterator[list[str]]:
    """The command prefix that runs a whole test run in a namespace of its own, with loopback and one more address.

    Browsers then see a machine with a network (Firefox does not try loopback alone) that leads nowhere.
    Without the right to make one, the prefix is empty.
    """
    if not can_make_networks():
        yield []
        return
    name = f"ieumtests{os.getpid()}"
    with namespace(name) as prefix:
        ip("-n", name, "link", "add", "cable0", "type", "veth", "peer", "name", "cable1")
        ip("-n", name, "address", "add", "198.18.255.1/24", "dev", "cable0")
        ip("-n", name, "address", "add", "2001:db8:18::1/64", "dev", "cable0", "nodad")
        for end in ("cable0", "cable1"):
            ip("-n", name, "link", "set", end, "up")
        # Firefox gathers only addresses that a default route leads from; nobody is at its other end.
        ip("-n", name, "route", "add", "default", "via", "198.18.255.2", "dev", "cable0")
        ip("-n", name, "-6", "route", "add", "default", "via", "2001:db8:18::2", "dev", "cable0")
        yield prefix
