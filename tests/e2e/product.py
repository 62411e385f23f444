"""The whole product as a person starts it: `ieum serve --sample` on free ports, in a folder of its own."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from server.app import administration
from server.config import Settings
from server.domain.organisations import TenantKind
from server.domain.people import Role
from server.preparation import SAMPLES_FILE, CannotStart
from tests.e2e.certificates import make_certificate
from tests.waiting import until

ROOT = Path(__file__).parents[2]
START_WITHIN_S = 120.0


@dataclass
class Product:
    """A running product and what its samples are called."""

    url: str  # as people type it
    local_url: str  # without any proxy
    private_url: str
    data_dir: Path
    process: asyncio.subprocess.Process

    def pid_of(self, part: str) -> int:
        """The process id of `web`, `node` or `work`."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            with contextlib.suppress(OSError):  # it ended meanwhile
                if part in Path(f"/proc/{child}/cmdline").read_text().split("\0"):
                    return int(child)
        raise LookupError(part)

    async def kill(self, part: str) -> None:
        """kill -9 one process and wait until its replacement runs."""
        before = self.pid_of(part)
        os.kill(before, signal.SIGKILL)

        def replaced() -> bool:
            try:
                return self.pid_of(part) != before
            except LookupError:
                return False

        await until(replaced)

    @property
    def ready_url(self) -> str:
        """Where it says that it can serve."""
        return f"{self.local_url}/health/ready"

    async def is_ready(self) -> bool:
        """Whether it says that it can serve."""
        try:
            async with aiohttp.ClientSession() as session, session.get(self.ready_url, ssl=False) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


@dataclass
class SampleProduct:
    """A product with sample people, and what its samples file says of them."""

    product: Product

    def _said(self) -> dict[str, list[dict[str, str]]]:
        said: dict[str, list[dict[str, str]]] = json.loads((self.product.data_dir / SAMPLES_FILE).read_text())
        return said

    def account(self, name: str) -> tuple[str, str]:
        """E-mail address and password of the sample member of staff of this name."""
        found = next(person for person in self._said()["people"] if person["name"].startswith(name))
        return found["email"], found["password"]

    def link(self, name: str) -> str:
        """The join link of the sample seeker of this name."""
        return next(link["url"] for link in self._said()["links"] if link["name"].startswith(name))


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that was free a moment ago, as are most likely the nine that follow it.

    None of those that the kernel gives to sockets without one, of which a browser takes many meanwhile.
    """
    while True:
        port = random.randrange(*PORTS)
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind(("", port))
            return port


PORTS = (11_000, 20_000, 10)  # below what the kernel gives away, and below those of a Janus

PASSWORD = "long enough for a test"
ORGANISATIONS: dict[str, tuple[TenantKind, dict[str, Role]]] = {
    "한빛고용센터": (
        TenantKind.CENTRE,
        {"관리자": Role.ADMIN, "김서연": Role.COUNSELLOR, "박준호": Role.COUNSELLOR, "운영자": Role.OPERATOR},
    ),
    "누리물류": (TenantKind.EMPLOYER, {"이정민": Role.LEAD_INTERVIEWER, "최유진": Role.INTERVIEWER}),
    "다온고용센터": (TenantKind.CENTRE, {"다른 관리자": Role.ADMIN, "정유나": Role.COUNSELLOR}),
}


def email_of(name: str) -> str:
    """The address the invented member of staff of this name signs in with."""
    names = [name for _, people in ORGANISATIONS.values() for name in people]
    return f"staff{names.index(name)}@example.org"


def environment_of(data_dir: Path, scheme: str, host: str, **settings: str) -> dict[str, str]:
    """The settings of a product on free ports."""
    port = free_port()
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("IEUM_")},
        "IEUM_DATA_DIR": str(data_dir),
        "IEUM_LISTEN_PORT": str(port),
        "IEUM_PRIVATE_PORT": str(free_port()),
        "IEUM_MEDIA_PORT": str(free_port(socket.SOCK_DGRAM)),
        "IEUM_PUBLIC_URL": f"{scheme}://{host}:{port}",
        **{f"IEUM_{name.upper()}": value for name, value in settings.items()},
    }


async def make_site(data_dir: Path, database_url: str = "") -> None:
    """A real site, as an operator begins one: tables, organisations, accounts."""
    settings = Settings(data_dir=data_dir, database_url=database_url)
    await administration.migrate(settings)
    for organisation, (kind, people) in ORGANISATIONS.items():
        accounts = [
            administration.Account(name=name, email=email_of(name), role=role, password=PASSWORD)
            for name, role in people.items()
        ]
        made = await administration.create_organisation(
            settings, kind, organisation, "0212345678", "Asia/Seoul", accounts[0]
        )
        for account in accounts[1:]:
            await administration.add_account(settings, made, account)


@asynccontextmanager
async def serving(
    data_dir: Path, *arguments: str, scheme: str = "http", host: str = "localhost", **settings: str
) -> AsyncIterator[Product]:
    """Start the product with these arguments of `ieum serve`, wait until it serves, stop it as Ctrl-C would.

    Without `--sample` it has the people of `ORGANISATIONS`.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = environment_of(data_dir, scheme, host, **settings)
    if "--sample" not in arguments:
        await make_site(data_dir, settings.get("database_url", ""))
    with (data_dir.parent / "log.jsonl").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "serve", *arguments,
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
    local, private = f"{scheme}://{host}:{environment['IEUM_LISTEN_PORT']}", environment["IEUM_PRIVATE_PORT"]
    product = Product(environment["IEUM_PUBLIC_URL"], local, f"http://127.0.0.1:{private}", data_dir, process)
    try:
        await _until_ready(product)
        yield product
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.communicate(), 60)


@asynccontextmanager
async def serving_https(folder: Path, address: str) -> AsyncIterator[Product]:
    """The product at an address of ours over https, without which no browser from elsewhere gives a camera away."""
    certificate, key = make_certificate(folder, address)
    settings = {"tls_certificate": str(certificate), "tls_key": str(key), "listen_host": address}
    name = f"[{address}]" if ":" in address else address
    async with serving(folder / "var", scheme="https", host=name, **settings) as product:
        yield product


@asynccontextmanager
async def another_node(product: Product, name: str, *program: str, **settings: str) -> AsyncIterator[None]:
    """
    A node beside those of the product, as an operator starts one by hand, once it has announced itself. `program` is
    what Python is to run.
    """
    own = {"node_name": name, "web_urls": f'["{product.private_url}"]'}
    environment = environment_of(product.data_dir, "http", "localhost", **own, **settings)
    with (product.data_dir.parent / f"{name}.jsonl").open("ab") as log:
        node = await asyncio.create_subprocess_exec(
            sys.executable, *(program or ("-m", "server", "node")),
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
    try:
        await has_announced_itself(product, name)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            node.send_signal(signal.SIGTERM)
        await asyncio.wait_for(node.wait(), 60)


async def has_announced_itself(product: Product, node: str) -> None:
    """Wait until rooms can be placed on this node: it can be drained by name."""
    async with asyncio.timeout(START_WITHIN_S):
        while True:
            try:
                await administration.drain_node(Settings(data_dir=product.data_dir), node, wanted=False)
            except CannotStart:
                await asyncio.sleep(0.2)
            else:
                return


async def _until_ready(product: Product) -> None:
    async with asyncio.timeout(START_WITHIN_S):
        while not await product.is_ready():
            if product.process.returncode is not None:
                raise RuntimeError(f"it ended while starting: {(product.data_dir.parent / 'log.jsonl').read_text()}")
            await asyncio.sleep(0.1)
