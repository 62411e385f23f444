"""The relay for people behind firewalls: coturn with docs/deploy/turnserver.conf, and a client that asks it."""

import asyncio
import hashlib
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aioice import stun, turn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.bad_network.line import Line
from tests.e2e.certificates import make_certificate
from tests.network import ip, open_socket

EXAMPLE = Path(__file__).parents[1] / "docs/deploy/turnserver.conf"
SECRET = "a secret of nodes and relay"
REALM = "turn.test"
PORT = 443
UDP_TRANSPORT = 0x11000000  # REQUESTED-TRANSPORT: UDP (RFC 8656)
IPV6_FAMILY = 0x02000000  # REQUESTED-ADDRESS-FAMILY, which aioice does not know
stun.ATTRIBUTES_BY_NAME["REQUESTED-ADDRESS-FAMILY"] = (
    0x0017,
    "REQUESTED-ADDRESS-FAMILY",
    stun.pack_unsigned,
    stun.unpack_unsigned,
)
RELAY_HOST = 251  # on a line


def configuration(folder: Path, address: str, nodes: list[str], changes: Mapping[str, list[str]] | None = None) -> str:
    """The example with everything that it says to change, changed, and nothing else but what a test asks for."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if not certificate.exists():  # a relay that is started anew is the same one
        make_certificate(folder, address)
    values = {
        "listening-ip": [address],
        "relay-ip": [address],
        "cert": [str(certificate)],
        "pkey": [str(key)],
        "static-auth-secret": [SECRET],
        "realm": [REALM],
        "allowed-peer-ip": nodes,
        **(changes or {}),
    }
    lines = []
    for line in EXAMPLE.read_text().splitlines():
        name = line.partition("=")[0]
        lines += [f"{name}={value}" for value in values.pop(name)] if name in values else [line]
    assert not values, f"the example does not say {values.keys()}"
    return "\n".join(lines) + "\n"


def settings(name: str) -> list[str]:
    """The lines of the example that set this."""
    return [line for line in EXAMPLE.read_text().splitlines() if line.partition("=")[0] == name]


@dataclass(frozen=True)
class Relay:
    """A running relay."""

    address: str
    certificate: Path
    pid: int

    @property
    def url(self) -> str:
        """As IEUM_TURN_URLS has it."""
        return f"turns:{self.address}:{PORT}?transport=tcp"

    def tls(self) -> ssl.SSLContext:
        """Believes this relay's certificate and no other."""
        return ssl.create_default_context(cafile=str(self.certificate))

    @property
    def key_pin(self) -> str:
        """For `--ignore-certificate-errors-spki-list`: this certificate alone is believed."""
        public = x509.load_pem_x509_certificate(self.certificate.read_bytes()).public_key()
        return b64encode(
            hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
        ).decode()


@asynccontextmanager
async def relay(
    program: str, folder: Path, address: str, nodes: list[str], changes: Mapping[str, list[str]] | None = None
) -> AsyncIterator[Relay]:
    """Coturn at this address of ours, which relays to these nodes alone."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "turnserver.conf").write_text(configuration(folder, address, nodes, changes))
    arguments = [
        "-c",
        str(folder / "turnserver.conf"),
        "--pidfile",
        str(folder / "pid"),
        "--db",
        str(folder / "users.db"),
    ]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, *arguments, stdout=log, stderr=log)
    try:
        await _until_it_listens(process, address, folder / "log")
        yield Relay(address, folder / "certificate.pem", process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_it_listens(process: asyncio.subprocess.Process, address: str, log: Path) -> None:
    async with asyncio.timeout(60):
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"the relay ended: {log.read_text(errors='replace')[-2000:]}")
            try:
                _, writer = await asyncio.open_connection(address, PORT)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return


@contextmanager
def second_address(line: Line, version: int = 4, host: int = RELAY_HOST) -> Iterator[str]:
    """Another address of ours that those behind the line reach: the relay is another host than the pages."""
    address = line.networks[version].format(host)
    whole = f"{address}/{32 if version == 4 else 128}"
    ip("address", "add", whole, "dev", line.our_device, *(["nodad"] if version == 6 else []))
    try:
        yield address
    finally:
        ip("address", "delete", whole, "dev", line.our_device)


class RelayClient:
    """One TLS connection to the relay, with credentials. Errors of the relay are their numbers."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol

    async def allocate(self, version: int = 4) -> int | None:
        """Ask for an allocation: None, or the error. 401 is for a relay that does not believe the credentials."""
        wanted = {"LIFETIME": 600, "REQUESTED-TRANSPORT": UDP_TRANSPORT}
        if version == 6:
            wanted["REQUESTED-ADDRESS-FAMILY"] = IPV6_FAMILY
        return await self._ask(stun.Method.ALLOCATE, wanted)

    async def refresh(self) -> int | None:
        """Ask for the allocation to live on."""
        return await self._ask(stun.Method.REFRESH, {"LIFETIME": 600})

    async def permit(self, address: str, port: int = 9) -> int | None:
        """Ask for leave to send to this peer."""
        return await self._ask(stun.Method.CREATE_PERMISSION, {"XOR-PEER-ADDRESS": (address, port)})

    def send(self, payload: bytes, address: str, port: int) -> None:
        """Have this sent to a peer."""
        indication = stun.Message(message_method=stun.Method.SEND, message_class=stun.Class.INDICATION)
        indication.attributes |= {"DATA": payload, "XOR-PEER-ADDRESS": (address, port)}
        self._protocol._send(bytes(indication))

    async def _ask(self, method: stun.Method, attributes: dict[str, Any]) -> int | None:
        request = stun.Message(message_method=method, message_class=stun.Class.REQUEST)
        request.attributes |= attributes
        try:
            await self._protocol.request_with_retry(request)
        except stun.TransactionFailed as failed:
            return int(failed.response.attributes["ERROR-CODE"][0])
        return None

    def close(self) -> None:
        """Hang up, whatever still waits to be sent; the relay forgets the allocation."""
        self._protocol.transport.abort()


@asynccontextmanager
async def connected(
    relay: Relay, server: dict[str, Any], namespace: str | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RelayClient]:
    """A client with the credentials of this ICE server."""
    context = tls or relay.tls()
    sock = open_socket(namespace, socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, (relay.address, PORT))
    _, protocol = await loop.create_connection(
        lambda: turn.TurnClientTcpProtocol(
            (relay.address, PORT), server["username"], server["credential"], lifetime=600, channel_refresh_time=500
        ),
        sock=sock, ssl=context, server_hostname=relay.address,
    )  # fmt: skip
    client = RelayClient(protocol)
    try:
        yield client
    finally:
        client.close()
