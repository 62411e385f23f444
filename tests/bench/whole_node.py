"""A whole node of either engine, with a core of its own: the other is the load's."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bench.cores import cores
from tests.bench.media_engine import JANUS_PORTS, resident_kb
from tests.bench.media_pairs import address
from tests.bench.media_side import EngineName
from tests.bench.processor import cpu_s_of
from tests.real_node import RealNode, real_node
from tools.programs import JANUS


@asynccontextmanager
async def whole_node(name: EngineName, folder: Path, **settings: str) -> AsyncIterator[RealNode]:
    """The node until the block ends. Raises SystemExit where its Janus is not on this machine."""
    async with real_node(folder / "var", prefix=on_core(cores()[1]), **engine_settings(name), **settings) as node:
        yield node


def engine_settings(name: EngineName) -> dict[str, str]:
    """Which engine it has. Both use the address that leads outside, for Janus does not use loopback."""
    where = {"media_hosts": f'["{address()}"]'}
    if name == "ours":
        return where
    command = JANUS.path()
    if command is None:
        raise SystemExit(f"Janus is not on this machine: {JANUS.how_to_install()}")
    ports = "-".join(map(str, JANUS_PORTS))
    return {**where, "engine": "janus", "janus_command": str(command), "janus_ports": ports}


def on_core(core: int) -> Sequence[str]:
    """Put before a command, it has this core alone; a Janus that it starts then has one event loop."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") else []


def pids_of(node: RealNode) -> list[int]:
    """The node, and its Janus if it has one."""
    pid = node.process.pid
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def used_s(node: RealNode) -> float:
    """Processor time of all that the node is."""
    return sum(map(cpu_s_of, pids_of(node)))


def memory_kb(node: RealNode) -> int:
    """Memory of all that the node is."""
    return sum(resident_kb(str(pid)) for pid in pids_of(node))
