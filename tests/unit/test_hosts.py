"""Which addresses are announced to browsers."""

from dataclasses import dataclass, field

import ifaddr
import pytest

from signaling.media.sfu import hosts


@dataclass
class Address:
    ip: str | tuple[str, int, int]


@dataclass
class Adapter:
    nice_name: str
    ips: list[Address] = field(default_factory=list)


LOOPBACK = Adapter("lo", [Address("127.0.0.1"), Address(("::1", 0, 0))])
CABLE = Adapter("cable", [Address(("2001:db8::5", 0, 0)), Address("192.0.2.5"), Address(("fe80::1", 0, 2))])


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Adapter]:
    made: list[Adapter] = []
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: made)
    return made


def test_every_address_that_a_browser_can_reach_is_announced_ipv4_first(found: list[Adapter]) -> None:
    found += [LOOPBACK, CABLE]
    assert hosts.reachable_hosts() == ("192.0.2.5", "2001:db8::5")


def test_loopback_is_announced_only_where_there_is_nothing_else(found: list[Adapter]) -> None:
    found += [LOOPBACK, Adapter("cable", [Address(("fe80::1", 0, 2)), Address("169.254.3.4")])]
    assert hosts.reachable_hosts() == ("127.0.0.1",)


def test_an_interface_that_is_down_is_not_announced(found: list[Adapter], monkeypatch: pytest.MonkeyPatch) -> None:
    found += [CABLE, Adapter("docker0", [Address("172.17.0.1")])]
    monkeypatch.setattr(hosts, "_is_down", lambda interface: interface == "docker0")
    assert hosts.reachable_hosts() == ("192.0.2.5", "2001:db8::5")


def test_an_address_found_twice_is_announced_once(found: list[Adapter]) -> None:
    found += [CABLE, Adapter("alias", [Address("192.0.2.5")])]
    assert hosts.reachable_hosts().count("192.0.2.5") == 1
