"""A real Janus for tests, on an address of a cable of our own: Janus does not use loopback."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signaling.media.janus.engine import JanusEngine
from signaling.media.janus.settings import JanusDoor, JanusProgram, JanusSettings
from tests.network import Host, host

CABLE = 59  # number of the host at its other end; other tests use smaller ones
PORTS = (20_000 + os.getpid() % 40 * 500, 20_499 + os.getpid() % 40 * 500)  # of parallel runs, few are the same
OPENS_WITHIN_S = 20.0


@contextmanager
def cable() -> Iterator[Host]:
    """Where Janus can be reached from here, and from the host at the other end."""
    with host(CABLE) as made:
        yield made


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
