"""The settings: each once, with its default and one sentence. Variables are `IEUM_` and the name in capitals.

Secrets are not here: they are files of mode 0600 under `data_dir`, made at the first start, or come from the
environment (see `server/secret_files.py`).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from server.domain.engines import Engine


def _served_here(others: dict[str, Any]) -> AnyHttpUrl:
    """The address of the pages on this machine."""
    scheme = "https" if others["tls_certificate"] else "http"
    return AnyHttpUrl(f"{scheme}://localhost:{others['listen_port']}")


class Settings(BaseSettings):
    """What an operator may set. Without any, `ieum serve` works on one machine for one centre."""

    model_config = SettingsConfigDict(env_prefix="IEUM_", extra="ignore", frozen=True)

    # Where things are
    data_dir: Path = Field(default=Path("var"), description="Folder of everything that Ieum keeps on this machine.")
    database_url: str = Field(
        default="",
        description="`postgresql+psycopg://…`; empty means SQLite in `data_dir`, which allows one machine and one web.",
    )

    # How people reach it
    contact_phone: str = Field(
        default="",
        pattern=r"^[+()\d\s.-]{0,20}$",
        description="Number that a seeker can call where no link says whose it is; empty means that of the only "
        "organisation or the only centre, or none where there are several.",
    )
    listen_host: str = Field(default="localhost", description="Address that the pages and the API listen on.")
    listen_port: int = Field(default=8080, ge=0, le=65535, description="Port that the pages and the API listen on.")
    tls_certificate: Path | None = Field(
        default=None, description="PEM file with the certificate chain; else put a proxy in front."
    )
    tls_key: Path | None = Field(default=None, description="PEM file with the certificate's key.")
    public_url: AnyHttpUrl = Field(
        default_factory=_served_here,
        description="The address people type; links are made from it and browsers may call us only from it. By itself "
        "localhost with `IEUM_LISTEN_PORT`, over https where `IEUM_TLS_CERTIFICATE` is set.",
    )
    trusted_proxies: list[IPv4Network | IPv6Network] = Field(
        default_factory=list, description='Networks whose `X-Forwarded-For` is believed, as JSON: `["10.0.0.0/8"]`.'
    )
    private_host: str = Field(default="127.0.0.1", description="Address for metrics and for announcements of nodes.")
    private_port: int = Field(
        default=9080,
        ge=0,
        le=65535,
        description="Port for metrics and announcements of nodes; each further process takes the next.",
    )
    private_tls: bool = Field(
        default=False,
        description="Serve them over https with `tls_certificate`, as nodes on other machines need it.",
    )

    # Media
    media_hosts: list[IPv4Address | IPv6Address] = Field(
        default_factory=list,
        description="Addresses to bind for media, as JSON; empty means all addresses of this host.",
    )
    media_announce: list[IPv4Address | IPv6Address] = Field(
        default_factory=list, description="Addresses told to browsers instead, as JSON, where the host is behind NAT."
    )
    media_port: int = Field(
        default=42000,
        ge=0,
        le=65535,
        description="UDP port of the first node; each further node on this machine takes the next.",
    )
    turn_urls: list[Annotated[str, Field(pattern=r"^turns?:[^\s?]+(\?transport=(udp|tcp))?$")]] = Field(
        default_factory=list,
        description='Relays for people behind firewalls, as JSON: `["turns:turn.example:443?transport=tcp"]`.',
    )
    turn_lifetime_s: int = Field(
        default=600, ge=60, le=3600, description="How long a seat's credentials for the relay are good for a new path."
    )
    engine: Engine = Field(
        default=Engine.SFU,
        description="`sfu` forwards media itself; `janus` has a Janus do it; `loopback` only for trying out.",
    )
    janus_command: str = Field(default="janus", description="The Janus that a node with that engine starts.")
    janus_ports: str = Field(
        default="20000-29999",
        pattern=r"^\d{1,5}-\d{1,5}$",
        description="UDP ports of that Janus; each peer connection takes one, and each seat has two of these.",
    )
    janus_url: str = Field(
        default="",
        pattern=r"^(wss?://[^\s]+)?$",
        description="WebSocket address of a Janus that runs already; empty means that the node starts one of its own.",
    )
    janus_tap_host: IPv4Address | IPv6Address = Field(
        default=IPv4Address("127.0.0.1"),
        description="Address of this node, as its Janus reaches it with what is recorded.",
    )

    # Processes
    nodes: int = Field(default=1, ge=1, le=16, description="How many nodes `ieum serve` starts.")
    node_name: str = Field(
        default="node-0",
        pattern=r"^[a-z0-9][a-z0-9-]{0,30}$",
        description="Name of a node started by hand; unique in the installation.",
    )
    node_seats: int = Field(
        default=60, ge=2, le=2000, description="Seats a node takes before the scheduler looks elsewhere."
    )
    drain_within_s: int = Field(
        default=60,
        ge=0,
        le=3600,
        description="How long a node started by hand that is told to stop waits until its rooms are on other nodes.",
    )
    link_url: str = Field(
        default="",
        description="Where webs reach a node started by hand, `https://host:port`; empty means a Unix socket here.",
    )
    web_urls: list[str] = Field(
        default_factory=list,
        description="Private addresses of webs that a node started by hand announces itself to, as JSON.",
    )
    link_ca: Path | None = Field(
        default=None,
        description="PEM file of the authority that webs and nodes believe about each other; empty means the system's.",
    )

    # Recordings
    spool_refuse_below_mb: int = Field(
        default=512, ge=1, description="Free space of the spool's disk, in MB, below which no recording is begun."
    )
    spool_stop_below_mb: int = Field(
        default=128,
        ge=1,
        description="Free space, in MB, below which a running recording is ended in order, with a notice.",
    )

    # Diagnosis
    debug: bool = Field(default=False, description="More log lines. Still none with names, links or secrets.")

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.resolve()}/ieum.db"

    @property
    def is_sqlite(self) -> bool:
        """Whether this is an installation on one machine."""
        return self.database.startswith("sqlite")

    @property
    def listens_on_loopback_only(self) -> bool:
        """Whether nobody outside this machine can open the pages."""
        if self.listen_host == "localhost":
            return True
        try:
            return ip_address(self.listen_host).is_loopback
        except ValueError:
            return False
