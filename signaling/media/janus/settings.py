"""Which Janus a node uses, and how a Janus of its own is set up."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from signaling.media.sfu.settings import MediaPolicy

HANGS_AFTER_S = 30.0  # twice what it is left alone before it is asked for a sign of life


@dataclass(frozen=True, slots=True)
class JanusDoor:
    """Where a running Janus listens: a Unix socket, or with `socket` None the WebSocket address in `url`."""

    secret: str = field(repr=False)  # its `api_secret`
    url: str = "ws://localhost/"
    socket: Path | None = None
    tls: ssl.SSLContext | None = None  # whom to believe at a `wss://` address; None: the system's authorities


@dataclass(frozen=True, slots=True)
class JanusProgram:
    """A Janus that the node starts by itself, keeps alive and takes down with it."""

    directory: Path  # for its configuration, its socket and its log; private
    command: str = "janus"
    hosts: tuple[str, ...] = ()  # addresses or interfaces for media; empty: all but loopback, which Janus never uses
    announced_hosts: tuple[str, ...] = ()  # told to browsers instead, where the host is behind a 1:1 NAT
    ports: tuple[int, int] = (20_000, 29_999)  # UDP, first and last; each peer connection takes one
    event_loops: int = 1  # threads that carry media; as many as there are cores
    hangs_after_s: float = HANGS_AFTER_S  # without a word of it, it is killed

    @property
    def socket(self) -> Path:
        """Where it listens for its node."""
        return self.directory / "ws.sock"

    @property
    def log(self) -> Path:
        """What it says; begun anew with each start."""
        return self.directory / "janus.log"


@dataclass(frozen=True, slots=True)
class JanusSettings:
    """All that a node's engine is given at construction."""

    node: str  # written beside each room, so that a node finds what an earlier run of it left
    janus: JanusDoor | JanusProgram
    policy: MediaPolicy = field(default_factory=MediaPolicy)
    tap_host: str = "127.0.0.1"  # our address, as Janus reaches it, for what is recorded
