"""Which addresses of this machine a browser can reach."""

from pathlib import Path

import ifaddr

LOOPBACK = ("127.0.0.1", "::1")


def reachable_hosts() -> tuple[str, ...]:
    """Every address of every interface that is up, IPv4 first; loopback only where there is nothing else."""
    found = [
        host
        for adapter in ifaddr.get_adapters()
        if not _is_down(adapter.nice_name)
        for ip in adapter.ips
        if (host := _usable(ip.ip)) is not None
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda host: ":" in host)) or LOOPBACK[:1]


def _usable(ip: str | tuple[str, int, int]) -> str | None:
    """The host as text, or None for loopback and link-local addresses (those need a scope a browser does not know)."""
    host = ip if isinstance(ip, str) else ip[0]
    if host.startswith(("127.", "169.254.", "fe80")) or host == "::1":
        return None
    return host


def _is_down(interface: str) -> bool:
    """True for a bridge without members and the like; where the system does not say, the interface counts as up."""
    try:
        return Path(f"/sys/class/net/{interface}/operstate").read_text().strip() == "down"
    except OSError:
        return False
