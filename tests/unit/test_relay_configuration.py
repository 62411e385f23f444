"""What docs/deploy/turnserver.conf says; `tests/integration/test_relay.py` asks a relay that runs with it."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network, summarize_address_range

from signaling.media.sfu.ceiling import VIDEO_BPS
from tests.relay import settings

Network = IPv4Network | IPv6Network
QUOTA = 12  # of a seat
PUBLIC = ("1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111")
SPECIAL = [  # of the registries of IANA, and what is made of IPv4 addresses
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
    "2001::/23", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip


def test_what_must_never_be_a_peer_is_denied_twice_and_all_else_once() -> None:
    """The second list stands by itself, for whoever takes away the two lines before it."""
    lines = settings("denied-peer-ip")
    assert lines[:2] == ["denied-peer-ip=0.0.0.0-255.255.255.255", f"denied-peer-ip=::-{'ffff:' * 7}ffff"]
    denied = [network for line in lines[2:] for network in _networks(line.partition("=")[2])]

    def is_denied(network: str) -> bool:
        return any(_contains(one, ip_network(network)) for one in denied)

    assert [network for network in SPECIAL if not is_denied(network)] == []
    assert not any(is_denied(address) for address in PUBLIC)


def _networks(span: str) -> list[Network]:
    first, last = (ip_address(end) for end in span.split("-"))
    return list(summarize_address_range(first, last))


def _contains(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and inner[0] in outer and inner[-1] in outer


def test_the_relay_has_a_limit_for_a_seat_and_for_all_and_ports_for_as_many() -> None:
    limits = ("user-quota", "total-quota", "min-port", "max-port", "max-bps")
    quota, total, lowest, highest, rate = (int(line.split("=")[1]) for name in limits for line in settings(name))
    assert quota == QUOTA
    assert total == 100 * quota
    assert highest - lowest + 1 >= 2 * total
    assert VIDEO_BPS < 8 * rate <= 2 * VIDEO_BPS, "in bytes: what a seat may send at most, and no more than twice of it"
    for switch in ("no-cli", "no-tcp-relay", "no-multicast-peers"):
        assert settings(switch) == [switch]
