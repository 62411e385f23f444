"""The whole product as a person starts it: `ieum serve --sample` on free ports, in a folder of its own."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.waiting import until

ROOT = Path(__file__).parents[2]
START_WITHIN_S = 120.0
ANNOUNCEMENT = "sample-people.json"


@dataclass
class Product:
    """A running product and what its samples are called."""

    url: str  # as people type it
    port: int  # of the pages, on loopback
    private_url: str
    data_dir: Path
    process: asyncio.subprocess.Process

    @property
    def local_url(self) -> str:
        """The pages without any proxy."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def samples(self) -> dict[str, Any]:
        """Who can sign in, and the links of sample seekers."""
        samples: dict[str, Any] = json.loads((self.data_dir / ANNOUNCEMENT).read_text())
        return samples

    def account(self, name: str) -> dict[str, str]:
        """The sample member of staff of this name: `email`, `password`."""
        return next(person for person in self.samples["people"] if person["name"].startswith(name))

    def link(self, name: str) -> str:
        """The join link of the sample seeker of this name."""
        return str(next(link["url"] for link in self.samples["links"] if link["name"].startswith(name)))

    def pid_of(self, part: str) -> int:
        """The process id of `web`, `node` or `work`."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            arguments = Path(f"/proc/{child}/cmdline").read_text().split("\0")
            if part in arguments:
                return int(child)
        raise LookupError(part)

    async def kill(self, part: str) -> None:
        """kill -9 one process and wait until its replacement runs."""
        before = self.pid_of(part)
        os.kill(before, signal.SIGKILL)

        def replaced() -> bool:
            try:
                return self.pid_of(part) != before
            except (LookupError, FileNotFoundError):
                return False

        await until(replaced)

    async def is_ready(self) -> bool:
        """Whether it says that it can serve."""
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{self.local_url}/health/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(data_dir: Path, **settings: str) -> AsyncIterator[Product]:
    """Start the product with samples, wait until it serves, and stop it as Ctrl-C would."""
    port, private = free_port(), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("IEUM_")},
        "IEUM_DATA_DIR": str(data_dir),
        "IEUM_LISTEN_PORT": str(port),
        "IEUM_PRIVATE_PORT": str(private),
        "IEUM_MEDIA_PORT": str(free_port(socket.SOCK_DGRAM)),
        "IEUM_PUBLIC_URL": f"http://localhost:{port}",
        **{f"IEUM_{name.upper()}": value for name, value in settings.items()},
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "serve", "--sample",
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    product = Product(environment["IEUM_PUBLIC_URL"], port, f"http://127.0.0.1:{private}", data_dir, process)
    try:
        await _until_ready(product)
        yield product
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), 60)


async def _until_ready(product: Product) -> None:
    async with asyncio.timeout(START_WITHIN_S):
        while not await product.is_ready():
            if product.process.returncode is not None:
                assert product.process.stdout
                raise RuntimeError(f"it ended while starting: {(await product.process.stdout.read()).decode()}")
            await asyncio.sleep(0.1)
