"""Strangers who flood a media port with junk and forgeries, in a process of their own: what they send, and how fast.

`python -m tests.strangers HOST PORT UFRAG PACKETS_PER_S SECONDS [KIND ...]` says in one line of JSON how much of each
kind it sent. They have read the description of somebody (`UFRAG`), know no password, and come from many ports, on
loopback from many addresses as well.
"""

import asyncio
import json
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress

from aiortc.rtcdtlstransport import RTCCertificate

from tests.bot_transport import BotTransport
from tests.checks import check_of

SOURCES = 64
TICK_S = 0.001
LATE_S = 0.05  # who is later than that sends less, not more at once
VARIANTS = 32

# What each kind is dropped as.
REASON = {
    "media": "unbound_address",
    "hello": "unbound_address",
    "nonsense": "unknown_protocol",
    "short": "size",
    "long": "size",
    "broken check": "stun_fingerprint",
    "check for nobody": "stun_unknown_ufrag",
    "forged check": "stun_integrity",
}


def datagrams(ufrag: str, seed: int = 1) -> dict[str, list[bytes]]:
    """By kind, some of each."""
    chance = random.Random(seed)
    made: dict[str, list[bytes]] = {kind: [] for kind in REASON}
    hello = first_hello()
    for _ in range(VARIANTS):
        forged = check_of(ufrag, "x" * 32)
        made["media"].append(b"\x80\x60" + chance.randbytes(chance.randrange(40, 1200)))
        made["hello"].append(hello[:27] + chance.randbytes(32) + hello[59:])  # each with a random of its own
        made["nonsense"].append(b"\xff" + chance.randbytes(100))
        made["short"].append(chance.randbytes(chance.randrange(12)))
        made["long"].append(b"\x80\x60" + bytes(1499))
        made["broken check"].append(forged[:-4] + chance.randbytes(4))
        made["check for nobody"].append(check_of("nobody120001", "x" * 32))
        made["forged check"].append(forged)
    return made


def first_hello() -> bytes:
    """The ClientHello of a handshake."""
    sent: list[bytes] = []
    stranger = BotTransport(RTCCertificate.generateCertificate())
    stranger.send = sent.append  # type: ignore[method-assign, assignment]
    stranger.begin_handshake()
    return sent[0]


def sources(host: str, port: int) -> list[socket.socket]:
    """Sockets that send to this port; on loopback each comes from an address of its own."""
    made = []
    for number in range(SOURCES):
        made.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        if host.startswith("127."):
            made[-1].bind((f"127.1.{number}.1", 0))
        made[-1].setblocking(False)
        made[-1].connect((host, port))
    return made


def turns(kinds: dict[str, list[bytes]]) -> Iterator[tuple[str, bytes]]:
    """One of each kind after the other, for ever."""
    number = 0
    while True:
        for kind, some in kinds.items():
            yield kind, some[number % len(some)]
        number += 1


def flood(host: str, port: int, kinds: dict[str, list[bytes]], packets_per_s: int, seconds: float) -> Counter[str]:
    """Send at an even rate; what the kernel takes is counted by kind."""
    sent: Counter[str] = Counter()
    crowd, next_one = sources(host, port), turns(kinds)
    began_s, done = time.monotonic(), 0
    while (passed_s := time.monotonic() - began_s) < seconds:
        due = int(passed_s * packets_per_s)
        done = max(done, due - int(LATE_S * packets_per_s))
        for number in range(done, due):
            kind, datagram = next(next_one)
            with suppress(OSError):  # nobody listens, or our own buffer is full
                crowd[number % SOURCES].send(datagram)
                sent[kind] += 1
        done = due
        time.sleep(TICK_S)
    return sent


@asynccontextmanager
async def flooded(
    host: str, port: int, ufrag: str, packets_per_s: int, seconds: float, kinds: Sequence[str] = ()
) -> "AsyncIterator[asyncio.Task[Counter[str]]]":
    """A flood that has begun, of some kinds or of all; the task ends with what was sent of each."""
    arguments = [host, str(port), ufrag, str(packets_per_s), str(seconds), *kinds]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.strangers", *arguments), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    if await process.stdout.readline() != b"begun\n":
        raise RuntimeError("the flood did not begin")

    async def sent() -> Counter[str]:
        assert process.stdout
        return Counter(json.loads(await process.stdout.readline()))

    ending = asyncio.create_task(sent())
    try:
        yield ending
    finally:
        ending.cancel()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def main(host: str, port: int, ufrag: str, packets_per_s: int, seconds: float, *kinds: str) -> None:
    """Say that it begins, send, and say what was sent."""
    wanted = {kind: some for kind, some in datagrams(ufrag).items() if not kinds or kind in kinds}
    print("begun", flush=True)
    print(json.dumps(flood(host, port, wanted, packets_per_s, seconds)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), *sys.argv[6:])
