"""A real Janus for tests. It does not use loopback: Firefox and Janus meet on the address that leads outside."""

import os
import socket
from pathlib import Path

from signaling.media.janus.engine import JanusEngine
from signaling.media.janus.settings import JanusDoor, JanusProgram, JanusSettings

CABLE = 59  # number of the host at its other end; other tests use smaller ones
PORTS = (20_000 + os.getpid() % 40 * 500, 20_499 + os.getpid() % 40 * 500)  # of parallel runs, few are the same
OPENS_WITHIN_S = 20.0


def outward_address() -> str | None:
    """Our IPv4 address on the way outside, None without such a way. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))  # of RFC 5737: nobody's
        except OSError:
            return None
        address: str = probe.getsockname()[0]
        return address


def program(command: str, directory: Path, address: str) -> JanusProgram:
    """A Janus of its own for one test."""
    return JanusProgram(directory / "janus", command, hosts=(address,), ports=PORTS)


async def janus_engine(janus: JanusProgram | JanusDoor, node: str = "node-0") -> JanusEngine:
    """An engine whose Janus answers. Whoever made it closes it."""
    engine = JanusEngine(JanusSettings(node, janus))
    try:
        await engine.opened(OPENS_WITHIN_S)
    except BaseException:
        await engine.close()
        raise
    return engine
